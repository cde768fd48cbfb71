"""A time that an order itself lifts a duty for: written in its document, often by the system it was imported from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.orders.forms.moments import (
    ConditionSpanForm,
    PlausibleYear,
    span_initial,
    time_field,
)
from milepost.service.orders.policy_data import read_reasons
from milepost.service.orders.summary import ABSENCE_WORDS
from milepost.service.web.forms import DateField

YEAR = [PlausibleYear()]
Part = dict[str, Any]


class ExceptionForm(ConditionSpanForm):
    """``before``: the exception as it stands in the document. What has no field here stays as it is."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=list(ABSENCE_WORDS.items()), widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(label=_("Why?"), required=False)
    from_date = DateField(label=_("First day"), validators=YEAR)
    from_time = time_field(_("Time on the first day"), hint=_("Leave it empty for the start of the day"))
    until_date = DateField(label=_("Last day"), validators=YEAR)
    until_time = time_field(_("Time on the last day"), hint=_("Leave it empty for the end of the day"))

    def __init__(self, *args: Any, before: Part, timezone: str, **kwargs: Any) -> None:
        self.before, self.timezone = before, timezone
        initial = {
            **span_initial(before, timezone),
            "kind": before.get("kind", "authorised_absence"),
            "reason": before.get("reason"),
        }
        super().__init__(*args, initial=initial, **kwargs)
        known = [(code, str(reason)) for code, reason in read_reasons().items()]
        given = before.get("reason")
        if given and given not in dict(known):  # of the system it came from: it can be kept
            known.append((given, given.replace("_", " ")))
        self.fields["reason"].choices = [("", _("Not said")), *known]  # type: ignore[attr-defined]

    def changed(self) -> Part:
        """The exception as it is now."""
        part = {**self.before, **self.span(), "kind": self.cleaned_data["kind"]}
        part.pop("reason", None)
        if self.cleaned_data["reason"]:
            part["reason"] = self.cleaned_data["reason"]
        return part
