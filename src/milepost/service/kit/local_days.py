"""Days as the service's clock counts them: local days of the zone that the setting ``LOCAL_TIME_ZONE`` names."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

from milepost.service import clock
from milepost.times import from_us, start_of_day_us, to_us


@cache
def _zone_named(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def service_zone() -> ZoneInfo:
    """The zone that clock times are shown in; Europe/London where nothing is set."""
    return _zone_named(getattr(settings, "LOCAL_TIME_ZONE", "Europe/London"))


def today() -> dt.date:
    """The local date by the service's clock."""
    return local_day(clock.now_us())


def local_day(moment: dt.datetime | int) -> dt.date:
    """The local day in which a moment lies: an aware ``datetime``, or microseconds since 1970, UTC."""
    us = moment if isinstance(moment, int) else to_us(moment)
    return from_us(us, service_zone()).date()


def start_of_local_day(day: dt.date) -> dt.datetime:
    """UTC."""
    return from_us(start_of_local_day_us(day))


def start_of_local_day_us(day: dt.date) -> int:
    """Microseconds since 1970, UTC."""
    return start_of_day_us(day, service_zone())
