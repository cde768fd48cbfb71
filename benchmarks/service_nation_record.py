"""The record of ``service_nation``: findings, alerts, decisions, the audit log, messages that were not understood."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.service_bulk import insert, moment
from benchmarks.service_nation import DAY_US, DAYS, MINUTE_US, PEOPLE, WATCHED_DAYS, Nation
from benchmarks.service_town import device_of, person_of

FINDINGS_A_DAY = 0.12
"""For each tag: assumed. Some people have most of them."""
UNDECIDED_US = 8 * 60 * MINUTE_US
"""Alerts of the last eight hours wait for somebody; older ones are decided."""
REVISED = 0.15
LOOK_AGAIN_EACH = 97
"""One decision in so many rests on findings that changed since: every team has some."""
OUTSIDE_TEAM = 0.004
"""Share of the looks at records that are at another team's."""
KINDS = (
    ("late_return", 0.4),
    ("left_during", 0.25),
    ("battery_low", 0.15),
    ("no_contact", 0.12),
    ("zone_entry", 0.08),
)
LEVELS = (("note", 0.4), ("review", 0.5), ("urgent", 0.1))
ENTRIES, MESSAGES, WAITING = 1_000_000, 5_000, 500


def _table_name() -> str:
    from milepost.compliance.rule_tables import read_rules

    return read_rules().for_regime("community_order").name


def _drawn(nation: Nation) -> dict[str, np.ndarray]:
    """One column for each fact about each finding, in order of time."""
    draw = np.random.default_rng(2)
    each = draw.poisson(draw.gamma(0.7, FINDINGS_A_DAY * DAYS / 0.7, nation.tags))
    tag = np.repeat(np.arange(nation.tags), each)
    back_us = (draw.random(len(tag)) * DAYS * DAY_US).astype(np.int64)
    # What the watched did lately the engine says.
    kept = ~(np.isin(tag, nation.watched) & (back_us < (WATCHED_DAYS + 1) * DAY_US))
    tag, back_us = tag[kept], back_us[kept]
    order = np.argsort(-back_us)
    n = len(order)
    return {
        "tag": tag[order],
        "start_us": nation.now_us - back_us[order],
        "seconds": np.minimum(60 * (2 + draw.gamma(1.2, 30, n).astype(np.int64)), 8 * 3600),
        "kind": draw.choice([k for k, _ in KINDS], n, p=[p for _, p in KINDS]),
        "level": draw.choice([k for k, _ in LEVELS], n, p=[p for _, p in LEVELS]),
        "revised": draw.random(n) < REVISED,
    }


