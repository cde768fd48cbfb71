"""The numbers of the front doors, from a data file that says who owns them (``serving_limits.toml``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from milepost.policy_files import PolicyFile, Strict, read_policy_file
from milepost.service import environment as env

DEFAULT_FILE = Path(__file__).with_name("serving_limits.toml")


class Heads(Strict):
    at_most_s: float
    bytes_at_most: int


class Bodies(Strict):
    bytes_at_most: int
    at_least_s: float
    bytes_per_s: float
    at_most_s: float

    def time_s(self, length: int) -> float:
        """How long a body of so many bytes may take."""
        return min(self.at_least_s + length / self.bytes_per_s, self.at_most_s)


class Readers(Strict):
    piece_at_most_s: float
    ahead_bytes: int
    threads_wait_at_most_s: float


class Connections(Strict):
    at_most: int
    idle_at_most_s: int


class Memory(Strict):
    bytes_at_most: int


class Threads(Strict):
    wait_at_most_s: float
    waiting_at_most: int
    retry_after_s: int


class Ending(Strict):
    at_most_s: int


class Database(Strict):
    lock_at_most_s: int
    connections_at_most: int
    statement_at_most_s: int


class ServingLimits(PolicyFile):
    """Meaning of each: ``serving_limits.toml``."""

    heads: Heads
    bodies: Bodies
    readers: Readers
    connections: Connections
    memory: Memory
    threads: Threads
    ending: Ending
    database: Database


@cache
def limits() -> ServingLimits:
    """The limits in force: of the file that MILEPOST_SERVING_LIMITS names, or those that ship.

    Raises:
        UnreadableFile: the file is not complete; it names the field.
    """
    return read_policy_file(Path(env.text("MILEPOST_SERVING_LIMITS", "") or DEFAULT_FILE), ServingLimits)
