"""What this app lets go of by the retention schedule. Each rule takes the moment before which it goes."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, Max, OuterRef, Q

from milepost.service.kit.retention import delete_rows
from milepost.service.orders.models import Activation, Order, Upload
from milepost.service.people.models import Person


def uploads(before: dt.datetime, dry_run: bool) -> int:
    return delete_rows(Upload.objects.filter(at_utc__lt=before), dry_run)


def people(before: dt.datetime, dry_run: bool) -> int:
    """Counted, never deleted here: erasing a person takes a person."""
    return len(people_past_their_period(before))


def people_past_their_period(before: dt.datetime) -> list[str]:
    """References of people whose last order and last device ended before: for somebody to look at."""
    going_on = Order.objects.filter(person=OuterRef("pk")).filter(Q(ends_utc=None) | Q(ends_utc__gte=before))
    worn = Activation.objects.filter(person=OuterRef("pk")).filter(
        Q(until_utc=None) | Q(until_utc__gte=before)
    )
    found = Person.objects.annotate(last_order=Max("orders__ends_utc")).filter(
        ~Exists(going_on), ~Exists(worn), last_order__lt=before
    )
    return list(found.order_by("reference").values_list("reference", flat=True))
