"""Times, lengths and shares as people read them. Each function is also a filter of the same name.

Clock times are shown in the zone of the service (the setting ``LOCAL_TIME_ZONE``, or Europe/London) and
name that zone ("01:30 BST") whenever the clocks change within 12 hours, because 01:30 then happens twice.
Names of days and months come from Django's own translations, so they are Welsh on a Welsh page.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milepost.service.clock import now_utc
from milepost.service.kit.local_days import service_zone
from milepost.times import from_us

NEAR_A_CLOCK_CHANGE = timedelta(hours=12)
UNKNOWN_SIGN = "–"
_UTC = ZoneInfo("UTC")


def _local(value: datetime | int, zone: ZoneInfo | None) -> datetime:
    """`value` is an aware datetime, or microseconds since the epoch, UTC; a naive one raises ValueError."""
    if isinstance(value, int):
        value = from_us(value)
    if timezone.is_naive(value):
        raise ValueError(f"[{value}] has no time zone: make it aware before it is shown")
    return value.astimezone(zone or service_zone())


def _zone_if_unclear(local: datetime) -> str:
    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(local.tzinfo).utcoffset()

    moment = local.astimezone(UTC)
    unclear = offset(moment - NEAR_A_CLOCK_CHANGE) != offset(moment + NEAR_A_CLOCK_CHANGE)
    return f" {local.tzname()}" if unclear else ""


def local_time(value: datetime | int | None, zone: ZoneInfo | None = None) -> str:
    """ "19:04"; "01:30 BST" on the night the clocks change. None is "–"."""
    if value is None:
        return UNKNOWN_SIGN
    local = _local(value, zone)
    return f"{local:%H:%M}{_zone_if_unclear(local)}"


def local_date(value: datetime | date | int | None, zone: ZoneInfo | None = None) -> str:
    """ "23 November 2026"."""
    return _dated(value, "j F Y", zone)


def short_date(value: datetime | date | int | None, zone: ZoneInfo | None = None) -> str:
    """ "23 Nov 2026": for tables."""
    return _dated(value, "j M Y", zone)


def weekday_date(value: datetime | date | int | None, zone: ZoneInfo | None = None) -> str:
    """ "Monday 23 November 2026": for letters and for people who must turn up."""
    return _dated(value, "l j F Y", zone)


def short_weekday(value: datetime | date | int | None, zone: ZoneInfo | None = None) -> str:
    """ "Mon": above a column of days."""
    return _dated(value, "D", zone)


def day_month(value: datetime | date | int | None, zone: ZoneInfo | None = None) -> str:
    """ "23 Nov": where the year is plain."""
    return _dated(value, "j M", zone)


def _dated(value: datetime | date | int | None, shape: str, zone: ZoneInfo | None) -> str:
    if value is None:
        return UNKNOWN_SIGN
    if isinstance(value, date) and not isinstance(value, datetime):
        return dateformat.format(value, shape)
    return dateformat.format(_local(value, zone), shape)


def weekday_time(value: datetime | int | None, zone: ZoneInfo | None = None) -> str:
    """ "Mon 23 Nov, 19:04"."""
    if value is None:
        return UNKNOWN_SIGN
    local = _local(value, zone)
    return f"{dateformat.format(local, 'D j M')}, {local_time(local, zone)}"


def date_and_time(value: datetime | int | None, zone: ZoneInfo | None = None) -> str:
    """ "23 November 2026 at 19:04": where a record may be read years later."""
    if value is None:
        return UNKNOWN_SIGN
    local = _local(value, zone)
    return _("%(date)s at %(time)s") % {"date": local_date(local, zone), "time": local_time(local, zone)}


def end_date(value: datetime | int | None, zone: ZoneInfo | None = None) -> str:
    """ "5 March 2026" of what ends with that day, though it is kept as 6 March at 00:00; else "5 March 2026 at 14:00".

    What was typed as a last day is shown as that day. None is "–".
    """
    return _ended(value, "j F Y", zone)


def short_end_date(value: datetime | int | None, zone: ZoneInfo | None = None) -> str:
    """ "5 Mar 2026": as `end_date`, for tables."""
    return _ended(value, "j M Y", zone)


def _ended(value: datetime | int | None, shape: str, zone: ZoneInfo | None) -> str:
    if value is None:
        return UNKNOWN_SIGN
    local = _local(value, zone)
    if (local.hour, local.minute) == (0, 0):
        return dateformat.format(local.date() - timedelta(days=1), shape)
    return _("%(date)s at %(time)s") % {
        "date": dateformat.format(local, shape), "time": local_time(local, zone),
    }  # fmt: skip


def plain_clock(value: clock | None) -> str:
    """ "7pm", "7:30am", "midday", "midnight": for people under supervision."""
    if value is None:
        return UNKNOWN_SIGN
    if (value.hour, value.minute) == (0, 0):
        return _("midnight")
    if (value.hour, value.minute) == (12, 0):
        return _("midday")
    half = _("am") if value.hour < 12 else _("pm")
    minutes = f":{value.minute:02d}" if value.minute else ""
    return f"{(value.hour - 1) % 12 + 1}{minutes}{half}"


def iso_utc(value: datetime | int | None) -> str:
    """ "2026-11-23T19:04:00Z": for ``<time datetime>`` and for machines."""
    if value is None:
        return ""
    return _local(value, _UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(seconds: float | timedelta | None) -> str:
    """ "1 hour 4 minutes", "under a minute", "3 days 2 hours". Rounds down: never claims more than was."""
    if seconds is None:
        return UNKNOWN_SIGN
    whole = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    if whole < 0:
        return _("minus %(length)s") % {"length": duration(-whole)}
    minutes, hours, days = whole // 60 % 60, whole // 3600 % 24, whole // (24 * 3600)
    parts = []
    if days:
        parts.append(ngettext("%(n)d day", "%(n)d days", days) % {"n": days})
    if hours:
        parts.append(ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours})
    if minutes and not days:
        parts.append(ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes})
    return " ".join(parts) or (_("under a minute") if whole else _("no time"))


def ago(value: datetime | int | None, now: datetime | None = None) -> str:
    """ "4 minutes ago", "in 2 hours", "just now". None is "never"."""
    if value is None:
        return _("never")
    seconds = ((now or now_utc()) - _local(value, None)).total_seconds()
    if abs(seconds) < 60:
        return _("just now")
    if seconds < 0:
        return _("in %(length)s") % {"length": duration(-seconds)}
    return _("%(length)s ago") % {"length": duration(seconds)}


def metres(value_m: float | None) -> str:
    """ "64 m", "1.4 km". None is "distance not known": an unknown length is never 0."""
    if value_m is None:
        return _("distance not known")
    return f"{value_m / 1000:.1f} km" if abs(value_m) >= 1000 else f"{value_m:.0f} m"


def percent(share: float | None, places: int = 0) -> str:
    """A share from 0 to 1 as "64%". A share that is not quite all or nothing never rounds to all or nothing."""
    if share is None:
        return _("not known")
    shown = f"{share * 100:.{places}f}"
    step = 10.0**-places
    if share > 0 and float(shown) == 0:
        return f"<{step:.{places}f}%"
    if share < 1 and float(shown) >= 100:
        return f">{100 - step:.{places}f}%"
    return f"{shown}%"


def number(value: float | None) -> str:
    """ "12,345", "1.5". A whole number has no decimals: "28", never "28.0"."""
    if value is None:
        return UNKNOWN_SIGN
    return f"{int(value) if value == int(value) else value:,}"


FILTERS = {
    shown.__name__: shown
    for shown in (
        local_time,
        local_date,
        short_date,
        weekday_date,
        short_weekday,
        day_month,
        weekday_time,
        date_and_time,
        end_date,
        short_end_date,
        plain_clock,
        iso_utc,
        duration,
        ago,
        metres,
        percent,
        number,
    )
}
