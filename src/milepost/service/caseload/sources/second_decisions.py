"""Decisions that wait for the user as a second person."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.accounts.roles import Permission
from milepost.service.caseload.asked import Asked, Found, address
from milepost.service.caseload.policy_data import second_decision_within
from milepost.service.monitoring.models import Decision
from milepost.supervision.today import Reason


def waiting(asked: Asked) -> Iterator[Found]:
    user = asked.waits_for
    if user is None or not user.may(Permission.SECOND_DECISIONS):
        return
    rows = Decision.objects.visible_to(user).filter(state=Decision.State.WAITING).exclude(by=user)
    for decision in rows.select_related("incident__person__practitioner", "incident__person__team", "by"):
        person = decision.incident.person
        yield Found(
            person,
            Reason(
                kind="second_decision",
                key=f"decision-{decision.pk}",
                text="second_decision",
                link=address("monitoring:second-decision", person, pk=decision.pk),
                source=f"decision {decision.pk}",
                due_utc=decision.at_utc + second_decision_within(),
                since_utc=decision.at_utc,
                facts={
                    "decision": decision.kind,
                    "by": decision.by.name,
                    "finding": decision.incident.kind,
                },
                state=str(decision.pk),
            ),
        )
