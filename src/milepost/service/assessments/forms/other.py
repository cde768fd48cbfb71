"""The smaller forms: start, override, second person, contest, answer, what happened, sex."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milepost.service.assessments import policy_data
from milepost.service.assessments.models import Assessment, Contest
from milepost.service.assessments.targets import Target
from milepost.service.assessments.words import DIRECTIONS, OUTCOMES, RAISED_BY, REASONS, value_in_words
from milepost.service.kit.local_days import today
from milepost.service.people.models import Characteristics
from milepost.service.web.fields import DateField
from milepost.service.web.forms import Form


def _text(label: Any, rows: int, at_most: int, *, required: bool = True, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=at_most, required=required, help_text=hint, widget=forms.Textarea(attrs={"rows": rows})
    )  # fmt: skip


def not_in_the_future(day: dt.date) -> None:
    if day > today():
        raise forms.ValidationError(_("This day is in the future."))


class StartForm(Form):
    assessed_on = DateField(
        label=gettext_lazy("Date of the assessment"),
        help_text=gettext_lazy("The scores are worked out for this day."),
    )
    why = forms.CharField(label=gettext_lazy("Why now?"), max_length=500, required=False)

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assessed_on"].initial = today()
        if not first:
            choices = [(code, words) for code, words in REASONS.items() if code != Assessment.Reason.FIRST]
            reason = forms.ChoiceField(
                label=_("What kind of assessment is it?"), choices=choices, widget=forms.RadioSelect,
                initial=Assessment.Reason.REVIEW,
            )  # fmt: skip
            self.fields = {"reason": reason, **self.fields}
            self.word_required()


class SexForm(Form):
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"),
        choices=[
            (Characteristics.Sex.FEMALE, gettext_lazy("Female")),
            (Characteristics.Sex.MALE, gettext_lazy("Male")),
        ],
        widget=forms.RadioSelect,
    )
    source = forms.CharField(label=gettext_lazy("Where is it recorded?"), max_length=200)


class SignForm(Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    read = forms.BooleanField(
        label=gettext_lazy(
            "I have read the answers, my judgement and the scores, and they are mine to explain"
        )
    )


class SecondForm(Form):
    agree = forms.ChoiceField(
        label=gettext_lazy("Do you agree?"), choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    note = _text(
        gettext_lazy("Note"), 3, 500, required=False, hint=gettext_lazy("Needed if you do not agree.")
    )


class OverrideForm(Form):
    """The choices of the value are those of every target; the action says which fit."""

    def __init__(self, *args: Any, targets: list[Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"] = forms.ChoiceField(
            label=_("What do you want to override?"), widget=forms.RadioSelect,
            choices=[
                (t.key, _("%(what)s, now %(value)s") % {"what": t.title, "value": value_in_words(t.value)})
                for t in targets
            ],
        )  # fmt: skip
        values = dict.fromkeys(value for target in targets for value in reversed(target.values))
        self.fields["to_value"] = forms.ChoiceField(
            label=_("To what?"), widget=forms.Select,
            choices=[("", _("Choose")), *((value, value_in_words(value)) for value in values)],
        )  # fmt: skip
        self.fields["reason_code"] = forms.ChoiceField(
            label=_("Why?"), widget=forms.RadioSelect,
            choices=[
                (r.code, f"{r} ({', '.join(str(DIRECTIONS[d]) for d in r.directions)})")
                for r in policy_data.override_reasons().values()
            ],
        )  # fmt: skip
        self.fields["explanation"] = _text(
            _("What do you know that the score does not?"), 5, 2000,
            hint=_("It is read by whoever comes after you, and by the person if they ask."),
        )  # fmt: skip
        self.word_required()


class EventForm(Form):
    happened_on = DateField(label=gettext_lazy("When did it happen?"), validators=[not_in_the_future])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        event = forms.ChoiceField(
            label=_("What happened?"), widget=forms.RadioSelect,
            choices=[(e.code, str(e)) for e in policy_data.events().values()],
        )  # fmt: skip
        self.fields["happened_on"].initial = today()
        self.fields = {"event": event, **self.fields}
        self.word_required()


class ContestForm(Form):
    raised_by = forms.ChoiceField(
        label=gettext_lazy("Who says that it is wrong?"),
        choices=lambda: list(RAISED_BY.items()),
        widget=forms.RadioSelect,
    )
    disputed = _text(
        gettext_lazy("What do they say is wrong?"), 5, 4000, hint=gettext_lazy("In their own words.")
    )
    evidence = _text(gettext_lazy("What did they show or tell that supports it?"), 4, 4000, required=False)
    raised_on = DateField(label=gettext_lazy("When did they say so?"), validators=[not_in_the_future])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["raised_on"].initial = today()


class AnswerForm(Form):
    state = forms.ChoiceField(
        label=gettext_lazy("What was the outcome?"),
        choices=lambda: list(OUTCOMES.items()),
        widget=forms.RadioSelect,
    )
    answer = _text(
        gettext_lazy("Your answer, for the person to read"), 6, 4000,
        hint=gettext_lazy(
            "Short sentences and everyday words. Say what you looked at, what you found, and what happens now."
        ),
    )  # fmt: skip
    hints: ClassVar = {
        "state": {
            Contest.State.CORRECTED: gettext_lazy("A corrected version is signed."),
            Contest.State.PARTLY: gettext_lazy("A corrected version is signed. Some of what they said stays as it was."),
            Contest.State.UPHELD: gettext_lazy("The assessment stays as it is."),
        }
    }  # fmt: skip
