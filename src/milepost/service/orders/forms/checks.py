"""Deciding on a part of an import."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.web.forms import Form


class CheckForm(Form):
    decision = forms.ChoiceField(
        label=_("What do you decide?"),
        choices=[("take", _("Import it as drafts")), ("leave", _("Leave it out"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("If it is left out, say why. The sender does not see it."),
    )  # fmt: skip
