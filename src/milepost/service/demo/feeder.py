"""`milepost demo-feed`: plays the town's signals through the service's own door, with a gateway's token.

What has come in by the town's clock is sent as NDJSON, as a real gateway would, and sent again until it is
taken. How far it came is kept in a small file, so that the demo goes on where it stopped.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import requests

from milepost.service import clock
from milepost.service.demo.policy_data import numbers
from milepost.service.demo.town import TownSignals
from milepost.tracks.record import Signals

log = logging.getLogger("milepost.demo")
ROWS_A_MESSAGE = 5_000
TYPES = (("fix", "fixes"), ("presence", "presence"), ("device_event", "device_events"))
LEFT_OUT = {"quality", "payload_ref"}
GARBLED = (
    b'{"type": "fix", "device_id": "SYN-GARBLED-1", "recorded_at_utc": "yesterday evening", '
    b'"lat": "53.6 N", "lon": 1.2}\n'
)
"""One message that nobody can understand, so that there is something in quarantine."""


def as_lines(signals: Signals) -> list[str]:
    """One JSON object a signal, in the words of the record."""
    lines: list[str] = []
    for kind, name in TYPES:
        table: pa.Table = getattr(signals, name)
        for row in table.to_pylist():
            lines.append(json.dumps({"type": kind} | dict(_values(row))))
    return lines


def _values(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if value is None or name in LEFT_OUT:
            continue
        if name in ("recorded_at_utc", "received_at_utc"):
            value = value.isoformat()
        yield name, value


class Feeder:
    """Sends what the town's clock has passed. ``state_file`` holds up to when everything was taken."""

    def __init__(self, signals: TownSignals, url: str, token: str, state_file: Path, start_us: int) -> None:
        self.signals, self.url, self.state_file = signals, url, state_file
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.session.headers["Content-Type"] = "application/x-ndjson"
        self.session.trust_env = False  # never through a proxy: it is this machine
        self.fed_us = read_state(state_file, start_us)

    def run(self, stopping: threading.Event, end_us: int) -> None:
        while not stopping.is_set() and self.fed_us < end_us:
            upto = min(clock.now_us(), end_us)
            lines = as_lines(self.signals.received_in(self.fed_us, upto))
            for at in range(0, len(lines), ROWS_A_MESSAGE):
                body = "\n".join(lines[at : at + ROWS_A_MESSAGE]).encode()
                self.send(body, f"demo-{self.fed_us}-{upto}-{at}", stopping)
            if stopping.is_set():
                return
            self.fed_us = upto
            write_state(self.state_file, upto)
            stopping.wait(numbers().play.send_every_s)

    def send(self, body: bytes, batch_id: str, stopping: threading.Event) -> None:
        """Until it is taken: a server that is away, or says "later", is asked again."""
        wait_s = 0.5
        while not stopping.is_set():
            try:
                answer = self.session.post(self.url, data=body, headers={"X-Batch-Id": batch_id}, timeout=30)
                if answer.status_code in (200, 403, 409, 413, 422):
                    if answer.status_code != 200:
                        log.warning("signals were not taken", extra={"status": answer.status_code})
                    return
                log.warning("the service says: later", extra={"status": answer.status_code})
            except requests.RequestException as error:
                log.warning("the service does not answer", extra={"reason": type(error).__name__})
            stopping.wait(wait_s)
            wait_s = min(wait_s * 2, 10.0)


def read_state(path: Path, start_us: int) -> int:
    try:
        return max(int(json.loads(path.read_text())["fed_us"]), start_us)
    except (OSError, ValueError, KeyError):
        return start_us


def write_state(path: Path, fed_us: int) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"fed_us": fed_us}))
    part.replace(path)
