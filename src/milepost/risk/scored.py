"""What an instrument gives for a table of people, and what it must bring to be an instrument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from milepost.language import to_say
from milepost.risk.checks import Check, failing
from milepost.risk.options import Options
from milepost.risk.rows import Array, Rows

NO_BAND = -1
NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a score: its published name, a plain label, the answer it read, and what it added.

    ``value`` is in log-odds or in points, as the instrument says. The values of all terms sum to the whole.
    """

    name: str
    label: str
    value: float
    field: str | None = None


@dataclass(slots=True)
class Scored:
    """Arrays over the rows. NaN (or band -1) where the instrument could not score.

    ``probability`` is 0 to 1; ``percentage`` is as published. ``dynamic`` is None for an instrument that has
    one version only. ``terms`` explains one row.
    """

    percentage: Array
    band: Array
    probability: Array | None = None
    points: Array | None = None
    dynamic: Array | None = None
    extra: dict[str, Array] = field(default_factory=dict)
    terms: Callable[[int], list[Term]] = lambda row: []
    unit: str = to_say("log-odds")
    edges: tuple[float, ...] | None = None
    """The edges that were used, where options choose them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One published instrument.

    ``checks`` must pass for any score; ``dynamic_checks`` for the dynamic version (else the static one is
    used). ``bands`` are the names that ``Scored.band`` numbers; ``edges`` their lower edges in percent,
    from the second band on, where the bands are cut on the percentage.
    """

    key: str
    name: str
    version: str
    source: str
    commit: str
    files: tuple[str, ...]
    compute: Callable[[Rows, Options], Scored]
    checks: tuple[Check, ...]
    dynamic_checks: tuple[Check, ...] = ()
    bands: tuple[str, ...] = ("low", "medium", "high", "very_high")
    edges: tuple[float, ...] = ()
    point_edges: tuple[float, ...] = ()
    """Lower edges in points, for bands that are cut on points."""
    fixed_basis: Literal["static", "dynamic"] | None = None
    """What the score rests on, for an instrument of one version."""
    decimals: int = 2
    horizon_years: int | None = 2
    event: str = ""
    legacy: bool = False

    def blocked(self, rows: Rows) -> Array:
        """True where the instrument may not score."""
        return rows.keep(f"blocked {self.key}", lambda: failing(self.checks, rows))

    def no_dynamic(self, rows: Rows) -> Array:
        """True where only the static version may be used."""

        def make() -> Array:
            return failing(self.dynamic_checks, rows) | (rows["static_only"] == 1)

        return rows.keep(f"no dynamic {self.key}", make)


def half_up(values: Array, decimals: int) -> Array:
    """Rounded half up, as the published code does; Python and NumPy round half to even."""
    scale = 10.0**decimals
    result: Array = np.floor(values * scale + 0.5) / scale
    return result


def sigmoid(z: Array) -> Array:
    result: Array = 1.0 / (1.0 + np.exp(-z))
    return result


def cut(percentage: Array, edges: tuple[float, ...]) -> Array:
    """Band numbers of percentages; -1 where there is none."""
    if not edges:
        return np.where(np.isnan(percentage), NO_BAND, 0)
    band = np.sum([percentage >= edge for edge in edges], axis=0)
    return np.where(np.isnan(percentage), NO_BAND, band)
