"""What other records say of a person, taken in; and their sex, which the published instruments read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.problems import Problem
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.assessments.actions.base import log_change
from milepost.service.assessments.models import RecordedFact
from milepost.service.assessments.records_file import Record
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.kit.refusals import Refused
from milepost.service.people.models import Characteristics, Person


@transaction.atomic
def record_sex(*, by: User, person: Person, sex: str, source: str) -> None:
    if not by.may(Permission.WRITE_ASSESSMENTS):
        raise Refused(_("Your role does not include this."))
    _write_sex(person, sex, source)
    log_change(by, person, "person.sex")


def _write_sex(person: Person, sex: str, source: str) -> None:
    Characteristics.objects.update_or_create(
        person=person, defaults={"sex": sex, "source": source[:200], "recorded_utc": clock.now_utc()}
    )


@dataclass(slots=True)
class TakenIn:
    people: int = 0
    facts: int = 0
    known: int = 0
    """Facts that were there already."""
    problems: list[Problem] = field(default_factory=list)


def take_in(
    *, by: Actor, records: Iterable[Record], source: str, as_of: dt.date, file: str = "table"
) -> TakenIn:
    """Keeps each record's facts. ``source`` and ``as_of`` are for rows that name none. The same file again adds nothing.

    A row about somebody who is not there, or whose date of birth or sex is another, is left out and named.
    """
    done = TakenIn()
    records = list(records)
    people = {
        p.reference: p
        for p in Person.objects.filter(
            reference__in={r.reference for r in records}, erased_utc=None
        ).select_related("characteristics")
    }
    for record in records:
        person = people.get(record.reference)
        wrong = _wrong(record, person, file)
        if wrong is not None or person is None:
            done.problems += [wrong] if wrong else []
            continue
        with transaction.atomic():
            _take(by, record, person, record.source or source, record.as_of or as_of, done)
    return done


def _wrong(record: Record, person: Person | None, file: str) -> Problem | None:
    if person is None:
        message, remedy = "There is nobody with this reference", "Correct it, or import the person first."
        return Problem(file, record.row, "reference", message, remedy, record.reference)
    born = record.date_of_birth
    if born is not None and person.date_of_birth is not None and born != person.date_of_birth:
        message, remedy = "The date of birth is another than on record", "Check that it is the same person."
        return Problem(file, record.row, "date_of_birth", message, remedy, born.isoformat())
    known = getattr(person, "characteristics", None)
    if record.sex and known is not None and known.sex and known.sex != record.sex:
        message, remedy = "The sex is another than on record", "Check that it is the same person."
        return Problem(file, record.row, "sex", message, remedy, record.sex)
    return None


def _take(by: Actor, record: Record, person: Person, source: str, as_of: dt.date, done: TakenIn) -> None:
    before = {
        (fact.question, fact.source, str(fact.value))
        for fact in RecordedFact.objects.filter(person=person, as_of=as_of)
    }
    new = [
        RecordedFact(
            person=person, question=key, value=value, source=source, as_of=as_of, at_utc=clock.now_utc(),
            by=by if isinstance(by, User) else None,
        )
        for key, value in record.answers.items()
        if (key, source, str(value)) not in before
    ]  # fmt: skip
    RecordedFact.objects.bulk_create(new)
    known = getattr(person, "characteristics", None)
    if record.sex and (known is None or not known.sex):
        _write_sex(person, record.sex, source)
    done.people += 1
    done.facts += len(new)
    done.known += len(record.answers) - len(new)
    if new:
        write(
            by=by, operation=Operation.COLLECTION, what="facts.import", subject=person.reference,
            details={"facts": len(new), "as_of": as_of.isoformat()},
        )  # fmt: skip
