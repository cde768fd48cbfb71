"""Offence and sentence as far as the orders say, and how much of each order has been served. What no record says is said
to be not recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise

from milepost.service.orders.models import Order, OrderVersion, VersionState
from milepost.service.orders.summary import REGIME_WORDS
from milepost.service.people.models import Person
from milepost.times import from_us


@dataclass(frozen=True, slots=True)
class Sentence:
    """One order. ``share`` is 0 to 1; None: its start or its end is not recorded, or it has not begun."""

    reference: str
    regime: str | Promise
    source: str
    offence: str
    convicted_on: dt.date | None
    begins_utc: dt.datetime | None
    ends_utc: dt.datetime | None
    share: float | None
    ended: bool

    @property
    def percent_served(self) -> int | None:
        """Whole percent, cut and not rounded: 100 only when it has ended."""
        return None if self.share is None else int(self.share * 100)


def sentences_of(person: Person, now_us: int) -> list[Sentence]:
    """Orders that are in force or will be, the one that ends last first; where there is none, the last that ended. One or
    two queries. ``extra`` of an order may hold ``x_offence``, and does where the order file names one."""
    now = from_us(now_us)
    orders = Order.objects.filter(person=person, versions__state=VersionState.APPROVED).distinct()
    found = [
        _sentence(order, [v for v in order.versions.all() if v.state == VersionState.APPROVED], now)
        for order in orders.prefetch_related("versions").order_by("-pk")
    ]
    found.sort(key=lambda one: (one.ends_utc is None, one.ends_utc or now), reverse=True)
    return [one for one in found if not one.ended] or found[:1]


def _sentence(order: Order, versions: list[OrderVersion], now: dt.datetime) -> Sentence:
    begins = min((v.effective_from_utc for v in versions if v.effective_from_utc), default=None)
    ends = order.ends_utc
    share = None
    if begins is not None and ends is not None and ends > begins and now >= begins:
        share = min(1.0, (now - begins) / (ends - begins))
    return Sentence(
        reference=order.reference,
        regime=REGIME_WORDS.get(order.regime, order.regime),
        source=order.source,
        offence=str(order.extra.get("x_offence") or ""),
        convicted_on=_date(order.extra.get("x_convicted_on")),
        begins_utc=begins,
        ends_utc=ends,
        share=share,
        ended=ends is not None and ends <= now,
    )


def _date(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
