"""The people of a study with what was known of each on the index date, and what happened by the horizon.

A value stamped after the index date is leakage: it would make the study look better than any decision could be.
It refuses the whole table, with the rows named, because leaving such rows out would bend the study instead.
A person whose outcome is not known is counted and left out: unknown is not no.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.risk.predictors.protected import never
from milepost.risk.predictors.study import Study
from milepost.risk.rows import Array

KEPT = 20
"""Problems of a kind that are kept in full."""


class Leakage(Exception):
    """Something was known only after the index date; ``problems`` names rows, fields and remedies."""

    def __init__(self, problems: ProblemList) -> None:
        super().__init__("\n".join(str(p) for p in problems.problems))
        self.problems = problems


@dataclass(slots=True)
class Cohort:
    """``row``: numbers of rows in the file. ``values``: one text column for each feature, null where missing.

    ``outcome``: 1 or 0; no unknowns. ``groups`` holds the characteristics of the audit, null where unknown.
    ``when`` is the text that a temporal split orders by, None without one. ``instrument`` is the score of the
    instrument to compare with, or None.
    """

    study: Study
    row: pl.Series
    person: pl.Series
    values: pl.DataFrame
    outcome: Array
    groups: pl.DataFrame
    when: pl.Series | None
    index_date: pl.Series | None
    instrument: Array | None
    rows_read: int
    data_hash: str
    excluded: dict[str, int] = field(default_factory=dict)
    problems: ProblemList = field(default_factory=lambda: ProblemList(KEPT))

    def __len__(self) -> int:
        return len(self.outcome)

    def take(self, where: Array) -> Cohort:
        """The people at these positions, in this order."""
        rows = pl.Series(np.asarray(where, np.int64))
        return Cohort(
            self.study, self.row[rows], self.person[rows], self.values[rows], self.outcome[where], self.groups[rows],
            None if self.when is None else self.when[rows],
            None if self.index_date is None else self.index_date[rows],
            None if self.instrument is None else self.instrument[where],
            self.rows_read, self.data_hash, self.excluded, self.problems,
        )  # fmt: skip


def hash_of(frame: pl.DataFrame) -> str:
    """SHA-256 of the table's text, by column name: the same for CSV and Parquet of the same words."""
    digest = hashlib.sha256()
    for name in sorted(frame.columns):
        digest.update(name.encode() + b"\0")
        digest.update("\x1f".join("\0" if v is None else v for v in frame[name].to_list()).encode())
    return digest.hexdigest()


def as_text(frame: pl.DataFrame, missing: tuple[str, ...]) -> pl.DataFrame:
    """All columns as text; names without blanks around them; the words for missing are null."""
    frame = frame.rename({name: name.strip() for name in frame.columns}).cast(pl.String)
    words = [*missing, ""]
    trimmed = pl.all().str.strip_chars()
    return frame.with_columns(pl.when(trimmed.is_in(words)).then(None).otherwise(trimmed).name.keep())


def feature_values(study: Study, frame: pl.DataFrame, source: str) -> pl.DataFrame:
    """The study's features of a table of text. Raises ``UnreadableFile`` for a missing column."""
    need_columns(frame, [study.column_of(name) for name in study.features], source)
    return frame.select(pl.col(study.column_of(name)).alias(name) for name in study.features)


def read_cohort(study: Study, frame: pl.DataFrame, source: str = "table", first_row: int = 2) -> Cohort:
    """The cohort of a table. ``first_row`` is the number of the table's first row in its file.

    Raises:
        UnreadableFile: a column is missing, nobody is left, or a feature is a copy of a protected group.
        Leakage: a value is stamped after the index date, or not stamped at all.
    """
    whole = as_text(frame, study.cohort.missing)
    need_columns(whole, _columns(study), source)
    rows_read, data_hash = whole.height, hash_of(whole)
    whole = whole.with_row_index("__row__", offset=first_row)
    excluded: dict[str, int] = {}
    for keep in study.cohort.keep:
        kept = whole.filter(pl.col(keep.column).is_in(keep.values))
        _count(excluded, f"{keep.column} is not {' or '.join(keep.values)}", whole.height - kept.height)
        whole = kept
    problems = ProblemList(KEPT)
    whole = _dated(study, whole, source, problems, excluded)
    _check_stamps(study, whole, source)
    whole, outcome = _outcome(study, whole, source, problems, excluded)
    if whole.height == 0:
        raise UnreadableFile(
            Problem(source, None, None, "Nobody is left in the cohort", "Check [cohort] and [outcome].")
        )
    values = feature_values(study, whole, source)
    groups = whole.select(pl.col(column).alias(name) for name, column in study.groups.items())
    _check_copies(values, groups, source)
    column = study.split.column or study.cohort.index_date
    instrument = None
    if study.instrument:
        instrument = whole[study.instrument.column].cast(pl.Float64, strict=False).to_numpy().astype(float)
    return Cohort(
        study, whole["__row__"], _persons(study, whole), values,
        outcome, groups,
        whole[column] if column else None,
        whole[study.cohort.index_date] if study.cohort.index_date else None,
        instrument, rows_read, data_hash, excluded, problems,
    )  # fmt: skip


def _persons(study: Study, frame: pl.DataFrame) -> pl.Series:
    """Who each row is. A row that names nobody is a person of its own, never the same as another such row."""
    own = pl.format("row {}", "__row__")
    named = pl.coalesce(study.cohort.person, own) if study.cohort.person else own
    return frame.select(named.alias("person"))["person"]


