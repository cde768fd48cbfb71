"""What this app lets go of by the retention schedule. Each rule takes the moment before which it goes."""

from __future__ import annotations

import datetime as dt

from milepost.service.api.models import Repeat, WebhookDelivery
from milepost.service.kit.retention import delete_rows


def deliveries(before: dt.datetime, dry_run: bool) -> int:
    rows = WebhookDelivery.objects.exclude(state=WebhookDelivery.State.WAITING)
    return delete_rows(rows.filter(created_utc__lt=before), dry_run)


def repeats(before: dt.datetime, dry_run: bool) -> int:
    return delete_rows(Repeat.objects.filter(at_utc__lt=before), dry_run)
