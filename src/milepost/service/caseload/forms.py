"""What is asked when something is put off, and when working hours are set."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milepost.service.caseload.policy_data import Until, put_off_reasons
from milepost.service.caseload.words import until_words
from milepost.service.orders.forms.moments import PlausibleYear
from milepost.service.web.forms import DatePickerField, Form

HOURS_AT_MOST = 99


class PutOffForm(Form):
    """``offered`` is what policy and the reason's own time allow: choice and its end, UTC."""

    until = forms.ChoiceField(label=gettext_lazy("Until when?"), widget=forms.RadioSelect)
    why_code = forms.ChoiceField(label=gettext_lazy("Why?"), widget=forms.RadioSelect)
    why = forms.CharField(
        label=gettext_lazy("In a few words"),
        help_text=gettext_lazy("Needed for “Something else”. Your senior can read it."),
        max_length=300,
        required=False,
    )

    def __init__(
        self, *args: Any, offered: list[tuple[Until, dt.datetime]], now_utc: dt.datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.ends = {choice.code: end for choice, end in offered}
        self.fields["until"].choices = [  # type: ignore[attr-defined]
            (
                choice.code,
                _("%(choice)s (%(until)s)") % {"choice": choice, "until": until_words(end, now_utc)},
            )
            for choice, end in offered
        ]
        self.fields["why_code"].choices = [(why.code, str(why)) for why in put_off_reasons()]  # type: ignore[attr-defined]

    def until_utc(self) -> dt.datetime:
        return self.ends[self.cleaned_data["until"]]


class HoursForm(Form):
    hours = forms.DecimalField(
        label=gettext_lazy("Contracted hours a week"), min_value=0, max_value=HOURS_AT_MOST, decimal_places=1,
        widget=forms.TextInput(attrs={"width": "4", "inputmode": "decimal"}),
    )  # fmt: skip
    reductions_hours = forms.DecimalField(
        label=gettext_lazy("Of these, hours not for casework"),
        help_text=gettext_lazy("Training, union work, health. 0 if there are none."),
        min_value=0, max_value=HOURS_AT_MOST, decimal_places=1,
        widget=forms.TextInput(attrs={"width": "4", "inputmode": "decimal"}),
    )  # fmt: skip
    from_date = DatePickerField(label=gettext_lazy("From which day?"), validators=[PlausibleYear()])
    why = forms.CharField(
        label=gettext_lazy("Why the hours change"),
        help_text=gettext_lazy("Do not write about somebody's health here."),
        max_length=200,
        required=False,
    )
