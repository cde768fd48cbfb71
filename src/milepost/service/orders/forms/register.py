"""Devices and absences."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.orders.device_finder import STATE_WORDS, DeviceFinder
from milepost.service.orders.forms.moments import PlausibleYear, from_utc, time_field, to_utc
from milepost.service.orders.forms.person import PersonForm
from milepost.service.orders.models import Absence
from milepost.service.orders.policy_data import read_reasons
from milepost.service.orders.states import OFF
from milepost.service.orders.summary import ABSENCE_WORDS
from milepost.service.web.forms import DatePickerField, Form, LookupField

YEAR = [PlausibleYear()]
KINDS = [("tag", _("Tag: finds its own position")), ("radio_tag", _("Radio tag: heard by a home unit")),
         ("home_unit", _("Home unit"))]  # fmt: skip
OFF_STATES = [(s, STATE_WORDS[s]) for s in OFF]


def model_field() -> forms.CharField:
    return forms.CharField(
        label=_("Make and model"), max_length=80, required=False, widget=forms.TextInput(attrs={"width": "20"}),
        help_text=_("Write it as the table of learned errors does. Findings then allow for how far off this model was seen "
                    "to be. Leave it empty if you do not know."),
    )  # fmt: skip


class RegisterForm(Form):
    device_id = forms.RegexField(
        r"^[\w.:/-]+$", label=_("Number of the device"), max_length=80, help_text=_("As its signals say it"),
        error_messages={"invalid": _("Use letters, numbers, and the signs . : / - _ only")},
        widget=forms.TextInput(attrs={"width": "20", "autocomplete": "off"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("What is it?"), choices=KINDS, widget=forms.RadioSelect)
    model = model_field()
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class ModelForm(Form):
    model = model_field()


class WhenForm(Form):
    """A day and a time, now unless said otherwise."""

    date = DatePickerField(label=_("On which day?"), validators=YEAR)
    time = time_field(_("At what time?"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        day, time = from_utc(clock.now_utc())
        kwargs["initial"] = {"date": day, "time": time.replace(second=0) if time else None,
                             **(kwargs.get("initial") or {})}  # fmt: skip
        super().__init__(*args, **kwargs)

    def moment_utc(self) -> dt.datetime:
        return to_utc(self.cleaned_data["date"], self.cleaned_data["time"])


class FindPersonForm(PersonForm):
    door = "devices.fit"


class FitForm(WhenForm):
    place = forms.ChoiceField(label=_("Which place is the home unit in?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, places: list[tuple[str, str]] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if places is None:
            del self.fields["place"]
        else:
            self.fields["place"].choices = places  # type: ignore[attr-defined]


class RemoveForm(WhenForm):
    reason = forms.CharField(label=_("Why is it taken off?"), max_length=200)
    device_state = forms.ChoiceField(
        label=_("What is the device now?"), choices=OFF_STATES, widget=forms.RadioSelect
    )


class SwapForm(WhenForm):
    new_device = LookupField(
        label=_("Which is the new device?"), help_text=_("Type its number or the end of it, or its model")
    )
    reason = forms.CharField(label=_("Why is it swapped?"), max_length=200)
    device_state = forms.ChoiceField(
        label=_("What is the old device now?"), choices=OFF_STATES, widget=forms.RadioSelect
    )
    field_order = ("new_device", "date", "time", "reason", "device_state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_device"].look_in(DeviceFinder())  # type: ignore[attr-defined]


class MarkForm(Form):
    state = forms.ChoiceField(
        label=_("What is the device now?"), choices=OFF_STATES, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class AbsenceForm(Form):
    condition_id = forms.ChoiceField(
        label=_("Which requirement is lifted?"), widget=forms.RadioSelect, required=False
    )
    kind = forms.ChoiceField(
        label=_("What is it?"), widget=forms.RadioSelect, choices=list(ABSENCE_WORDS.items())
    )
    reason_code = forms.ChoiceField(label=_("Why?"))
    reason = forms.CharField(label=_("More about the reason"), max_length=500, required=False,
                             widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    evidence = forms.CharField(label=_("What was seen?"), max_length=500, required=False,
                               help_text=_("A letter, a call back, a booking"))  # fmt: skip
    from_date = DatePickerField(label=_("From which day?"), validators=YEAR)
    from_time = time_field(_("From what time?"), required=True)
    until_date = DatePickerField(label=_("Until which day?"), validators=YEAR)
    until_time = time_field(_("Until what time?"), required=True)
    overlap_seen = forms.BooleanField(label=_("I have seen that it overlaps"), required=False)
    hints: ClassVar[Any] = {
        "kind": {"suspension": _("Every condition is lifted. A second person must confirm it.")}
    }

    def __init__(self, *args: Any, user: User, conditions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["condition_id"].choices = [("", _("Every requirement of the order")), *conditions]  # type: ignore[attr-defined]
        mine = [r for r in read_reasons().values() if Role(user.role) in r.authorised_by]
        self.fields["reason_code"].choices = [("", ""), *((r.code, str(r)) for r in mine)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Absence.Kind.SUSPENSION:
            cleaned["condition_id"] = ""
        if not self.errors and self.until_utc() <= self.from_utc():
            self.add_error("until_date", _("It ends before it starts"))
        return cleaned

    def from_utc(self) -> dt.datetime:
        return to_utc(self.cleaned_data["from_date"], self.cleaned_data["from_time"])

    def until_utc(self) -> dt.datetime:
        return to_utc(self.cleaned_data["until_date"], self.cleaned_data["until_time"], "end")
