"""What is asked when a person's record is searched or changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milepost.service.accounts.models import Team, User
from milepost.service.kit.local_days import today
from milepost.service.people.identity import LANGUAGES
from milepost.service.people.models import ContactDetail, ExceptionalAccess, Person
from milepost.service.people.policies import SUPERVISES
from milepost.service.web.forms import DateField, Form

CONTACT_WORDS = {
    ContactDetail.Kind.MOBILE: gettext_lazy("Mobile telephone"),
    ContactDetail.Kind.TELEPHONE: gettext_lazy("Telephone"),
    ContactDetail.Kind.EMAIL: gettext_lazy("E-mail"),
    ContactDetail.Kind.ADDRESS: gettext_lazy("Address"),
    ContactDetail.Kind.OTHER_PERSON: gettext_lazy("Somebody else who can be reached"),
}


class SearchForm(Form):
    """``team`` and ``practitioner`` offer only what the user may filter by; with nothing to offer they go."""

    q = forms.CharField(
        label=gettext_lazy("Name, reference, device or order"),
        help_text=gettext_lazy("Part of a name is enough, in any order: “val ad” finds Ada Vale."),
        required=False,
        max_length=120,
    )
    born = DateField(label=gettext_lazy("Date of birth"), required=False)
    team = forms.TypedChoiceField(label=gettext_lazy("Team"), required=False, coerce=int, empty_value=None)
    practitioner = forms.TypedChoiceField(
        label=gettext_lazy("Practitioner"), required=False, coerce=int, empty_value=None
    )
    on_tag = forms.BooleanField(label=gettext_lazy("On tag now"), required=False)
    mark_optional = False

    def __init__(
        self, *args: Any, teams: Iterable[Team], practitioners: Iterable[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in (("team", teams), ("practitioner", practitioners)):
            choices = [(one.pk, one.name) for one in offered]
            if choices:
                self.fields[name].choices = [("", _("Any")), *choices]  # type: ignore[attr-defined]
            else:
                del self.fields[name]


class IdentityForm(Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Full name"), max_length=120)
    also_known_as = forms.CharField(
        label=gettext_lazy("Also known as"),
        help_text=gettext_lazy("Other names, with commas between them. They are searched too."),
        required=False,
        max_length=200,
    )
    date_of_birth = DateField(label=gettext_lazy("Date of birth"), required=False)
    preferred_language = forms.ChoiceField(
        label=gettext_lazy("Preferred language"), choices=list(LANGUAGES.items())
    )
    communication_needs = forms.CharField(
        label=gettext_lazy("What helps them understand and be understood"),
        help_text=gettext_lazy("Such as an interpreter, large print, short calls."),
        required=False,
        max_length=300,
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = person.preferred_language
        if known not in LANGUAGES:  # a language that an import brought: kept, not silently replaced
            self.fields["preferred_language"].choices = [*LANGUAGES.items(), (known, known)]  # type: ignore[attr-defined]

    def clean_date_of_birth(self) -> Any:
        born = self.cleaned_data["date_of_birth"]
        if born is not None and born > today():
            raise ValidationError(_("The date of birth must be in the past"))
        return born


class ContactForm(Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=list(CONTACT_WORDS.items()), widget=forms.RadioSelect
    )
    value = forms.CharField(label=gettext_lazy("Number, address or name"), max_length=300)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Best time to call, who answers."),
        required=False,
        max_length=200,
    )
    preferred = forms.BooleanField(label=gettext_lazy("The best way to reach them"), required=False)


class RiskForm(Form):
    text = forms.CharField(
        label=gettext_lazy("What staff must know"),
        help_text=gettext_lazy("One fact and what to do: “Dog off the lead: visit in pairs.”"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    source = forms.CharField(
        label=gettext_lazy("Where this comes from"),
        help_text=gettext_lazy("Such as a police report with its date, or what an officer saw."),
        max_length=200,
    )
    since = DateField(label=gettext_lazy("Since when"))

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since > today():
            raise ValidationError(_("The date must be today or in the past"))
        return since


class NoteForm(Form):
    text = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("A note is never changed. The person may ask to read it."),
        max_length=5000,
        widget=forms.Textarea,
    )


class EndForm(Form):
    """Nothing is asked but whether."""


class RevisionForm(Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)


class AllocateForm(RevisionForm):
    to = forms.ChoiceField(
        label=gettext_lazy("Who takes this person?"),
        choices=[
            ("own", gettext_lazy("A practitioner of the team that holds the record")),
            ("nobody", gettext_lazy("Unallocated: the team holds the record")),
            ("other", gettext_lazy("Another team: its senior practitioner allocates")),
        ],
        widget=forms.RadioSelect,
    )
    practitioner = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Practitioner"), required=False, empty_label=""
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("Team"), required=False, empty_label=""
    )
    reveals: ClassVar = {"to": {"own": ["practitioner"], "other": ["team"]}}

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioner"].queryset = supervisors(person.team_id)  # type: ignore[attr-defined]
        others = Team.objects.exclude(kind=Team.Kind.PRISON)
        if person.team_id:
            others = others.exclude(pk=person.team_id)
        self.fields["team"].queryset = others.order_by("name")  # type: ignore[attr-defined]


class NamedForm(RevisionForm):
    """Who sees a restricted record: ticked from the team, others by their e-mail address."""

    named = forms.MultipleChoiceField(
        label=gettext_lazy("Of the team that holds the record"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    others = forms.CharField(
        label=gettext_lazy("Others, by e-mail address"),
        help_text=gettext_lazy("One address a line, such as a monitoring supervisor’s."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = list(supervisors(person.team_id))
        self.fields["named"].choices = [(str(user.pk), user.name) for user in self.team]  # type: ignore[attr-defined]

    def clean_others(self) -> list[User]:
        addresses = {
            line.strip().lower() for line in self.cleaned_data["others"].splitlines() if line.strip()
        }
        found = {user.email: user for user in User.objects.filter(email__in=addresses)}
        if missing := sorted(addresses - found.keys()):
            raise ValidationError(
                _("Nobody signs in as %(addresses)s. Correct the address, or take it out.")
                % {"addresses": ", ".join(missing)}
            )
        return list(found.values())

    def users(self) -> list[User]:
        ticked = set(self.cleaned_data["named"])
        chosen = {user.pk: user for user in self.team if str(user.pk) in ticked}
        return list((chosen | {user.pk: user for user in self.cleaned_data["others"]}).values())


def supervisors(team_id: int | None) -> Any:
    """Users to whom a person of this team can be allocated."""
    if team_id is None:
        return User.objects.none()
    return User.objects.filter(team_id=team_id, is_active=True, role__in=SUPERVISES).order_by("name", "pk")


class AskForm(Form):
    reason = forms.CharField(
        label=gettext_lazy("Why do you need this record?"),
        help_text=gettext_lazy(
            "The senior practitioner of the team that holds it will read this. It is kept in the log."
        ),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReviewForm(Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("Was it justified?"),
        choices=[
            (ExceptionalAccess.Outcome.IN_ORDER, gettext_lazy("Yes")),
            (ExceptionalAccess.Outcome.NOT_IN_ORDER, gettext_lazy("No: end it now, and follow it up")),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=500)
