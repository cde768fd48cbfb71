"""One live step: 20,000 fixes from 20,000 tags, 5 % of them late and 1 % repeated, at national density.

The clock of the day runs as it would: a step a minute over an evening in which curfews begin, so that
people come home late, findings open, grow and close. What is timed is ``LiveEngine.ingest`` whole:
placing the fixes, carrying the state on, stepping back for late ones, judging whoever has to be judged.
The end is compared with batch on the same signals.
"""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa

from benchmarks.report import Report, Table
from milepost.compliance.batch import evaluate
from milepost.compliance.live import LiveEngine
from milepost.compliance.rule_tables import read_rules
from milepost.compliance.times import SECOND_US, to_us
from milepost.orders.model import OrderFile
from milepost.orders.schedules import expand
from milepost.tracks.record import FIXES, Signals

TAGS, LATE, REPEATED = 20_000, 0.05, 0.01
HOME = (1.5, 53.6)
START = "2026-03-02T17:00:00+00:00"


def orders_of(people: int) -> OrderFile:
    """Everyone on curfew from 19:00 or 20:00, and kept out of one zone."""

    def place(i: int) -> dict[str, float]:
        return {"lon": HOME[0] + (i % 200) * 0.004, "lat": HOME[1] + (i // 200) * 0.003}

    persons, activations, orders = [], [], []
    for i in range(people):
        p, home = f"P{i:05}", place(i)
        persons.append({"id": p, "name": f"Synthetic {i}", "synthetic": True})
        activations.append(
            {"id": f"A{i}", "device_id": f"D{i:05}", "person_id": p, "from_utc": "2026-03-01T00:00:00Z"}
        )
        hours = {
            "from_day": "mon",
            "from_time": f"{19 + i % 2}:00",
            "until_day": "tue",
            "until_time": "07:00",
        }
        common = {"from": "2026-03-01", "until": "2026-06-01"}
        zone = {"circle": {"lon": home["lon"] + 0.02, "lat": home["lat"], "radius_m": 300}}
        conditions = [
            {"id": "C", "kind": "curfew", "place": "home", "schedule": [hours], **common},
            {"id": "Z", "kind": "exclusion_zone", **zone, **common},
        ]
        version = {
            "version": 1,
            "effective_from_utc": "2026-03-01T00:00:00Z",
            "places": [{"id": "home", "circle": {**home, "radius_m": 50}}],
            "conditions": conditions,
        }
        orders.append({"id": f"O{i}", "person_id": p, "regime": "community_order", "versions": [version]})
    return OrderFile.model_validate(
        {"milepost": 1, "people": persons, "activations": activations, "orders": orders}
    )


def steps_of(tags: int, minutes: int, seed: int = 1) -> list[Signals]:
    """One batch a minute. Two in a hundred come home after their curfew began; some of the rest pop out."""
    random = np.random.default_rng(seed)
    number = np.arange(tags)
    lon = HOME[0] + (number % 200) * 0.004
    lat = HOME[1] + (number // 200) * 0.003
    home_at = np.where(
        random.random(tags) < 0.02, 120 + random.integers(5, 90, tags), random.integers(0, 115, tags)
    )
    out_at = np.where(random.random(tags) < 0.01, random.integers(130, 200, tags), 10_000)
    begin = to_us(__import__("datetime").datetime.fromisoformat(START))
    dictionary = pa.array([f"D{i:05}" for i in range(tags)])
    held: list[tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    steps = []
    for minute in range(minutes):
        away = (minute < home_at) | ((minute >= out_at) & (minute < out_at + 15))
        x = lon + np.where(away, 0.01, 0) + random.normal(0, 4e-5, tags)
        y = lat + random.normal(0, 3e-5, tags)
        t = begin + minute * 60 * SECOND_US + (number % 60) * SECOND_US
        is_late = random.random(tags) < LATE
        delay = random.integers(1, 30, tags)
        for d in np.unique(delay[is_late]).tolist():
            pick = is_late & (delay == d)
            held.append((minute + d, number[pick], t[pick], x[pick], y[pick]))
        due = [h for h in held if h[0] == minute]
        held = [h for h in held if h[0] != minute]
        again = number[random.random(tags) < REPEATED]
        parts = [(number[~is_late], t[~is_late], x[~is_late], y[~is_late]), *(h[1:] for h in due)]
        parts.append((again, t[again], x[again], y[again]))
        n, tt, xx, yy = (np.concatenate([p[i] for p in parts]) for i in range(4))
        mixed = random.permutation(len(n))
        steps.append(_signals(dictionary, n[mixed], tt[mixed], xx[mixed], yy[mixed]))
    return steps


def _signals(
    dictionary: pa.Array, number: np.ndarray, t: np.ndarray, lon: np.ndarray, lat: np.ndarray
) -> Signals:
    rows = len(number)
    columns = {
        "device_id": pa.DictionaryArray.from_arrays(pa.array(number.astype(np.int32)), dictionary),
        "recorded_at_utc": pa.array(t).cast(FIXES.field("recorded_at_utc").type),
        "source": pa.array(np.ones(rows, np.uint8)),
        "lon_e7": pa.array(np.rint(lon * 1e7).astype(np.int32)),
        "lat_e7": pa.array(np.rint(lat * 1e7).astype(np.int32)),
        "precision_m": pa.array(np.full(rows, 12, np.float32)),
        "quality": pa.array(np.zeros(rows, np.uint16)),
    }
    arrays = [columns.get(f.name, pa.nulls(rows, f.type)) for f in FIXES]
    return Signals(fixes=pa.Table.from_arrays(arrays, schema=FIXES))


def run(quick: bool) -> Report:
    tags, minutes = (4_000, 150) if quick else (TAGS, 240)
    order_file = orders_of(tags)
    begin = to_us(__import__("datetime").datetime.fromisoformat(START))
    rules = read_rules()
    engine = LiveEngine(order_file, rules, expand, begin_us=begin, horizon_us=begin + 86_400 * SECOND_US)
    steps = steps_of(tags, minutes)
    engine.ingest(steps[0])
    took, judged, late, changes = [], [], 0, 0
    for step in steps[1:]:
        started = time.perf_counter()
        done = engine.ingest(step)
        took.append((time.perf_counter() - started) * 1000)
        judged.append(done.judged)
        late += done.late
        changes += len(done.changes)
    until = engine.now_us
    engine.settle(until)
    everything = Signals(fixes=pa.concat_tables([s.fixes for s in steps]))
    batch = evaluate(order_file, expand, everything, rules, begin_us=begin, until_us=until, timeline_of=set())
    without = ["revision", "supersedes"]
    same = engine.findings().drop_columns(without).equals(batch.findings.drop_columns(without))
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    rows = [
        ["fixes a step", f"{tags:,}"],
        ["steps", str(len(took))],
        [
            "step, ms: median / 95th / 99th percentile / most",
            f"{p50:.1f} / {p95:.1f} / {p99:.1f} / {max(took):.1f}",
        ],
        ["tracks stepped back for late signals, a step", f"{late / len(took):.0f}"],
        ["people judged, a step: median / most", f"{np.median(judged):.0f} / {max(judged)}"],
        ["changes of findings", str(changes)],
        ["findings equal to batch", "yes" if same else "NO"],
    ]
    return Report(
        title="Live steps",
        tables=[Table(title="One step of the live engine", columns=["what", "figure"], rows=rows)],
        notes=["Target: 20,000 fixes with 5 % late in under 50 ms, 99th percentile."],
        wrong=[] if same else ["live and batch disagree"],
        data={"step_ms": took, "judged": judged, "same": same},
    )
