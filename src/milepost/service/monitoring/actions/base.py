"""What every action on an incident does: lock it, change it, write its line of history, the audit entry, the pulse."""

from __future__ import annotations

from typing import Any

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.monitoring.models import Decision, Incident, IncidentEvent
from milepost.service.monitoring.pulse import beat


def locked(incident: Incident) -> Incident:
    """The incident as it is now, held until the transaction ends. (SQLite holds the whole database instead.)"""
    rows = Incident.objects.select_for_update(of=("self",)).select_related("person")
    found: Incident = rows.get(pk=incident.pk)
    return found


def standing_decision(incident: Incident) -> Decision | None:
    return incident.decisions.filter(state=Decision.State.STANDS).first()


def waiting_decision(incident: Incident) -> Decision | None:
    return incident.decisions.filter(state=Decision.State.WAITING).first()


def finding_ids(incident: Incident) -> list[str]:
    return list(
        incident.findings.filter(current=True).order_by("start_us", "pk").values_list("finding_id", flat=True)
    )


def record(
    incident: Incident,
    *,
    by: User,
    what: str,
    kind: IncidentEvent.Kind | None = None,
    details: dict[str, Any] | None = None,
    **event: Any,
) -> IncidentEvent | None:
    """Saves the incident as a new revision and tells everybody who has to know. The last thing an action does.

    Args:
        what: for the audit log, such as "incident.claim".
        kind: of the line of history; None where a decision is the line.
        details: references and codes, for the log and the line of history.
        event: text, channel, outcome of the line: never in the log.
    """
    incident.revision += 1
    incident.changed_us = clock.now_us()
    incident.save()
    told = {"incident": incident.pk, "revision": incident.revision, **(details or {})}
    line = None
    if kind is not None:
        line = IncidentEvent.objects.create(
            incident=incident, kind=kind, by=by, at_utc=clock.now_utc(), details=details or {}, **event
        )
    write(by=by, operation=Operation.ALTERATION, what=what, subject=incident.person.reference, details=told)
    beat()
    return line