def findings(nation: Nation) -> None:
    """Findings with their superseded revisions, an alert for each that is not a note, decisions, histories."""
    from milepost.service.monitoring.models import Decision, Finding, Incident, IncidentEvent

    drawn, rules = _drawn(nation), _table_name()
    n = len(drawn["tag"])
    rows = list(zip(*(drawn[name].tolist() for name in ("tag", "start_us", "seconds", "kind", "level", "revised")),
                    strict=True))  # fmt: skip
    alerts = np.cumsum(drawn["level"] != "note").tolist()
    waiting_from = nation.now_us - UNDECIDED_US

    def alert_of(n: int) -> int | None:
        return alerts[n] if rows[n][4] != "note" else None

    def incidents() -> Iterator[tuple[Any, ...]]:
        for i, (tag, start, seconds, kind, level, _revised) in enumerate(rows):
            if level != "note":
                opened = start + 5 * MINUTE_US
                state = "open" if start >= waiting_from else "decided"
                yield (
                    alerts[i], int(nation.tagged[tag]) + 1, state, level, kind, f"bench|{i}", start, opened,
                    opened + (30 if level == "urgent" else 240) * MINUTE_US, opened + seconds * 1_000_000,
                    state == "open" and i % 3 == 0, i % LOOK_AGAIN_EACH == 0 and state == "decided",
                )  # fmt: skip

    def finding_rows() -> Iterator[tuple[Any, ...]]:
        number = 0
        for i, (tag, start, seconds, kind, level, revised) in enumerate(rows):
            end = min(start + seconds * 1_000_000, nation.now_us)
            for revision in (1, 2) if revised else (1,):
                number += 1
                name = f"f{i}r{revision}"
                current = revision == (2 if revised else 1)
                yield (
                    number, name, int(nation.tagged[tag]) + 1, alert_of(i), current, kind, "closed", f"O{tag:06d}",
                    "zone" if kind == "zone_entry" else "curfew", start, end, end, float(seconds), level, revision,
                    "" if revision == 1 else f"f{i}r1", end,
                    _row(nation, tag, name, start, end, seconds, kind, level, revision, rules),
                )  # fmt: skip

    def decisions() -> Iterator[tuple[Any, ...]]:
        for i, (_tag, start, seconds, _kind, level, revised) in enumerate(rows):
            if level != "note" and start < waiting_from:
                yield (
                    alerts[i], alerts[i], "excused" if i % 4 == 0 else "no_action", "stands", "other", i % 4 != 0, 1,
                    f'["f{i}r{2 if revised else 1}"]', 1 + i % 10, moment(start + (seconds + 3600) * 1_000_000),
                )  # fmt: skip

    def events() -> Iterator[tuple[Any, ...]]:
        for i, (_tag, start, _seconds, _kind, level, _revised) in enumerate(rows):
            if level != "note":
                yield 2 * alerts[i], alerts[i], "opened", moment(start + 5 * MINUTE_US)
                yield 2 * alerts[i] + 1, alerts[i], "claimed", moment(start + 9 * MINUTE_US)

    insert(Incident, ["id", "person_id", "state", "level", "kind", "group_key", "began_us", "opened_us", "due_us",
                      "changed_us", "still_going", "superseded_since_decision"], incidents())  # fmt: skip
    insert(Finding, ["id", "finding_id", "person_id", "incident_id", "current", "kind", "status", "order_reference",
                     "condition_id", "start_us", "end_us", "reach_us", "seconds", "level", "revision", "supersedes",
                     "told_us", "row"], finding_rows())  # fmt: skip
    insert(Decision, ["id", "incident_id", "kind", "state", "reason_code", "counts_toward_total", "incident_revision",
                      "finding_ids", "by_id", "at_utc"], decisions())  # fmt: skip
    insert(IncidentEvent, ["id", "incident_id", "kind", "at_utc"], events())
    assert n


def _row(nation: Nation, tag: int, name: str, start: int, end: int, seconds: int, kind: str, level: str,
         revision: int, rules: str) -> str:  # fmt: skip
    """As the engine gives it (``compliance.results.FINDINGS``), times in microseconds."""
    night = start // DAY_US * DAY_US + 19 * 3_600_000_000
    evidence = f"{device_of(tag)}@{start}/GPS"
    return json.dumps({
        "finding_id": name, "person_id": person_of(int(nation.tagged[tag])), "activation_id": f"A{tag:06d}",
        "order_id": f"O{tag:06d}", "order_version": 1, "condition_id": "zone" if kind == "zone_entry" else "curfew",
        "kind": kind, "status": "closed", "obligation_start_utc": night, "obligation_end_utc": night + DAY_US // 2,
        "start_utc": start, "end_utc": end, "seconds": float(seconds), "start_earliest_utc": start - MINUTE_US,
        "end_latest_utc": end + MINUTE_US, "coverage": 0.97, "obligation_coverage": 0.95, "certainty": 0.99,
        "witness": "fixes", "evidence_count": seconds // 60, "first_evidence": evidence, "last_evidence": evidence,
        "level": level, "action": "Call the person", "act_within_minutes": 30 if level == "urgent" else 240,
        "rule": f"{kind}-{level}", "rule_table": rules, "revision": revision,
        "supersedes": "" if revision == 1 else name[:-1] + "1",
    })  # fmt: skip


