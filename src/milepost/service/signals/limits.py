"""The numbers of taking signals in, from a data file that says who owns them (``ingest_limits.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from milepost.service import environment as env

DEFAULT_FILE = Path(__file__).with_name("ingest_limits.toml")


@dataclass(frozen=True, slots=True)
class Sizes:
    message_bytes: int
    batch_bytes: int
    alone_from_bytes: int
    message_rows: int
    batch_rows: int
    problems_told: int
    devices_told: int


@dataclass(frozen=True, slots=True)
class Rate:
    device_per_s: float
    device_burst: float
    gateway_per_s: float
    gateway_burst: float


@dataclass(frozen=True, slots=True)
class Tokens:
    cache_s: float
    note_use_every_s: float


@dataclass(frozen=True, slots=True)
class Group:
    messages_at_most: int
    bytes_at_most: int
    wait_at_most_s: float
    idle_at_most_s: float
    apart_s: float
    retry_after_s: int


@dataclass(frozen=True, slots=True)
class Mqtt:
    unacknowledged_at_most: int
    gather_s: float
    reconnect_at_least_s: int
    reconnect_at_most_s: int
    session_expiry_s: int


@dataclass(frozen=True, slots=True)
class Text:
    id_characters: int
    code_characters: int


@dataclass(frozen=True, slots=True)
class Roll:
    closed_after_h: float
    recent_days: int
    senders_per_part: int


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """Meaning of each: ``ingest_limits.toml``."""

    sizes: Sizes
    rate: Rate
    tokens: Tokens
    group: Group
    mqtt: Mqtt
    text: Text
    roll: Roll


def load_limits(path: Path) -> IngestLimits:
    """Raises ``KeyError`` or ``TypeError`` for a file that is not complete."""
    parsed = tomllib.loads(path.read_text(encoding="utf-8"))
    parts = IngestLimits.__annotations__
    kinds = {
        "sizes": Sizes, "rate": Rate, "tokens": Tokens, "group": Group, "mqtt": Mqtt, "text": Text, "roll": Roll
    }  # fmt: skip
    return IngestLimits(**{name: kinds[name](**parsed[name]) for name in parts})


@cache
def limits() -> IngestLimits:
    """The limits in force: of the file that MILEPOST_INGEST_LIMITS names, or those that ship."""
    return load_limits(Path(env.text("MILEPOST_INGEST_LIMITS", "") or DEFAULT_FILE))
