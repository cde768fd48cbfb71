"""What somebody did today, in numbers: for a list that otherwise only ever shows what is left."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils.translation import ngettext

from milepost.service.accounts.models import User
from milepost.service.assessments.models import Assessment
from milepost.service.kit.local_days import local_day, start_of_local_day
from milepost.service.monitoring.models import Decision, IncidentEvent
from milepost.service.orders.models import OrderVersion
from milepost.service.people.models import Note


def done_today(user: User, now_utc: dt.datetime) -> list[str]:
    """ "3 decisions", "1 note": only what there was. Five queries."""
    since = start_of_local_day(local_day(now_utc))
    decisions = Decision.objects.filter(
        Q(by=user, at_utc__gte=since) | Q(second_by=user, second_utc__gte=since)
    ).count()
    calls = IncidentEvent.objects.filter(kind=IncidentEvent.Kind.CONTACT, by=user, at_utc__gte=since).count()
    notes = Note.objects.filter(by=user, at_utc__gte=since).count()
    orders = OrderVersion.objects.filter(decided_by=user, decided_utc__gte=since).count()
    assessments = Assessment.objects.filter(
        Q(signed_by=user, signed_utc__gte=since) | Q(countersigned_by=user, countersigned_utc__gte=since)
    ).count()
    told = (
        (decisions, ngettext("%(n)d decision", "%(n)d decisions", decisions)),
        (calls, ngettext("%(n)d contact about an alert", "%(n)d contacts about alerts", calls)),
        (notes, ngettext("%(n)d note", "%(n)d notes", notes)),
        (orders, ngettext("%(n)d order decided", "%(n)d orders decided", orders)),
        (assessments, ngettext("%(n)d assessment signed", "%(n)d assessments signed", assessments)),
    )
    return [words % {"n": n} for n, words in told if n]
