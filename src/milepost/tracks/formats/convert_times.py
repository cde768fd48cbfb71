"""The time columns of a batch, whatever their form, to ``recorded_us`` and ``received_us`` (UTC)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from milepost.tracks.formats.columns import PARTS_OF_TIMES, ColumnMap
from milepost.tracks.formats.rows import Mask, Rows, is_null
from milepost.tracks.formats.times import (
    EpochUnit,
    epoch_unit_by_size,
    from_epoch,
    local_to_utc,
    parse_iso,
    parse_pattern,
)
from milepost.tracks.formats.usual_names import plain_name

ISO_REMEDY = "Write it as 2026-10-25T01:30:00Z"
SMALLER_UNITS: dict[str, tuple[EpochUnit, ...]] = {
    "epoch_s": ("ms", "us"),
    "epoch_ms": ("us",),
    "epoch_us": (),
}
UNIT_WORDS: dict[EpochUnit, str] = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}


def convert_times(rows: Rows, columns: ColumnMap) -> None:
    """Adds ``recorded_us`` and ``received_us``. A bad recorded time rejects the row, a bad received
    time becomes null with a warning."""
    for name, target in (("recorded_at", "recorded_us"), ("received_at", "received_us")):
        if rows.has(target):
            continue
        for form in ("utc", "local", "epoch_s", "epoch_ms", "epoch_us"):
            column = f"{name}_{form}"
            if not rows.has(column):
                continue
            found = _convert(rows, column, form, columns)
            if rows.has(target):  # one table may hold messages that tell time in different ways
                found = rows.frame[target].zip_with(rows.frame[target].is_not_null(), found)
            rows.put(found.alias(target))


def join_dates_and_times(rows: Rows, names: Mapping[str, str]) -> None:
    """Puts a date and a time of day that stand in columns of their own together, as ``recorded_at_utc`` say.

    Where one of the two holds both, it is taken alone. Columns that are called UTC by their names say their offset.
    """
    for part in [name for name in PARTS_OF_TIMES if name.endswith("_date") and rows.has(name)]:
        whole = part.removesuffix("_date")
        if rows.has(whole) or not rows.has(f"{whole}_time"):
            continue
        date, time = (
            rows.frame[f"{whole}_{name}"].cast(pl.String, strict=False).str.strip_chars()
            for name in ("date", "time")
        )
        date = date.str.replace(r"^(\d{4})/(\d\d)/(\d\d)", "${1}-${2}-${3}")
        said_utc = plain_name(names.get(part, "")).startswith("utc")
        joined = date + " " + time
        if said_utc:
            joined = joined.str.replace(r"(:\d\d(?:\.\d+)?)$", "${1}Z")
        # A whole time in the column for the time of day: with its own date, or as seconds since 1970 or the like.
        holds_both = time.str.contains(r"^(\d{4}[-/]\d\d[-/]\d\d|\d{9,})").fill_null(False)
        joined = time.zip_with(holds_both, joined)
        rows.put(date.zip_with(date.str.contains(":", literal=True).fill_null(False), joined).alias(whole))


def _convert(rows: Rows, column: str, form: str, columns: ColumnMap) -> pl.Series:
    raw = rows.frame[column]
    if form.startswith("epoch"):
        return _epoch(rows, column, raw, form)
    if raw.dtype == pl.Date or raw.dtype == pl.Time:
        _refuse(rows, column, raw.is_not_null().to_numpy(), "This has no date and time of day together")
        return pl.repeat(None, len(raw), dtype=pl.Int64, eager=True)
    if raw.dtype.is_temporal():
        return _arrow_time(rows, column, raw, form, columns)
    if raw.dtype.is_numeric():
        raw = raw.cast(pl.String)
    return _text(rows, column, raw, form, columns)


def _text(rows: Rows, column: str, raw: pl.Series, form: str, columns: ColumnMap) -> pl.Series:
    if raw.dtype != pl.String:
        raw = raw.cast(pl.String, strict=False)
    if columns.time_format is not None:
        found = parse_pattern(raw, columns.time_format)
        naive = np.full(len(raw), "%z" not in columns.time_format and "%:z" not in columns.time_format)
    else:
        found, naive = parse_iso(raw)
        if form == "utc" and found.null_count() > raw.null_count():
            found = _bare_numbers(rows, column, raw, found)
    said = ~is_null(raw)
    if found.null_count():
        said &= (raw.str.strip_chars() != "").fill_null(False).to_numpy()
        bad = is_null(found) & said
        for looks, remedy in _other_writings(raw):
            _refuse(rows, column, bad & looks, "This is not a time", remedy)
            bad &= ~looks
        _refuse(rows, column, bad, "This is not a time")
    if form == "local":
        return _local(rows, column, found, naive, columns)
    if columns.time_format is None:
        rows.warn(
            naive,
            column,
            "The time says no offset; taken as UTC",
            "Write times with Z or an offset, or map the column as recorded_at_local with its time zone.",
        )
    return found


def _bare_numbers(rows: Rows, column: str, raw: pl.Series, found: pl.Series) -> pl.Series:
    """Epoch numbers in a column that should hold written times: unambiguous by size, so used, and said."""
    numbers = raw.str.strip_chars().cast(pl.Float64, strict=False)
    is_epoch = (is_null(found) & (numbers.abs() >= 1e8).fill_null(False).to_numpy()) & np.isfinite(
        numbers.fill_null(np.nan).to_numpy()
    )
    if not is_epoch.any():
        return found
    shortened = _is_shortened(raw) & is_epoch
    _refuse(rows, column, shortened, SHORTENED, SHORTENED_REMEDY)
    is_epoch &= ~shortened
    nanoseconds = (numbers.abs() >= 1e17).fill_null(False)
    found = found.zip_with(~(nanoseconds & pl.Series(is_epoch)), from_epoch(numbers / 1000, "us"))
    numbers = pl.select(pl.when(~nanoseconds).then(numbers)).to_series()
    for unit in ("s", "ms", "us"):
        of_unit = numbers.map_elements(epoch_unit_by_size, return_dtype=pl.String, skip_nulls=True) == unit
        chosen = of_unit.fill_null(False) & pl.Series(is_epoch)
        found = found.zip_with(~chosen, from_epoch(numbers, unit))
    rows.warn(
        is_epoch & ~is_null(found),
        column,
        "A bare number; taken as time since 1970, unit told by its size",
        "Map the column as recorded_at_epoch_s, recorded_at_epoch_ms or recorded_at_epoch_us.",
    )
    return found


SHORTENED = "This number was shortened, and its last digits are lost: they say the hour and the minute"
SHORTENED_REMEDY = (
    "Export it again with all its digits; in a spreadsheet format the column as a number or as text"
)
_OTHER_WRITINGS = (
    (r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}",
     f"{ISO_REMEDY}, or say how it is written, for example time_format=%d/%m/%Y %H:%M:%S in --columns"),
    (r"^[2-7]\d{4}(?:[.,]\d+)?$",
     "This looks like a spreadsheet's number of days: format the column as yyyy-mm-dd hh:mm:ss and export it again"),
    (r"^(?:\d{4}-\d\d-\d\d|\d{1,2}:\d\d(?::\d\d)?)$",
     f"{ISO_REMEDY}; of a date and a time in two columns say recorded_at_utc=Date+Time in --columns"),
)  # fmt: skip


def _other_writings(raw: pl.Series) -> list[tuple[Mask, str]]:
    """Texts that are no ISO time but look like one in another writing, and what to do."""
    text = raw.str.strip_chars()
    return [(text.str.contains(p).fill_null(False).to_numpy(), remedy) for p, remedy in _OTHER_WRITINGS]


def _is_shortened(text: pl.Series) -> Mask:
    """Numbers as a spreadsheet shows them where the column is narrow, ``1.77245E+12``: six digits and no more."""
    return text.str.contains(r"^\s*\d(?:[.,]\d{0,5})?[eE]\+?\d+\s*$").fill_null(False).to_numpy()


def _local(rows: Rows, column: str, found: pl.Series, naive: Mask, columns: ColumnMap) -> pl.Series:
    device = rows.frame["device_id"] if rows.has("device_id") else pl.repeat("", len(found), eager=True)
    wall = pl.select(pl.when(pl.Series(naive)).then(found)).to_series()
    utc, ambiguous, never = local_to_utc(wall, str(columns.time_zone), device)
    rows.warn(
        ambiguous,
        column,
        f"This time comes twice in {columns.time_zone} on the night the clocks go back",
        "The first was taken unless the device's order of rows says the second. Write the offset.",
    )
    _refuse(
        rows, column, never, f"This time does not exist in {columns.time_zone}: the clocks go forward over it"
    )
    # A value that says its own offset needs no zone.
    return utc.zip_with(pl.Series(naive), found) if not naive.all() else utc


def _arrow_time(rows: Rows, column: str, raw: pl.Series, form: str, columns: ColumnMap) -> pl.Series:
    if not isinstance(raw.dtype, pl.Datetime):
        _refuse(rows, column, raw.is_not_null().to_numpy(), "This has no date and time of day together")
        return pl.repeat(None, len(raw), dtype=pl.Int64, eager=True)
    values = raw.dt.cast_time_unit("us").cast(pl.Int64)
    naive = np.full(len(raw), raw.dtype.time_zone is None) & ~is_null(values)
    if form == "local":
        return _local(rows, column, values, naive, columns)
    if naive.any():
        first = np.zeros(len(raw), dtype=bool)
        first[int(np.flatnonzero(naive)[0])] = True
        rows.warn(
            first,
            column,
            "The times of this column say no time zone; taken as UTC",
            "Store them as timestamps with time zone UTC, or map the column as recorded_at_local.",
        )
    return values


def _epoch(rows: Rows, column: str, raw: pl.Series, form: str) -> pl.Series:
    unit: EpochUnit = {"epoch_s": "s", "epoch_ms": "ms", "epoch_us": "us"}[form]  # type: ignore[assignment]
    numbers = raw
    if raw.dtype == pl.String:
        text = raw.str.strip_chars()
        numbers = text.cast(pl.Int64, strict=False)
        said = (text != "").fill_null(False).to_numpy()
        if (is_null(numbers) & said).any():
            numbers = text.cast(pl.Float64, strict=False)
            shortened = _is_shortened(text)
            _refuse(rows, column, shortened, SHORTENED, SHORTENED_REMEDY)
            said &= ~shortened
            numbers = pl.select(pl.when(pl.Series(~shortened)).then(numbers)).to_series()
    elif raw.dtype.is_numeric():
        said = ~is_null(raw)
    else:
        said = ~is_null(raw)
        numbers = pl.repeat(None, len(raw), dtype=pl.Int64, eager=True)
    found = from_epoch(numbers, unit)
    bad = is_null(found) & said
    for smaller in SMALLER_UNITS[form]:
        fits = ~is_null(from_epoch(numbers.cast(pl.Float64, strict=False), smaller))
        remedy = f"The number fits {UNIT_WORDS[smaller]}: name the column {column.replace(form, f'epoch_{smaller}')}"
        _refuse(rows, column, bad & fits, "This is not a time", remedy)
        bad &= ~fits
    _refuse(rows, column, bad, "This is not a time")
    return found


def _refuse(rows: Rows, column: str, mask: Mask, message: str, remedy: str = ISO_REMEDY) -> None:
    if column.startswith("recorded"):
        rows.reject(mask, column, message, f"{remedy}.")
    else:
        rows.warn(mask, column, f"{message}; taken as not said", f"{remedy}, or leave it empty.")
