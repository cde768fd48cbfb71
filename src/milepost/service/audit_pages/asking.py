"""What an auditor asks of the log, as a form and as a query."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.models import User
from milepost.service.accounts.picking import UserFinder
from milepost.service.audit.models import Entry, Shown
from milepost.service.audit.operations import Operation
from milepost.service.audit_pages.words import OPERATIONS
from milepost.service.kit.capabilities import audit_words
from milepost.service.kit.local_days import start_of_local_day_us
from milepost.service.web.forms import DatePickerField, Form
from milepost.service.web.lookup import LookupField, Option

FAILED_SIGN_IN = ("sign_in.failed", "sign_in.too_many")
EXCEPTIONAL = "person.exceptional_access"
PEOPLE = Q(actor__startswith="user:")
"""Entries of people who were signed in: not those of machines, nor of somebody who failed to sign in."""


class ActorFinder:
    """For ``LookupField``: an actor as the log names it, such as user:12, of a user or as it was typed."""

    def __init__(self) -> None:
        self.users = UserFinder(User.objects.all(), reverse("audit:users"))
        self.address = self.users.address

    def exact(self, text: str) -> str | None:
        return text if ":" in text or text == "nobody" else _actor(self.users.exact(text))

    def find(self, text: str) -> list[Option]:
        return self.users.find(text)

    def get(self, key: str) -> str | None:
        return _actor(self.users.get(key))

    def nothing(self, text: str) -> str:
        return _now("Nobody has an account with this name or e-mail address.")


def _actor(user: User | None) -> str | None:
    return user.audit_name if user else None


class SearchForm(Form):
    subject = forms.CharField(
        label=_("Person's reference"), max_length=80, required=False, help_text=_("Such as P000000")
    )
    user = LookupField(
        label=_("Who looked"), required=False,
        help_text=_("Name or e-mail address of a user, or an actor such as user:12 or worker:engine-1"),
    )  # fmt: skip
    by = forms.ChoiceField(
        label=_("People or machines"), required=False,
        choices=[("any", _("Any")), ("people", _("People")), ("machines", _("Machines"))],
    )  # fmt: skip
    operation = forms.ChoiceField(label=_("Operation"), required=False)
    what = forms.ChoiceField(label=_("What was done"), required=False)
    since = DatePickerField(label=_("From"), required=False)
    until = DatePickerField(label=_("Until, that day included"), required=False)

    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", _("Any"))
        self.fields["operation"].choices = [every, *OPERATIONS.items()]  # type: ignore[attr-defined]
        words = sorted(((code, str(text)) for code, text in audit_words().items()), key=lambda pair: pair[1])
        self.fields["what"].choices = [every, *words]  # type: ignore[attr-defined]
        self.fields["user"].look_in(ActorFinder())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        values = self.cleaned_data if cleaned is None else cleaned
        if values.get("since") and values.get("until") and values["since"] > values["until"]:
            self.add_error("until", _now("The last day is before the first."))
        return cleaned

    def answered(self) -> dict[str, str]:
        """The questions that were answered, as text: for addresses and for the log."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class ExportForm(Form):
    recipient = forms.CharField(label=_("Who gets the table?"), max_length=200)
    reason = forms.CharField(label=_("What is it for?"), max_length=1000, widget=forms.Textarea)


def entries(asked: dict[str, Any]) -> QuerySet[Entry]:
    """``asked``: the cleaned values of a SearchForm. The newest first."""
    rows = Entry.objects.order_by("-number")
    if reference := asked.get("subject"):
        # Two looks into an index. As one condition with OR PostgreSQL reads the whole log for somebody with few entries:
        # 1.4 s of a million.
        listed = Shown.objects.filter(reference=reference).values("entry_id")
        rows = rows.filter(
            number__in=Entry.objects.filter(subject=reference).values("number").union(listed, all=True)
        )
    for field, name in (
        ("actor", "user"),
        ("operation", "operation"),
        ("what", "what"),
    ):
        if asked.get(name):
            rows = rows.filter(**{field: asked[name]})
    if asked.get("by") in ("people", "machines"):
        rows = rows.filter(PEOPLE if asked["by"] == "people" else ~PEOPLE)
    if asked.get("since"):
        rows = rows.filter(at_us__gte=start_of_local_day_us(asked["since"]))
    if asked.get("until"):
        rows = rows.filter(at_us__lt=start_of_local_day_us(asked["until"] + dt.timedelta(days=1)))
    return rows


def exceptional() -> QuerySet[Entry]:
    """Somebody opened a record outside their reach, and said why. The newest first."""
    return Entry.objects.filter(what=EXCEPTIONAL).order_by("-number")


def denied() -> QuerySet[Entry]:
    """What was refused: views, records, failed sign-ins."""
    return Entry.objects.filter(Q(operation=Operation.DENIED) | Q(what__in=FAILED_SIGN_IN)).order_by(
        "-number"
    )
