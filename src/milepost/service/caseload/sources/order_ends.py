"""Orders that end soon and in which something is in force."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.caseload.asked import Asked, Found, address
from milepost.service.orders.models import Order, VersionState
from milepost.supervision.today import Reason


def ending(asked: Asked) -> Iterator[Found]:
    until = asked.now_utc + asked.rule.kind("order_ends").look_ahead
    rows = Order.objects.filter(
        person_id__in=asked.ids, ends_utc__gt=asked.now_utc, ends_utc__lte=until,
        versions__state=VersionState.APPROVED,
    ).distinct()  # fmt: skip
    for order in rows:
        person = asked.people[order.person_id]
        yield Found(
            person,
            Reason(
                kind="order_ends",
                key=f"order-{order.pk}",
                text="order_ends",
                link=address("orders:order", person, reference=order.reference),
                source=f"order {order.reference}",
                due_utc=order.ends_utc,
                facts={"regime": order.regime, "order": order.reference},
                state=str(order.ends_utc),
            ),
        )
