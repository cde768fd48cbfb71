"""What this app lets go of by the retention schedule. Each rule takes the moment before which it goes."""

from __future__ import annotations

import datetime as dt

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from milepost.service.accounts.models import Attempts, UserSession
from milepost.service.kit.retention import delete_rows


def sessions(before: dt.datetime, dry_run: bool) -> int:
    n = delete_rows(Session.objects.filter(expire_date__lt=before), dry_run)
    if not dry_run:
        alive = Session.objects.filter(session_key=OuterRef("session_key"))
        UserSession.objects.filter(~Exists(alive), began_utc__lt=before).delete()
    return n


def attempts(before: dt.datetime, dry_run: bool) -> int:
    return delete_rows(Attempts.objects.filter(window_from_s__lt=int(before.timestamp())), dry_run)
