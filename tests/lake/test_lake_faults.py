"""SIGKILL at any instant: what was acknowledged is there once, what was erased is nowhere.

MILEPOST_LAKE_KILLS sets the number of kills (25 if not set).
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from lake_fault_worker import batch, work
from lake_signals import RECORDS, contents, decoded_files

from milepost.tracks.lake import PositionLake

KILLS = int(os.environ.get("MILEPOST_LAKE_KILLS", "25"))


def read_journal(path: Path) -> dict[str, dict[str, str]]:
    """Journal lines by their first word: batch or device to the rest."""
    found: dict[str, dict[str, str]] = {
        word: {} for word in ("ready", "try", "in", "erase", "erased", "compacted")
    }
    if path.exists():
        for line in path.read_text().splitlines():
            word, *rest = [*line.split(" "), ""]
            found[word][rest[0]] = rest[1] if len(rest) > 1 else ""
    return found


def check(lake: PositionLake, journal: dict[str, dict[str, str]]) -> None:
    """Compares the lake with the journal: each batch whole or not at all in each table, and nothing else."""
    there = contents(lake.read())
    known = {b: contents(batch(b, device)) for b, device in journal["try"].items()}
    expected = {name: Counter() for name in RECORDS}
    for batch_id, bags in known.items():
        for name, bag in bags.items():
            rows = [row for row in bag if not row[0].startswith("GONE-")]
            n_found = sum(1 for row in rows if there[name][row])
            assert n_found in (0, len(rows)), f"{name} of batch {batch_id} is there in part"
            if batch_id in journal["in"]:
                assert n_found, f"acknowledged batch {batch_id} is lost"
            if n_found:
                expected[name].update(bag)
    being_erased = set(journal["erase"]) - set(journal["erased"])
    for name in RECORDS:
        allowed = Counter(
            {
                row: n
                for row, n in expected[name].items()
                if row[0] not in journal["erase"] or (row[0] in being_erased and row in there[name])
            }
        )
        assert there[name] == allowed, "rows are lost, doubled, or came back after they were erased"


def on_disk(path: Path, devices: set[str]) -> set[str]:
    """Which of the devices any Parquet file on disk still holds, used by a version or not."""
    found: set[str] = set()
    for content in decoded_files(path).values():
        if "device_id" in content.column_names:
            found |= devices & set(content["device_id"].unique().to_pylist())
    return found


def wait_for(word: str, journal: Path, process: BaseProcess) -> None:
    """Until the worker's last note begins with the word: it is doing just that."""
    while process.is_alive() and journal.read_text().splitlines()[-1].split(" ")[0] != word:
        time.sleep(0.001)


@pytest.mark.slow
def test_killed_at_random_moments_nothing_is_lost_doubled_or_remembered(tmp_path) -> None:
    path, journal_path = tmp_path / "lake", tmp_path / "journal"
    PositionLake.create(path, n_buckets=2, checkpoint_every=4)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["milepost.tracks.lake"])  # imported once: each life starts at once
    chance = random.Random(20260314)
    n_unfinished = 0
    for life in range(KILLS):
        process = context.Process(target=work, args=(str(path), str(journal_path), life))
        process.start()
        while str(life) not in read_journal(journal_path)["ready"]:
            assert process.is_alive(), "the worker died by itself"
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.5))
        if life % 3:  # into the middle of an append or an erasure, rather than anywhere
            wait_for("try" if life % 3 == 1 else "erase", journal_path, process)
            time.sleep(chance.uniform(0.0, 0.04))
        assert process.is_alive(), "the worker died by itself"
        process.kill()
        process.join()
        journal = read_journal(journal_path)
        lake = PositionLake(path)
        n_unfinished += lake.n_unfinished_erasures
        check(lake, journal)
        assert not on_disk(path, set(journal["erased"])), "an acknowledged erasure left rows on the disk"
    journal = read_journal(journal_path)
    print(f"{n_unfinished} of {KILLS} kills left an erasure unfinished")  # noqa: T201
    assert set(journal["try"]) - set(journal["in"]), "no kill fell into an append: the test shows nothing"
    assert journal["erased"]
    assert journal["in"]
    if KILLS >= 25:
        assert n_unfinished, "no kill fell into an erasure: the test shows nothing"
    lake = PositionLake(path)
    lake.finish_erasures()
    assert lake.n_unfinished_erasures == 0
    begun = {device for device in journal["erase"] if device not in journal["erased"]}
    for device in begun:  # killed before its intent was saved, the erasure was never accepted: ask again
        lake.erase([(device, 0, None)], dry_run=False)
    assert not on_disk(path, set(journal["erase"]))
    for batch_id, device in journal["try"].items():
        if device not in journal["erase"]:
            lake.append(batch(batch_id, device), batch_id=batch_id)
    lake.compact(keep_hours=0)
    journal["in"] |= {b: d for b, d in journal["try"].items() if d not in journal["erase"]}
    journal["erased"] |= journal["erase"]
    check(lake, journal)
    assert all(info.n_unreferenced_files == 0 for info in lake.info().values()), "files of the killed remain"
