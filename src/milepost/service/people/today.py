"""Reasons for today's list: records that somebody outside the team opened, and news: notes, allocations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.audit.models import Entry
from milepost.service.people.models import ExceptionalAccess, Note, Person
from milepost.service.people.policy_data import review_within
from milepost.service.people.reasons import PersonReason, TodayQuery, address, change, not_own
from milepost.supervision.today import Reason
from milepost.times import from_us


def to_review(query: TodayQuery) -> Iterator[PersonReason]:
    """Records of the team that somebody outside it opened with a reason, and that nobody has reviewed."""
    user = query.waits_for
    if user is None or not user.may(Permission.ALLOCATE_PEOPLE):
        return
    rows = ExceptionalAccess.objects.filter(
        reviewed_utc=None, person__in=Person.objects.visible_to(user)
    ).exclude(user=user)
    for access in rows.select_related("person__practitioner", "person__team", "user"):
        yield PersonReason(
            access.person,
            Reason(
                kind="exceptional_access",
                key=f"access-{access.pk}",
                text="exceptional_access",
                link=address("people:access-review", access.person, pk=access.pk),
                source=f"exceptional access {access.pk}",
                due_utc=access.at_utc + review_within(),
                since_utc=access.at_utc,
                facts={"by": access.user.name},
                state=str(access.until_utc),
            ),
        )


def notes(query: TodayQuery) -> Iterator[PersonReason]:
    rows = Note.objects.filter(
        person_id__in=query.ids, at_utc__gte=query.since_utc, at_utc__lte=query.now_utc
    )
    for note in not_own(rows.defer("text").select_related("by"), "by", query):
        person = query.people[note.person_id]
        link = address("person_page:notes", person, reference=person.reference)
        yield change(person, f"note-{note.pk}", "change_note", link, note.at_utc, note.by.name)


def allocated(query: TodayQuery) -> Iterator[PersonReason]:
    """The record keeps who supervises now; only the log knows since when."""
    people = {person.reference: person for person in query.people.values()}
    entries = Entry.objects.filter(subject__in=people, what="person.allocate", at_us__gte=query.since_us)
    rows: Any = entries.order_by("number").values_list("subject", "number", "actor", "at_us")
    newest = {reference: rest for reference, *rest in rows}
    own = query.since_by.audit_name if query.since_by else None
    for reference, (number, actor, at_us) in newest.items():
        if actor != own:
            person = people[reference]
            link = address("person_page:overview", person, reference=reference)
            text = "change_allocated" if person.practitioner_id else "change_unallocated"
            to = person.practitioner.name if person.practitioner else ""
            yield change(person, f"entry-{number}", text, link, from_us(at_us), "", to=to)


def done(user: User, since_utc: dt.datetime) -> list[tuple[int, str]]:
    """What somebody did since then: number and words."""
    n = Note.objects.filter(by=user, at_utc__gte=since_utc).count()
    return [(n, ngettext("%(n)d note", "%(n)d notes", n))]


SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "exceptional_access": lambda f: _("%(name)s opened the record from outside the team") % {"name": f["by"]},
    "change_note": lambda f: _("%(name)s wrote a note, %(when)s") % {"name": f["by"], "when": f["at"]},
    "change_allocated": lambda f: _("Allocated to %(name)s, %(when)s") % {"name": f["to"], "when": f["at"]},
    "change_unallocated": lambda f: _("Unallocated since %(when)s") % {"when": f["at"]},
}
NEXT_STEPS = {
    "exceptional_access": lazy("Review the reason"),
    "change_note": lazy("Read the note"),
    "change_allocated": lazy("Open the record"),
    "change_unallocated": lazy("Open the record"),
}
