"""The forms of the incident page. Each works without a script; what was not asked is forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.models import User
from milepost.service.accounts.picking import UserFinder
from milepost.service.kit.local_days import service_zone
from milepost.service.monitoring import words
from milepost.service.monitoring.actions import AbsenceTime
from milepost.service.monitoring.models import DecisionKind
from milepost.service.monitoring.policies import complaints
from milepost.service.monitoring.policy_data import board_numbers, contact_codes, decision_policy, reasons
from milepost.service.web.forms import DatePickerField, Form, TimeField
from milepost.service.web.lookup import LookupField
from milepost.times import from_us

EXCUSES = (DecisionKind.EXCUSED, DecisionKind.AUTHORISED_ABSENCE)
ASKED = [("before", _("Yes, before")), ("after", _("No, they told us afterwards"))]


def _titled(codes: Iterable[Any]) -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in codes]


class NoteForm(Form):
    text = forms.CharField(label=_("Note"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ContactForm(Form):
    channel = forms.ChoiceField(label=_("How"))
    outcome = forms.ChoiceField(label=_("Outcome of the challenge"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What was said"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    again_at = TimeField(
        label=_("Call again at"),
        required=False,
        help_text=_("Such as 02:30, within the next 24 hours. The alert comes back at that time."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = _titled(contact_codes().channel)  # type: ignore[attr-defined]
        self.fields["outcome"].choices = _titled(contact_codes().outcome)  # type: ignore[attr-defined]


class CallBackForm(Form):
    at = TimeField(
        label=_("When should they be called again?"),
        help_text=_("Such as 02:30, within the next 24 hours. The alert comes back at that time."),
    )
    why = forms.CharField(label=_("What for"), max_length=300, required=False)


class HandOverForm(Form):
    to = forms.ModelChoiceField(
        label=_("Who should take this over?"),
        queryset=User.objects.none(),
        error_messages={
            "invalid_choice": _(
                "You cannot hand it over to yourself, to whoever has it, or to somebody who may not decide it. "
                "Choose somebody from the list."
            )
        },
    )
    note = forms.CharField(label=_("What they should know"), max_length=500, required=False)

    def __init__(self, *args: Any, candidates: QuerySet[User], address: str, **kwargs: Any) -> None:
        """``address``: of the list in the box. Of a few one is chosen from a list; of many one is typed."""
        listed = board_numbers().incident.colleagues_listed
        many = candidates[listed : listed + 1].exists()
        if many:
            label, hint = self.base_fields["to"].label, _("Type a part of the name, or the e-mail address")
            typed = LookupField(label=label, help_text=hint)
            typed.look_in(UserFinder(candidates, address))
            self.base_fields = self.base_fields | {"to": typed}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)
        if not many:
            self.fields["to"].queryset = candidates  # type: ignore[attr-defined]


class SaveViewForm(Form):
    name = forms.CharField(label=_("Name of the view"), max_length=60)
    by_default = forms.BooleanField(label=_("Show this view when I open the alerts"), required=False)


class TogetherForm(Form):
    """One decision and reason for many alerts of one kind."""

    kind = forms.ChoiceField(label=_("What do you decide about all of them?"), widget=forms.RadioSelect)
    explanation = forms.CharField(
        label=_("Explain the decision"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What happened, in a sentence or two. Each person may read it."),
    )  # fmt: skip
    mark_optional = False

    def __init__(self, *args: Any, finding_kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.finding_kind = finding_kind
        offered = [decision_policy().of(kind) for kind in decision_policy().together.decisions]
        offered = [rule for rule in offered if rule.fits({finding_kind})]
        self.fields["kind"].choices = [(r.kind, words.of_code(words.DECISIONS, r.kind)) for r in offered]  # type: ignore[attr-defined]
        reveals: dict[str, list[str]] = {}
        for rule in offered:
            name = f"reason_{rule.kind}"
            choices = [("", gettext("Choose a reason")), *_titled(reasons().of(rule.kind))]
            self.fields[name] = forms.ChoiceField(label=gettext("Reason"), choices=choices, required=False)
            reveals[str(rule.kind)] = [name]
        self.reveals = {"kind": reveals}  # type: ignore[misc]
        self.hints = {"kind": {r.kind: _hint(r.counts_toward_total, False) for r in offered}}  # type: ignore[misc]
        self.order_fields(["kind", "explanation"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        values = self.cleaned_data if cleaned is None else cleaned
        kind = values.get("kind")
        if not kind:
            return cleaned
        values["reason_code"] = values.get(f"reason_{kind}") or ""
        found = complaints(
            decision_policy().of(kind), reasons().named(values["reason_code"]), kinds={self.finding_kind},
            explanation=values.get("explanation") or "", evidence="", asked_in_advance=None,
        )  # fmt: skip
        for field, message in found.items():
            name = f"reason_{kind}" if field == "reason_code" else field
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, message)
        return cleaned


class RevisionForm(Form):
    """Names the state of the incident that the page showed: what changed since is told, never overwritten."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    shown_us = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class KeepForm(RevisionForm):
    text = forms.CharField(label=_("Why it still stands"), max_length=1000, required=False)


