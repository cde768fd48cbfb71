"""From the database to the engine's order file: approved versions, activations, absences that stand."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from milepost.orders import model as shape
from milepost.service.orders.models import Absence, Activation, Order, OrderVersion, ToJudge, VersionState
from milepost.service.people.models import Person
from milepost.times import to_us

BATCH = 2000


def judge_anew(person: Person, from_utc: dt.datetime) -> None:
    """Asks the engine worker to judge a person again. Call it in the transaction that changed something.

    ``from_utc``: from when on the change counts. However long ago, what was found since is judged again.
    """
    ask_to_judge({person: from_utc})


def ask_to_judge(people: Mapping[Person, dt.datetime | None]) -> None:
    """As ``judge_anew`` for many. None: nothing of before is to be judged, as with a person who is new here.

    A person of whom it was asked already keeps the earlier time of the two.
    """
    asked_us = time.time_ns() // 1000
    earlier = dict(ToJudge.objects.filter(person__in=list(people)).values_list("person_id", "from_us"))
    rows = []
    for person, from_utc in people.items():
        times = (earlier.get(person.pk), None if from_utc is None else to_us(from_utc))
        from_us = min((time_us for time_us in times if time_us is not None), default=None)
        rows.append(ToJudge(person=person, asked_us=asked_us, from_us=from_us))
    ToJudge.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["asked_us", "from_us"],
    )


def order_file_of(people: Iterable[Person]) -> shape.OrderFile:
    """Everything the engine must know of ``people``, in a number of queries that does not grow with them.

    Absences that stand are written into the conditions as exceptions, suspensions into the version. Names and
    dates of birth are left out: the engine has no use for them.
    """
    people = list(people)
    by_pk = {p.pk: p for p in people}
    orders = list(Order.objects.filter(person__in=people).order_by("pk"))
    versions = defaultdict(list)
    for version in OrderVersion.objects.filter(order__in=orders, state=VersionState.APPROVED).order_by(
        "version"
    ):
        versions[version.order_id].append(version)
    absences = defaultdict(list)
    stand = Q(withdrawn_utc=None, waits_for_second=False)
    for absence in Absence.objects.filter(stand, order__in=orders).order_by("pk"):
        absences[absence.order_id].append(absence)
    activations = Activation.objects.filter(person__in=people).select_related("device").order_by("pk")
    return shape.OrderFile(
        people=[shape.Person(id=p.reference, synthetic=p.synthetic or None) for p in people],
        activations=[
            shape.Activation(
                id=a.reference,
                device_id=a.device.device_id,
                person_id=by_pk[a.person_id].reference,
                from_utc=a.from_utc,
                until_utc=a.until_utc,
                device_kind=a.device.kind,
                place=a.place or None,
                device_model=a.device.model or None,
            )
            for a in activations
        ],
        orders=[
            shape.Order(
                **order.extra,
                id=order.reference,
                person_id=by_pk[order.person_id].reference,
                regime=shape.Regime(order.regime),
                ends_utc=order.ends_utc,
                versions=[version_of(v, absences[order.pk]) for v in versions[order.pk]],
            )
            for order in orders
            if versions[order.pk]
        ],
    )


def version_of(
    version: OrderVersion, absences: list[Absence], starts_utc: dt.datetime | None = None
) -> shape.OrderVersion:
    """One version with the absences that stand. ``starts_utc`` for a draft that does not say from when it holds."""
    starts_utc = version.effective_from_utc or starts_utc
    read = shape.OrderVersion.model_validate(
        {**version.document, "version": version.version, "effective_from_utc": starts_utc}
    )
    for absence in absences:
        lifted = _lifted(absence)
        if absence.kind == Absence.Kind.SUSPENSION:
            read.suspensions.append(lifted)
            continue
        for condition in read.conditions:
            if absence.condition_id in ("", condition.id):
                condition.exceptions.append(lifted)
    return read


def _lifted(absence: Absence) -> shape.Absence:
    values: dict[str, Any] = {
        "from": absence.from_utc.astimezone(dt.UTC),
        "until": absence.until_utc.astimezone(dt.UTC),
        "kind": absence.kind,
        "reason": absence.reason_code,
        "authorised_by": f"absence {absence.pk}",
    }
    return shape.Absence.model_validate(values)
