"""Forms that speak plainly: every error names what to do, and the summary at the top links to it.

    class Excuse(Form):
        reason = forms.ChoiceField(choices=..., widget=forms.RadioSelect)
        other = forms.CharField(widget=forms.Textarea, required=False, max_length=500)
        reveals = {"reason": {"other": ["other"]}}     # shown when "other" is chosen, and then required

In the template: ``{% from "macros/forms.html" import form_page %}{{ form_page(form, _("Save")) }}``.
Works with no script: a conditional question is then simply visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BoundField
from django.forms.utils import ErrorList
from django.utils.translation import gettext as _

from milepost.problems import Problem
from milepost.service.web.components import component, wrong_date_parts
from milepost.service.web.fields import (
    DateField,
    DatePartsInput,
    DatePickerField,
    DatePickerInput,
    TimeField,
)
from milepost.service.web.lookup import LookupField

__all__ = [
    "DateField",
    "DatePartsInput",
    "DatePickerField",
    "DatePickerInput",
    "Form",
    "LookupField",
    "ModelForm",
    "TimeField",
    "component",
    "error_list",
]

ONE_OF_SEVERAL = (forms.RadioSelect, forms.Select, forms.CheckboxSelectMultiple)
DJANGO_REQUIRED = forms.Field.default_error_messages["required"]
NOT_A_CHOICE = ("invalid_choice", "invalid_list", "invalid_pk_value")
DJANGO_NOT_A_CHOICE = {
    kind.default_error_messages[code]
    for kind in (
        forms.ChoiceField,
        forms.MultipleChoiceField,
        forms.ModelChoiceField,
        forms.ModelMultipleChoiceField,
    )
    for code in NOT_A_CHOICE
    if code in kind.default_error_messages
}


class PlainErrors(forms.BaseForm):
    """What `Form` and `ModelForm` share."""

    use_required_attribute = False  # the server says what is missing, in words; the browser stays quiet
    mark_optional: ClassVar[bool] = True
    #: {field: {value: [fields shown, and required, when that value is chosen]}}
    reveals: ClassVar[Mapping[str, Mapping[str, list[str]]]] = {}
    #: {field: {value: hint under that choice}}
    hints: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    #: {words: [fields folded under them at the end of the form, for those who want them]}
    folded: ClassVar[Mapping[Any, list[str]]] = {}
    #: revealed fields that may stay empty
    optional_when_revealed: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word_required()

    def full_clean(self) -> None:
        """Fields that a form added after it was made are worded too: no form can show Django's own words."""
        self.word_required()
        super().full_clean()

    def word_required(self) -> None:
        """Says in the words of the page what is missing, not on the list, or too long."""
        for name, field in self.fields.items():
            messages = field.error_messages
            if messages.get("required") == DJANGO_REQUIRED:
                messages["required"] = _required_words(self, name)
            for code in NOT_A_CHOICE:
                if messages.get(code) in DJANGO_NOT_A_CHOICE:
                    messages[code] = _choice_words(self, name)
            longest = getattr(field, "max_length", None)
            if longest is not None:
                messages.setdefault("max_length", _length_words(self, name, longest))

    def revealed_fields(self) -> set[str]:
        return {name for by_value in self.reveals.values() for names in by_value.values() for name in names}

    def fields_inside_others(self) -> set[str]:
        return self.revealed_fields() | {name for names in self.folded.values() for name in names}

    def folds(self) -> list[tuple[str, list[BoundField], bool]]:
        """Words, fields, and whether they stand open: something was sent in them, or is wrong with it."""
        found = []
        for words, names in self.folded.items():
            bound = [self[name] for name in names if name in self.fields]
            written = self.is_bound and any(one.errors or one.value() not in (None, "") for one in bound)
            found.append((str(words), bound, written))
        return found

    def required_when_revealed(self) -> set[str]:
        return self.revealed_fields() - self.optional_when_revealed

    def revealed_under(self, bound: BoundField, value: object) -> list[BoundField]:
        return [self[name] for name in self.reveals.get(bound.name, {}).get(str(value), [])]

    def clean(self) -> dict[str, Any] | None:
        """Forgets answers to questions that were not asked; misses answers to those that were."""
        cleaned = super().clean()
        values = self.cleaned_data if cleaned is None else cleaned
        for name, by_value in self.reveals.items():
            answer = values.get(name)
            chosen = {str(one) for one in answer} if isinstance(answer, list) else {str(answer)}
            for value, revealed in by_value.items():
                for other in revealed:
                    self._settle(values, other, asked=value in chosen)
        return cleaned

    def _settle(self, values: dict[str, Any], name: str, asked: bool) -> None:
        if not asked:
            values[name] = None
            self._errors.pop(name, None)  # type: ignore[attr-defined]
        elif (
            name in values
            and values[name] in self.fields[name].empty_values
            and name not in self.optional_when_revealed
        ):
            self.add_error(name, ValidationError(_required_words(self, name), code="required"))

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Shows what a reader of the library found: under the field it names, else at the top.

        Warnings are not errors and are left to the page. One problem becomes one sentence: where, what is
        wrong, and the remedy.
        """
        for problem in problems:
            if problem.severity != "error":
                continue
            name = problem.field if problem.field in self.fields else None
            self.add_error(name, ValidationError(_problem_words(problem), code="problem"))

    def add_refusal(self, refusal: ValidationError) -> None:
        """Shows an action's refusal; fields the form does not have go to the top, so nothing is swallowed."""
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for name, errors in refusal.error_dict.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))


