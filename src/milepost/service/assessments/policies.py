"""In which state what may be done, in pairs: ``check_can_x`` raises `Refused` with the reason, ``can_x`` answers.

Whether the user's role includes it is asked here too: an action is safe whoever calls it. Whether the user may see
the person is asked by ``visible_to``.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.assessments.models import (
    IN_FORCE,
    OPEN,
    Assessment,
    AssessmentState,
    Contest,
    Override,
)
from milepost.service.assessments.policy_data import policy
from milepost.service.assessments.states import CONTEST_LIFE, EDITABLE, LIFE, OVERRIDE_LIFE
from milepost.service.kit.refusals import Refused, answers, need
from milepost.service.kit.states import check_step
from milepost.service.people.models import Person

S = AssessmentState
SHOWS_SCORES = (S.JUDGED, S.AWAITING, S.SIGNED, S.COUNTERSIGNED, S.SUPERSEDED)


def check_can_start(person: Person, user: User) -> None:
    need(user, Permission.WRITE_ASSESSMENTS)
    if person.erased_utc is not None:
        raise Refused(_("This record has been erased. Nothing can be written in it."))
    if Assessment.objects.filter(person=person, state__in=OPEN).exists():
        raise Refused(
            _("An assessment of this person is being written already. Finish it or discard it first.")
        )


def check_can_edit(assessment: Assessment, user: User) -> None:
    need(user, Permission.WRITE_ASSESSMENTS)
    if assessment.state not in EDITABLE:
        raise Refused(
            _("This version is signed or closed, so it cannot be changed. A correction is a new version.")
        )


def check_can_judge(assessment: Assessment, user: User) -> None:
    """Also once more, after the scores were seen: the record says so."""
    check_can_edit(assessment, user)


def check_may_see_scores(assessment: Assessment, user: User) -> None:
    """Nobody sees a score of a version before somebody has judged for themselves."""
    need(user, Permission.VIEW_ASSESSMENTS)
    if assessment.state not in SHOWS_SCORES:
        raise Refused(
            _("Record your own judgement of the risk of serious harm first. The scores are shown after that, "
              "so that they do not make up your mind for you.")
        )  # fmt: skip


def check_can_sign(
    assessment: Assessment, user: User, *, open_questions: int = 0, unconfirmed: int = 0, errors: int = 0
) -> None:
    check_step(LIFE, "sign", assessment.state, user)
    if errors:
        raise Refused(_("Some answers cannot be right. The task list says which, and what to do."))
    if unconfirmed:
        raise Refused(
            _("Some answers that were filled in for you are not confirmed yet. Look at them first.")
        )
    if open_questions:
        raise Refused(
            _("Some questions that the scores need are open. Answer them, or say that it is not known.")
        )


def check_can_take_back(assessment: Assessment, user: User) -> None:
    check_step(LIFE, "take_back", assessment.state, user)
    if not wrote_in(assessment, user):
        raise Refused(_("Only somebody who wrote in it can take it back."))


def wrote_in(assessment: Assessment, user: User) -> bool:
    return user.pk in (assessment.made_by_id, assessment.signed_by_id) or user.pk in assessment.hands


def check_can_countersign(assessment: Assessment, user: User) -> None:
    """Countersign or send back: a second person, never one whose words are in it."""
    check_step(LIFE, "countersign", assessment.state, user)
    if wrote_in(assessment, user):
        raise Refused(_("You wrote in this version, so somebody else must countersign it."))


def check_can_discard(assessment: Assessment, user: User) -> None:
    check_step(LIFE, "discard", assessment.state, user)


def check_can_override(assessment: Assessment, user: User, target: str | None = None) -> None:
    need(user, Permission.WRITE_ASSESSMENTS)
    if assessment.state not in IN_FORCE:
        raise Refused(_("Only the version in force can be overridden: sign it first."))
    standing = (Override.State.WAITING, Override.State.STANDS)
    if target and Override.objects.filter(assessment=assessment, target=target, state__in=standing).exists():
        raise Refused({"target": _("It is overridden already. Withdraw that override first.")})


def check_can_withdraw_override(override: Override, user: User) -> None:
    check_step(OVERRIDE_LIFE, "withdraw", override.state, user, _("This override has ended already."))
    if override.assessment.state not in IN_FORCE:
        raise Refused(_("Its version has been superseded, so the override has no effect any more."))


def check_can_second_override(override: Override, user: User) -> None:
    waits_not = _("This override does not wait for a second person.")
    check_step(OVERRIDE_LIFE, "agree", override.state, user, waits_not)
    if override.by_id == user.pk:
        raise Refused(_("You made this override, so somebody else must look at it."))


def check_can_bring_forward(assessment: Assessment, user: User) -> None:
    need(user, Permission.WRITE_ASSESSMENTS)
    if assessment.state not in IN_FORCE:
        raise Refused(_("Only the version in force has a date by which the next one is due."))


def check_can_contest(assessment: Assessment, user: User) -> None:
    need(user, Permission.WRITE_ASSESSMENTS)
    if assessment.state not in (*IN_FORCE, S.SUPERSEDED):
        raise Refused(_("Only a signed assessment can be challenged. This one is still being written."))


def check_can_look(contest: Contest, user: User) -> None:
    """Take a contest up: by somebody who did not sign what is contested."""
    check_step(CONTEST_LIFE, "look", contest.state, user, _("This challenge has already been answered."))
    others = policy().contest.answered_by_somebody_else
    if others and user.pk in (contest.assessment.signed_by_id, contest.assessment.countersigned_by_id):
        raise Refused(
            _("You signed the assessment that is challenged, so somebody else must look at it and answer.")
        )


def check_can_answer(contest: Contest, user: User, state: str = "") -> None:
    check_can_look(contest, user)
    corrected = contest.correction is not None and contest.correction.state in IN_FORCE
    if state in (Contest.State.CORRECTED, Contest.State.PARTLY) and not corrected:
        raise Refused({"state": _("Write and sign the correction first, then say that it is corrected.")})


can_start = answers(check_can_start)
can_edit = answers(check_can_edit)
can_judge = answers(check_can_judge)
may_see_scores = answers(check_may_see_scores)
can_sign = answers(check_can_sign)
can_take_back = answers(check_can_take_back)
can_countersign = answers(check_can_countersign)
can_discard = answers(check_can_discard)
can_override = answers(check_can_override)
can_withdraw_override = answers(check_can_withdraw_override)
can_second_override = answers(check_can_second_override)
can_bring_forward = answers(check_can_bring_forward)
can_contest = answers(check_can_contest)
can_look = answers(check_can_look)
can_answer = answers(check_can_answer)
