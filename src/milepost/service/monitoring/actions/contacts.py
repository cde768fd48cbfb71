"""What was done about an incident short of deciding it: seen, called, noted."""

from __future__ import annotations

from django.db import transaction

from milepost.service.accounts.models import User
from milepost.service.monitoring import policies
from milepost.service.monitoring.actions.base import locked, record
from milepost.service.monitoring.actions.call_backs import end, set_call_back
from milepost.service.monitoring.models import Incident, IncidentEvent
from milepost.service.monitoring.policy_data import contact_codes
from milepost.service.monitoring.states import Step


@transaction.atomic
def acknowledge(*, incident: Incident, by: User) -> Incident:
    """Somebody has seen it. Says nothing of what will be done."""
    incident = locked(incident)
    policies.check_can_work(by)
    record(incident, by=by, what="incident.acknowledge", kind=IncidentEvent.Kind.ACKNOWLEDGED)
    return incident


@transaction.atomic
def record_contact(
    *,
    incident: Incident,
    by: User,
    channel: str,
    outcome: str,
    text: str = "",
    contact: int | None = None,
    call_again_us: int | None = None,
) -> Incident:
    """An attempt to reach the person. ``contact``: the number of the contact detail that was used. A call-back that
    waits is over with it. ``call_again_us``: when to call again, microseconds UTC.

    Raises ValueError: channel or outcome is not in contact_codes.toml.
    """
    codes = contact_codes()
    if channel not in {c.code for c in codes.channel} or outcome not in {o.code for o in codes.outcome}:
        raise ValueError("channel and outcome come from contact_codes.toml")
    incident = locked(incident)
    policies.check_can_work(by)
    end(incident, Step.CALL, by)
    record(
        incident, by=by, what="incident.contact", kind=IncidentEvent.Kind.CONTACT,
        details={"channel": channel, "outcome": outcome} | ({"contact": contact} if contact else {}),
        channel=channel, outcome=outcome, text=text,
    )  # fmt: skip
    if call_again_us is not None:
        set_call_back(incident=incident, due_us=call_again_us, by=by)
    return incident


@transaction.atomic
def add_note(*, incident: Incident, by: User, text: str) -> Incident:
    incident = locked(incident)
    policies.check_can_work(by)
    record(incident, by=by, what="incident.note", kind=IncidentEvent.Kind.NOTE, text=text)
    return incident