def _columns(study: Study) -> list[str]:
    outcome = study.outcome
    names: list[str | None] = [study.cohort.person, study.cohort.index_date, study.split.column]
    names += [outcome.column, outcome.date, outcome.followed_until, *study.groups.values()]
    names += [keep.column for keep in study.cohort.keep]
    names += [study.instrument.column if study.instrument else None]
    for name, feature in study.features.items():
        names += [study.column_of(name), feature.known_at_column]
    return [name for name in names if name]


def need_columns(frame: pl.DataFrame, columns: list[str], source: str) -> None:
    """Raises ``UnreadableFile`` that names the first column that is not there."""
    for name in columns:
        if name not in frame.columns:
            near = ", ".join(sorted(frame.columns)[:8])
            problem = Problem(
                source, 1, name, "There is no such column", f"Name a column of the table: {near} ..."
            )
            raise UnreadableFile(problem)


def _count(excluded: dict[str, int], reason: str, n: int) -> None:
    if n:
        excluded[reason] = excluded.get(reason, 0) + n


def _day(name: str) -> pl.Expr:
    return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _dated(
    study: Study, frame: pl.DataFrame, source: str, problems: ProblemList, excluded: dict[str, int]
) -> pl.DataFrame:
    """Rows with an index date that can be read."""
    name = study.cohort.index_date
    if name is None:
        return frame
    bad = _day(name).is_null()
    for row in frame.filter(bad).iter_rows(named=True):
        message = "The index date is missing" if row[name] is None else "The index date cannot be read"
        problems.add(Problem(source, row["__row__"], name, message, "Enter it as 2026-03-31.", row[name]))
    _count(excluded, "no index date that can be read", frame.filter(bad).height)
    return frame.filter(~bad).with_columns(_day(name).alias("__index__"))


def _check_stamps(study: Study, frame: pl.DataFrame, source: str) -> None:
    found = ProblemList(KEPT)
    for name, feature in study.features.items():
        stamp = feature.known_at_column
        if stamp is None:
            continue
        if "__index__" not in frame.columns:
            remedy = "Give cohort.index_date, or drop known_at_column."
            problem = Problem(
                source, None, stamp, f"{name} is stamped, but the study has no index date", remedy
            )
            raise UnreadableFile(problem)
        column, has_value = study.column_of(name), pl.col(study.column_of(name)).is_not_null()
        late = frame.filter(has_value & (_day(stamp) > pl.col("__index__")))
        for row in late.iter_rows(named=True):
            found.add(
                Problem(
                    source, row["__row__"], column,
                    f"This was known on {row[stamp][:10]}, after the index date {row['__index__']}: leakage",
                    "Give the value as it was known on the index date, or leave it empty.", row[column],
                )
            )  # fmt: skip
        for row in frame.filter(has_value & _day(stamp).is_null()).iter_rows(named=True):
            found.add(
                Problem(
                    source, row["__row__"], column, f"Nothing says when this was known ({stamp})",
                    "Give the date as 2026-03-31, or leave the value empty.", row[column],
                )
            )  # fmt: skip
    if found:
        raise Leakage(found)


def _outcome(
    study: Study, frame: pl.DataFrame, source: str, problems: ProblemList, excluded: dict[str, int]
) -> tuple[pl.DataFrame, Array]:
    outcome = study.outcome
    if outcome.column:
        known = pl.col(outcome.column)
        frame = frame.with_columns(
            pl.when(known.is_in(outcome.yes)).then(1.0).when(known.is_in(outcome.no)).then(0.0).alias("__y__")
        )
        strange = frame.filter(pl.col("__y__").is_null() & known.is_not_null())
        for row in strange.iter_rows(named=True):
            words = ", ".join((*outcome.yes, *outcome.no))
            problems.add(
                Problem(
                    source, row["__row__"], outcome.column, "The outcome is neither yes nor no",
                    f"Write one of: {words}; or leave it empty if it is not known.", row[outcome.column],
                )
            )  # fmt: skip
    else:
        frame = _by_date(study, frame)
    unknown = frame.filter(pl.col("__y__").is_null()).height
    _count(excluded, "outcome not known within the horizon", unknown)
    frame = frame.filter(pl.col("__y__").is_not_null())
    return frame, frame["__y__"].to_numpy().astype(float)


def _by_date(study: Study, frame: pl.DataFrame) -> pl.DataFrame:
    """1 if the event came within the horizon, 0 if the person was followed to its end without, else null.

    An event on or before the index date is none of this follow-up.
    """
    outcome = study.outcome
    if "__index__" not in frame.columns or outcome.date is None or outcome.followed_until is None:
        problem = Problem(
            study.name, None, "cohort.index_date", "Dates of outcomes need an index date", "Name its column."
        )
        raise UnreadableFile(problem)
    end = pl.col("__index__") + pl.duration(days=study.cohort.horizon_days)
    event = _day(outcome.date)
    within = (event > pl.col("__index__")) & (event <= end)
    followed = _day(outcome.followed_until) >= end
    return frame.with_columns(
        pl.when(within.fill_null(False)).then(1.0).when(followed.fill_null(False)).then(0.0).alias("__y__")
    )


def _check_copies(values: pl.DataFrame, groups: pl.DataFrame, source: str) -> None:
    """A feature that names a protected group in other words is that group."""
    for group in (g for g in groups.columns if never(g)):
        for name in values.columns:
            pairs: Any = pl.DataFrame({"f": values[name], "g": groups[group]}).drop_nulls().unique()
            n = pairs.height
            if n > 1 and pairs["f"].n_unique() == n == pairs["g"].n_unique() and len(values) > 10 * n:
                problem = Problem(
                    source, None, name, f"Its values are one to one with the group {group}: it is a copy of it",
                    "Take the feature out.",
                )  # fmt: skip
                raise UnreadableFile(problem)
