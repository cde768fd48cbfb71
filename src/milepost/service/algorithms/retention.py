"""What this app lets go of by the retention schedule. Each rule takes the moment before which it goes."""

from __future__ import annotations

import datetime as dt

from milepost.service.algorithms.models import Outcome
from milepost.service.kit.retention import delete_rows


def outcomes(before: dt.datetime, dry_run: bool) -> int:
    return delete_rows(Outcome.objects.filter(followed_until__lt=before.date()), dry_run)
