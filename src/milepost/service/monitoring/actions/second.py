"""The second person: a decision that policy says needs two is confirmed or refused by somebody else."""

from __future__ import annotations

from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.monitoring import policies
from milepost.service.monitoring.actions.absences import free, lift
from milepost.service.monitoring.actions.base import finding_ids, locked, record, standing_decision
from milepost.service.monitoring.actions.decisions import announce_decision, put_aside
from milepost.service.monitoring.models import Decision, Incident
from milepost.service.monitoring.states import DECISION_LIFE, Step, after


def _held(decision: Decision, by: User) -> tuple[Decision, Incident]:
    incident = locked(decision.incident)
    decision = Decision.objects.select_related("absence").get(pk=decision.pk)
    policies.check_can_second(decision, by)
    return decision, incident


def _answer(decision: Decision, incident: Incident, step: Step, by: User, note: str) -> None:
    decision.state, decision.second_by = DECISION_LIFE.change(step).goes_to, by
    decision.second_utc, decision.second_note = clock.now_utc(), note
    decision.save(update_fields=["state", "second_by", "second_utc", "second_note"])
    incident.state = after(incident.state, step) or incident.state


@transaction.atomic
def confirm(*, decision: Decision, by: User, note: str = "") -> Decision:
    """The decision stands from now on.

    Raises:
        Refused: it was answered already, or by is who made it.
        Changed: later signals changed the findings since it was made.
    """
    decision, incident = _held(decision, by)
    policies.check_same_findings(decision, set(finding_ids(incident)))
    standing = standing_decision(incident)
    if standing is not None:
        put_aside(standing, incident, by)
    _answer(decision, incident, Step.CONFIRM, by, note)
    if decision.absence is not None:
        free(decision.absence, by=by)
    details = {"decision": decision.pk, "kind": decision.kind}
    record(incident, by=by, what="decision.confirm", details=details)
    announce_decision(decision)
    return decision


@transaction.atomic
def refuse(*, decision: Decision, by: User, note: str) -> Decision:
    """The decision falls; the incident goes back to whoever made it. What stood before goes on standing."""
    decision, incident = _held(decision, by)
    _answer(decision, incident, Step.REFUSE, by, note)
    if decision.absence is not None:
        lift(decision.absence, by=by)
    standing = standing_decision(incident)
    if standing is not None and set(standing.finding_ids) != set(finding_ids(incident)):
        incident.superseded_since_decision = True
    details = {"decision": decision.pk, "kind": decision.kind}
    record(incident, by=by, what="decision.refuse", details=details)
    announce_decision(decision)
    return decision
