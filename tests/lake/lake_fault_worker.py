"""Works on a lake until it is killed. What it has tried and what was acknowledged goes to a journal."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pyarrow as pa
from lake_signals import DAY0_US, HOUR_US, device_events, fixes, presence

from milepost.tracks.lake import PositionLake
from milepost.tracks.record import Signals


def batch(batch_id: str, forgotten: str) -> Signals:
    """The rows of a batch follow from its id: four tags over two days, and one tag that will be erased."""
    chance = random.Random(batch_id)
    tags = [f"TAG-{n}" for n in chance.sample(range(8), 4)]
    start = DAY0_US + chance.randrange(30 * HOUR_US)
    times = [start + n * HOUR_US for n in range(8)]
    return Signals(
        fixes=pa.concat_tables([fixes(tag, times) for tag in tags] + [fixes(forgotten, times)]),
        presence=presence(f"UNIT-{tags[0]}", times, tag_id=tags[0]),
        device_events=pa.concat_tables(
            [device_events(tags[1], times[:2]), device_events(forgotten, times[:2])]
        ),
    )


def work(lake_path: str, journal_path: str, life: int) -> None:
    """Appends, compacts and erases in random turns, for ever. Journal lines reach the kernel at once."""
    chance = random.Random(life)
    journal = os.open(journal_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(*words: str) -> None:
        os.write(journal, (" ".join(words) + "\n").encode())

    lake = PositionLake(Path(lake_path))
    note("ready", str(life))
    number = generation = 0
    while True:
        forgotten = f"GONE-{life}-{generation}"
        turn = chance.random()
        if turn < 0.6:
            batch_id = f"{life}-{number}"
            number += 1
            note("try", batch_id, forgotten)
            lake.append(batch(batch_id, forgotten), batch_id=batch_id)
            note("in", batch_id, forgotten)
        elif turn < 0.8:
            lake.compact(keep_hours=chance.choice([0, 24, None]))
            note("compacted")
        else:
            generation += 1
            note("erase", forgotten)
            lake.erase([(forgotten, 0, None)], dry_run=False)
            note("erased", forgotten)
