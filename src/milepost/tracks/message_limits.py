"""How large a live message and a packed file may be, from a data file that says who owns the numbers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DEFAULT_FILE = Path(__file__).with_name("message_limits.toml")


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """What a message is held against before it is read. Reasons: ``message_limits.toml``."""

    max_bytes: int
    max_rows: int
    max_unpacked_bytes: int
    max_id_characters: int
    max_code_characters: int


def load_message_limits(path: Path = DEFAULT_FILE) -> MessageLimits:
    """Reads a limits file. Raises ``KeyError`` or ``TypeError`` for one that is not complete."""
    return MessageLimits(**tomllib.loads(path.read_text(encoding="utf-8"))["message"])


@cache
def default_message_limits() -> MessageLimits:
    return load_message_limits()


@dataclass(frozen=True, slots=True)
class GzipFileLimits:
    """How far a gzip file is unpacked. Reasons: ``message_limits.toml``."""

    max_times_larger: int
    free_bytes: int


@cache
def gzip_file_limits() -> GzipFileLimits:
    return GzipFileLimits(**tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))["gzip_file"])
