"""Until when the service counts: the end of yesterday, so that nobody can tell one person by asking twice on a day."""

from __future__ import annotations

from milepost.service.kit.local_days import start_of_local_day_us, today


def end_of_yesterday_us() -> int:
    """The first moment of the local day of today, microseconds UTC."""
    return start_of_local_day_us(today())
