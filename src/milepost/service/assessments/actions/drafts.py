"""Starting a version, answering its questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.assessments import policies
from milepost.service.assessments.actions.base import change, hands, log_change
from milepost.service.assessments.models import IN_FORCE, Answer, Assessment
from milepost.service.assessments.prefill import copied, prefilled
from milepost.service.assessments.standing import standing
from milepost.service.assessments.vocabulary import section
from milepost.service.kit.refusals import Refused
from milepost.service.people.models import Person

Reason = Assessment.Reason


@transaction.atomic
def start(
    *, by: User, person: Person, assessed_on: dt.date, reason: str = Reason.REVIEW, why: str = ""
) -> Assessment:
    """A new version. What records and the version in force say is filled in, for ``by`` to confirm.

    A correction takes over every answer of the version in force as it was: only what is wrong is to be changed.

    Raises:
        Refused: one is being written already, or there is nothing to correct.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    policies.check_can_start(person, by)
    if assessed_on > clock.now_utc().date() + dt.timedelta(days=1):
        raise Refused({"assessed_on": _("The date of the assessment is in the future.")})
    versions = list(Assessment.objects.filter(person=person).order_by("number"))
    in_force = next((version for version in versions if version.state in IN_FORCE), None)
    if reason == Reason.CORRECTION and in_force is None:
        raise Refused(_("There is no signed assessment to correct."))
    made = Assessment.objects.create(
        person=person, number=versions[-1].number + 1 if versions else 1, assessed_on=assessed_on,
        reason=reason if in_force else Reason.FIRST, why=why.strip(), supersedes=in_force, made_by=by,
        made_utc=clock.now_utc(), hands=[by.pk],
    )  # fmt: skip
    if reason == Reason.CORRECTION and in_force is not None:
        answers = copied(in_force, made)
    else:
        answers = prefilled(made, in_force)
    Answer.objects.bulk_create(answers)
    log_change(
        by, person, "assessment.start", assessment=made.pk, number=made.number, reason=made.reason,
        filled_in=len(answers),
    )  # fmt: skip
    return made


@dataclass(frozen=True, slots=True)
class Given:
    """What was said to one question: a value as it is stored, or that it is not known; and if it was looked at."""

    value: Any = None
    unknown: bool = False
    confirmed: bool = True


def answer(
    *,
    by: User,
    assessment: Assessment,
    revision: int,
    section_key: str,
    given: Mapping[str, Given],
    source: str,
    as_of: dt.date,
    source_name: str = "",
    note: str = "",
) -> int:
    """Writes what changed of one section, and confirms what was looked at; returns how many answers that is.

    ``source``, ``as_of`` and ``note`` are of the answers that are new or different. A question that is not in
    ``given`` stays as it is.

    Raises:
        Refused: it is no draft, or somebody has changed it since ``revision``.
    """
    policies.check_can_edit(assessment, by)
    known = {question.key for question in section(section_key).questions}
    if unknown := set(given) - known:
        raise ValueError(f"not questions of {section_key}: {sorted(unknown)}")
    before = {a.question: a for a in assessment.answers.filter(question__in=known)}
    now = clock.now_utc()
    new, changed = [], []
    for key, said in given.items():
        old = before.get(key)
        if old is not None and (old.value, old.unknown) == (said.value, said.unknown):
            if said.confirmed and not old.confirmed:
                old.confirmed, old.by, old.at_utc = True, by, now
                changed.append(old)
            continue
        fields = {
            "value": said.value, "unknown": said.unknown, "source": source, "source_name": source_name.strip(),
            "as_of": as_of, "note": note.strip(), "confirmed": True, "by": by, "at_utc": now,
        }  # fmt: skip
        if old is None:
            new.append(Answer(assessment=assessment, question=key, **fields))
        else:
            for name, value in fields.items():
                setattr(old, name, value)
            changed.append(old)
    if not new and not changed:
        return 0
    with transaction.atomic():
        change(assessment, revision, hands=hands(assessment, by))
        Answer.objects.bulk_create(new)
        Answer.objects.bulk_update(
            changed,
            ["value", "unknown", "source", "source_name", "as_of", "note", "confirmed", "by", "at_utc"],
        )
        log_change(
            by, assessment.person, "assessment.answers", assessment=assessment.pk, section=section_key,
            questions=sorted(a.question for a in (*new, *changed)),
        )  # fmt: skip
    return len(new) + len(changed)


def confirm(*, by: User, assessment: Assessment, revision: int, section_key: str) -> int:
    """Confirms all that waits in one section, as it was shown: each answer is confirmed by ``by``, now.

    Values, sources and days stay as they are: nothing was changed. Returns how many answers that is.

    Raises:
        Refused: it is no draft, or somebody has changed it since ``revision``, so that something else stands there.
    """
    policies.check_can_edit(assessment, by)
    waiting = standing(assessment, section(section_key), assessment.answers.all()).questions
    if not waiting:
        return 0
    with transaction.atomic():
        change(assessment, revision, hands=hands(assessment, by))
        assessment.answers.filter(question__in=waiting, confirmed=False).update(
            confirmed=True, by=by, at_utc=clock.now_utc()
        )
        log_change(
            by, assessment.person, "assessment.section_confirmed", assessment=assessment.pk, section=section_key,
            questions=sorted(waiting),
        )  # fmt: skip
    return len(waiting)