def audit(nation: Nation) -> None:
    """Ninety days of looking and writing, sealed as the service seals."""
    from django.db import connection

    from milepost.service.audit import guards
    from milepost.service.audit.models import Entry, Head
    from milepost.service.audit.seal import FIRST_SEAL, SEALED, seal_of

    n = ENTRIES * nation.people // PEOPLE
    draw = np.random.default_rng(3)
    what = (("consultation", "person.overview"), ("consultation", "person.week"), ("consultation", "incident.page"),
            ("consultation", "board.page"), ("collection", "findings.write"), ("alteration", "incident.decide"),
            ("consultation", "person.trail_shown"), ("denied", "view.denied"))  # fmt: skip
    kinds = draw.choice(len(what), n, p=[0.28, 0.15, 0.2, 0.2, 0.08, 0.06, 0.028, 0.002]).tolist()
    # People look at records of their own team; a few look at others', which is what an auditor wants to see.
    tags = draw.integers(0, nation.tags, n)
    own = (nation.team_of(nation.tagged[tags]) - 1) * 10 + draw.integers(0, 10, n) + 1
    who = np.where(draw.random(n) < OUTSIDE_TEAM, draw.integers(0, nation.teams * 10, n) + 1, own).tolist()
    tags = tags.tolist()
    first_us, step_us = nation.now_us - DAYS * DAY_US, DAYS * DAY_US // n
    last = FIRST_SEAL

    def entries() -> Iterator[tuple[Any, ...]]:
        nonlocal last
        for i in range(n):
            operation, code = what[kinds[i]]
            about = "" if code in ("board.page", "view.denied") else person_of(int(nation.tagged[tags[i]]))
            details = {"view": "audit:search"} if code == "view.denied" else {"incident": i}
            values = (
                i + 1, first_us + i * step_us, f"user:{who[i]}", "practitioner", operation, code, about, "",
                "To look into an alert" if code == "person.trail_shown" else "", "", details, last,
            )  # fmt: skip
            last = seal_of(dict(zip(SEALED, values, strict=True)))
            yield *values[:10], json.dumps(details), values[11], last

    guards.remove(connection)  # the database lets entries in one by one only, behind its head
    try:
        insert(Entry, [*SEALED, "seal"], entries())
        insert(Head, ["only_row", "number", "seal"], [(1, n, last)])
    finally:
        guards.install(connection)


def messages(nation: Nation) -> None:
    """Messages in quarantine: some wait."""
    from milepost.service.signals.models import IngestToken, QuarantinedMessage

    insert(
        IngestToken,
        ["id", "name", "prefix", "secret_sha256", "why_any_device"],
        [(1, "gateway", "bench", "0" * 64, "Benchmark")],
    )
    problem = json.dumps(
        [{"row": "line 1", "field": "lat", "message": "is not a number", "remedy": "Send degrees"}]
    )
    insert(
        QuarantinedMessage,
        ["id", "received_us", "format", "token_id", "device_id", "raw", "problems", "state", "sha256", "first_problem"],
        ((n + 1, nation.now_us - (MESSAGES - n) * 20 * MINUTE_US, "ndjson", 1, device_of(n % nation.tags),
          b'{"type":"fix","lat":"north"}', problem, "waiting" if n >= MESSAGES - WAITING else "set_aside",
          f"{n:064x}", "is not a number") for n in range(MESSAGES)),
    )  # fmt: skip


def judge_watched(nation: Nation) -> None:
    """What the engine finds in the signals of the watched, written as its worker writes it."""
    from milepost.compliance.batch import evaluate
    from milepost.compliance.rule_tables import read_rules
    from milepost.orders.schedules import expand
    from milepost.service import clock
    from milepost.service.monitoring.reconcile import reconcile
    from milepost.service.orders.engine_file import order_file_of
    from milepost.service.people.models import Person
    from milepost.service.signals.read import signals_of

    begin_us = nation.now_us - WATCHED_DAYS * DAY_US
    people = list(Person.objects.filter(pk__in=[int(i) + 1 for i in nation.tagged[nation.watched]]))
    devices = [device_of(int(tag)) for tag in nation.watched]
    results = evaluate(
        order_file_of(people), expand, signals_of(devices, begin_us, nation.now_us), read_rules(),
        begin_us=begin_us, until_us=nation.now_us, timeline_of=set(),
    )  # fmt: skip
    table = results.findings
    for number, field in enumerate(table.schema):
        if str(field.type).startswith("timestamp"):
            table = table.set_column(number, field.name, table.column(field.name).cast("int64"))
    says: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        says.setdefault(row["person_id"], []).append(row)
    with clock.pinned(nation.now_us):
        reconcile(
            people, says=lambda references: [row for r in references for row in says.get(r, [])],
            begins_us=dict.fromkeys((p.reference for p in people), begin_us), worker="benchmark",
            check=lambda some: None,
        )  # fmt: skip
