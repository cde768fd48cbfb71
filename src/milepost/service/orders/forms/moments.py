"""Dates and times as people write them, and as an order keeps them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.orders.clock import Edge, local_to_us
from milepost.service.kit.local_days import service_zone
from milepost.service.web.forms import Form, TimeField
from milepost.times import from_us

Split = tuple[dt.date | None, dt.time | None]


def split_text(text: str | None, timezone: str) -> Split:
    """The local date and time of an order's date or time; the time is None for a date alone."""
    if not text:
        return None, None
    if len(text) == 10:
        return dt.date.fromisoformat(text), None
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        from zoneinfo import ZoneInfo

        moment = moment.astimezone(ZoneInfo(timezone))
    return moment.date(), moment.time().replace(microsecond=0)


def join_text(day: dt.date | None, time: dt.time | None, before: str | None, timezone: str) -> str | None:
    """The inverse of ``split_text``. What was not changed stays exactly as it was written."""
    if day is None:
        return None
    if before and split_text(before, timezone) == (day, time):
        return before
    return day.isoformat() if time is None else f"{day.isoformat()}T{time:%H:%M:%S}"


def to_utc(day: dt.date, time: dt.time | None, edge: Edge = "start") -> dt.datetime:
    """The moment at which the service's clock reads this. No time: midnight, at the end of the day for an end."""
    if time is None:
        time = dt.time(0)
        day = day + dt.timedelta(days=1) if edge == "end" else day
    naive = dt.datetime.combine(day, time)
    return from_us(local_to_us(naive, str(service_zone().key), edge))


def from_utc(moment: dt.datetime | None, edge: Edge = "start") -> Split:
    """The inverse of ``to_utc``: an end at midnight is the day before it, with no time, as it was typed."""
    if moment is None:
        return None, None
    local = moment.astimezone(service_zone())
    if edge == "end" and local.time() == dt.time(0):
        return local.date() - dt.timedelta(days=1), None
    return local.date(), local.time().replace(microsecond=0)


class PlausibleYear:
    """Refuses years that cannot be meant, before they reach arithmetic that cannot hold them."""

    def __call__(self, value: Any) -> None:
        if isinstance(value, dt.date) and not 1900 < value.year < 2100:
            raise forms.ValidationError(_("Check the year"), code="year")


def time_field(label: Any, required: bool = False, hint: Any = "") -> TimeField:
    return TimeField(
        label=label,
        required=required,
        help_text=hint,
        widget=forms.TextInput(attrs={"width": "5", "autocomplete": "off"}),
    )


class ConditionSpanForm(Form):
    """From and until of a condition: dates, with times where they matter."""

    timezone = "Europe/London"
    before: dict[str, Any]

    def span(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "from": join_text(
                data["from_date"], data.get("from_time"), self.before.get("from"), self.timezone
            ),
            "until": join_text(
                data["until_date"], data.get("until_time"), self.before.get("until"), self.timezone
            ),
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("from_date"), cleaned.get("until_date")
        if start and end:
            first = dt.datetime.combine(start, cleaned.get("from_time") or dt.time(0))
            last = dt.datetime.combine(end, cleaned.get("until_time") or dt.time.max)
            if last <= first:
                self.add_error("until_date", _("The end must be after the start"))
        if cleaned.get("until_time") and not end:
            self.add_error("until_date", _("Enter the day as well as the time"))
        return cleaned


def span_initial(part: dict[str, Any], timezone: str) -> dict[str, Any]:
    start, end = split_text(part.get("from"), timezone), split_text(part.get("until"), timezone)
    return {"from_date": start[0], "from_time": start[1], "until_date": end[0], "until_time": end[1]}
