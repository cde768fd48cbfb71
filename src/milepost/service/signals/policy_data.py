"""The numbers of taking signals in, from a data file that says who owns them (``ingest_limits.toml``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from milepost.service import environment as env
from milepost.service.kit.policy_data import PolicyFile, Strict, read_policy_file

DEFAULT_FILE = Path(__file__).with_name("ingest_limits.toml")


class Sizes(Strict):
    message_bytes: int
    batch_bytes: int
    alone_from_bytes: int
    message_rows: int
    batch_rows: int
    unpacked_bytes: int
    gzip_bytes: int
    problems_told: int
    devices_told: int


class Rate(Strict):
    device_per_s: float
    device_burst: float
    gateway_per_s: float
    gateway_burst: float


class Tokens(Strict):
    cache_s: float
    note_use_every_s: float


class Group(Strict):
    messages_at_most: int
    bytes_at_most: int
    wait_at_most_s: float
    idle_at_most_s: float
    apart_s: float
    posts_waiting_at_most: int
    retry_after_s: int


class Mqtt(Strict):
    unacknowledged_at_most: int
    gather_s: float
    reconnect_at_least_s: int
    reconnect_at_most_s: int
    session_expiry_s: int


class Text(Strict):
    id_characters: int
    code_characters: int


class Roll(Strict):
    closed_after_h: float
    recent_days: int
    senders_per_part: int


class IngestLimits(PolicyFile):
    """Meaning of each: ``ingest_limits.toml``."""

    sizes: Sizes
    rate: Rate
    tokens: Tokens
    group: Group
    mqtt: Mqtt
    text: Text
    roll: Roll


@cache
def limits() -> IngestLimits:
    """The limits in force: of the file that MILEPOST_INGEST_LIMITS names, or those that ship.

    Raises:
        UnreadableFile: naming the field.
    """
    return read_policy_file(Path(env.text("MILEPOST_INGEST_LIMITS", "") or DEFAULT_FILE), IngestLimits)
