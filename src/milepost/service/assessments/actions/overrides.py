"""Overrides: a person sets a band or the tier otherwise, says why, and where policy asks, a second person agrees."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.assessments import policies, policy_data
from milepost.service.assessments.actions.base import change, locked, log_change
from milepost.service.assessments.actions.deciding import set_tier
from milepost.service.assessments.models import Assessment, Override
from milepost.service.assessments.states import OVERRIDE_LIFE
from milepost.service.assessments.targets import TIER, target_of
from milepost.service.kit.refusals import Refused

D, State = Override.Direction, Override.State


@transaction.atomic
def override(
    *, by: User, assessment: Assessment, target: str, to_value: str, reason_code: str, explanation: str
) -> Override:
    """Sets a band, or the tier, otherwise than was worked out. The score itself is not touched.

    Raises:
        Refused: nothing would change, the reason does not fit the direction, or too little is said.
    """
    assessment = locked(assessment)
    policies.check_can_override(assessment, by, target)
    found = target_of(assessment, target)
    if found is None:
        raise Refused({"target": _("There is no such score in this version.")})
    if to_value not in found.values:
        raise Refused({"to_value": _("Choose one of the values that it can have.")})
    if to_value == found.value:
        raise Refused({"to_value": _("It is that already.")})
    direction = D.UP if found.values.index(to_value) > found.values.index(found.value) else D.DOWN
    reason = policy_data.override_reasons().get(reason_code)
    if reason is None or direction not in reason.directions:
        raise Refused({"reason_code": _("This reason does not fit: choose one for going that way.")})
    if len(explanation.strip()) < policy_data.explanation_at_least():
        raise Refused({"explanation": _("Say in a sentence what you know that the score does not.")})
    waits = direction in policy_data.directions_to_countersign()
    made = Override.objects.create(
        person=assessment.person, assessment=assessment, target=target, from_value=found.value, to_value=to_value,
        direction=direction, reason_code=reason_code, explanation=explanation.strip(),
        state=State.WAITING if waits else State.STANDS, by=by, at_utc=clock.now_utc(), needs_second=waits,
    )  # fmt: skip
    if not waits:
        _take_effect(made)
    log_change(
        by, assessment.person, "assessment.override", override=made.pk, target=target, direction=direction,
        from_value=found.value, to_value=to_value, reason=reason_code, waits=waits,
    )  # fmt: skip
    return made


def _take_effect(made: Override) -> None:
    """The tier is the override's from now on, and so is the date of the next assessment. Bands have no such effect."""
    if made.target != TIER:
        return
    assessment = made.assessment
    set_tier(assessment, made.to_value, "override", provisional=False, override=made)
    _due_again(assessment, made.to_value)


def _due_again(assessment: Assessment, tier: str) -> None:
    due = policy_data.next_due(tier, assessment.assessed_on)
    if assessment.due_because == "tier" or assessment.next_due is None or due < assessment.next_due:
        change(assessment, next_due=due, due_because="tier")


def _locked(made: Override) -> Override:
    found: Override = (
        Override.objects.select_for_update(of=("self",)).select_related("assessment__person").get(pk=made.pk)
    )
    return found


@transaction.atomic
def agree(*, by: User, made: Override, note: str = "") -> None:
    """A second person agrees: the override stands."""
    made = _locked(made)
    policies.check_can_second_override(made, by)
    _second(made, by, "agree", note)
    _take_effect(made)
    log_change(by, made.assessment.person, "assessment.override_agree", override=made.pk)


@transaction.atomic
def refuse(*, by: User, made: Override, note: str) -> None:
    """A second person does not agree: what was worked out stays."""
    made = _locked(made)
    policies.check_can_second_override(made, by)
    if not note.strip():
        raise Refused({"note": _("Say why not.")})
    _second(made, by, "refuse", note)
    log_change(by, made.assessment.person, "assessment.override_refuse", override=made.pk)


def _second(made: Override, by: User, step: str, note: str) -> None:
    state = OVERRIDE_LIFE.change(step).goes_to
    made.state, made.second_by, made.second_utc, made.second_note = state, by, clock.now_utc(), note.strip()
    made.save(update_fields=["state", "second_by", "second_utc", "second_note"])


@transaction.atomic
def withdraw(*, by: User, made: Override) -> None:
    """Ends an override: what was worked out counts again."""
    made = _locked(made)
    policies.check_can_withdraw_override(made, by)
    stood = made.state == State.STANDS
    made.state = OVERRIDE_LIFE.change("withdraw").goes_to
    made.save(update_fields=["state"])
    if stood and made.target == TIER:
        tier = made.assessment.tier_result
        set_tier(made.assessment, tier["tier"], "; ".join(tier["set_by"]), tier["provisional"])
        _due_again(made.assessment, tier["tier"])
    log_change(by, made.assessment.person, "assessment.override_withdraw", override=made.pk)
