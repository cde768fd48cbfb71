"""Incidents for tests, made as they are in life: signals are stored, the engine judges them, the difference is written.

Ada (``world.ada``) is owed at home from 19:00 to 07:00 every night; a night is named by the day it begins.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from milepost.compliance.batch import evaluate
from milepost.compliance.rule_tables import read_rules
from milepost.orders.schedules import expand
from milepost.service.accounts.actors import Machine
from milepost.service.monitoring.models import Finding, Incident
from milepost.service.monitoring.reconcile import reconcile
from milepost.service.orders.engine_file import order_file_of
from milepost.service.people.models import Person
from milepost.service.signals.inbox import take_in
from milepost.service.signals.read import signals_of
from milepost.tracks.record import FIXES, Signals, Source
from tests.service.world import HOME, World

LONDON = ZoneInfo("Europe/London")
MONDAY = dt.date(2026, 11, 16)
RULES = read_rules()
OUT = (HOME[0] + 0.02, HOME[1])
"""1.3 km east of Ada's home."""
MINUTE_US = 60_000_000


def us(moment: dt.datetime) -> int:
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def at(day: dt.date, clock: str) -> int:
    """London clock time; "07:00+1" is the next morning. Microseconds UTC."""
    time, _, days = clock.partition("+")
    hour, minute = (int(part) for part in time.split(":"))
    local = dt.datetime.combine(day, dt.time(hour, minute), LONDON) + dt.timedelta(days=int(days or 0))
    return us(local.astimezone(dt.UTC))


def fixes(
    spans: Iterable[tuple[int, int, tuple[float, float]]],
    device: str = "tag-1",
    *,
    received_after_us: int = 5_000_000,
) -> Signals:
    """A GPS fix a minute in each (from, until, (lon, lat)), half-open."""
    rows = []
    for from_us, until_us, (lon, lat) in spans:
        for t in range(from_us, until_us, MINUTE_US):
            rows.append(
                dict.fromkeys(FIXES.names)
                | {
                    "device_id": device,
                    "recorded_at_utc": t,
                    "received_at_utc": t + received_after_us,
                    "source": int(Source.GPS),
                    "lon_e7": round(lon * 1e7),
                    "lat_e7": round(lat * 1e7),
                    "precision_m": 12.0,
                    "battery_pct": 80.0,
                    "quality": 0,
                }
            )
    columns = []
    for column in FIXES:
        kind = pa.int64() if pa.types.is_timestamp(column.type) else column.type
        columns.append(pa.array([row[column.name] for row in rows], kind).cast(column.type))
    return Signals(fixes=pa.Table.from_arrays(columns, schema=FIXES), n_rows_read=len(rows))


def store(signals: Signals) -> None:
    digest = hashlib.sha256(repr(signals.fixes.to_pydict()).encode()).hexdigest()
    take_in(signals, received_us=0, digest=digest, messages=1, by=Machine("device", "tag-1"))


def late_night(day: dt.date = MONDAY, *, back: str = "19:24", until: str = "07:10+1") -> Signals:
    """Home by day, out from 18:00, back at ``back``."""
    return fixes(
        [
            (at(day, "17:00"), at(day, "18:00"), HOME),
            (at(day, "18:00"), at(day, back), OUT),
            (at(day, back), at(day, until), HOME),
        ]
    )


def judged(
    person: Person, from_us: int, until_us: int, devices: Iterable[str] = ("tag-1",)
) -> list[dict[str, Any]]:
    """The engine's rows, as the live worker hands them on: times in microseconds."""
    order_file = order_file_of([person])
    signals = signals_of(list(devices), from_us, until_us)
    table = evaluate(order_file, expand, signals, RULES, begin_us=from_us, until_us=until_us).findings
    columns = [c.cast(pa.int64()) if pa.types.is_timestamp(c.type) else c for c in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names).to_pylist()


def judge(person: Person, day: dt.date = MONDAY, *, until: str = "07:30+1") -> list[Incident]:
    """Judges what is stored and writes what changed. Returns the person's incidents, newest first."""
    from_us, until_us = at(day, "17:00"), at(day, until)
    rows = judged(person, from_us, until_us)
    reconcile(
        [person],
        says=lambda references: rows,
        begins_us={person.reference: from_us},
        worker="test",
        check=lambda people: None,
    )
    return list(Incident.objects.filter(person=person).order_by("-pk"))


def late_incident(
    world: World, day: dt.date = MONDAY, *, back: str = "19:24", until: str = "07:30+1"
) -> Incident:
    """Ada came back late on one evening: a curfew finding of 23 minutes or so, level review."""
    store(late_night(day, back=back))
    found = judge(world.ada, day, until=until)
    assert found, "the engine found nothing"
    return found[0]


def worked(world: World, day: dt.date = MONDAY, *, back: str = "19:07") -> Incident:
    """Later signals for the same evening: home from ``back`` on, by a second tag's word is not needed, the positions
    that were stored are replaced. Judges again."""
    from milepost.service.signals.models import Fix

    Fix.objects.filter(recorded_us__gte=at(day, back)).delete()
    store(fixes([(at(day, back), at(day, "07:10+1"), HOME)]))
    return judge(world.ada, day)[0]


def plain_incident(
    person: Person, n: int = 1, *, level: str = "review", kind: str = "late_return", **more: Any
) -> Incident:
    """An incident with one finding that no engine made, for tests of lists. ``n`` tells them apart."""
    start = at(MONDAY, "19:00") + n * 86_400_000_000
    values: dict[str, Any] = {
        "state": "open", "level": level, "kind": kind, "group_key": f"plain|{n}", "began_us": start,
        "opened_us": start, "due_us": start + 240 * MINUTE_US, "changed_us": start, "still_going": False,
    }  # fmt: skip
    incident = Incident.objects.create(person=person, **(values | more))
    row = {
        "finding_id": f"F-{person.reference}-{n}", "person_id": person.reference, "activation_id": "A000001",
        "order_id": "O000001", "order_version": 1, "condition_id": "curfew", "kind": kind, "status": "closed",
        "obligation_start_utc": start, "obligation_end_utc": start + 12 * 3600 * 1_000_000, "start_utc": start,
        "end_utc": start + 23 * MINUTE_US, "seconds": 1380.0, "start_earliest_utc": start,
        "end_latest_utc": start + 24 * MINUTE_US, "coverage": 1.0, "obligation_coverage": 0.98, "certainty": 0.99,
        "witness": "fixes", "evidence_count": 23, "first_evidence": "tag-1@2026-11-16T19:00:00Z/gps",
        "last_evidence": "tag-1@2026-11-16T19:23:00Z/gps", "level": level, "action": "Call the person.",
        "act_within_minutes": 240, "rule": "absence-15", "rule_table": "illustrative-community-order@1",
        "revision": 1, "supersedes": "",
    }  # fmt: skip
    Finding.objects.create(
        finding_id=row["finding_id"], person=person, incident=incident, kind=kind, status="closed",
        order_reference=row["order_id"], condition_id="curfew", start_us=start, end_us=row["end_utc"],
        seconds=1380.0, level=level, action=row["action"], act_within_minutes=240, revision=1, told_us=start, row=row,
    )  # fmt: skip
    return incident
