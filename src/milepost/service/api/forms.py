"""Forms of tokens and webhooks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from milepost.service.accounts.models import User
from milepost.service.api.policy_data import numbers
from milepost.service.api.scopes import FACTS, scopes_of
from milepost.service.kit.capabilities import events as declared_events
from milepost.service.web.forms import Form


class TokenForm(Form):
    name = forms.CharField(
        label=_("What is the token for?"),
        max_length=100,
        help_text=_("So that you know it again, such as: weekly list"),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"), widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what the program needs."),
    )  # fmt: skip
    days = forms.TypedChoiceField(label=_("How long does it last?"), widget=forms.RadioSelect, coerce=int)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(str(s), FACTS[s][1]) for s in scopes_of(user)]  # type: ignore[attr-defined]
        choices = [(n, ngettext("%(n)s day", "%(n)s days", n) % {"n": n}) for n in numbers().tokens.days]
        self.fields["days"].choices = choices  # type: ignore[attr-defined]
        self.fields["days"].initial = numbers().tokens.days[0]


class WebhookForm(Form):
    name = forms.CharField(
        label=_("Who will receive it?"), max_length=100, help_text=_("The system or the organisation")
    )
    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("Begins with https://"), widget=forms.URLInput
    )
    events = forms.MultipleChoiceField(
        label=_("Of what?"), widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(event.name, event.words) for event in declared_events().values()],
    )  # fmt: skip
