"""``algorithms.toml`` of this app, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from milepost.service.monitoring.codes import Strict, TableHead, read_file


class Counts(Strict):
    tiers_high: list[str]
    bands_high: list[str]
    upheld: list[str]
    excused: list[str]
    rows_at_most: int
    kept_minutes: int


class Steps(Strict):
    second_person: list[str]


class Numbers(Strict):
    table: TableHead
    counts: Counts
    steps: Steps


@cache
def numbers() -> Numbers:
    """Raises ``UnreadableFile``, naming the field."""
    return read_file(Path(__file__).with_name("algorithms.toml"), Numbers)