class SecondForm(RevisionForm):
    answer = forms.ChoiceField(
        label=_("Your answer"),
        widget=forms.RadioSelect,
        choices=[("confirm", _("Confirm the decision")), ("refuse", _("Refuse it and send it back"))],
    )
    note = forms.CharField(
        label=_("Why it is refused"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    reveals: ClassVar[dict[str, dict[str, list[str]]]] = {"answer": {"refuse": ["note"]}}


class DecisionForm(RevisionForm):
    """One question, the kind of decision; each kind asks for its own reason and what the data files want with it."""

    kind = forms.ChoiceField(label=_("What do you decide?"), widget=forms.RadioSelect)
    asked_excused = forms.ChoiceField(
        label=_("Did they ask before?"),
        choices=ASKED,
        widget=forms.RadioSelect(attrs={"inline": True}),
        required=False,
    )
    asked_authorised_absence = forms.ChoiceField(
        label=_("Did they ask for leave before?"),
        choices=ASKED,
        widget=forms.RadioSelect(attrs={"inline": True}),
        required=False,
    )
    from_date = DatePickerField(label=_("Absence begins, date"), required=False)
    from_time = TimeField(label=_("Absence begins, time"), required=False)
    until_date = DatePickerField(label=_("Absence ends, date"), required=False)
    until_time = TimeField(label=_("Absence ends, time"), required=False)
    explanation = forms.CharField(
        label=_("Explain the decision"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What happened, in a sentence or two. The person may read it."),
    )  # fmt: skip
    evidence = forms.CharField(
        label=_("Proof"),
        max_length=1000,
        required=False,
        help_text=_("What was seen: a letter, a call, a booking. Needed for an excuse."),
    )
    mark_optional = False  # what is needed depends on the decision and its reason: hints and errors say it
    optional_when_revealed: ClassVar[frozenset[str]] = frozenset(
        {"asked_excused", "asked_authorised_absence"}
    )

    def __init__(self, *args: Any, kinds: set[str], minutes: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found_kinds = kinds
        self.open_to = [rule for rule in decision_policy().decision if rule.fits(kinds)]
        self.fields["kind"].choices = [(r.kind, words.of_code(words.DECISIONS, r.kind)) for r in self.open_to]  # type: ignore[attr-defined]
        reveals: dict[str, list[str]] = {}
        hints: dict[str, str] = {}
        for rule in self.open_to:
            name = f"reason_{rule.kind}"
            choices = [("", gettext("Choose a reason")), *_titled(reasons().of(rule.kind))]
            self.fields[name] = forms.ChoiceField(label=gettext("Reason"), choices=choices, required=False)
            reveals[rule.kind] = [name]
            if rule.kind in EXCUSES:
                reveals[rule.kind].append(f"asked_{rule.kind}")
            if rule.makes_absence:
                reveals[rule.kind] += ["from_date", "from_time", "until_date", "until_time"]
            hints[rule.kind] = _hint(rule.counts_toward_total, rule.needs_second(minutes))
        self.reveals = {"kind": reveals}  # type: ignore[misc]
        self.hints = {"kind": hints}  # type: ignore[misc]
        for name in (
            "asked_excused",
            "asked_authorised_absence",
            "from_date",
            "from_time",
            "until_date",
            "until_time",
        ):
            if name not in {n for names in reveals.values() for n in names}:
                del self.fields[name]
        self.order_fields(["revision", "shown_us", "kind", "explanation", "evidence"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        values = self.cleaned_data if cleaned is None else cleaned
        kind = values.get("kind")
        if not kind:
            return cleaned
        asked = values.get(f"asked_{kind}") or None
        values["asked_in_advance"] = None if asked is None else asked == "before"
        values["reason_code"] = values.get(f"reason_{kind}") or ""
        names = {"reason_code": f"reason_{kind}", "asked_in_advance": f"asked_{kind}"}
        found = complaints(
            decision_policy().of(kind),
            reasons().named(values["reason_code"]),
            kinds=self.found_kinds,
            explanation=values.get("explanation") or "",
            evidence=values.get("evidence") or "",
            asked_in_advance=values["asked_in_advance"],
        )
        for field, message in found.items():
            name = names.get(field, field)
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, message)
        return cleaned

    def absence_time(self) -> AbsenceTime | None:
        """What was entered, as clock times of the service's zone."""
        values = self.cleaned_data
        if not values.get("from_date"):
            return None
        zone = service_zone()
        begins = dt.datetime.combine(values["from_date"], values["from_time"], zone)
        ends = dt.datetime.combine(values["until_date"], values["until_time"], zone)
        return AbsenceTime(begins.astimezone(dt.UTC), ends.astimezone(dt.UTC))


def _hint(counts: bool, second: bool) -> str:
    told = [
        gettext("The minutes count.")
        if counts
        else gettext("The minutes leave the running total; the record stays.")
    ]
    if second:
        told.append(gettext("A second person has to confirm it."))
    return " ".join(told)


def absence_initial(rows: Sequence[Any]) -> dict[str, Any]:
    """The time of the findings, to the minute and no shorter than it was, as the form's first answer."""
    if not rows:
        return {}
    zone = service_zone()
    begins = from_us(min(r["start_earliest_utc"] or r["start_utc"] for r in rows), zone)
    ends = from_us(max(r["end_latest_utc"] or r["end_utc"] for r in rows), zone)
    if ends.second or ends.microsecond:
        ends = ends.replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
    return {
        "from_date": begins.date(), "from_time": begins.strftime("%H:%M"),
        "until_date": ends.date(), "until_time": ends.strftime("%H:%M"),
    }  # fmt: skip
