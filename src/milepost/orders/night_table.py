"""What an order means, night by night, in words a person under supervision can read."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from milepost.orders.clock import FAR_FUTURE_US, US, aware_to_us, midnight, us_to_local
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.orders.schedules import expand

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One obligation in local time. ``hours`` are elapsed hours, not the difference of the clocks."""

    starts: str
    ends: str
    hours: str
    duty: str
    order_id: str
    order_version: int
    condition_id: str
    where: str
    notes: str

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def make_calendar(order_file: OrderFile, first: dt.date, last: dt.date) -> list[CalendarEntry]:
    """The obligations that touch the local days ``first`` to ``last``, by start."""
    # A day more on both sides, for every time zone; then by the local day of each.
    from_us = aware_to_us((midnight(first) - _DAY).replace(tzinfo=dt.UTC))
    until_us = aware_to_us((midnight(last) + 2 * _DAY).replace(tzinfo=dt.UTC))
    owed = [o for o in expand(order_file, from_us, until_us) if _touches(o, first, last)]
    return [_describe(o) for o in sorted(owed, key=lambda o: (o.start_us, o.condition_id))]


def _touches(owed: Obligation, first: dt.date, last: dt.date) -> bool:
    starts = us_to_local(owed.start_us, owed.timezone).date()
    ends = us_to_local(owed.end_us - 1, owed.timezone).date()
    return starts <= last and first <= ends


def _describe(owed: Obligation) -> CalendarEntry:
    endless = owed.end_us >= FAR_FUTURE_US
    hours = (owed.end_us - owed.start_us) / (3600 * US)
    where = ", ".join(owed.target.place_ids) or "as drawn" if owed.target else owed.not_evaluable or ""
    return CalendarEntry(
        f"{us_to_local(owed.start_us, owed.timezone):%a %d %b %Y %H:%M}",
        "no end" if endless else f"{us_to_local(owed.end_us, owed.timezone):%a %d %b %Y %H:%M}",
        "" if endless else f"{hours:.2f}".rstrip("0").rstrip("."),
        owed.duty.replace("_", " "), owed.order_id, owed.order_version, owed.condition_id, where,
        ", ".join(owed.notes),
    )  # fmt: skip
