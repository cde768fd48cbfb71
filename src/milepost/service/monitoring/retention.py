"""What this app lets go of by the retention schedule. Each rule takes the moment before which it goes."""

from __future__ import annotations

import datetime as dt

from milepost.service.kit.retention import delete_rows
from milepost.service.monitoring.models import Finding
from milepost.times import to_us


def superseded_findings(before: dt.datetime, dry_run: bool) -> int:
    return delete_rows(Finding.objects.filter(current=False, ended_us__lt=to_us(before)), dry_run)
