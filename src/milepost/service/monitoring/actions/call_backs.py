"""A time to call again: set, set anew, dropped; and over once somebody has called."""

from __future__ import annotations

from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.monitoring import policies
from milepost.service.monitoring.actions.base import locked, record
from milepost.service.monitoring.models import CallBack, Incident, IncidentEvent
from milepost.service.monitoring.states import CALL_BACK_LIFE, Step


@transaction.atomic
def set_call_back(*, incident: Incident, due_us: int, by: User, why: str = "") -> CallBack:
    """Has the alert come back at ``due_us`` (microseconds UTC). A time that was set before is replaced.

    Raises:
        Refused: the time has passed, or the alert closed by itself.
    """
    incident = locked(incident)
    policies.check_can_call_back(incident, by, due_us, clock.now_us())
    end(incident, Step.SET_ANEW, by)
    made = CallBack.objects.create(incident=incident, due_us=due_us, why=why, by=by, at_utc=clock.now_utc())
    record(
        incident, by=by, what="incident.call_back", kind=IncidentEvent.Kind.CALL_BACK, text=why,
        details={"call_back": made.pk, "due_us": due_us},
    )  # fmt: skip
    return made


@transaction.atomic
def drop_call_back(*, call_back: CallBack, by: User) -> CallBack:
    """It is not needed any more. Raises Refused: it is over already."""
    incident = locked(call_back.incident)
    call_back = CallBack.objects.get(pk=call_back.pk)
    policies.check_can_drop(call_back, by)
    end(incident, Step.DROP, by)
    record(
        incident, by=by, what="incident.drop_call_back", kind=IncidentEvent.Kind.CALL_BACK_DROPPED,
        details={"call_back": call_back.pk},
    )  # fmt: skip
    return call_back


def end(incident: Incident, step: Step, by: User) -> None:
    """The one that waits, if any does, ends by this step. Inside the transaction of an action."""
    CallBack.objects.filter(incident=incident, state=CallBack.State.WAITING).update(
        state=CALL_BACK_LIFE.change(step).goes_to, ended_by=by, ended_utc=clock.now_utc()
    )
