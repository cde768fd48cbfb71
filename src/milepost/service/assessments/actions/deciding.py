"""From draft to force: judge, sign, take back, countersign, send back, discard; and the date of the next one."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.assessments import policies, policy_data
from milepost.service.assessments.actions.base import change, hands, log_change
from milepost.service.assessments.harm import GROUPS, overall
from milepost.service.assessments.models import (
    IN_FORCE,
    Assessment,
    AssessmentState,
    Judgement,
    Override,
    Score,
    TierRecord,
)
from milepost.service.assessments.progress import progress_of
from milepost.service.assessments.states import LIFE
from milepost.service.assessments.work_out import WorkedOut, as_json, work_out
from milepost.service.kit.refusals import Refused


def judge(*, by: User, assessment: Assessment, revision: int, **fields: Any) -> Judgement:
    """Records the judgement of the risk of serious harm: a level for each of ``harm.GROUPS``, and the reasons.

    From now on the scores of this version may be seen. A judgement after that says that it came after.
    """
    policies.check_can_judge(assessment, by)
    with transaction.atomic():
        seen = assessment.state == AssessmentState.JUDGED
        change(assessment, revision, state=LIFE.change("judge").goes_to, hands=hands(assessment, by))
        made = Judgement.objects.create(assessment=assessment, by=by, after_scores=seen, **fields)
        levels = {group: fields[group] for group in GROUPS}
        log_change(
            by, assessment.person, "assessment.judge", assessment=assessment.pk, after_scores=seen, **levels
        )
    return made


def reasons_to_countersign(judgements: list[Judgement]) -> list[str]:
    """Codes of the rules by which a second person must look. ``judgements``: those of the version, in order."""
    because = []
    now = judgements[-1]
    if overall(now) in policy_data.levels_to_countersign():
        because.append("serious_harm")
    changed = now.after_scores and policy_data.policy().countersign.judgement_changed_after_scores
    if changed:
        because.append("judged_after_scores")
    return because


def sign(*, by: User, assessment: Assessment, revision: int, worked: WorkedOut | None = None) -> Assessment:
    """Freezes scores and tier. In force at once, or after a countersignature where policy asks for one.

    ``worked``: what :func:`work_out` gave, where the caller has it already.

    Raises:
        Refused: a question is open, or an answer that was filled in is not confirmed.
    """
    progress = progress_of(assessment)
    policies.check_can_sign(
        assessment, by, open_questions=progress.open_needed, unconfirmed=progress.unconfirmed,
        errors=progress.errors,
    )  # fmt: skip
    worked = worked or work_out(assessment)
    judgements = list(assessment.judgements.all())
    because = reasons_to_countersign(judgements)
    now = clock.now_utc()
    tier = worked.tier
    due = policy_data.next_due(tier.tier, assessment.assessed_on)
    with transaction.atomic():
        _let_go_before(assessment) if not because else None
        change(
            assessment, revision, state=LIFE.change("send_for_countersign" if because else "sign").goes_to,
            signed_by=by, signed_utc=now, hands=hands(assessment, by), countersign_because=because,
            decision_note="", tier_result=tier.as_dict(), next_due=due, due_because="tier",
            needs_result=[asdict(level) for level in worked.levels.values()],
        )  # fmt: skip
        Score.objects.filter(assessment=assessment, current=True).update(current=False)
        Score.objects.bulk_create(frozen(assessment, worked, now))
        if not because:
            _come_into_force(assessment)
        log_change(
            by, assessment.person, "assessment.sign", assessment=assessment.pk, tier=tier.tier,
            provisional=tier.provisional, awaits=because,
        )  # fmt: skip
    return assessment


def frozen(assessment: Assessment, worked: WorkedOut, at_utc: dt.datetime) -> list[Score]:
    """The scores as they are kept, not saved yet."""
    return [
        Score(
            assessment=assessment, instrument=key, version=result.version, data_hash=result.data_hash,
            scored=result.scored, percentage=result.percentage, band=result.band or "", result=as_json(result),
            at_utc=at_utc,
        )
        for key, result in worked.results.items()
    ]  # fmt: skip


def _let_go_before(assessment: Assessment) -> None:
    """The version in force until now is superseded, and so is what was asked about it."""
    before = list(Assessment.objects.select_for_update().filter(person=assessment.person, state__in=IN_FORCE))
    Assessment.objects.filter(pk__in=[a.pk for a in before]).update(state=AssessmentState.SUPERSEDED)
    Override.objects.filter(assessment__in=before, state=Override.State.WAITING).update(
        state=Override.State.WITHDRAWN
    )


def _come_into_force(assessment: Assessment) -> None:
    tier = assessment.tier_result
    set_tier(assessment, tier["tier"], "; ".join(tier["set_by"]) or tier["words"], tier["provisional"])


def set_tier(
    assessment: Assessment, tier: str, step: str, provisional: bool, override: Override | None = None
) -> None:
    """The person has this tier from now on. The one before stays to be read."""
    TierRecord.objects.filter(person=assessment.person, current=True).update(current=False)
    TierRecord.objects.create(
        person=assessment.person, tier=tier, step=step[:300], provisional=provisional, assessment=assessment,
        override=override, at_utc=clock.now_utc(),
    )  # fmt: skip


@transaction.atomic
def take_back(*, by: User, assessment: Assessment) -> None:
    policies.check_can_take_back(assessment, by)
    change(assessment, state=LIFE.change("take_back").goes_to, next_due=None)
    Score.objects.filter(assessment=assessment, current=True).update(current=False)
    log_change(by, assessment.person, "assessment.take_back", assessment=assessment.pk)


@transaction.atomic
def countersign(*, by: User, assessment: Assessment, note: str = "") -> None:
    """A second person agrees: the version comes into force as it was signed."""
    policies.check_can_countersign(assessment, by)
    _let_go_before(assessment)
    change(
        assessment, state=LIFE.change("countersign").goes_to, countersigned_by=by,
        countersigned_utc=clock.now_utc(), decision_note=note.strip(),
    )  # fmt: skip
    _come_into_force(assessment)
    log_change(by, assessment.person, "assessment.countersign", assessment=assessment.pk)


@transaction.atomic
def send_back(*, by: User, assessment: Assessment, note: str) -> None:
    """A second person does not agree: back to its author, with a reason. What was scored stays on record."""
    policies.check_can_countersign(assessment, by)
    if not note.strip():
        raise Refused({"note": _("Say what has to change.")})
    change(assessment, state=LIFE.change("send_back").goes_to, decision_note=note.strip(), next_due=None)
    Score.objects.filter(assessment=assessment, current=True).update(current=False)
    log_change(by, assessment.person, "assessment.send_back", assessment=assessment.pk)


@transaction.atomic
def discard(*, by: User, assessment: Assessment, revision: int | None = None) -> None:
    policies.check_can_discard(assessment, by)
    change(assessment, revision, state=LIFE.change("discard").goes_to)
    log_change(by, assessment.person, "assessment.discard", assessment=assessment.pk)


@transaction.atomic
def bring_forward(*, by: User, assessment: Assessment, event: str, happened_on: dt.date) -> None:
    """Something happened: the next assessment is due sooner, never later. ``event``: a code of the policy."""
    policies.check_can_bring_forward(assessment, by)
    found = policy_data.events().get(event)
    if found is None:
        raise Refused({"event": _("Choose what happened.")})
    due = happened_on + dt.timedelta(days=found.days)
    if assessment.next_due is not None and assessment.next_due <= due:
        raise Refused(_("The next assessment is due by then already."))
    change(assessment, next_due=due, due_because=event)
    log_change(
        by,
        assessment.person,
        "assessment.bring_forward",
        assessment=assessment.pk,
        event=event,
        due=due.isoformat(),
    )
