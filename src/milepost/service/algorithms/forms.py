from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.algorithms.fairness.shown import BY, by_words
from milepost.service.algorithms.fairness.sources import SOURCES
from milepost.service.algorithms.words import STEPS
from milepost.service.web.forms import Form


class AskForm(Form):
    """What the fairness page shows."""

    what = forms.ChoiceField(label=_("What to look at"))
    by = forms.ChoiceField(label=_("Compare by"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [(key, source.title) for key, source in SOURCES.items()]  # type: ignore[attr-defined]
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
