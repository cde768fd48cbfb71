"""Many alerts that are alike and over, decided with one reason: each a decision of its own, with its own entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from milepost.service.accounts.models import User
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import policies
from milepost.service.monitoring.actions.base import locked, waiting_decision
from milepost.service.monitoring.actions.decisions import decide
from milepost.service.monitoring.models import Decision, Incident
from milepost.service.monitoring.policy_data import decision_policy


@dataclass(frozen=True, slots=True)
class Together:
    """What became of each: the decisions made, and the alerts that were not decided with the reason why."""

    decisions: tuple[Decision, ...]
    left: tuple[tuple[Incident, str], ...]


def decide_together(
    *,
    incidents: Mapping[int, int],
    by: User,
    kind: str,
    reason_code: str,
    explanation: str = "",
    evidence: str = "",
) -> Together:
    """Decides each alert as it was at the revision that was shown.

    Each has a transaction of its own: one that changed, that is still going or that somebody else has is left, and the
    others are decided all the same.

    Args:
        incidents: the alerts by number, with the revision shown of each. Those ``by`` may not see are as if not there.

    Raises:
        Refused: there are too many at once, or the kind of decision is not one for many.
    """
    together = decision_policy().together
    policies.check_may_be_many(len(incidents), kind)
    made: list[Decision] = []
    left: list[tuple[Incident, str]] = []
    seen = Incident.objects.visible_to(by).filter(pk__in=list(incidents)).select_related("person")
    for incident in seen.order_by("pk")[: together.at_most]:
        try:
            made.append(_one(incident, incidents[incident.pk], by, kind, reason_code, explanation, evidence))
        except Refused as refused:
            left.append((incident, str(refused)))
    return Together(tuple(made), tuple(left))


@transaction.atomic
def _one(
    incident: Incident, revision: int, by: User, kind: str, reason_code: str, explanation: str, evidence: str
) -> Decision:
    incident = locked(incident)
    findings = list(incident.findings.filter(current=True))
    policies.check_can_decide_together(
        incident, by, waiting_decision(incident) is not None, decision_policy().of(kind),
        {finding.kind for finding in findings}, sum(finding.seconds_so_far for finding in findings) / 60,
    )  # fmt: skip
    return decide(
        incident=incident, revision=revision, by=by, kind=kind, reason_code=reason_code, explanation=explanation,
        evidence=evidence,
    )  # fmt: skip
