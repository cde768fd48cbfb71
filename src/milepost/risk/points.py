"""Pieces shared by the instruments that add points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from milepost.risk.fields import field_table
from milepost.risk.rows import Array
from milepost.risk.scored import Term

Parts = Mapping[str, tuple[str | None, Array]]
"""Plain label to the field that was read (if one) and the points it added, an array over the rows."""


def by_count(counts: Array, points: Sequence[float]) -> Array:
    """Points of 0, 1, 2, ...; the last for all higher counts; NaN for a missing count."""
    known = np.nan_to_num(counts, nan=0.0)
    index = np.clip(known, 0, len(points) - 1).astype(np.int64)
    return np.where(np.isnan(counts), np.nan, np.array(points, float)[index])


def by_edges(values: Array, edges: Sequence[float], points: Sequence[float]) -> Array:
    """``points[0]`` below the first edge, then those from each edge on; NaN for a missing value."""
    index = np.searchsorted(np.array(edges, float), values, side="right")
    return np.where(np.isnan(values), np.nan, np.array(points, float)[index])


def total(parts: Parts) -> Array:
    return np.sum([points for _, points in parts.values()], axis=0)


def explain(parts: Parts) -> Callable[[int], list[Term]]:
    """The parts of one row as terms."""

    def terms(row: int) -> list[Term]:
        return [
            Term(label, label, float(np.atleast_1d(points)[row]), field)
            for label, (field, points) in parts.items()
        ]

    return terms


def label(field: str) -> str:
    return field_table()[field].label
