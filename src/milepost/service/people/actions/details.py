"""Identity, contact details, risks to staff, notes."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.kit.local_days import today
from milepost.service.people import policies
from milepost.service.people.actions.base import log_change, take_revision
from milepost.service.people.models import ContactDetail, Note, Person, StaffRisk
from milepost.service.people.words import fold

IDENTITY = ("name", "also_known_as", "date_of_birth", "preferred_language", "communication_needs")


@transaction.atomic
def edit_identity(
    *,
    by: User,
    person: Person,
    revision: int,
    name: str,
    also_known_as: str,
    date_of_birth: dt.date | None,
    preferred_language: str,
    communication_needs: str,
) -> list[str]:
    """Returns the names of the fields that changed; with none, nothing is written."""
    policies.check_can_edit(person, by)
    told = dict(
        zip(
            IDENTITY,
            (name, also_known_as, date_of_birth, preferred_language, communication_needs),
            strict=True,
        )
    )
    changed = [field for field in IDENTITY if getattr(person, field) != told[field]]
    if not changed:
        return []
    take_revision(person, revision)
    for field in changed:
        setattr(person, field, told[field])
    person.search_name = fold(person.name)[:120]
    person.save(update_fields=[*changed, "search_name"])
    log_change(by, person, "person.edit", fields=changed)
    return changed


@transaction.atomic
def add_contact(
    *, by: User, person: Person, kind: str, value: str, note: str = "", preferred: bool = False
) -> ContactDetail:
    """A new preferred way to reach the person replaces the one before as preferred."""
    policies.check_can_edit(person, by)
    if preferred:
        ContactDetail.objects.filter(person=person, preferred=True).update(preferred=False)
    made = ContactDetail.objects.create(person=person, kind=kind, value=value, note=note, preferred=preferred)
    log_change(by, person, "person.contact_add", contact=made.pk, kind=kind, preferred=preferred)
    return made


@transaction.atomic
def end_contact(*, by: User, contact: ContactDetail) -> None:
    """Kept, no longer shown as a way to reach the person."""
    contact = (
        ContactDetail.objects.select_for_update(of=("self",)).select_related("person").get(pk=contact.pk)
    )
    policies.check_can_end_contact(contact, by)
    contact.ended_utc, contact.preferred = clock.now_utc(), False
    contact.save(update_fields=["ended_utc", "preferred"])
    log_change(by, contact.person, "person.contact_end", contact=contact.pk)


@transaction.atomic
def add_risk(*, by: User, person: Person, text: str, source: str, since: dt.date) -> StaffRisk:
    policies.check_can_edit(person, by)
    made = StaffRisk.objects.create(person=person, text=text, source=source, since=since, by=by)
    log_change(by, person, "person.risk_add", risk=made.pk)
    return made


@transaction.atomic
def end_risk(*, by: User, risk: StaffRisk) -> None:
    """Kept with the day it ended; no longer shown in the bar."""
    risk = StaffRisk.objects.select_for_update(of=("self",)).select_related("person").get(pk=risk.pk)
    policies.check_can_end_risk(risk, by)
    risk.ended = today()
    risk.save(update_fields=["ended"])
    log_change(by, risk.person, "person.risk_end", risk=risk.pk)


@transaction.atomic
def write_note(*, by: User, person: Person, text: str, corrects: Note | None = None) -> Note:
    """A note is never changed: a correction is a new note that names the old one."""
    policies.check_can_write_note(person, by, corrects)
    made = Note.objects.create(person=person, text=text, by=by, corrects=corrects)
    log_change(by, person, "person.note_add", note=made.pk, corrects=corrects.pk if corrects else None)
    return made
