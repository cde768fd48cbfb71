from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.algorithms.fairness.shown import BY, by_words
from milepost.service.algorithms.fairness.sources import Source
from milepost.service.algorithms.words import STEPS
from milepost.service.web.forms import Form


class AskForm(Form):
    """What the fairness page shows."""

    what = forms.ChoiceField(label=_("What to look at"))
    by = forms.ChoiceField(label=_("Compare by"))

    def __init__(self, *args: Any, sources: Mapping[str, Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [(key, source.title) for key, source in sources.items()]  # type: ignore[attr-defined]
        self.fields["by"].choices = [(key, by_words(key).capitalize()) for key in BY]  # type: ignore[attr-defined]


class StepForm(Form):
    to = forms.ChoiceField(label=_("What should happen?"), widget=forms.RadioSelect)
    read = forms.BooleanField(label=_("I have read the evaluation on this page"))
    why = forms.CharField(label=_("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    evaluation_hash = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, *args: Any, states: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(state, STEPS.get(state, state)) for state in states]  # type: ignore[attr-defined]


class SecondForm(Form):
    agree = forms.ChoiceField(
        label=_("Do you agree?"),
        choices=[("yes", _("Yes, do it")), ("no", _("No"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class OutcomesForm(Form):
    file = forms.FileField(label=_("File"))
    source = forms.CharField(
        label=_("Where do the outcomes come from?"), max_length=200,
        help_text=_("For example: police national computer extract of March 2026"),
    )  # fmt: skip


class WhyForm(Form):
    why = forms.CharField(label=_("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(Form):
    text = forms.CharField(
        label=_("What was found, and what is done about it?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip
