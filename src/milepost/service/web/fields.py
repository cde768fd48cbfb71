"""Fields that take dates and times the way people write them, with no script.

Django's own fields do for everything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any, NoReturn

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

PARTS = ("day", "month", "year")


class DatePartsInput(forms.Widget):
    """Three inputs, ``name-day``, ``name-month`` and ``name-year``; their value is a dict of the three texts."""

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> dict[str, str]:
        return {part: str(data.get(f"{name}-{part}") or "").strip() for part in PARTS}

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> bool:
        return not any(f"{name}-{part}" in data for part in PARTS)

    @staticmethod
    def parts(value: date | dict[str, str] | None) -> dict[str, str]:
        """What each input shows."""
        if value is None:
            return dict.fromkeys(PARTS, "")
        if isinstance(value, date):
            return {"day": str(value.day), "month": str(value.month), "year": str(value.year)}
        return {part: value.get(part, "") for part in PARTS}


class DateField(forms.Field):
    """A date in three inputs. Months may be numbers or names. Errors say which input to mend (`params["parts"]`)."""

    widget = DatePartsInput
    default_error_messages = {  # noqa: RUF012 - Django's own way
        "missing": _("The date must include a %(missing)s"),
        "two_digits": _("The year must have 4 numbers"),
        "not_real": _("The date must be a real date"),
    }
    empty_values = [None, ""]  # noqa: RUF012 - Django's own way

    def to_python(self, value: date | dict[str, str] | None) -> date | None:
        if value is None or isinstance(value, date):
            return value
        missing = [part for part in PARTS if not value.get(part)]
        if len(missing) == len(PARTS):
            return None
        if missing:
            names = {"day": _("day"), "month": _("month"), "year": _("year")}
            self._wrong("missing", missing, missing=names[missing[0]])
        if not re.fullmatch(r"\d{4}", value["year"]):
            self._wrong("two_digits", ["year"])
        month = _month(value["month"])
        try:
            return date(int(value["year"]), month, int(value["day"]))
        except ValueError:
            wrong = ["month"] if not 1 <= month <= 12 else ["day"]
            self._wrong("not_real", wrong)

    def _wrong(self, code: str, parts: list[str], **params: object) -> NoReturn:
        raise ValidationError(self.error_messages[code], code=code, params={"parts": parts, **params})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return DatePartsInput.parts(initial) != DatePartsInput.parts(data)


def _month(text: str) -> int:
    """1 to 12, or 0 for what is not a month. Names are read in English and in the language of the page."""
    if text.isdigit():
        return int(text)
    from django.utils.dates import MONTHS, MONTHS_3

    english = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    said = text.casefold()
    if said[:3] in english and len(said) >= 3:
        return english.index(said[:3]) + 1
    for names in (MONTHS, MONTHS_3):
        for number, name in names.items():
            if str(name).casefold() == said:
                return number
    return 0


class DatePickerInput(forms.DateInput):
    """One input, day/month/year, with a calendar where scripts run. For dates near today; else `DateField`."""

    input_type = "text"

    def __init__(self, attrs: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(attrs, format="%d/%m/%Y")
        self.options = options  # minDate, maxDate, excludedDates, excludedDays, as the component names them


class DatePickerField(forms.DateField):
    """A date in one input: 27/3/2027, or 27 March 2027."""

    widget = DatePickerInput
    default_error_messages = {  # noqa: RUF012 - Django's own way
        "invalid": _("Enter a real date, like 27/3/2027")
    }

    def __init__(self, **options: Any) -> None:
        formats = ["%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"]
        super().__init__(input_formats=formats, **options)


class TimeField(forms.Field):
    """A clock time as people write it: 19:00, 7pm, 7.30pm, midday, midnight. The value is a `datetime.time`."""

    widget = forms.TextInput
    default_error_messages = {  # noqa: RUF012 - Django's own way
        "not_real": _("Enter a real time, like 7pm or 19:00")
    }

    def to_python(self, value: time | str | None) -> time | None:
        if value is None or isinstance(value, time):
            return value
        said = re.sub(r"\s+", "", value).casefold().replace(".", ":")
        if not said:
            return None
        words = dict.fromkeys(("midday", "noon", "canoldydd", "hannerdydd"), time(12))
        words |= dict.fromkeys(("midnight", "canolnos", "hannernos"), time(0))
        if said in words:
            return words[said]
        found = re.fullmatch(r"(\d{1,2})(?::?(\d{2}))?(am|pm|yb|yh)?", said)
        if not found or (found[2] is None and found[3] is None):
            raise ValidationError(self.error_messages["not_real"], code="not_real")
        hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
        if half and not 1 <= hour <= 12:
            raise ValidationError(self.error_messages["not_real"], code="not_real")
        if half:
            hour = hour % 12 + (12 if half in ("pm", "yh") else 0)
        try:
            return time(hour, minute)
        except ValueError:
            raise ValidationError(self.error_messages["not_real"], code="not_real") from None

    def prepare_value(self, value: time | str | None) -> str:
        return f"{value:%H:%M}" if isinstance(value, time) else value or ""
