"""The live engine killed at any instant: no acknowledged signal lost, no change told twice."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from milepost.compliance.batch import evaluate
from milepost.compliance.live import LiveEngine
from milepost.compliance.live_store import LiveStore
from milepost.compliance.rule_tables import read_rules
from milepost.orders.read import read_orders
from milepost.orders.schedules import expand
from milepost.synth.write import make_town
from milepost.tracks.record import Signals

KILLS = int(os.environ.get("MILEPOST_LIVE_KILLS", "8"))
WORKER = Path(__file__).with_name("live_worker.py")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, int]:
    """Two days of a small town as shuffled batches, some rows late, some twice."""
    folder = tmp_path_factory.mktemp("town")
    make_town(folder, people=6, days=2, seed=5, start=dt.date(2026, 3, 2), workers=1)
    fixes = pq.read_table(folder / "fixes.parquet")
    times = fixes.column("recorded_at_utc").cast(pa.int64()).to_numpy()
    generator = np.random.default_rng(1)
    arrives = (
        times
        + np.where(generator.random(len(times)) < 0.05, generator.integers(0, 7200, len(times)), 0) * 10**6
    )
    order = np.argsort(arrives, kind="stable")
    for i, rows in enumerate(np.array_split(order, 60)):
        pq.write_table(fixes.take(pa.array(rows)), folder / f"batch-{i:03}.parquet")
    return folder, int(times.min()), int(times.max())


def test_killed_at_any_instant_nothing_is_lost_and_nothing_doubled(town: tuple[Path, int, int]) -> None:
    folder, begin_us, until_us = town
    command = [sys.executable, str(WORKER), str(folder), str(begin_us), str(until_us)]
    chance = random.Random(7)
    acknowledged: set[str] = set()
    killed = 0
    for attempt in range(KILLS + 1):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if attempt < KILLS:
            time.sleep(chance.uniform(0.8, 3.0))
            process.send_signal(signal.SIGKILL)
        said, _ = process.communicate(timeout=120)
        acknowledged |= set(said.split())
        killed += process.returncode == -signal.SIGKILL
        if process.returncode == 0:
            break
    assert killed >= 1
    assert "end" in acknowledged

    database = sqlite3.connect(folder / "live.sqlite")
    kept = {row[0] for row in database.execute("SELECT batch_id FROM inbox")}
    assert acknowledged <= kept
    ids = [row[0] for row in database.execute("SELECT finding_id || what FROM changes")]
    assert len(ids) == len(set(ids))
    database.close()

    order_file, _ = read_orders(folder / "orders.json")
    rules = read_rules()
    engine = LiveEngine(order_file, rules, expand, begin_us=begin_us, horizon_us=until_us + 1)
    store = LiveStore(folder / "live.sqlite", engine)
    whole = Signals(fixes=pq.read_table(folder / "fixes.parquet"))
    batch = evaluate(order_file, expand, whole, rules, begin_us=begin_us, until_us=until_us)
    expected = sorted(batch.findings.column("finding_id").to_pylist())
    assert expected
    assert [row["finding_id"] for row in store.current()] == expected
    assert sorted(engine.findings().column("finding_id").to_pylist()) == expected
    store.close()
