"""The weekly grid: one row for each day on which hours may start, and what all rows share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from milepost.service.orders.draft_document import DAYS, DEFAULTS, copy_day
from milepost.service.orders.forms.moments import time_field
from milepost.service.web.forms import Form

Part = dict[str, Any]
COPIES = {"weekdays": DAYS[1:5], "all": DAYS[1:]}


def day_choices() -> list[tuple[str, str]]:
    return [(day, str(WEEKDAYS[number])) for number, day in enumerate(DAYS)]


class TimetableForm(Form):
    """``mon_from``, ``mon_day``, ``mon_until`` ... and the settings."""

    mark_optional = False
    weeks_on = forms.IntegerField(label=_("Weeks on"), min_value=1, max_value=52, initial=1,
                                  widget=forms.TextInput(attrs={"width": "2"}))  # fmt: skip
    weeks_off = forms.IntegerField(label=_("Weeks off"), min_value=0, max_value=52, initial=0,
                                   widget=forms.TextInput(attrs={"width": "2"}))  # fmt: skip
    weeks_offset = forms.IntegerField(
        label=_("Weeks to wait at the start"), min_value=0, max_value=52, initial=0,
        widget=forms.TextInput(attrs={"width": "2"}),
    )  # fmt: skip
    public_holidays = forms.ChoiceField(
        label=_("On public holidays"), initial="apply",
        choices=[("apply", _("The hours apply as on any other day")), ("skip", _("The hours do not apply")),
                 ("only", _("The hours apply on public holidays only"))],
    )  # fmt: skip
    travel_before_min = forms.IntegerField(
        label=_("Minutes allowed to arrive"), min_value=0, max_value=600, initial=0,
        help_text=_("The hours start this much later"), widget=forms.TextInput(attrs={"width": "3"}),
    )  # fmt: skip
    travel_after_min = forms.IntegerField(
        label=_("Minutes allowed to leave"), min_value=0, max_value=600, initial=0,
        help_text=_("The hours end this much earlier"), widget=forms.TextInput(attrs={"width": "3"}),
    )  # fmt: skip
    place = forms.MultipleChoiceField(
        label=_("At another address at these hours"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Leave it empty for the address of the condition"),
    )  # fmt: skip
    SETTINGS = ("weeks_on", "weeks_off", "weeks_offset", "public_holidays", "travel_before_min", "travel_after_min",
                "place")  # fmt: skip

    def __init__(self, *args: Any, rules: list[Part], places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, initial=self._initial(rules), **kwargs)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        for number, day in enumerate(DAYS):
            name = str(WEEKDAYS[number])
            self.fields[f"{day}_from"] = time_field(_now("%(day)s, from") % {"day": name})
            self.fields[f"{day}_day"] = forms.ChoiceField(
                label=_now("%(day)s, until which day") % {"day": name}, choices=day_choices, required=False
            )
            self.fields[f"{day}_until"] = EndField(_now("%(day)s, until") % {"day": name})

    @staticmethod
    def _initial(rules: list[Part]) -> dict[str, Any]:
        shared = rules[0] if rules else {}
        place = shared.get("place")
        initial: dict[str, Any] = {**DEFAULTS, **{name: shared[name] for name in DEFAULTS if name in shared}}
        initial["place"] = [place] if isinstance(place, str) else place or []
        for number, day in enumerate(DAYS):
            initial[f"{day}_day"] = DAYS[(number + 1) % 7]
        for rule in rules:
            day = rule["from_day"]
            initial |= {f"{day}_from": rule["from_time"], f"{day}_day": rule["until_day"],
                        f"{day}_until": rule["until_time"]}  # fmt: skip
        return initial

    def rows(self) -> list[tuple[str, Any, Any, Any]]:
        """The day's name and its three bound fields, Monday first."""
        return [
            (str(WEEKDAYS[number]), self[f"{day}_from"], self[f"{day}_day"], self[f"{day}_until"])
            for number, day in enumerate(DAYS)
        ]

    def settings_fields(self) -> list[Any]:
        return [self[name] for name in self.SETTINGS]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        filled = 0
        for day in DAYS:
            start, end = cleaned.get(f"{day}_from"), cleaned.get(f"{day}_until")
            if start and not end and f"{day}_until" not in self.errors:
                self.add_error(f"{day}_until", _("Enter the time at which these hours end"))
            if end and not start and f"{day}_from" not in self.errors:
                self.add_error(f"{day}_from", _("Enter the time at which these hours start"))
            filled += bool(start and end)
        if not filled and not self.errors:
            self.add_error(None, _("Enter the hours of at least one day, or remove the timetable"))
        if cleaned.get("weeks_offset") and not cleaned.get("weeks_off"):
            self.add_error("weeks_offset", _("Waiting makes sense only where there are weeks off"))
        return cleaned

    def hours(self) -> dict[str, Part]:
        data = self.cleaned_data
        return {
            day: {"from_time": f"{data[f'{day}_from']:%H:%M}", "until_day": data[f"{day}_day"],
                  "until_time": data[f"{day}_until"]}
            for day in DAYS
            if data.get(f"{day}_from") and data.get(f"{day}_until")
        }  # fmt: skip

    def settings(self) -> Part:
        settings = {name: self.cleaned_data[name] for name in self.SETTINGS}
        ids = settings["place"]
        settings["place"] = ids[0] if len(ids) == 1 else ids or None
        return settings


class EndField(forms.CharField):
    """The end of hours as ``07:00``; midnight as an end may also be written 24:00."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False,
                         widget=forms.TextInput(attrs={"width": "5", "autocomplete": "off"}))  # fmt: skip

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "").strip()
        if not text or text == "24:00":
            return text
        return f"{time_field('').to_python(text):%H:%M}"


def copied_data(data: Any, which: str) -> Any:
    """The posted values with Monday's row copied to other days; nothing is saved by it."""
    changed = data.copy()
    hours = {"mon": {"until_day": data.get("mon_day", "tue"), "from_time": data.get("mon_from", ""),
                     "until_time": data.get("mon_until", "")}}  # fmt: skip
    for day, row in copy_day(hours, "mon", COPIES.get(which, ())).items():
        changed[f"{day}_from"], changed[f"{day}_until"] = row["from_time"], row["until_time"]
        changed[f"{day}_day"] = row["until_day"]
    return changed
