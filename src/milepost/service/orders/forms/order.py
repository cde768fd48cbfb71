"""Starting an order, its terms, varying it, deciding on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.orders.forms.moments import PlausibleYear, from_utc, time_field, to_utc
from milepost.service.orders.forms.person import PersonForm
from milepost.service.orders.models import OrderVersion
from milepost.service.orders.summary import REGIME_WORDS
from milepost.service.web.forms import DateField, Form

YEAR = [PlausibleYear()]


def regimes() -> list[tuple[str, Any]]:
    return list(REGIME_WORDS.items())


class StartForm(PersonForm):
    door = "orders.start"
    regime = forms.ChoiceField(
        label=_("What kind of order is it?"), choices=regimes, widget=forms.RadioSelect
    )
    source = forms.CharField(
        label=_("Court, prison or other source"),
        max_length=200,
        required=False,
        help_text=_("As the order names it"),
    )


class TermsForm(Form):
    regime = forms.ChoiceField(
        label=_("What kind of order is it?"), choices=regimes, widget=forms.RadioSelect
    )
    source = forms.CharField(label=_("Court, prison or other source"), max_length=200, required=False)
    convicted_on = DateField(
        label=_("Date of conviction"), required=False, validators=YEAR,
        help_text=_("It decides which legal limits apply. Without it, the day the order starts is used."),
    )  # fmt: skip
    from_date = DateField(label=_("First day"), validators=YEAR)
    from_time = time_field(_("Time on the first day"), hint=_("Leave it empty for the start of the day"))
    ends_date = DateField(
        label=_("Last day"),
        required=False,
        validators=YEAR,
        help_text=_("Leave it empty if the order does not say"),
    )
    ends_time = time_field(_("Time on the last day"), hint=_("Leave it empty for the end of the day"))

    @staticmethod
    def initial_of(version: OrderVersion) -> dict[str, Any]:
        terms = version.terms
        start = from_utc(version.effective_from_utc)
        ends = terms.get("ends_utc")
        end = from_utc(dt.datetime.fromisoformat(ends), "end") if ends else (None, None)
        convicted = terms.get("convicted_on")
        return {
            "regime": terms.get("regime"), "source": terms.get("source"),
            "convicted_on": _date_or_none(convicted), "from_date": start[0], "from_time": start[1],
            "ends_date": end[0], "ends_time": end[1],
        }  # fmt: skip

    def effective_from_utc(self) -> dt.datetime:
        return to_utc(self.cleaned_data["from_date"], self.cleaned_data["from_time"])

    def terms(self, before: dict[str, Any]) -> dict[str, Any]:
        data = self.cleaned_data
        ends = to_utc(data["ends_date"], data["ends_time"], "end") if data["ends_date"] else None
        convicted = data["convicted_on"]
        return {
            **before, "regime": data["regime"], "source": data["source"],
            "ends_utc": ends.isoformat() if ends else None,
            "convicted_on": convicted.isoformat() if convicted else None,
        }  # fmt: skip

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("from_date"), cleaned.get("ends_date")
        if (
            start
            and end
            and to_utc(end, cleaned.get("ends_time"), "end") <= to_utc(start, cleaned.get("from_time"))
        ):
            self.add_error("ends_date", _("The last day must be after the first"))
        return cleaned


def _date_or_none(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None


class VaryForm(Form):
    why = forms.CharField(
        label=_("Why is the order varied?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    from_date = DateField(label=_("When does the change take effect?"), validators=YEAR)
    from_time = time_field(_("Time on that day"), hint=_("Leave it empty for the start of the day"))

    def effective_from_utc(self) -> dt.datetime:
        return to_utc(self.cleaned_data["from_date"], self.cleaned_data["from_time"])


class SubmitForm(Form):
    """Every warning has a tick box; a reason is needed where there is one."""

    read = forms.MultipleChoiceField(label=_("I have read these warnings"), required=False,
                                     widget=forms.CheckboxSelectMultiple)  # fmt: skip
    reason = forms.CharField(
        label=_("Why should the order go ahead with these warnings?"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    mark_optional = False

    def __init__(self, *args: Any, warnings: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [warning.key for warning in warnings]
        if not warnings:
            self.fields.clear()
            return
        self.fields["read"].choices = [(w.key, w.words) for w in warnings]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.keys and set(cleaned.get("read") or []) != set(self.keys):
            self.add_error("read", _("Tick every warning that you have read"))
        if self.keys and not cleaned.get("reason"):
            self.add_error("reason", _("Say why the order should go ahead"))
        return cleaned


class DecideForm(Form):
    decision = forms.ChoiceField(
        label=_("What do you decide?"), widget=forms.RadioSelect,
        choices=[("approve", _("Approve: it applies from its first day")), ("return", _("Return it to its author"))],
    )  # fmt: skip
    past_seen = forms.BooleanField(label=_("I know that it applies from a time in the past"), required=False)
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("If you return it, say what has to change"),
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, backdated: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not backdated:
            del self.fields["past_seen"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        decision = cleaned.get("decision")
        if decision == "return" and not cleaned.get("note"):
            self.add_error("note", _("Say what has to change"))
        if decision == "approve" and "past_seen" in self.fields and not cleaned.get("past_seen"):
            self.add_error("past_seen", _("Tick that you know that the time is past"))
        return cleaned


class UploadForm(Form):
    file = forms.FileField(label=_("File"))
