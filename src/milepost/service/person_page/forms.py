"""What is asked before a trail is shown, and before it leaves the service."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milepost.orders.clock import local_to_us
from milepost.service.person_page.policy_data import purposes, trail_policy
from milepost.service.web.forms import DateField, Form, TimeField
from milepost.times import HOUR_US


def _when_needed() -> str:
    return _("Asked only for more than %(hours)s hours.") % {"hours": trail_policy().window_hours.value}


class TrailForm(Form):
    """Times are local. ``from_us`` and ``until_us`` are in ``cleaned_data`` when both are right."""

    purpose = forms.ChoiceField(label=gettext_lazy("What do you need it for?"), widget=forms.RadioSelect)
    purpose_text = forms.CharField(label=gettext_lazy("What for?"), required=False, max_length=300)
    from_date = DateField(label=gettext_lazy("From: date"))
    from_time = TimeField(label=gettext_lazy("From: time"), widget=forms.TextInput(attrs={"width": 5}))
    until_date = DateField(label=gettext_lazy("Until: date"))
    until_time = TimeField(label=gettext_lazy("Until: time"), widget=forms.TextInput(attrs={"width": 5}))
    why_longer = forms.CharField(
        label=gettext_lazy("Why do you need a longer time?"), help_text=lazy(_when_needed, str)(), required=False,
        max_length=300,
    )  # fmt: skip
    reveals: ClassVar = {"purpose": {"other": ["purpose_text"]}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = list(purposes().items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = self.cleaned_data if cleaned is None else cleaned
        names = ("from_date", "from_time", "until_date", "until_time")
        if any(given.get(name) is None for name in names):
            return given
        zone = settings.LOCAL_TIME_ZONE
        # A clock time that comes twice: the whole of it is meant, from its first to its last coming.
        from_us = local_to_us(dt.datetime.combine(given["from_date"], given["from_time"]), zone, "start")
        until_us = local_to_us(dt.datetime.combine(given["until_date"], given["until_time"]), zone, "end")
        hours = (until_us - from_us) / HOUR_US
        if hours <= 0:
            self.add_error("until_date", ValidationError(_("It ends before it starts. Correct the times.")))
        elif hours > trail_policy().longest_hours.value:
            self.add_error(
                "until_date",
                ValidationError(
                    _("The longest time that can be asked for is %(days)s days. Ask for less, or in parts.")
                    % {"days": trail_policy().longest_hours.value // 24}
                ),
            )
        elif (
            hours > trail_policy().window_hours.value
            and len(given.get("why_longer") or "") < trail_policy().reason_at_least.value
        ):
            self.add_error(
                "why_longer",
                ValidationError(
                    _("Say in a sentence why you need more than %(hours)s hours.")
                    % {"hours": trail_policy().window_hours.value}
                ),
            )
        return given | {"from_us": from_us, "until_us": until_us}


class ExportForm(Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[
            ("csv", gettext_lazy("CSV: a table")),
            ("gpx", gettext_lazy("GPX: for map programs")),
            ("geojson", gettext_lazy("GeoJSON: for analysis")),
        ],
        widget=forms.RadioSelect,
    )
    recipient = forms.CharField(
        label=gettext_lazy("Who will receive it?"),
        help_text=gettext_lazy("A name and an organisation."),
        max_length=200,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why do they need it?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    legal_basis = forms.CharField(
        label=gettext_lazy("Legal basis"),
        help_text=gettext_lazy("The law, order or agreement under which it may be shared."),
        max_length=300,
    )

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if len(reason) < trail_policy().reason_at_least.value:
            raise ValidationError(_("Say in a sentence why they need it."))
        return reason
