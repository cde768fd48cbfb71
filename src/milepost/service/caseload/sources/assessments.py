"""Assessments: due or overdue, contested, waiting for the user's countersignature."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.accounts.roles import Permission
from milepost.service.assessments import read
from milepost.service.caseload.asked import Asked, Found, address, end_of
from milepost.service.kit.local_days import today
from milepost.supervision.today import Reason


def due_or_contested(asked: Asked) -> Iterator[Found]:
    for due in read.due(asked.viewer, today(), among=asked.ids):
        yield _due(asked, due)
    everybody = asked.waits_for is not None and asked.waits_for.may(Permission.COUNTERSIGN_ASSESSMENTS)
    for contest in read.open_contests(asked.viewer):
        if everybody or contest.person_id in asked.people:
            person = asked.people.get(contest.person_id, contest.person)
            own = contest.assessment.signed_by_id == asked.viewer.pk
            yield Found(
                person,
                Reason(
                    kind="contest",
                    key=f"contest-{contest.pk}",
                    text="contest_of_own" if own else "contest",
                    link=address("assessments:contest", person, pk=contest.pk),
                    source=f"contest {contest.pk}",
                    due_utc=end_of(contest.due),
                    since_utc=contest.at_utc,
                    facts={"day": contest.due},
                    state=contest.state,
                ),
            )


def _due(asked: Asked, due: read.Due) -> Found:
    person = asked.people[due.person.pk]
    return Found(
        person,
        Reason(
            kind="assessment_due",
            key=due.kind,
            text=f"assessment_{due.kind}",
            link=address("assessments:of-person", person, reference=person.reference),
            source=f"assessment {due.assessment_id or 'none yet'}",
            due_utc=end_of(due.due),
            facts={"day": due.due, "because": due.because},
            state=f"{due.assessment_id} {due.due}",
        ),
    )


def to_countersign(asked: Asked) -> Iterator[Found]:
    if asked.waits_for is None:
        return
    for waiting in read.awaiting_countersign(asked.waits_for):
        override = waiting.override
        key = f"override-{override.pk}" if override else f"assessment-{waiting.assessment.pk}"
        yield Found(
            waiting.person,
            Reason(
                kind="countersign",
                key=key,
                text="countersign_override" if override else "countersign",
                link=_second(waiting),
                source=key.replace("-", " "),
                since_utc=waiting.at_utc,
                facts={"by": waiting.by.name if waiting.by else ""},
                state=str(waiting.assessment.revision),
            ),
        )


def _second(waiting: read.Waiting) -> str:
    if waiting.override:
        return address("assessments:override-second", waiting.person, pk=waiting.override.pk)
    return address("assessments:version", waiting.person, pk=waiting.assessment.pk)
