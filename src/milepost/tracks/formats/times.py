"""Text and numbers to UTC microseconds, whole columns at a time.

Forms understood: ISO 8601 date and time with ``T`` or a blank, with or without fractions and seconds,
with ``Z``, an offset, or nothing; RFC 3339 is the subset that says its offset. Epoch numbers in seconds,
milliseconds or microseconds. Local times need their zone said (IANA name).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from milepost.tracks.formats.rows import Mask, is_null

EpochUnit = Literal["s", "ms", "us"]
PER_UNIT: dict[EpochUnit, int] = {"s": 1_000_000, "ms": 1_000, "us": 1}

# A time beyond year 9999 or before year 1 cannot be shown; both are far outside what a device means.
EARLIEST_US, LATEST_US = -62_135_596_800_000_000, 253_402_300_799_999_999

WITH_OFFSET = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%dT%H:%M:%S%#z",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
)
NAIVE = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
AS_WRITTEN = (*WITH_OFFSET, *NAIVE, *(pattern.replace("T", " ") for pattern in (*WITH_OFFSET, *NAIVE)))
SAMPLE_ROWS = 50


def parse_iso(text: pl.Series) -> tuple[pl.Series, Mask]:
    """UTC microseconds (null where not understood), and which of them said no offset.

    A naive time is returned as if it were UTC; the caller decides what that means.
    """
    # A file writes its times in one way: what fits its first rows is tried first, on the text as it is.
    sample = text.drop_nulls().head(SAMPLE_ROWS)
    fits = {pattern: len(sample) - _try(sample, pattern).null_count() for pattern in AS_WRITTEN}
    likely = max(fits, key=lambda pattern: fits[pattern])
    found = _try(text, likely)
    naive = np.zeros(len(text), dtype=bool)
    if likely.replace(" ", "T") in NAIVE:
        naive = ~is_null(found)
    left = found.is_null() & text.is_not_null()
    if not left.any():
        return found, naive
    rest = pl.select(pl.when(left).then(text)).to_series()
    tidy = rest.str.strip_chars().str.replace(r"^(\d{4}-\d\d-\d\d)[ t]", "${1}T")
    tidy = tidy.str.replace(r"[zZ]$|(?: ?UTC| ?GMT)$", "Z").str.replace(
        r"^(.{16,}) ([+-]\d\d:?\d\d)$", "${1}${2}"
    )
    for pattern in (*WITH_OFFSET, *NAIVE):
        missing = found.is_null() & text.is_not_null()
        if not missing.any():
            break
        more = _try(tidy, pattern)
        if pattern in NAIVE:
            naive |= (missing & more.is_not_null()).to_numpy()
        found = found.zip_with(~missing, more)
    return found, naive


def _try(text: pl.Series, pattern: str) -> pl.Series:
    # 24:00 and second 60 are refused by polars: such rows come back as problems.
    return text.str.to_datetime(pattern, strict=False, time_unit="us", cache=False).cast(pl.Int64)


def parse_pattern(text: pl.Series, pattern: str) -> pl.Series:
    """Times written to a ``strptime`` pattern, as microseconds of the wall clock or, with %z, of UTC."""
    return text.str.strip_chars().str.to_datetime(pattern, strict=False, time_unit="us").cast(pl.Int64)


def from_epoch(numbers: pl.Series, unit: EpochUnit) -> pl.Series:
    """Epoch numbers in ``unit`` to microseconds; null where out of any calendar."""
    if numbers.dtype.is_integer():
        limit = LATEST_US // PER_UNIT[unit]
        kept = numbers.cast(pl.Int64, strict=False)
        return pl.select(pl.when((kept <= limit) & (kept >= -limit)).then(kept * PER_UNIT[unit])).to_series()
    scaled = (numbers.cast(pl.Float64, strict=False) * PER_UNIT[unit]).round(mode="half_to_even")
    inside = pl.select(pl.when((scaled <= LATEST_US) & (scaled >= EARLIEST_US)).then(scaled)).to_series()
    return inside.cast(pl.Int64, strict=False)


def epoch_unit_by_size(number: float) -> EpochUnit:
    """Seconds, milliseconds or microseconds, told by size: unambiguous from 1973 to 5138."""
    return "s" if abs(number) < 1e11 else "ms" if abs(number) < 1e14 else "us"


def local_to_utc(wall_us: pl.Series, time_zone: str, device_id: pl.Series) -> tuple[pl.Series, Mask, Mask]:
    """Wall-clock microseconds in ``time_zone`` to UTC; which were ambiguous; which never existed.

    In the hour that comes twice in autumn the first is taken, unless that would step back behind the
    same device's row before it while the second would not. The rows of a device that mostly run backwards
    (newest first) are taken from their end.
    """
    wall = wall_us.cast(pl.Datetime("us"))
    first = wall.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null").cast(pl.Int64)
    second = wall.dt.replace_time_zone(time_zone, ambiguous="latest", non_existent="null").cast(pl.Int64)
    never = is_null(first) & ~is_null(wall_us)
    ambiguous = (first != second).fill_null(False).to_numpy()
    if not ambiguous.any():
        return first, ambiguous, never
    rows = pl.DataFrame({"device": device_id, "first": first}).with_row_index("i").cast({"i": pl.Int64})
    forwards = pl.col("first").diff().sign().sum().over("device") >= 0
    rows = rows.sort(pl.when(forwards).then("i").otherwise(-pl.col("i")))
    steps = rows.select("i", before=pl.col("i").shift(1).over("device")).filter(
        pl.col("i").is_in(np.flatnonzero(ambiguous))
    )
    chosen = (
        first.to_numpy(writable=True)
        if not first.null_count()
        else first.fill_null(0).to_numpy(writable=True)
    )
    later = second.fill_null(0).to_numpy()
    for i, previous in steps.iter_rows():
        if previous is not None and chosen[i] < chosen[previous] <= later[i]:
            chosen[i] = later[i]
    result = pl.Series(chosen)
    return (
        (result if not first.null_count() else result.zip_with(first.is_not_null(), first)),
        ambiguous,
        never,
    )
