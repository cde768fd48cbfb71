"""GeoLife PLT: six header lines, then latitude, longitude, 0, altitude in feet (−777 = not known), days
since 1899-12-30, date, time; times are GMT. Source: the GeoLife GPS Trajectories 1.3 user guide.

A file of OziExplorer has the same suffix and another meaning: see ``ozi``.

GeoLife keeps each user's files in ``<user>/Trajectory/``: the device is then the user, else the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats import ozi
from milepost.tracks.formats.columns import NUMBERS
from milepost.tracks.formats.csv_text import reference
from milepost.tracks.formats.rows import Rows, is_null
from milepost.tracks.formats.settle import Context, settle
from milepost.tracks.formats.times import parse_pattern
from milepost.tracks.record import Signals, Source

HEADER_LINES = 6
FIELDS = ("lat", "lon", "zero", "altitude_ft", "days", "date", "time")
UNKNOWN_ALTITUDE_FT = -777.0


def device_of(path: Path) -> str:
    return path.resolve().parent.parent.name if path.resolve().parent.name == "Trajectory" else path.stem


def read(path: Path, *, context: Context | None = None, device_id: str | None = None) -> Signals:
    """Raises ``UnreadableFile`` if the file is not PLT."""
    context = context or Context.of()
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    if lines[0].lstrip("\ufeff").startswith(ozi.FIRST_WORDS):
        return ozi.read_lines(lines, path, context, device_id or path.stem)
    if not lines[0].lstrip("\ufeff").startswith("Geolife trajectory"):
        raise UnreadableFile(
            Problem(
                path.name,
                1,
                None,
                "This is not a PLT file",
                "The first line should begin: Geolife trajectory, or OziExplorer Track Point File.",
            )
        )
    numbered = [
        (n, line.strip().split(",")) for n, line in enumerate(lines, 1) if n > HEADER_LINES and line.strip()
    ]
    whole = [(n, values) for n, values in numbered if len(values) == len(FIELDS)]
    for n, values in numbered:
        if len(values) != len(FIELDS):
            context.problems.add(
                Problem(
                    path.name,
                    n,
                    None,
                    "A PLT row has seven values",
                    "The line may be cut off.",
                    ",".join(values),
                )
            )
    numbers = np.array([n for n, _ in whole], dtype=np.int64)
    frame = pl.DataFrame(
        {name: [values[i] for _, values in whole] for i, name in enumerate(FIELDS)},
        schema=dict.fromkeys(FIELDS, pl.String),
    )
    rows = Rows(frame, numbers, path.name, context.problems)
    if frame.height:
        _convert(rows, device_id or device_of(path))
    signals = settle(rows, context)
    signals.n_rows_read += len(numbered) - len(whole)
    return signals


def _convert(rows: Rows, device_id: str) -> None:
    text = (rows.frame["date"] + "T" + rows.frame["time"]).alias("recorded_at_utc")
    recorded = parse_pattern(text, "%Y-%m-%dT%H:%M:%S")
    rows.put(text, recorded.alias("recorded_us"))
    rows.reject(
        is_null(recorded),
        "recorded_at_utc",
        "This is not a time",
        "Date and time should read 2008-10-23,02:53:04.",
    )
    for name in ("lat", "lon"):
        values = rows.frame[name].str.strip_chars().cast(pl.Float64, strict=False)
        values = pl.select(pl.when(values.is_finite()).then(values)).to_series()
        rows.reject(is_null(values), name, "This is not a number", "Write degrees such as 39.906631.")
        rows.put(values.alias(name))
    feet = rows.frame["altitude_ft"].str.strip_chars().cast(pl.Float64, strict=False)
    known = (feet.is_finite() & (feet != UNKNOWN_ALTITUDE_FT)).fill_null(False)
    rows.put(
        pl.select(pl.when(known).then(feet * NUMBERS["altitude_ft"][1])).to_series().alias("altitude_m"),
        pl.repeat(device_id, rows.frame.height, eager=True).alias("device_id"),
        pl.repeat(Source.GPS.value, rows.frame.height, dtype=pl.UInt8, eager=True).alias("source"),
        reference(rows.source, rows.numbers),
    )
