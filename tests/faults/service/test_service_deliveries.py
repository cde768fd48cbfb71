"""Wrong clocks, repeats, any order, hours late: what the worker has written is what batch says of the stored signals."""

from __future__ import annotations

import datetime as dt
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from tests.faults.service.proof import check, load
from tests.faults.service.stories import Message, messages

from milepost.service.monitoring import lease
from milepost.service.monitoring.worker import Worker
from milepost.service.signals.incoming import Incoming
from milepost.service.signals.writing import write_all

PEOPLE = 8
SKEW_MINUTES = {0: 25, 1: -47, 2: 3, 7: -2}
"""Devices whose clocks are ahead or behind; one so far ahead that it speaks from the future."""


def incoming(message: Message) -> Incoming:
    names: dict[str, Any] = {"/ingest/osmand": "osmand", "/ingest/ndjson": "ndjson"}
    if message.topic:
        device = message.topic.removeprefix("owntracks/")
        return Incoming(
            message.body, "owntracks", time.time_ns() // 1000, "mqtt", None, device, topic=message.topic
        )
    return Incoming(message.body, names[message.path], time.time_ns() // 1000, "http")


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["as it came", "any order", "newest first"])
def test_however_signals_arrive_the_worker_agrees_with_batch(order: str, tmp_path: Path) -> None:
    end = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    assert load(PEOPLE, end.isoformat())["problems"] == []
    chance = random.Random(order)
    sent = messages(PEOPLE, end, seed=5, skew_minutes=SKEW_MINUTES)
    if order == "any order":
        chance.shuffle(sent)
    elif order == "newest first":
        sent.reverse()
    sent += chance.sample(sent, len(sent) // 10)  # delivered again, hours later
    lease.make_buckets()
    worker = Worker("test")
    promised = set()
    for start in range(0, len(sent), 400):
        group = sent[start : start + 400]
        results = write_all([incoming(message) for message in group])
        assert not any(isinstance(result, Exception) or result.quarantined for result in results)
        promised |= {signal for message in group for signal in message.signals}
        worker.step()
    for _ in range(3):
        worker.step()
    path = tmp_path / "promised.json"
    path.write_text(json.dumps(sorted(promised)))
    done = check(end.isoformat(), PEOPLE, str(path))
    assert done["wrong"] == []
    assert {"late_return", "left_during", "zone_entry", "strap_tamper"} <= set(done["kinds"])
