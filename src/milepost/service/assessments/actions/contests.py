"""Contests: the person says that something is wrong; a person looks at it, corrects it or not, and answers in words."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.assessments import policies, policy_data
from milepost.service.assessments.actions.base import log_change
from milepost.service.assessments.actions.drafts import start
from milepost.service.assessments.models import Assessment, Contest
from milepost.service.assessments.states import CONTEST_LIFE
from milepost.service.kit.refusals import Refused


@transaction.atomic
def raise_contest(
    *, by: User, assessment: Assessment, raised_by: str, disputed: str, raised_on: dt.date, evidence: str = ""
) -> Contest:
    """Writes down what is said to be wrong, in their words. The answer is due within the days of the policy."""
    policies.check_can_contest(assessment, by)
    if not disputed.strip():
        raise Refused({"disputed": _("Enter what they say is wrong.")})
    today = clock.now_utc().date() + dt.timedelta(days=1)
    if raised_on > today:
        raise Refused({"raised_on": _("This day is in the future.")})
    made = Contest.objects.create(
        person=assessment.person, assessment=assessment, raised_by=raised_by, disputed=disputed.strip(),
        evidence=evidence.strip(), raised_on=raised_on, due=policy_data.contest_due(raised_on), by=by,
        at_utc=clock.now_utc(),
    )  # fmt: skip
    log_change(
        by, assessment.person, "assessment.contest", contest=made.pk, assessment=assessment.pk,
        raised_by=raised_by, due=made.due.isoformat(),
    )  # fmt: skip
    return made


def _locked(contest: Contest) -> Contest:
    found: Contest = (
        Contest.objects.select_for_update(of=("self",))
        .select_related("assessment__person", "correction")
        .get(pk=contest.pk)
    )
    return found


@transaction.atomic
def look(*, by: User, contest: Contest) -> Contest:
    """Somebody takes it up: the person can be told who."""
    contest = _locked(contest)
    policies.check_can_look(contest, by)
    contest.state, contest.looked_by, contest.looked_utc = (
        CONTEST_LIFE.change("look").goes_to,
        by,
        clock.now_utc(),
    )
    contest.save(update_fields=["state", "looked_by", "looked_utc"])
    log_change(by, contest.assessment.person, "assessment.contest_look", contest=contest.pk)
    return contest


@transaction.atomic
def correct(*, by: User, contest: Contest, assessed_on: dt.date) -> Assessment:
    """Begins the corrected version: every answer as it was, to change what is wrong."""
    contest = look(by=by, contest=contest)
    made = start(
        by=by, person=contest.assessment.person, assessed_on=assessed_on, reason=Assessment.Reason.CORRECTION,
        why=_("Challenge %(number)s") % {"number": contest.pk},
    )  # fmt: skip
    contest.correction = made
    contest.save(update_fields=["correction"])
    return made


@transaction.atomic
def answer_contest(*, by: User, contest: Contest, state: str, answer: str) -> None:
    """Answers in words that the person reads. "Corrected" needs a correction that is in force."""
    contest = _locked(contest)
    if state not in CONTEST_LIFE.ends:
        raise Refused({"state": _("Select the outcome.")})
    policies.check_can_answer(contest, by, state)
    if not answer.strip():
        raise Refused({"answer": _("Enter the answer that the person will read.")})
    now = clock.now_utc()
    contest.state = CONTEST_LIFE.change(f"answer_{state}").goes_to
    contest.answer, contest.answered_by, contest.answered_utc = answer.strip(), by, now
    if contest.looked_by is None:
        contest.looked_by, contest.looked_utc = by, now
    contest.save(update_fields=["state", "answer", "answered_by", "answered_utc", "looked_by", "looked_utc"])
    log_change(by, contest.assessment.person, "assessment.contest_answer", contest=contest.pk, outcome=state)
