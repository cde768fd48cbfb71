"""``algorithms.toml`` and ``outcomes.toml`` of this app, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from milepost.service.kit.policy_data import PolicyFile, Strict, Titled, read_policy_file


class Counts(Strict):
    tiers_high: list[str]
    bands_high: list[str]
    upheld: list[str]
    excused: list[str]
    rows_at_most: int
    kept_minutes: int
    probability_high: float


class Steps(Strict):
    second_person: list[str]


class Numbers(PolicyFile):
    counts: Counts
    steps: Steps


@cache
def numbers() -> Numbers:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("algorithms.toml"), Numbers)


class OutcomeKind(Titled):
    means: str
    waiting_days: int
    instruments: list[str]


class ImportLimits(Strict):
    largest_bytes: int
    most_rows: int
    problems_kept: int


class OutcomeNumbers(PolicyFile):
    kind: list[OutcomeKind]
    limits: ImportLimits = Field(alias="import")

    def of(self, code: str) -> OutcomeKind | None:
        return next((kind for kind in self.kind if kind.code == code), None)

    def judging(self, instrument: str) -> OutcomeKind | None:
        """The kind by which an instrument is judged, if there is one."""
        return next((kind for kind in self.kind if instrument in kind.instruments), None)


@cache
def outcome_numbers() -> OutcomeNumbers:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("outcomes.toml"), OutcomeNumbers)
