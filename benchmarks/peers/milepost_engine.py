"""Milepost, through its ordinary door: orders and signals in, findings with evidence out.

The numbers make its evidence rule the plain one of ``workload``: errors are as good as nothing, two fixes
confirm a side, nothing is a gap, no finding is too short. It still does all the rest of its work (the mean of
positions together, windows from the orders' local times, coverage, evidence, levels, identity), which the
others do not.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.intervals import ABSENCE, ZONE_ENTRY, table_of
from benchmarks.workload import Work
from milepost.compliance import compiled
from milepost.compliance.batch import evaluate
from milepost.compliance.rule_tables import RuleSet, RuleTable
from milepost.orders.geometry import forget_shapes
from milepost.orders.model import OrderFile
from milepost.orders.schedules import expand
from milepost.tracks.record import Signals

NAME = "Milepost"
CANNOT = ""

LONG_S = 1e9
KEPT = {"probability": 0.6, "fixes": 2, "seconds": 1, "buffer_m": 0}
BREACH = {**KEPT, "budget": 1 - 1e-12, "looks": 1, "related_s": 1, "share": 1e-9}
SOURCE = {"may_confirm": True, "assumed_precision_m": 1e-6, "precision_floor_m": 1e-6}
PLAIN = {
    "table": {
        "id": "plain-geometry", "version": 1, "regimes": ["community_order"], "status": "published",
        "owner": "benchmarks", "published_by": "benchmarks", "effective_from": "2020-01-01",
        "source_document": "None: the plain rule that all engines can follow.",
    },
    "evidence": {
        "breach": BREACH, "kept": KEPT, "explained": {"sigmas": 1e-12, "fixes": 2},
        "certainty": [{"strength": 0, "certainty": 0.9}],
        "gap_s": LONG_S, "gap_times": 1, "hold_s": LONG_S, "edge_s": 0, "finding_min_s": 0,
        "conflict_min_s": 0, "max_speed_mps": 1e12, "there_and_back_mps": 1e12,
        "speed_escape_fixes": 2, "no_contact_after_s": LONG_S,
        "device_event_certainty": 0.9,
        "presence": {"gap_s": LONG_S, "out_seconds": 0, "lag_s": 0, "certainty": 0.9},
        "battery": {"low_pct": 0, "ok_pct": 0, "dead_pct": 0},
        "attendance": {"grace_s": 0, "minimum_s": 1},
        "sources": {"GPS": SOURCE},
    },
    "response": [],
    "total": [],
}  # fmt: skip


def rules() -> RuleSet:
    table = RuleTable.model_validate(PLAIN)
    # Numbers that no rule table may have: no error is larger than nought, and where the mean lies is no matter.
    no_error = {"probability": 1e-15}
    breach = table.evidence.breach.model_copy(update={**no_error, "buffer_m": -1e12})
    kept = table.evidence.kept.model_copy(update=no_error)
    evidence = table.evidence.model_copy(update={"breach": breach, "kept": kept})
    return RuleSet([table.model_copy(update={"evidence": evidence})])


def prepare(work: Work) -> tuple[OrderFile, Signals, RuleSet]:
    orders = OrderFile.model_validate(json.loads((work.folder / "orders.json").read_text()))
    return orders, Signals(fixes=work.fixes), rules()


def run(state: Any) -> pa.Table:
    orders, signals, rule_set = state
    # Reading an order file checks its polygons and keeps them as arrays. The others make theirs in here; so do we.
    for geometry in (
        c.geometry for o in orders.orders for v in o.versions for c in v.conditions if c.geometry
    ):
        forget_shapes(geometry)
    results = evaluate(orders, expand, signals, rule_set, kernel=compiled.load(), timeline_of=set())
    return intervals_of(results.findings)


def intervals_of(findings: pa.Table) -> pa.Table:
    """Findings as intervals. One of any other kind would be an error, and is kept as kind -1."""
    zone = pc.equal(findings["kind"], "zone_entry").to_numpy()
    known = pc.is_in(
        findings["kind"],
        pa.array(["late_return", "left_during", "out_at_end", "absent_entire", "out_at_start", "zone_entry"]),
    ).to_numpy()

    def us(name: str) -> np.ndarray:
        return np.asarray(findings[name].cast(pa.int64()))

    person = np.array([int(p[1:]) for p in findings["person_id"].to_pylist()], np.int32)
    kind = np.where(known, np.where(zone, ZONE_ENTRY, ABSENCE), -1)
    window = np.where(zone, 0, us("obligation_start_utc"))
    return table_of(person, kind, window, us("start_utc"), us("end_utc"))
