"""Features as numbers, learnt from those who train and nobody else. A missing value stays missing (NaN)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl

from milepost.problems import Problem, ProblemList
from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.study import Study
from milepost.risk.rows import Array

YES, NO = ("1", "true", "yes", "y"), ("0", "false", "no", "n")


@dataclass(slots=True)
class Column:
    """One feature: how it becomes inputs, and the range of what was seen in training."""

    feature: str
    kind: str
    levels: list[str] = field(default_factory=list)
    low: float | None = None
    high: float | None = None

    @property
    def inputs(self) -> list[str]:
        if self.kind == "category":
            return [f"{self.feature} is {level}" for level in self.levels]
        return [self.feature]


@dataclass(slots=True)
class Encoder:
    """All features of a study. ``names`` are the inputs of a model, in order."""

    columns: list[Column]

    @property
    def names(self) -> list[str]:
        return [name for column in self.columns for name in column.inputs]

    def inputs(self, values: pl.DataFrame) -> Array:
        """The matrix, shape (rows, inputs). A word that cannot be read counts as missing: see `problems`."""
        parts = []
        for column in self.columns:
            series = values[column.feature]
            if column.kind == "category":
                parts += [_is(series, level) for level in column.levels]
                continue
            parts.append(as_numbers(series, column))
        return np.column_stack(parts) if parts else np.empty((values.height, 0))

    def problems(self, values: pl.DataFrame, rows: pl.Series, source: str) -> ProblemList:
        """What cannot be read, by the row's number in its file."""
        found = ProblemList()
        for column in self.columns:
            if column.kind == "category":
                continue
            series = values[column.feature]
            bad = np.isnan(as_numbers(series, column)) & series.is_not_null().to_numpy()
            words = ", ".join(column.levels) or ("yes, no" if column.kind == "yes_no" else "a number")
            for index in np.flatnonzero(bad):
                found.add(
                    Problem(
                        source, rows[int(index)], column.feature, "This cannot be read and counts as missing",
                        f"Write one of: {words}.", series[int(index)], "warning",
                    )
                )  # fmt: skip
        return found

    def unfamiliar(self, values: pl.DataFrame) -> Array:
        """How many features of each row are unlike anything seen in training, shape (rows,)."""
        strange = np.zeros(values.height, int)
        for column in self.columns:
            series = values[column.feature]
            if column.kind == "category":
                strange += (series.is_not_null() & ~series.is_in(column.levels)).to_numpy()
            elif column.low is not None and column.high is not None:
                numbers = as_numbers(series, column)
                strange += (numbers < column.low) | (numbers > column.high)
        return strange

    def as_dict(self) -> list[dict[str, Any]]:
        return [asdict(column) for column in self.columns]


def load_encoder(held: list[dict[str, Any]]) -> Encoder:
    return Encoder([Column(**column) for column in held])


def learn_encoder(study: Study, values: pl.DataFrame) -> Encoder:
    """From the features of those who train, as text."""
    columns = []
    for name, feature in study.features.items():
        column = Column(name, feature.kind, list(feature.levels))
        if feature.kind == "category":
            counts = values[name].drop_nulls().value_counts().sort(name)
            common = counts.filter(pl.col("count") >= load("limits")["features"]["smallest_level"])[
                name
            ].to_list()
            column.levels = [w for w in feature.levels if w in common] if feature.levels else common
        else:
            seen = as_numbers(values[name], column)
            seen = seen[~np.isnan(seen)]
            if len(seen):
                column.low, column.high = float(seen.min()), float(seen.max())
        columns.append(column)
    return Encoder(columns)


def as_numbers(series: pl.Series, column: Column) -> Array:
    """NaN where missing or not to be read. ``10 or more`` is 10: the order is kept, the excess is not known."""
    if column.kind == "number":
        plain = series.str.replace(r"\s+or more$", "").cast(pl.Float64, strict=False)
        return _finite(plain)
    if column.kind == "ordered":
        words = {level: float(rank) for rank, level in enumerate(column.levels)}
    else:
        no, yes = ((column.levels[0],), (column.levels[1],)) if column.levels else (NO, YES)
        series = series if column.levels else series.str.to_lowercase()
        words = {**dict.fromkeys(no, 0.0), **dict.fromkeys(yes, 1.0)}
    return _finite(series.replace_strict(words, default=None, return_dtype=pl.Float64))


def _finite(series: pl.Series) -> Array:
    numbers = series.fill_null(float("nan")).to_numpy().astype(float)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _is(series: pl.Series, level: str) -> Array:
    """1 or 0, and NaN where nothing is known."""
    return (series == level).cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(float)
