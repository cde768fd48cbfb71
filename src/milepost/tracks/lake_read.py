"""What to read from the lake: which files can hold it, and which rows of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl
import pyarrow as pa

from milepost.tracks.lake_layout import bucket_of, day_of, sort_rows, to_canonical
from milepost.tracks.lake_table import DataFile, LakeTable
from milepost.tracks.record import DEGREES_TO_E7

DeviceInterval = tuple[str, int, int | None]
"""This device from-until, microseconds UTC, half-open. None: still worn."""
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees, edges included. West > east crosses the antimeridian (RFC 7946)."""

READ_ATTEMPTS = 10
_TIME_MIN, _TIME_MAX = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. Everything given must hold; times in microseconds UTC, half-open."""

    person: tuple[DeviceInterval, ...] | None = None
    devices: frozenset[str] | None = None
    from_us: int | None = None
    until_us: int | None = None
    box: Box | None = None

    def rows(self) -> pl.Expr:
        """True for the rows wanted."""
        tests = []
        if self.person is not None:
            tests.append(any_of(worn(interval) for interval in self.person))
        if self.devices is not None:
            tests.append(pl.col("device_id").is_in(sorted(self.devices)))
        tests.append(between(self.from_us, self.until_us))
        if self.box is not None:
            tests.append(inside(self.box))
        return reduce(lambda left, right: left & right, tests)

    def files(self, files: Iterable[DataFile], n_buckets: int) -> list[DataFile]:
        """The files whose day and bucket can hold rows wanted."""
        from_us, until_us = self._bounds()
        if from_us >= until_us:
            return []
        first, last = day_of(from_us), day_of(until_us - 1)
        buckets: set[int] | None = None
        for ids in (self.devices, None if self.person is None else {device for device, _, _ in self.person}):
            if ids is not None:
                held = {bucket_of(device, n_buckets) for device in ids}
                buckets = held if buckets is None else buckets & held
        return [
            file
            for file in files
            if first <= file.day <= last and (buckets is None or file.bucket in buckets)
        ]

    def _bounds(self) -> tuple[int, int]:
        from_us = _TIME_MIN if self.from_us is None else self.from_us
        until_us = _TIME_MAX + 1 if self.until_us is None else self.until_us
        if self.person is not None:
            from_us = max(from_us, min((start for _, start, _ in self.person), default=_TIME_MAX + 1))
            ends = [_TIME_MAX + 1 if end is None else end for _, _, end in self.person]
            until_us = min(until_us, max(ends, default=_TIME_MIN))
        return from_us, until_us


def read_rows(table: LakeTable, wanted: Wanted) -> pa.Table:
    """The rows wanted of the newest version, canonical, by device, time, sequence.

    One version is read whole: if a sweep takes a file of it away meanwhile, the next version is read.
    """
    table.refresh()
    for _ in range(READ_ATTEMPTS):
        try:
            return read_files(table, wanted.files(table.files(), table.n_buckets), wanted.rows())
        except FileNotFoundError:
            table.refresh()
    raise RuntimeError(f"{table.folder}: files were taken away {READ_ATTEMPTS} times while reading")


def read_files(table: LakeTable, files: Sequence[DataFile], rows: pl.Expr | None = None) -> pa.Table:
    """Rows of these files, canonical and sorted. Raises ``FileNotFoundError`` if one is gone."""
    if not files:
        return table.record.empty_table()
    paths = [table.folder / file.path for file in files]
    scan = pl.scan_parquet(paths, glob=False, hive_partitioning=False).select(table.record.names)
    found = (scan if rows is None else scan.filter(rows)).collect()
    return sort_rows(to_canonical(found.to_arrow(compat_level=pl.CompatLevel.oldest()), table.record))


def between(from_us: int | None, until_us: int | None) -> pl.Expr:
    """Recorded in [from, until), microseconds UTC. Times that 64 bits cannot hold are no bound."""
    test = pl.lit(True)
    time = pl.col("recorded_at_utc")
    if from_us is not None and from_us > _TIME_MIN:
        test &= time >= _instant(from_us) if from_us <= _TIME_MAX else pl.lit(False)
    if until_us is not None and until_us <= _TIME_MAX:
        test &= time < _instant(until_us) if until_us > _TIME_MIN else pl.lit(False)
    return test


def worn(interval: DeviceInterval, column: str = "device_id") -> pl.Expr:
    device, from_us, until_us = interval
    return (pl.col(column) == pl.lit(device)) & between(from_us, until_us)


def any_of(tests: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(or_, tests, pl.lit(False))


def inside(box: Box) -> pl.Expr:
    west, south, east, north = (round(degrees * DEGREES_TO_E7) for degrees in box)
    lon, lat = pl.col("lon_e7"), pl.col("lat_e7")
    across = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
    return across & (lat >= south) & (lat <= north)


def microseconds(time: dt.datetime | None) -> int | None:
    """Microseconds UTC of an aware time; exact. Raises ``ValueError`` for a time without a zone."""
    if time is None:
        return None
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone; give one, for example +00:00")
    return (time - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _instant(time_us: int) -> pl.Expr:
    return pl.lit(time_us, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
