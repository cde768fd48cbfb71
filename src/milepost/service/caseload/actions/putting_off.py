"""Putting one reason off for a while, and bringing it back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.caseload import policies
from milepost.service.caseload.models import Snooze
from milepost.service.people.models import Person
from milepost.supervision.today import Placed


@transaction.atomic
def put_off(
    *, by: User, person: Person, one: Placed, until_utc: dt.datetime, why_code: str, why: str = ""
) -> Snooze:
    """Folds one reason about ``person`` on the list of ``by`` until a time. Replaces an earlier putting off of it."""
    now = clock.now_utc()
    policies.check_can_put_off(one, by, now)
    policies.check_until(one, until_utc, now)
    policies.check_why(why_code, why)
    reason = one.reason
    same = Snooze.objects.filter(user=by, person=person, kind=reason.kind, key=reason.key, ended_utc=None)
    same.update(ended_utc=now)
    made = Snooze.objects.create(
        user=by, person=person, kind=reason.kind, key=reason.key, state=reason.state, urgency=one.urgency,
        until_utc=until_utc, why_code=why_code, why=why.strip(), at_utc=now,
    )  # fmt: skip
    write(
        by=by, operation=Operation.ALTERATION, what="today.put_off", subject=person.reference,
        details={"snooze": made.pk, "kind": reason.kind, "key": reason.key, "why": why_code,
                 "until": until_utc.isoformat()},
    )  # fmt: skip
    return made


@transaction.atomic
def bring_back(*, by: User, snooze: Snooze) -> None:
    """Shows the reason on the list again before its time."""
    snooze = Snooze.objects.select_for_update(of=("self",)).select_related("person").get(pk=snooze.pk)
    policies.check_can_bring_back(snooze, by)
    snooze.ended_utc = clock.now_utc()
    snooze.save(update_fields=["ended_utc"])
    write(
        by=by, operation=Operation.ALTERATION, what="today.bring_back", subject=snooze.person.reference,
        details={"snooze": snooze.pk, "kind": snooze.kind, "key": snooze.key},
    )  # fmt: skip
