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
from milepost.risk.tidy import ROW, Tidy, UnemployedOne, tidy

CHUNK = 16_384
"""Rows at a time: small enough that what they need stays in the processor's cache."""
THREADS = 2
BASES = ("static", "dynamic")


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
    starts = range(0, max(held.height, 1), CHUNK)

    def work(start: int) -> tuple[pl.DataFrame, dict[str, Array]]:
        return _chunk(held.slice(start, CHUNK), keys, options)

    if len(starts) == 1:
        parts = [work(0)]
    else:
        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(pool.map(work, starts))
    done = pl.concat([part for part, _ in parts], rechunk=False)
    masks = {key: np.concatenate([part[key] for _, part in parts]) for key in parts[0][1]}
    scored = masks.pop("scored")
    _tell(tidied, keys, masks, scored, source)
    counts = {key: _count(done, f"{key}_why_not") for key in keys if f"{key}_why_not" in done.columns}
    if not scored.all():
        done = done.filter(pl.Series(scored))
    return Scores(done, tidied.problems, tidied.rows_read, counts, tidied.ignored)


def _chunk(frame: pl.DataFrame, keys: tuple[str, ...], options: Options) -> tuple[pl.DataFrame, dict[str, Array]]:
    rows = Rows.from_frame(frame)
    columns = [frame.get_column(ROW).alias("row"), frame.get_column("person_id")]
    masks: dict[str, Array] = {}
    scored_any = np.zeros(rows.n, bool)
    with np.errstate(invalid="ignore"):
        for key in keys:
            instrument = instruments()[key]
            scored = instrument.compute(rows, options)
            columns += _columns(instrument, scored, rows)
            scored_any |= (scored.band != NO_BAND) | ~np.isnan(scored.percentage)
            for check in instrument.checks:
                masks[check.key] = check.mask(rows)
    masks["scored"] = scored_any
    return pl.DataFrame(columns), masks


def _columns(instrument: Instrument, scored: Scored, rows: Rows) -> list[pl.Series]:
    key = instrument.key
    columns = []
    if scored.probability is not None:
        columns.append(_numbers(f"{key}_probability", scored.probability))
        columns.append(_numbers(f"{key}_percentage", scored.percentage))
    if scored.points is not None:
        columns.append(_numbers(f"{key}_points", scored.points))
    if instrument.bands:
        columns.append(_names(f"{key}_band", scored.band, instrument.bands))
    missing = scored.band == NO_BAND if instrument.bands else np.isnan(scored.percentage)
    if scored.dynamic is not None:
        basis = np.where(missing, NO_BAND, scored.dynamic.astype(np.int64))
        columns.append(_names(f"{key}_basis", basis, BASES))
        static = ~missing & ~scored.dynamic
        columns.append(_reasons(f"{key}_why_static", instrument.dynamic_checks, static, rows))
    for name, values in scored.extra.items():
        column = f"{key}_{name}"
        columns.append(pl.Series(column, values) if values.dtype == bool else _numbers(column, values))
    columns.append(_reasons(f"{key}_why_not", instrument.checks, missing, rows))
    return columns


def _numbers(name: str, values: Array) -> pl.Series:
    series = pl.Series(name, values, dtype=pl.Float64)
    return series.fill_nan(None) if np.isnan(values.sum()) else series


def _names(name: str, numbers: Array, names: Sequence[str]) -> pl.Series:
    """Numbers as words; -1 as null."""
    series = pl.Series(name, np.where(numbers < 0, len(names), numbers).astype(np.uint32))
    series = series.set(series == len(names), None)
    return series.cat.to(pl.Enum(list(names)))


def _reasons(name: str, checks: tuple[Check, ...], where: Array, rows: Rows) -> pl.Series:
    """The message of the first check that fails, for rows in ``where``; null elsewhere."""
    messages = list(dict.fromkeys(check.message for check in checks))
    reason = np.full(rows.n, NO_BAND)
    if where.any():
        for check in checks:
            reason[where & (reason == NO_BAND) & check.mask(rows)] = messages.index(check.message)
    return _names(name, reason, messages or [""])


def _tell(
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
        value = tidied.frame.get_column(check.field)[int(index)] if check.field in tidied.frame.columns else None
        problems.add(
            Problem(
                source, int(tidied.frame.get_column(ROW)[int(index)]), check.field, check.message,
                check.remedy, None if value is None else _shown(check.field, value),
                "error" if severity == "error" else "warning",
            ),
            times,
        )  # fmt: skip


def _shown(name: str, value: object) -> str:
    if name == "offence_code" and isinstance(value, float) and value >= 0:
        return f"{int(value):05d}"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _count(frame: pl.DataFrame, column: str) -> dict[str, int]:
    counts = frame.get_column(column).drop_nulls().value_counts(sort=True)
    return {str(reason): int(count) for reason, count in counts.iter_rows()}
