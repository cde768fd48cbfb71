"""The form of one section: each question with "Not known", what was filled in to be confirmed, where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from milepost.service.assessments.actions.drafts import Given
from milepost.service.assessments.models import Answer
from milepost.service.assessments.vocabulary import (
    NotAnAnswer,
    Question,
    Section,
    to_form,
    to_kept,
    translated,
)
from milepost.service.assessments.words import SOURCES
from milepost.service.kit.local_days import today
from milepost.service.web.fields import DateField
from milepost.service.web.formats import short_date
from milepost.service.web.forms import Form

UNKNOWN = "unknown"
TEXT_AT_MOST = 1000
BOXED = ("number", "date", "text")
"""Kinds whose "Not known" is a tick box beside the input; the others have it among their choices."""


class SectionForm(Form):
    """Nothing is required: what is left empty has not been asked yet.

    A question that one answer of another leaves room for is shown under that answer.
    """

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, section: Section, answers: Mapping[str, Answer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section, self.answers = section, answers
        here = {question.key: question for question in section.questions}
        reveals: dict[str, dict[str, list[str]]] = {}
        for question in section.questions:
            parent = _parent(question, here)
            names = self._add(
                question, answers.get(question.key), _only_if(question, here) if not parent else ""
            )
            if parent:
                reveals.setdefault(f"q_{parent[0]}", {}).setdefault(parent[1], []).extend(names)
        self.reveals = reveals  # type: ignore[misc]
        self.optional_when_revealed = frozenset(self.revealed_fields())  # type: ignore[misc]
        self._add_sources()

    def _add_sources(self) -> None:
        self.fields["source"] = forms.ChoiceField(
            label=_("Where do your new answers on this page come from?"), widget=forms.RadioSelect, required=False,
            choices=[(code, words) for code, words in SOURCES.items() if code not in ("record", "previous")],
        )  # fmt: skip
        self.fields["source_name"] = forms.CharField(
            label=_("Which report, or who said it (optional)"), required=False, max_length=200
        )
        self.fields["as_of"] = DateField(label=_("On which day was it so?"), initial=today)
        self.fields["note"] = forms.CharField(
            label=_("Note (optional)"),
            required=False,
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def _add(self, question: Question, answer: Answer | None, only_if: str) -> list[str]:
        """The field of a question and its tick boxes; their names."""
        name = f"q_{question.key}"
        waits = answer is not None and not answer.confirmed
        hints = [only_if, translated(question.hint), _filled_in(answer) if waits and answer else ""]
        common: dict[str, Any] = {
            "label": translated(question.label), "help_text": " ".join(filter(None, hints)), "required": False
        }  # fmt: skip
        shown = None if answer is None else UNKNOWN if answer.unknown else to_form(question, answer.value)
        unknown_box = question.kind in BOXED
        self.fields[name] = _field(question, common)
        self.fields[name].initial = (
            (None if unknown_box else [UNKNOWN] if question.kind == "choices" else UNKNOWN)
            if shown == UNKNOWN
            else shown
        )
        names = [name]
        if unknown_box:
            names.append(f"{name}_unknown")
            self.fields[names[-1]] = forms.BooleanField(
                label=_("Not known"), required=False, initial=shown == UNKNOWN
            )
        if waits:
            names.append(f"{name}_confirm")
            self.fields[names[-1]] = forms.BooleanField(
                label=_("I have checked this: it is right"), required=False
            )
        return names

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        for question in self.section.questions:
            name = f"q_{question.key}"
            value = cleaned.get(name)
            if value in (None, "", []) or name in self.errors:
                continue
            both = cleaned.get(f"{name}_unknown") or (
                isinstance(value, list) and UNKNOWN in value[:-1] + value[1:]
            )
            if both:
                self.add_error(name, _("Enter an answer, or say that it is not known: not both"))
            elif value not in (UNKNOWN, [UNKNOWN]):
                try:
                    to_kept(question, value)
                except NotAnAnswer as error:
                    self.add_error(
                        name, ValidationError(f"{translated(question.label)}: {translated(str(error))}")
                    )
                if isinstance(value, dt.date) and not 1900 <= value.year <= 2100:
                    self.add_error(name, _("The year must be between 1900 and 2100"))
        if not self.errors and self._has_new() and not cleaned.get("source"):
            self.add_error("source", _("Say where your new answers come from"))
        return cleaned

    def _has_new(self) -> bool:
        """Whether any answer is new or different: then it has to have a source."""
        return any(
            (before := self.answers.get(key)) is None
            or (before.value, before.unknown) != (said.value, said.unknown)
            for key, said in self.given().items()
        )

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
            waits = before is not None and not before.confirmed
            confirmed = not waits or bool(self.cleaned_data.get(f"{name}_confirm"))
            found[question.key] = Given(None if unknown else to_kept(question, value), unknown, confirmed)
        return found


def _field(question: Question, common: dict[str, Any]) -> forms.Field:
    options = [(option.key, translated(option.label)) for option in question.options] + [
        (UNKNOWN, _("Not known"))
    ]
    if question.kind in ("yes_no", "choice"):
        return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
    if question.kind == "choices":
        return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **common)
    if question.kind == "number":
        told = _("%(question)s: enter a whole number from %(low)s to %(high)s") % {
            "question": common["label"], "low": question.minimum, "high": question.maximum
        }  # fmt: skip
        return forms.IntegerField(
            min_value=question.minimum, max_value=question.maximum,
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), told),
            widget=forms.TextInput(attrs={"width": "3", "inputmode": "numeric"}), **common,
        )  # fmt: skip
    if question.kind == "date":
        return DateField(**common)
    if question.pattern:
        return forms.CharField(max_length=40, widget=forms.TextInput(attrs={"width": "10"}), **common)
    return forms.CharField(max_length=TEXT_AT_MOST, widget=forms.Textarea(attrs={"rows": 3}), **common)


def _parent(question: Question, here: Mapping[str, Question]) -> tuple[str, str] | None:
    """The question and the one answer under which this one is shown, if that is all there is to it."""
    if len(question.asked_if) != 1:
        return None
    key, values = question.asked_if[0]
    return (key, values[0]) if key in here and len(values) == 1 else None


def _only_if(question: Question, here: Mapping[str, Question]) -> str:
    """When to answer it, in words: for questions that are not shown under another's answer."""
    from milepost.service.assessments.vocabulary import questions

    parts = []
    for key, values in question.asked_if:
        other = here.get(key) or questions()[key]
        words = [translated(option.label) for option in other.options if option.key in values]
        parts.append(f"{translated(other.label)}: {_(' or ').join(words)}")
    return _("Only if: %(when)s.") % {"when": "; ".join(parts)} if parts else ""


def _filled_in(answer: Answer) -> str:
    where = str(SOURCES.get(answer.source, answer.source))
    if answer.source_name:
        where = f"{where}, {answer.source_name}"
    return _("Filled in from: %(where)s, %(date)s. Confirm it or change it.") % {
        "where": where, "date": short_date(answer.as_of)
    }  # fmt: skip
