"""Deciding an incident, deciding it again, and keeping a decision after later signals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.events import announce
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import policies
from milepost.service.monitoring.actions.absences import lift, make_absence
from milepost.service.monitoring.actions.base import (
    locked,
    record,
    standing_decision,
    waiting_decision,
)
from milepost.service.monitoring.models import Decision, Finding, Incident, IncidentEvent
from milepost.service.monitoring.policy_data import DecisionRule, decision_policy, reasons
from milepost.service.monitoring.so_far import put_on_record
from milepost.service.monitoring.states import DECISION_LIFE, Step, after
from milepost.service.orders.models import Absence


@dataclass(frozen=True, slots=True)
class AbsenceTime:
    """For which time an absence is authorised. Aware datetimes, half-open."""

    from_utc: dt.datetime
    until_utc: dt.datetime


@transaction.atomic
def decide(
    *,
    incident: Incident,
    revision: int,
    by: User,
    kind: str,
    reason_code: str,
    explanation: str = "",
    evidence: str = "",
    asked_in_advance: bool | None = None,
    absence: AbsenceTime | None = None,
) -> Decision:
    """Decides the incident as it was at ``revision``, on its current findings.

    The decision stands at once, or waits for a second person where decision_policy.toml asks for one. A decision
    that stood before is kept and marked as replaced, once the new one stands.

    Raises:
        Changed: the incident has another revision by now; of two who decide at once, one is told.
        Refused: it may not be decided now, or something that the data files ask for is missing.
    """
    incident = locked(incident)
    waiting = waiting_decision(incident)
    policies.check_unchanged(incident, revision)
    policies.check_can_decide(incident, by, waiting is not None)
    findings = put_on_record(incident)
    rule, reason = decision_policy().of(kind), reasons().named(reason_code)
    missing = policies.complaints(
        rule, reason, kinds={f.kind for f in findings}, explanation=explanation, evidence=evidence,
        asked_in_advance=asked_in_advance,
    )  # fmt: skip
    if missing:
        raise Refused(" ".join(missing.values()))
    needs_second = rule.needs_second(sum(f.seconds for f in findings) / 60)
    made = None
    if rule.makes_absence:
        made = _absence(incident, findings, rule, absence, by, reason_code, evidence, needs_second)
    standing = standing_decision(incident)
    if standing is not None and not needs_second:
        put_aside(standing, incident, by)
    decision = Decision.objects.create(
        incident=incident,
        kind=kind,
        state=Decision.State.WAITING if needs_second else Decision.State.STANDS,
        reason_code=reason_code,
        explanation=explanation,
        evidence=evidence,
        asked_in_advance=asked_in_advance,
        counts_toward_total=rule.counts_toward_total,
        needs_second=needs_second,
        incident_revision=revision,
        finding_ids=[f.finding_id for f in findings],
        rule_tables=sorted({f.row["rule_table"] for f in findings}),
        by=by,
        at_utc=clock.now_utc(),
        replaces=standing,
        absence=made,
    )
    step = Step.DECIDE_WITH_SECOND if needs_second else Step.DECIDE
    state = after(incident.state, step) or after(incident.state, Step.DECIDE_AGAIN)
    if state is None:
        raise Refused(_("This alert cannot be decided now."))
    incident.state = state
    incident.superseded_since_decision = False
    incident.claimed_by, incident.claimed_utc = by, clock.now_utc()
    record(
        incident, by=by, what="incident.decide",
        details={
            "decision": decision.pk, "kind": kind, "reason": reason_code, "findings": decision.finding_ids,
            "waits_for_second": needs_second, "replaces": standing.pk if standing else None,
        },
    )  # fmt: skip
    announce_decision(decision)
    return decision


def announce_decision(decision: Decision) -> None:
    """Announces a decision that stands; one that waits is only a change of the incident."""
    body = {"incident": decision.incident_id, "decision": decision.pk, "kind": decision.kind}
    if decision.state == Decision.State.STANDS:
        announce("incident.decided", body | {"counts_toward_total": decision.counts_toward_total})
    else:
        announce("incident.changed", body | {"waits_for_second": decision.state == Decision.State.WAITING})


def put_aside(standing: Decision, incident: Incident, by: User) -> None:
    """The decision that stood is replaced. It stays on record; an absence it made no longer holds."""
    Decision.objects.filter(pk=standing.pk).update(state=DECISION_LIFE.change(Step.DECIDE_AGAIN).goes_to)
    if standing.absence is not None:
        lift(standing.absence, by=by)


def _absence(
    incident: Incident, findings: list[Finding], rule: DecisionRule, time: AbsenceTime | None, by: User,
    reason_code: str, evidence: str, waits: bool,
) -> Absence:  # fmt: skip
    if time is None or time.until_utc <= time.from_utc:
        raise Refused(_("Say from when until when the absence is authorised. It ends after it begins."))
    if time.until_utc - time.from_utc > dt.timedelta(hours=rule.longest_absence_hours):
        raise Refused(
            _(
                "An absence may be authorised here for %(hours)d hours at most. Enter a longer one in the order."
            )
            % {"hours": rule.longest_absence_hours}
        )
    return make_absence(
        incident.person, findings, from_utc=time.from_utc, until_utc=time.until_utc, by=by,
        reason_code=reason_code, evidence=evidence, waits_for_second=waits,
    )  # fmt: skip


@transaction.atomic
def keep_decision(*, incident: Incident, revision: int, by: User, text: str = "") -> Incident:
    """Somebody looked at what later signals changed, and the decision still stands."""
    incident = locked(incident)
    policies.check_unchanged(incident, revision)
    standing = standing_decision(incident)
    policies.check_can_keep(incident, by, standing)
    incident.superseded_since_decision = False
    found = [f.finding_id for f in put_on_record(incident)]
    details = {"decision": standing.pk if standing else None, "findings": found}
    record(
        incident, by=by, what="incident.keep_decision", kind=IncidentEvent.Kind.STILL_STANDS, text=text,
        details=details,
    )  # fmt: skip
    return incident
