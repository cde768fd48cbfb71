"""OziExplorer track files (``.plt``): six header lines, then latitude, longitude, 1 where a new part begins,
altitude in feet (−777 = not known), days since 1899-12-30, and the date and time as text, which may be left
out and are written in the language of the computer: the days count. Source: OziExplorer's help, "File formats".

The second line is the datum and must be WGS 84. No line says a time zone, so times are taken as UTC, with a
warning. The device is the file's name.
"""

from __future__ import annotations

from pathlib import Path

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats.messages import Collected
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import Signals, Source

FIRST_WORDS = "OziExplorer Track"
HEADER_LINES = 6
FEWEST_FIELDS = 5
UNKNOWN_ALTITUDE_FT = -777.0
DAY_0_TO_EPOCH = 25_569
"""Days from 1899-12-30 to 1970-01-01."""
HUNDREDTHS_A_DAY = 8_640_000
"""Days are written with seven decimals, which is 9 ms: hundredths of a second are what they mean."""


def read_lines(lines: list[str], path: Path, context: Context, device_id: str) -> Signals:
    """Raises ``UnreadableFile`` if the positions are not WGS 84."""
    datum = lines[1].strip() if len(lines) > 1 else ""
    if datum.replace(" ", "").upper() not in {"WGS84", ""}:
        problem = Problem(path.name, 2, None, "The positions are not WGS 84", "Export them in WGS 84.", datum)
        raise UnreadableFile(problem)
    out = Collected(path.name, context, device_id, Source.GPS)
    for number, line in enumerate(lines[HEADER_LINES:], HEADER_LINES + 1):
        if line.strip():
            _row(line, number, out)
    if out.rows:
        out.warn(None, "recorded_at_utc", "OziExplorer says no time zone; taken as UTC",
                 "If the clock was local, convert the file first.")  # fmt: skip
    return out.finish()


def _row(line: str, number: int, out: Collected) -> None:
    values = [value.strip() for value in line.split(",")]
    if len(values) < FEWEST_FIELDS:
        out.bad(number, None, "An OziExplorer row has at least five values", "The line may be cut off.", line)
        return
    lat, lon, _, altitude_ft, days = values[:FEWEST_FIELDS]
    row: dict[str, object] = {"lat": lat, "lon": lon}
    try:
        recorded = round((float(days) - DAY_0_TO_EPOCH) * HUNDREDTHS_A_DAY) * 10 if float(days) else None
    except (ValueError, OverflowError):
        out.bad(number, "recorded_at_utc", "This is not a number of days", "Export the track again.", days)
        return
    if recorded is None:  # a point drawn on a map has no time
        out.bad(number, "recorded_at_utc", "No time is given", "Export a track with times.", days)
        return
    row["recorded_at_epoch_ms"] = recorded
    try:
        if float(altitude_ft) != UNKNOWN_ALTITUDE_FT:
            row["altitude_ft"] = altitude_ft
    except ValueError:
        row["altitude_ft"] = altitude_ft or None
    out.keep(number, row)
