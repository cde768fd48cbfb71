"""Versions of orders that wait for the user's approval."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.caseload.asked import Asked, Found, address
from milepost.service.orders.views.lists import waiting_for
from milepost.supervision.today import Reason


def to_approve(asked: Asked) -> Iterator[Found]:
    if asked.waits_for is None:
        return
    for version in waiting_for(asked.waits_for):
        person = version.order.person
        yield Found(
            person,
            Reason(
                kind="order_to_approve",
                key=f"version-{version.pk}",
                text="order_to_approve",
                link=address(
                    "orders:version", person, reference=version.order.reference, number=version.version
                ),
                source=f"order {version.order.reference}, version {version.version}",
                since_utc=version.submitted_utc,
                facts={
                    "order": version.order.reference,
                    "version": version.version,
                    "by": version.submitted_by.name if version.submitted_by else "",
                },
                state=str(version.revision),
            ),
        )
