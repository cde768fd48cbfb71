"""What is asked on the pages of quarantine and tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.signals.models import QuarantinedMessage
from milepost.service.web.forms import DateField, Form
from milepost.tracks.messages import FORMATS

State = QuarantinedMessage.State
STATES = [(State.WAITING, _("Waiting")), (State.SET_ASIDE, _("Set aside")), (State.REPLAYED, _("Replayed"))]


class FilterForm(Form):
    mark_optional = False
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    format = forms.ChoiceField(
        label=_("Format"), choices=[("", _("All formats")), *((f, f) for f in FORMATS)], required=False
    )
    device = forms.CharField(label=_("Device"), max_length=80, required=False)
    problem = forms.CharField(label=_("Words in the problem"), max_length=100, required=False)


class NoteForm(Form):
    note = forms.CharField(label=_("Why it needs nothing more"), max_length=300)


class TokenForm(Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Who will use it, such as Gateway of the north")
    )
    kind = forms.ChoiceField(
        label=_("Who is it for?"),
        choices=[("device", _("One device")), ("gateway", _("A gateway that sends for many devices"))],
        widget=forms.RadioSelect,
    )
    device_id = forms.CharField(
        label=_("Device id"), max_length=80, required=False,
        help_text=_("As the device names itself. OwnTracks: user/device"),
    )  # fmt: skip
    device_prefix = forms.CharField(
        label=_("Its device ids begin with"),
        max_length=80,
        required=False,
        help_text=_("Empty: any device, for which a reason is needed"),
    )
    why_any_device = forms.CharField(
        label=_("Why may it send for any device?"), max_length=300, required=False,
        help_text=_("Needed only if you name no beginning. Whoever has such a token can send false signals of everybody."),
    )  # fmt: skip
    expires = DateField(label=_("Last day it is good"), required=False)
    reveals = {  # noqa: RUF012
        "kind": {"device": ["device_id"], "gateway": ["device_prefix", "why_any_device"]}
    }
    optional_when_revealed = frozenset({"device_prefix", "why_any_device"})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in ("device_id", "device_prefix", "why_any_device"):
            self.cleaned_data[name] = self.cleaned_data.get(name) or ""
        return cleaned
