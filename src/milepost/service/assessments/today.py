"""Reasons for today's list: assessments due or overdue, contested, waiting for the user's countersignature."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.assessments import read
from milepost.service.assessments.models import Assessment
from milepost.service.kit.local_days import today
from milepost.service.people.reasons import PersonReason, TodayQuery, address, end_of
from milepost.supervision.today import Reason


def due_or_contested(query: TodayQuery) -> Iterator[PersonReason]:
    for due in read.due(query.viewer, today(), among=query.ids):
        yield _due(query, due)
    everybody = query.waits_for is not None and query.waits_for.may(Permission.COUNTERSIGN_ASSESSMENTS)
    for contest in read.open_contests(query.viewer):
        if everybody or contest.person_id in query.people:
            person = query.people.get(contest.person_id, contest.person)
            own = contest.assessment.signed_by_id == query.viewer.pk
            yield PersonReason(
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


def _due(query: TodayQuery, due: read.Due) -> PersonReason:
    person = query.people[due.person.pk]
    return PersonReason(
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


def to_countersign(query: TodayQuery) -> Iterator[PersonReason]:
    if query.waits_for is None:
        return
    for waiting in read.awaiting_countersign(query.waits_for):
        override = waiting.override
        key = f"override-{override.pk}" if override else f"assessment-{waiting.assessment.pk}"
        yield PersonReason(
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


def done(user: User, since_utc: dt.datetime) -> list[tuple[int, str]]:
    """What somebody did since then: number and words."""
    n = Assessment.objects.filter(
        Q(signed_by=user, signed_utc__gte=since_utc)
        | Q(countersigned_by=user, countersigned_utc__gte=since_utc)
    ).count()
    return [(n, ngettext("%(n)d assessment signed", "%(n)d assessments signed", n))]


SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "assessment_first": lambda f: _("There is no assessment yet"),
    "assessment_next": lambda f: _("The assessment has to be done again"),
    "countersign": lambda f: _("%(name)s signed an assessment. It needs a second person") % {"name": f["by"]},
    "countersign_override": lambda f: (
        _("%(name)s overrode a score or a tier. It needs a second person") % {"name": f["by"]}
    ),
    "contest": lambda f: _("They say that their assessment is wrong, and wait for an answer"),
    "contest_of_own": lambda f: _(
        "They say that their assessment is wrong. You signed it, so somebody else should answer"
    ),
}
NEXT_STEPS = {
    "assessment_first": lazy("Start the assessment"),
    "assessment_next": lazy("Start the reassessment"),
    "countersign": lazy("Read and countersign"),
    "countersign_override": lazy("Read and countersign"),
    "contest": lazy("Answer it"),
    "contest_of_own": lazy("See what they say"),
}
