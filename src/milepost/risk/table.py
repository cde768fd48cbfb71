"""Scores a table: millions of rows in seconds, by the same code that explains one person."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from milepost.problems import Problem, ProblemList
from milepost.risk.checks import Check
from milepost.risk.instruments import CURRENT, chosen, instruments
from milepost.risk.options import STATED, Options
from milepost.risk.rows import Array, Rows
from milepost.risk.scored import NO_BAND, Instrument, Scored
from milepost.risk.tidy import CODE_GIVEN, ROW, Tidy, UnemployedOne, tidy

CHUNK = 32_768
"""Rows at a time: enough that Python's own work between the array operations does not count, few enough that the
next rows use the memory of the last ones. At 65,536 the features of each chunk (33 MB) came as new pages from the
operating system, which on some runs cost more than the arithmetic. A multiple of ``ogrs4.BLOCK``, so that the size
changes no bit of a score."""
THREADS = 2
BASES = ("static", "dynamic")
NO_SCORE = ("not_applicable", "omission")
"""Bands that say nothing of a person: a row that has no more than them, and a bad answer, is refused."""


@dataclass(slots=True)
class Scores:
    """``frame``: a row per person who got any score. ``problems``: who did not, and what was odd.

    Columns: ``row``, ``person_id``, and for each instrument ``KEY_percentage``, ``KEY_band``, and where it has
    them ``KEY_probability``, ``KEY_points``, ``KEY_basis``, ``KEY_why_static``, ``KEY_why_not`` and its own.
    ``not_scored`` counts the reasons by instrument.
    """

    frame: pl.DataFrame
    problems: ProblemList
    rows_read: int
    not_scored: dict[str, dict[str, int]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def score_table(
    frame: pl.DataFrame,
    names: Sequence[str] = CURRENT,
    options: Options = STATED,
    *,
    source: str = "table",
    first_row: int = 1,
    unemployed_one: UnemployedOne = "no",
) -> Scores:
    """Scores every row that can be. Column names: fields of ``fields.Assessment``, or those of dsTestCases.

    Raises ``ValueError`` for an unknown instrument, ``UnreadableFile`` if no column is known.
    """
    keys = chosen(tuple(names))
    tidied = tidy(frame, source=source, first_row=first_row, unemployed_one=unemployed_one)
    return score_tidy(tidied, keys, options, source)


def score_tidy(tidied: Tidy, keys: tuple[str, ...], options: Options, source: str) -> Scores:
    """Scores a table that :func:`milepost.risk.tidy.tidy` has read."""
    held = tidied.frame
    arrays = as_arrays(held)
    starts = range(0, max(held.height, 1), CHUNK)

    def work(start: int) -> Chunk:
        stop = min(start + CHUNK, held.height)
        part = {name: values[start:stop] for name, values in arrays.items()}
        return _chunk(Rows(part, stop - start), keys, options)

    if len(starts) == 1:
        parts = [work(0)]
    else:
        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(pool.map(work, starts))
    scored = np.concatenate([part.scored for part in parts])
    masks = {key: np.concatenate([part.masks[key] for part in parts]) for key in parts[0].masks}
    columns = [held.get_column(ROW).alias("row"), held.get_column("person_id")]
    for number, (name, _, words) in enumerate(parts[0].columns):
        values = np.concatenate([part.columns[number][1] for part in parts])
        columns.append(_series(name, values, words))
    done = pl.DataFrame(columns)
    _report_invalid(tidied, keys, masks, scored, source)
    counts = {key: _count(done, f"{key}_why_not") for key in keys}
    if not scored.all():
        done = done.filter(pl.Series(scored))
    return Scores(done, tidied.problems, tidied.rows_read, counts, tidied.ignored)


def as_arrays(frame: pl.DataFrame) -> dict[str, Array]:
    """The number columns of a tidy frame as float64 arrays; no answer is NaN."""
    arrays: dict[str, Array] = {}
    for series in frame.get_columns():
        if series.dtype != pl.String:
            values = series.to_physical() if series.dtype == pl.Date else series
            arrays[series.name] = values.cast(pl.Float64).to_numpy()
    return arrays


Column = tuple[str, Array, tuple[str, ...] | None]
"""A name, its values, and for numbers that stand for words the words (-1 is none)."""


@dataclass(slots=True)
class Chunk:
    columns: list[Column]
    masks: dict[str, Array]
    """By check: which rows fail it."""
    scored: Array
    """Rows that stay: some instrument scored them, or none of them was blocked."""


def _chunk(rows: Rows, keys: tuple[str, ...], options: Options) -> Chunk:
    columns: list[Column] = []
    masks: dict[str, Array] = {}
    scored_any, blocked_any = np.zeros(rows.n, bool), np.zeros(rows.n, bool)
    with np.errstate(invalid="ignore"):
        for key in keys:
            instrument = instruments()[key]
            scored = instrument.compute(rows, options)
            columns += _columns(instrument, scored, rows)
            blocked_any |= instrument.blocked(rows)
            empty = [at for at, band in enumerate(instrument.bands) if band in NO_SCORE]
            real = (scored.band != NO_BAND) | ~np.isnan(scored.percentage)
            scored_any |= real & ~np.isin(scored.band, empty)
            for check in instrument.checks:
                masks[check.key] = check.mask(rows)
    return Chunk(columns, masks, scored_any | ~blocked_any)


def _columns(instrument: Instrument, scored: Scored, rows: Rows) -> list[Column]:
    key = instrument.key
    columns: list[Column] = []
    if scored.probability is not None:
        columns.append((f"{key}_probability", scored.probability, None))
        columns.append((f"{key}_percentage", scored.percentage, None))
    if scored.points is not None:
        columns.append((f"{key}_points", scored.points, None))
    if instrument.bands:
        columns.append((f"{key}_band", scored.band.astype(np.int8), instrument.bands))
    missing = scored.band == NO_BAND if instrument.bands else np.isnan(scored.percentage)
    if scored.dynamic is not None:
        columns.append((f"{key}_basis", np.where(missing, NO_BAND, scored.dynamic).astype(np.int8), BASES))
        static = ~missing & ~scored.dynamic
        columns.append(_reasons(f"{key}_why_static", instrument.dynamic_checks, static, rows))
    columns += [(f"{key}_{name}", values, None) for name, values in scored.extra.items()]
    columns.append(_reasons(f"{key}_why_not", instrument.checks, missing, rows))
    return columns


def _series(name: str, values: Array, words: tuple[str, ...] | None) -> pl.Series:
    if words is not None:
        series = pl.Series(name, np.where(values < 0, len(words), values).astype(np.uint32))
        if (values < 0).any():
            series = series.set(series == len(words), None)
        return series.cat.to(pl.Enum(list(words)))
    series = pl.Series(name, values)
    return series.fill_nan(None) if values.dtype == float and np.isnan(values.sum()) else series


def _reasons(name: str, checks: tuple[Check, ...], where: Array, rows: Rows) -> Column:
    """The message of the first check that fails, for rows in ``where``."""
    messages = tuple(dict.fromkeys(check.message for check in checks)) or ("",)
    reason = np.full(rows.n, NO_BAND, np.int8)
    if where.any():
        for check in checks:
            reason[where & (reason == NO_BAND) & check.mask(rows)] = messages.index(check.message)
    return name, reason, messages


def _report_invalid(
    tidied: Tidy, keys: tuple[str, ...], masks: dict[str, Array], scored: Array, source: str
) -> None:
    """Invalid answers, and people without any score, become problems by row."""
    checks = {check.key: check for key in keys for check in instruments()[key].checks}
    told = np.zeros(len(scored), bool)
    for key, check in checks.items():
        if check.kind == "invalid":
            told |= masks[key] & ~scored
            _add(tidied, check, masks[key] & ~scored, "error", source)
            _add(tidied, check, masks[key] & scored, "warning", source)
    for key, check in checks.items():
        if check.kind == "missing":
            _add(tidied, check, masks[key] & ~scored & ~told, "error", source)
            told |= masks[key] & ~scored


def _add(tidied: Tidy, check: Check, mask: Array, severity: str, source: str) -> None:
    found = np.flatnonzero(mask)
    problems, keep = tidied.problems, tidied.problems.keep
    for at, index in enumerate(found[: keep + 1]):
        times = len(found) - keep if at == keep else 1
        value = _given(tidied.frame, check.field, int(index))
        problems.add(
            Problem(
                source, int(tidied.frame.get_column(ROW)[int(index)]), check.field, check.message,
                check.remedy, None if value is None else _shown(check.field, value),
                "error" if severity == "error" else "warning",
            ),
            times,
        )  # fmt: skip


def _given(frame: pl.DataFrame, name: str, index: int) -> object:
    """The answer as it came in."""
    if name not in frame.columns:
        return None
    value = frame.get_column(name)[index]
    if name == "offence_code" and value == -1 and CODE_GIVEN in frame.columns:
        return frame.get_column(CODE_GIVEN)[index]
    return value


def _shown(name: str, value: object) -> str:
    if name == "offence_code" and isinstance(value, float) and value >= 0:
        return f"{int(value):05d}"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _count(frame: pl.DataFrame, column: str) -> dict[str, int]:
    counts = frame.get_column(column).drop_nulls().value_counts(sort=True)
    return {str(reason): int(count) for reason, count in counts.iter_rows()}
