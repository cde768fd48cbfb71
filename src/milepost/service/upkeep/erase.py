"""One person's records, erased from every store: the database, recent signals, the lake, quarantine, uploads,
what waits for webhooks, tokens of their devices, scores of predictors in shadow.

What stays: entries of the audit log, which hold references and codes alone, and a row of counts. The lake goes
first, and once more at the end: signals that were on their way to it meanwhile do not escape. Killed in between,
the same command finishes it.

A dry run and the erasure make the same plan (``upkeep.plan``). The erasure takes away what the plan names, and if the
database counts anything else it is undone as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from milepost.risk.predictors.shadow import erase_person as erase_from_shadow
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.kit.capabilities import records
from milepost.service.orders.models import Approval
from milepost.service.people.models import NearWord, Person
from milepost.service.signals.inbox import lock_inbox
from milepost.service.signals.models import Delivery, IngestToken
from milepost.service.upkeep.models import UpkeepRun
from milepost.service.upkeep.plan import ANSWERS, SIGNALS, TOKENS, Plan, intervals_of, plan_for
from milepost.service.upkeep.rewriting import after_an_erasure
from milepost.tracks.lake import NotALake, PositionLake
from milepost.tracks.lake_read import DeviceInterval

ROWS_AT_ONCE = 500


class NobodyThere(Exception):
    """There is no person with this reference."""


class NotAsPlanned(Exception):
    """Something came or went while it was erased. Nothing in the database was; do it again."""


def erase_person(reference: str, *, reason: str, by: Actor, dry_run: bool) -> Plan:
    """Erases everything of one person. ``reason`` goes into the audit log: no names in it. Returns what went, or in a
    dry run would go, thing by thing.

    Raises:
        NobodyThere: nobody has this reference (any more).
        NotAsPlanned: the database changed meanwhile; do it again.
    """
    person = Person.objects.filter(reference=reference).first()
    if person is None:
        raise NobodyThere(reference)
    worn = intervals_of(person)
    if not dry_run:
        with (
            transaction.atomic()
        ):  # what is in files cannot be brought back: nothing goes before the log says so
            write(
                by=by,
                operation=Operation.ERASURE,
                what="person.erase_begin",
                subject=reference,
                reason=reason,
            )
    outside = Plan(dry_run)
    _lake(worn, outside)
    _shadow(reference, outside)
    if dry_run:
        return outside + plan_for(person, worn, dry_run=True)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")  # what goes is overwritten, not only forgotten
    with transaction.atomic():
        lock_inbox()
        inside = plan_for(person, worn, dry_run=False)
        gone = _carry_out(person, inside)
        if gone != inside.counts:
            raise NotAsPlanned(f"Planned and gone differ: {_difference(inside.counts, gone)}. Erase again.")
        plan = outside + inside
        entry = write(by=by, operation=Operation.ERASURE, what="person.erase", subject=reference, reason=reason,
                      details=plan.counts)  # fmt: skip
        UpkeepRun.objects.create(kind=UpkeepRun.Kind.ERASURE, facts=plan.counts, audit_number=entry.number)
    _lake(worn, None)
    after_an_erasure()
    return plan


def _lake(worn: list[DeviceInterval], plan: Plan | None) -> None:
    """``plan`` None: once more, for what was on its way meanwhile."""
    try:
        lake = PositionLake(Path(settings.LAKE))
    except NotALake:
        return
    if not worn:
        return
    if plan is not None:
        before: dict[str, int] = {}
        for i, interval in enumerate(worn, start=1):  # a row of two intervals counts once
            found = lake.erase(worn[:i], dry_run=True).n_rows
            for name, n in found.items():
                plan.add_span(f"lake.{name}", interval, n - before.get(name, 0))
            before = found
    if plan is None or not plan.dry_run:
        lake.erase(worn, dry_run=False)


def _shadow(reference: str, plan: Plan) -> None:
    """Scores that predictors in shadow gave to this person."""
    found = erase_from_shadow(Path(settings.PREDICTORS), reference, dry_run=plan.dry_run)
    if found:
        plan.add("predictors.shadow", reference, found)


def _carry_out(person: Person, plan: Plan) -> dict[str, int]:
    """Takes away what the plan names. Returns what the database says went, as the plan counts it."""
    gone: Counter[str] = Counter()
    for some in _parts(plan.keys(TOKENS)):
        gone[TOKENS] += IngestToken.objects.filter(pk__in=some, revoked_utc=None).update(
            revoked_utc=timezone.now()
        )
    for some in _parts(plan.keys(ANSWERS)):
        gone[ANSWERS] += Delivery.objects.filter(pk__in=some).update(answer={})
    for model in plan.texts:
        for some in _parts(plan.keys(model._meta.label)):
            gone.update(model._default_manager.filter(pk__in=some).delete()[1])
    for table in SIGNALS:
        rows = table._default_manager.filter(plan.signals[table])
        gone[table._meta.label] += rows._raw_delete(rows.db)  # no key points to a signal
    for told in records():  # each app says what is about a person, and in which order it can go
        rows = apps.get_model(told.model)._default_manager.filter(**{told.path: person})
        if told.loosen:
            rows.update(**dict.fromkeys(told.loosen))
    for told in records():
        gone.update(apps.get_model(told.model)._default_manager.filter(**{told.path: person}).delete()[1])
    for some in _parts(plan.keys(Approval._meta.label)):  # versions name them, and go first
        gone.update(Approval.objects.filter(pk__in=some).delete()[1])
    for some in _parts(plan.keys(NearWord._meta.label)):  # no key ties a spelling to the last who bears it
        gone.update(NearWord.objects.filter(pk__in=some).delete()[1])
    gone.update(person.delete()[1])
    return {name: n for name, n in gone.items() if n}


def _difference(planned: dict[str, int], gone: dict[str, int]) -> dict[str, tuple[int, int]]:
    names = sorted(planned.keys() | gone.keys())
    pairs = {name: (planned.get(name, 0), gone.get(name, 0)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _parts(keys: list[Any]) -> Iterable[list[Any]]:
    return (keys[i : i + ROWS_AT_ONCE] for i in range(0, len(keys), ROWS_AT_ONCE))
