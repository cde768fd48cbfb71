"""What this app lets go of by the retention schedule. Each rule takes the moment before which it goes."""

from __future__ import annotations

import datetime as dt

from milepost.service.caseload.models import Snooze
from milepost.service.kit.retention import delete_rows


def put_off(before: dt.datetime, dry_run: bool) -> int:
    return delete_rows(Snooze.objects.filter(until_utc__lt=before), dry_run)
