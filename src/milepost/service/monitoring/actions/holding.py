"""Who has an incident in hand: claim it, release it, hand it over, take it over."""

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
    """Gives it to somebody else who may decide it. It comes from whoever had it; from ``by`` where nobody had.

    Raises:
        Refused: it is decided, ``to`` is ``by`` or has it already, or may not decide it.
    """
    incident = locked(incident)
    sees = Person.objects.visible_to(to).filter(pk=incident.person_id).exists()
    policies.check_can_hand_over(incident, by, to, sees)
    return _pass_on(incident, incident.claimed_by or by, to, by=by, what="incident.hand_over", note=note)


@transaction.atomic
def take_over(*, incident: Incident, by: User) -> Incident:
    """Takes it from somebody else who left it. Raises Refused: nobody else has it."""
    incident = locked(incident)
    policies.check_can_take_over(incident, by)
    before = incident.claimed_by or by  # one whose holder's account is gone comes from whoever takes it
    return _pass_on(incident, before, by, by=by, what="incident.take_over")


def _pass_on(incident: Incident, giver: User, to: User, *, by: User, what: str, note: str = "") -> Incident:
    """``giver`` and ``to`` stand in the line of history and in the log; by name too: both are staff."""
    incident.state = IncidentState.CLAIMED
    incident.claimed_by, incident.claimed_utc = to, clock.now_utc()
    record(
        incident, by=by, what=what, kind=IncidentEvent.Kind.HANDED_OVER, text=note,
        details={"from": giver.pk, "from_name": giver.name, "to": to.pk, "to_name": to.name},
    )  # fmt: skip
    return incident
