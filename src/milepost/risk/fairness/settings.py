"""The numbers of ``data/fairness.toml``, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from milepost.risk.data_files import fingerprint, load

FILE = "fairness.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """See the comments of the file. ``data_hash`` names exactly which numbers were used."""

    minimum_people: int
    confidence: float
    bootstrap_draws: int
    seed: int
    logit_step: float
    minimum_events: int
    alike_within: float
    age_from: tuple[int, ...]
    together: int
    most_combinations: int
    calibration_points: int
    version: str
    data_hash: str

    def __post_init__(self) -> None:
        if self.minimum_people < 2:
            raise ValueError("minimum_people must be 2 or more: a group of one is a person.")
        if not 0.5 < self.confidence < 1:
            raise ValueError("confidence lies between 0.5 and 1.")
        if self.bootstrap_draws < 100 or self.together < 1:
            raise ValueError("bootstrap_draws must be 100 or more, together 1 or more.")
        if list(self.age_from) != sorted(set(self.age_from)):
            raise ValueError("age_from must rise.")


@cache
def settings() -> Settings:
    """Raises ``ValueError`` or ``KeyError`` for a file that is wrong."""
    held: dict[str, Any] = load(FILE)
    return Settings(
        minimum_people=held["suppression"]["minimum_people"],
        confidence=held["intervals"]["confidence"],
        bootstrap_draws=held["intervals"]["bootstrap_draws"],
        seed=held["intervals"]["seed"],
        logit_step=held["intervals"]["logit_step"],
        minimum_events=held["intervals"]["minimum_events"],
        alike_within=held["findings"]["alike_within"],
        age_from=tuple(held["groups"]["age_from"]),
        together=held["groups"]["together"],
        most_combinations=held["groups"]["most_combinations"],
        calibration_points=held["pictures"]["calibration_points"],
        version=held["version"],
        data_hash=fingerprint(FILE),
    )


def age_band(age_years: float, edges: tuple[int, ...]) -> str:
    """ "under 18", "18 to 24", "50 and over": the band of an age in years, by lower edges that rise."""
    if age_years < edges[0]:
        return f"under {edges[0]}"
    for low, high in pairwise(edges):
        if age_years < high:
            return f"{low} to {high - 1}"
    return f"{edges[-1]} and over"
