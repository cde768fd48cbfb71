"""A run larger than memory: the same answer as in one piece, also after being killed."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from milepost.compliance.run import Request, run
from milepost.synth.write import make_town

KILLS = int(os.environ.get("MILEPOST_BATCH_KILLS", "4"))
ANSWERS = ("findings", "coverage", "totals")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    make_town(folder, people=30, days=3, seed=3, start=dt.date(2026, 3, 27), workers=1)
    return folder


def signals_of(town: Path) -> list[Path]:
    return [town / f"{name}.parquet" for name in ("fixes", "presence", "device_events")]


def test_bucket_by_bucket_gives_the_same_answer(town: Path, tmp_path: Path) -> None:
    whole = run(Request(town / "orders.json", signals_of(town), tmp_path / "whole"))
    pieces = run(
        Request(town / "orders.json", signals_of(town), tmp_path / "pieces", in_memory_bytes=1 << 20)
    )
    for name in ANSWERS:
        one = pq.read_table(tmp_path / "whole" / f"{name}.parquet")
        other = pq.read_table(tmp_path / "pieces" / f"{name}.parquet")
        assert other.equals(one), name
    assert pieces.results.counts == whole.results.counts
    assert not list((tmp_path / "pieces").glob(".*"))


def test_killed_and_started_again_it_ends_the_same(town: Path, tmp_path: Path) -> None:
    expected = run(Request(town / "orders.json", signals_of(town), tmp_path / "whole")).results.findings
    out = tmp_path / "killed"
    command = [
        sys.executable,
        "-m",
        "milepost",
        "compliance",
        "run",
        "--orders",
        str(town / "orders.json"),
        "--out",
        str(out),
    ]
    command += [part for path in signals_of(town) for part in ("--signals", str(path))] + [
        "--memory-gb",
        "0.01",
    ]
    chance = random.Random(3)
    for attempt in range(KILLS + 1):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if attempt < KILLS:
            time.sleep(chance.uniform(0.5, 4.0))
            process.send_signal(signal.SIGKILL)
        process.wait(timeout=180)
        for name in ANSWERS:  # whatever is in place is whole
            if (out / f"{name}.parquet").exists():
                pq.read_table(out / f"{name}.parquet")
    assert process.returncode in (0, 1)
    assert pq.read_table(out / "findings.parquet").equals(expected)