class Form(PlainErrors, forms.Form):
    """A form of Milepost: see the module's text."""


class ModelForm(PlainErrors, forms.ModelForm):
    """As `Form`, for one model. Saving is for the app's actions, never ``form.save()``."""


def _required_words(form: forms.BaseForm, name: str) -> str:
    field = form.fields[name]
    label = str(form[name].label)
    if label.endswith("?"):
        return _("Answer the question: %(label)s") % {"label": label}
    small = label if label[:2].isupper() else label[:1].lower() + label[1:]
    if isinstance(field.widget, forms.FileInput):
        return _("Choose a file: %(label)s") % {"label": small}
    if isinstance(field.widget, forms.CheckboxInput):
        return _("Tick the box: %(label)s") % {"label": label}
    if isinstance(field.widget, ONE_OF_SEVERAL):
        return _("Select %(label)s") % {"label": small}
    return _("Enter %(label)s") % {"label": small}


def _choice_words(form: forms.BaseForm, name: str) -> str:
    return _("%(label)s: choose from the list") % {"label": _escaped_label(form, name)}


def _length_words(form: forms.BaseForm, name: str, longest: int) -> str:
    words = _("%(label)s: use %(longest)s characters or fewer")
    return words % {"label": _escaped_label(form, name), "longest": longest}


def _escaped_label(form: forms.BaseForm, name: str) -> str:
    """Django puts its own figures into a message afterwards."""
    return str(form[name].label).rstrip("?:").replace("%", "%%")


def _problem_words(problem: Problem) -> str:
    where = ""
    if problem.row is not None:
        where = _("Row %(row)s: ") % {"row": problem.row}
    shown = f" [{problem.value[:80]}]" if problem.value is not None else ""
    return f"{where}{problem.message}{shown}. {problem.remedy}"


def _texts(errors: ErrorList | None) -> list[str]:
    return [str(text) for text in errors or ()]


def error_list(form: forms.BaseForm) -> list[dict[str, str]]:
    """The items of the error summary, in the order of the page: text, and a link to the input to mend."""
    items: list[dict[str, str]] = [{"text": text} for text in _texts(form.errors.get(NON_FIELD_ERRORS))]
    for bound in form:
        if bound.is_hidden:  # nothing on the page to link to
            items += [{"text": text} for text in _texts(bound.errors)]
            continue
        target = bound.auto_id
        if isinstance(bound.field.widget, DatePartsInput):
            target = f"{target}-{(wrong_date_parts(bound) or ('day',))[0]}"
        items += [{"text": text, "href": f"#{target}"} for text in _texts(bound.errors)]
    return items
