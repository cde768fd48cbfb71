"""One score of one person, with everything needed to understand and to question it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from milepost.problems import Problem
from milepost.risk.scored import Term


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """An answer that was not there, and what was done about it."""

    field: str
    label: str
    effect: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the score would be if one changeable answer were different, everything else the same."""

    field: str
    label: str
    now: str
    instead: str
    percentage: float
    band: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """A score, or why there is none.

    ``probability`` is 0 to 1 over ``horizon_years``; ``percentage`` is as published; ``shown`` is how to print
    it. ``to_next_band`` and ``to_band_below`` are the distances to the band's edges in ``edge_unit``, None where
    there is no such edge. ``terms`` sum to ``total`` in ``unit``. ``words`` says it as a frequency.
    """

    instrument: str
    name: str
    version: str
    source: str
    data_hash: str
    scored: bool
    probability: float | None = None
    percentage: float | None = None
    shown: str = "no score"
    band: str | None = None
    points: float | None = None
    basis: Literal["static", "dynamic"] | None = None
    basis_reason: str = ""
    horizon_years: int | None = None
    to_next_band: float | None = None
    to_band_below: float | None = None
    edge_unit: str = "percentage points"
    words: str = ""
    unit: str = ""
    total: float | None = None
    terms: tuple[Term, ...] = ()
    missing: tuple[MissingAnswer, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    extra: dict[str, float | None] | None = None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def frequency(percentage: float, who: str, event: str, years: int | None) -> str:
    """A percentage as people: "of 100 people with these answers, about 27 ..."."""
    if not event:
        return ""
    over = f" within {years} years" if years else ""
    if percentage <= 0:
        return f"Of 10,000 {who}, fewer than 1 {_one(event)}{over}."
    base, count = scale(percentage)
    if count == base:
        return f"Of {base:,} {who}, nearly all {event}{over}."
    return f"Of {base:,} {who}, about {count:,} {_one(event) if count == 1 else event}{over}."


def scale(percentage: float) -> tuple[int, int]:
    """How many of how many people: (100, 27), or of 1,000 or 10,000 where it would be less than one. 0 stays 0."""
    if percentage <= 0:
        return 10_000, 0
    base = 100
    while percentage * base / 100 < 0.95 and base < 10_000:
        base *= 10
    return base, max(int(percentage * base / 100 + 0.5), 1)


def _one(event: str) -> str:
    return event.replace("have ", "has ", 1)


def shown(percentage: float, decimals: int) -> str:
    """The percentage as it is printed. A score that rounds to nothing is below 0.01 %, not 0."""
    if decimals and percentage <= 0:
        return "<0.01%"
    return f"{percentage:.{decimals}f}%"
