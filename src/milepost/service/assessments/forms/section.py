"""The form of one section: each question with "Not known", what was filled in to be confirmed, where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milepost.service.assessments.actions.drafts import Given
from milepost.service.assessments.models import Answer
from milepost.service.assessments.vocabulary import Question, Section, from_form, said, to_form
from milepost.service.assessments.words import SOURCES
from milepost.service.web.fields import DateField
from milepost.service.web.forms import Form

UNKNOWN = "unknown"
MARKS = {"_unknown": gettext_lazy("Not known"), "_confirm": gettext_lazy("I have checked this: it is right")}
TEXT_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """One question on the page: its field, its tick boxes (None where it has none), and what was filled in."""

    question: Question
    field: BoundField
    unknown: BoundField | None
    confirm: BoundField | None
    answer: Answer | None


class SectionForm(Form):
    """Nothing is required: what is left empty has not been asked yet."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, section: Section, answers: Mapping[str, Answer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section, self.answers = section, answers
        for question in section.questions:
            self._add(question, answers.get(question.key))
        self.fields["source"] = forms.ChoiceField(
            label=_("Where do your new answers on this page come from?"), widget=forms.RadioSelect, initial="person",
            choices=[(code, words) for code, words in SOURCES.items() if code not in ("record", "previous")],
        )  # fmt: skip
        self.fields["source_name"] = forms.CharField(
            label=_("Which report, or who said it"), required=False, max_length=200
        )
        self.fields["as_of"] = DateField(label=_("On which day was it so?"), initial=dt.date.today)
        self.fields["note"] = forms.CharField(
            label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
        )
        for name in ("source_name", "note"):
            self.fields[name].label = _("%(label)s (optional)") % {"label": self.fields[name].label}

    def _add(self, question: Question, answer: Answer | None) -> None:
        name = f"q_{question.key}"
        label, hint = said(question.label), said(question.hint)
        shown = None if answer is None else UNKNOWN if answer.unknown else to_form(question, answer.value)
        options = [(option.key, said(option.label)) for option in question.options]
        common: dict[str, Any] = {"label": label, "help_text": hint, "required": False}
        if question.kind == "yes_no":
            options = [("yes", _("Yes")), ("no", _("No"))]
        if question.kind in ("yes_no", "choice"):
            options.append((UNKNOWN, _("Not known")))
            field: forms.Field = forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
        elif question.kind == "choices":
            options.append((UNKNOWN, _("Not known")))
            field = forms.MultipleChoiceField(
                choices=options, widget=forms.CheckboxSelectMultiple, **common
            )
            shown = [UNKNOWN] if shown == UNKNOWN else shown
        elif question.kind == "number":
            field = forms.IntegerField(
                min_value=0, max_value=999, widget=forms.TextInput(attrs={"width": "3", "inputmode": "numeric"}),
                error_messages={"invalid": _("%(label)s: enter a whole number") % {"label": label}}, **common,
            )  # fmt: skip
        elif question.kind == "date":
            field = DateField(**common)
        else:
            field = forms.CharField(
                max_length=TEXT_AT_MOST, widget=forms.Textarea(attrs={"rows": 3}), **common
            )
        boxed = question.kind in ("number", "date", "text")
        field.initial = None if boxed and shown == UNKNOWN else shown
        self.fields[name] = field
        if boxed:
            self.fields[f"{name}_unknown"] = forms.BooleanField(
                label=_("Not known"), required=False, initial=shown == UNKNOWN
            )
        if answer is not None and not answer.confirmed:
            self.fields[f"{name}_confirm"] = forms.BooleanField(
                label=_("I have checked this: it is right"), required=False
            )

    def asked(self) -> Iterator[Asked]:
        for question in self.section.questions:
            name = f"q_{question.key}"
            boxes = [self[f"{name}{mark}"] if f"{name}{mark}" in self.fields else None for mark in MARKS]
            yield Asked(question, self[name], *boxes, self.answers.get(question.key))

    def common(self) -> list[BoundField]:
        return [self[name] for name in ("source", "source_name", "as_of", "note")]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        for question in self.section.questions:
            name = f"q_{question.key}"
            value = cleaned.get(name)
            if question.kind == "choices" and value and UNKNOWN in value and len(value) > 1:
                self.add_error(name, _("Choose what is known, or that it is not known: not both"))
            if cleaned.get(f"{name}_unknown") and value not in (None, ""):
                self.add_error(name, _("Give an answer, or tick that it is not known: not both"))
            if isinstance(value, dt.date) and not 1900 <= value.year <= 2100:
                self.add_error(name, _("The year must be between 1900 and 2100"))
        return cleaned

    def given(self) -> dict[str, Given]:
        """What was said, by question; a question that was left empty is not in it."""
        found = {}
        for question in self.section.questions:
            name = f"q_{question.key}"
            value = self.cleaned_data.get(name)
            unknown = bool(self.cleaned_data.get(f"{name}_unknown")) or value in (UNKNOWN, [UNKNOWN])
            if not unknown and value in (None, "", []):
                continue
            before = self.answers.get(question.key)
            waiting = before is not None and not before.confirmed
            confirmed = not waiting or bool(self.cleaned_data.get(f"{name}_confirm"))
            found[question.key] = Given(
                None if unknown else from_form(question, value), unknown, confirmed
            )
        return found
