"""Decisions that are due and not made: told once each, by the clock and not by a signal."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from milepost.service import clock
from milepost.service.monitoring.models import Incident, IncidentEvent
from milepost.service.monitoring.pulse import beat
from milepost.service.monitoring.reconcile import UNDECIDED


def announce_overdue() -> int:
    """Notes on each incident whose time has passed that it has, once for each time it was due. Returns how many."""
    late = Incident.objects.filter(state__in=UNDECIDED, due_us__lt=clock.now_us()).exclude(
        overdue_told_us=F("due_us")
    )
    if not late.exists():
        return 0
    with transaction.atomic():
        incidents = list(late.select_for_update())
        IncidentEvent.objects.bulk_create(
            IncidentEvent(
                incident=incident,
                kind=IncidentEvent.Kind.OVERDUE,
                at_utc=clock.now_utc(),
                details={"due_us": incident.due_us},
            )
            for incident in incidents
        )
        Incident.objects.filter(pk__in=[i.pk for i in incidents]).update(overdue_told_us=F("due_us"))
        beat()
    return len(incidents)
