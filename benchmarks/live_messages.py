"""Live messages: how many single positions a second one core takes, in batches and one by one.

The seconds are processor time of this process, so that neighbours on a shared machine count little.
Every timed call is checked: all rows must be there and nothing refused.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median

from benchmarks.report import Report, Table
from milepost.tracks.formats import osmand
from milepost.tracks.messages import Format, Message, parse_many

START_S = 1_790_848_800  # 2026-10-01T10:00:00Z
BATCHES = (1, 50, 500)
TARGETED = ("OsmAnd query", "OsmAnd JSON", "OwnTracks")
TARGET_PER_S, TARGET_ONE_MS = 8_000, 2.0


def _osmand_query(i: int) -> bytes:
    place = f"lat=51.{i:06d}&lon=-0.{i:06d}&altitude=35.5&accuracy={i % 50 + 3}"
    return (
        f"id=T-{i % 500}&timestamp={START_S + i}&{place}&speed=1.4&bearing={i % 360}&batt={i % 100}".encode()
    )


def _osmand_json(i: int) -> bytes:
    coords = {"latitude": 51 + i / 1e6, "longitude": -0.1, "accuracy": 5.5, "speed": 1.2, "heading": 33}
    location = {
        "timestamp": f"2026-10-01T10:00:{i % 60:02d}.000Z",
        "coords": coords,
        "battery": {"level": 0.77},
    }
    return json.dumps({"location": location, "device_id": f"T-{i % 500}"}).encode()


def _owntracks(i: int) -> bytes:
    said = {"_type": "location", "topic": f"owntracks/jane/T-{i % 500}", "tst": START_S + i, "lat": 51 + i / 1e6,
            "lon": -0.1, "acc": 12, "alt": 30, "vel": 4, "cog": 270, "batt": 88, "t": "u", "conn": "m"}  # fmt: skip
    return json.dumps(said).encode()


def _traccar(i: int) -> bytes:
    position = {"fixTime": "2026-10-01T10:00:00.000+00:00", "serverTime": "2026-10-01T10:00:02.000+00:00",
                "latitude": 51 + i / 1e6, "longitude": -0.1, "accuracy": 3.2, "speed": 2.1, "course": 12.0,
                "valid": True, "attributes": {"batteryLevel": 55, "index": i}}  # fmt: skip
    return json.dumps({"position": position, "device": {"uniqueId": f"T-{i % 500}"}}).encode()


def _ndjson(i: int) -> bytes:
    said = {"type": "fix", "device_id": f"T-{i % 500}", "recorded_at_utc": "2026-10-01T10:00:00Z",
            "lat": 51 + i / 1e6, "lon": -0.1, "precision_m": 8.5, "source": "GPS", "sequence": i}  # fmt: skip
    return json.dumps(said).encode()


MAKERS: dict[str, tuple[Format, Callable[[int], bytes]]] = {
    "OsmAnd query": ("osmand", _osmand_query),
    "OsmAnd JSON": ("osmand", _osmand_json),
    "OwnTracks": ("owntracks", _owntracks),
    "Traccar": ("traccar", _traccar),
    "NDJSON": ("ndjson", _ndjson),
}


def run(quick: bool) -> Report:
    report = Report("Live messages")
    table = Table("Single positions, processor time of one core",
                  ["format", "batch", "messages a second", "ms a call"])  # fmt: skip
    n_messages, repeats = (2_000, 3) if quick else (10_000, 7)
    for name, (format, make) in MAKERS.items():
        messages = [Message(make(i), format, None, (START_S + i + 2) * 1_000_000) for i in range(n_messages)]
        for batch in BATCHES:
            calls = min(n_messages // batch, 500)
            seconds = [_time_calls(messages, batch, calls, report) for _ in range(repeats)]
            a_call_s = median(seconds) / calls
            table.rows.append([name, str(batch), f"{batch / a_call_s:,.0f}", f"{a_call_s * 1e3:.2f}"])
            report.data[f"{name}, {batch}"] = {"seconds": seconds, "calls": calls}
            if name in TARGETED:
                report.notes.append(_judge(name, batch, a_call_s))
    alone = [_time_alone(_osmand_query(i)) for i in range(50)]
    table.rows.append(
        ["OsmAnd query, parse_message", "1", f"{1 / median(alone):,.0f}", f"{median(alone) * 1e3:.2f}"]
    )
    report.tables.append(table)
    return report


def _time_calls(messages: list[Message], batch: int, calls: int, report: Report) -> float:
    start = time.process_time()
    done = [parse_many(messages[k * batch : (k + 1) * batch]) for k in range(calls)]
    seconds = time.process_time() - start
    for many in done:
        if many.signals.fixes.num_rows != batch or many.signals.problems:
            report.wrong.append(f"{many.signals.fixes.num_rows} rows of {batch} messages")
    return seconds


def _time_alone(raw: bytes) -> float:
    start = time.process_time()
    osmand.parse_message(raw)
    return time.process_time() - start


def _judge(name: str, batch: int, a_call_s: float) -> str:
    if batch == 1:
        said = "met" if a_call_s * 1e3 < TARGET_ONE_MS else "MISSED"
        return f"Target under {TARGET_ONE_MS:g} ms for one, {name}: {a_call_s * 1e3:.2f} ms, {said}."
    said = "met" if batch / a_call_s >= TARGET_PER_S else "MISSED"
    return f"Target {TARGET_PER_S:,} a second, {name} by {batch}: {batch / a_call_s:,.0f}, {said}."
