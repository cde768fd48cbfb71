"""The professional judgement: a level for each group of people, and the reasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milepost.service.assessments.harm import GROUPS, LEVELS
from milepost.service.assessments.models import Judgement
from milepost.service.web.forms import Form


class JudgementForm(Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, before: Judgement | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group, title in GROUPS.items():
            choices: list[tuple[str, Any]] = [*LEVELS.items(), ("unknown", _("Not known"))]
            if group == "prisoners":
                choices.append(("not_applicable", _("Not in custody")))
            self.fields[group] = forms.ChoiceField(
                label=_("Risk of serious harm to: %(group)s") % {"group": str(title).lower()}, choices=choices,
                widget=forms.RadioSelect(attrs={"inline": True}), initial=getattr(before, group, None),
            )  # fmt: skip
        for name, label, rows in _TEXTS:
            self.fields[name] = forms.CharField(
                label=label, max_length=4000 if name == "reasoning" else 1000, required=name != "who",
                widget=forms.Textarea(attrs={"rows": rows}), initial=getattr(before, name, ""),
            )  # fmt: skip
        self.word_required()


_TEXTS = (
    ("who", gettext_lazy("Who is at risk?"), 2),
    ("nature", gettext_lazy("What could happen?"), 3),
    ("imminence", gettext_lazy("When is the risk greatest?"), 3),
    ("reasoning", gettext_lazy("Why do you judge it so?"), 6),
)
