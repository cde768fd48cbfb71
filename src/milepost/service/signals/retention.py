"""What this app lets go of by the retention schedule. Each rule takes the moment before which it goes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings

from milepost.service.kit.retention import delete_rows
from milepost.service.signals.models import QuarantinedMessage
from milepost.tracks.lake import NotALake, PositionLake


def lake(before: dt.datetime, dry_run: bool) -> int:
    """Positions of closed days, by the day on which they were recorded."""
    try:
        opened = PositionLake(Path(settings.LAKE))
    except NotALake:
        return 0
    return sum(opened.expire(before.date(), dry_run=dry_run).n_rows.values())


def quarantine(before: dt.datetime, dry_run: bool) -> int:
    rows = QuarantinedMessage.objects.exclude(state=QuarantinedMessage.State.WAITING)
    return delete_rows(rows.filter(handled_utc__lt=before), dry_run)
