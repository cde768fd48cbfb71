"""Who has an incident in hand: claim it, release it, hand it over."""

from __future__ import annotations

from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.monitoring import policies
from milepost.service.monitoring.actions.base import locked, record
from milepost.service.monitoring.models import Incident, IncidentEvent, IncidentState
from milepost.service.people.models import Person


@transaction.atomic
def claim(*, incident: Incident, by: User) -> Incident:
    """Raises Refused: somebody has it, or it is decided. Of two who claim at once, one is told."""
    incident = locked(incident)
    policies.check_can_claim(incident, by)
    incident.state = IncidentState.CLAIMED
    incident.claimed_by, incident.claimed_utc = by, clock.now_utc()
    record(incident, by=by, what="incident.claim", kind=IncidentEvent.Kind.CLAIMED)
    return incident


@transaction.atomic
def release(*, incident: Incident, by: User) -> Incident:
    incident = locked(incident)
    policies.check_can_release(incident, by)
    incident.state = IncidentState.OPEN
    incident.claimed_by = incident.claimed_utc = None
    record(incident, by=by, what="incident.release", kind=IncidentEvent.Kind.RELEASED)
    return incident


@transaction.atomic
def hand_over(*, incident: Incident, to: User, by: User, note: str = "") -> Incident:
    """Gives it to somebody who may decide it; ``to=by`` takes it over from whoever left it."""
    incident = locked(incident)
    sees = Person.objects.visible_to(to).filter(pk=incident.person_id).exists()
    policies.check_can_hand_over(incident, by, to, sees)
    before = incident.claimed_by_id
    incident.state = IncidentState.CLAIMED
    incident.claimed_by, incident.claimed_utc = to, clock.now_utc()
    record(
        incident, by=by, what="incident.hand_over", kind=IncidentEvent.Kind.HANDED_OVER, text=note,
        details={"from": before, "to": to.pk},
    )  # fmt: skip
    return incident
