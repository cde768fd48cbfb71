"""What a table's header says and does not say: columns by number, usual names, columns that are not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.tracks.formats.columns import ColumnMap, field_of
from milepost.tracks.formats.dms import parse_dms
from milepost.tracks.formats.usual_names import columns_line

PLACES = ("lat", "lon", "lat_e7", "lon_e7", "easting_m", "northing_m")
_is_number = re.compile(r"[+-]?\d+(?:[.,]\d+)?").fullmatch
_is_time = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|\d{10}|\d{13}").fullmatch


def is_by_number(columns: ColumnMap) -> bool:
    """Whether the map names columns by their place, 1 for the first, as a table without a header needs."""
    return bool(columns.columns) and all(
        part.isdecimal() for theirs in columns.columns.values() for part in theirs.split("+")
    )


def holds_values(columns: ColumnMap, first: Sequence[str]) -> bool:
    """Whether the ``first`` line is a row: its places, by the map's numbers, are places."""
    cells = [
        (ours, first[int(theirs) - 1])
        for ours, theirs in columns.columns.items()
        if ours in PLACES and 0 < int(theirs) <= len(first)
    ]
    return any(_is_number(cell.strip()) or parse_dms(cell, ours) is not None for ours, cell in cells)


def report_columns(
    source: str,
    header: Sequence[str],
    names: Mapping[str, str],
    columns: ColumnMap,
    problems: ProblemList,
    also_read: Iterable[str] = (),
) -> None:
    """Says once for a table which columns were understood by their usual names, and which were not read."""
    if usual := columns.usual(names):
        told = ", ".join(f"{theirs} as {ours}" for ours, theirs in usual.items())
        remedy = f"If it is right, say so: {columns_line(dict(names))}. If not, correct it there."
        message = "Columns were understood by their usual names"
        problems.add(Problem(source, None, None, message, remedy, told, "warning"))
    if columns.time_zone is not None and not any("_local" in name for name in names):
        message = "The time zone of the column map was not used: no column holds local times"
        remedy = "Name the column that does, as recorded_at_local; times in a UTC column are in UTC."
        problems.add(Problem(source, None, "time_zone", message, remedy, columns.time_zone, "warning"))
    if absent := columns.missing(header):
        message = "The column map names columns that are not there"
        remedy = (
            "Nothing to do if they are in another file. Else correct their names, as they are in the header."
        )
        problems.add(Problem(source, None, None, message, remedy, ", ".join(absent), "warning"))
    twice = [name for name in dict.fromkeys(header) if name and list(header).count(name) > 1]
    if twice := [name for name in twice if name in names.values()]:
        message = "Two columns have the same name; the first was read"
        problems.add(
            Problem(source, None, None, message, "Give each its own name.", ", ".join(twice), "warning")
        )
    read = {*names.values(), *also_read}
    left = [name or f"column {n}" for n, name in enumerate(header, 1) if name not in read]
    if not left:
        return
    remedy = "Nothing to do if they say nothing of a signal. Else say what they mean with --columns"
    if any(name.strip().lower() == "speed" for name in left):
        remedy += ", with the unit: speed_mps, speed_kmh, speed_mph or speed_knots"
    message = "Columns that were not read"
    problems.add(Problem(source, None, None, message, f"{remedy}.", ", ".join(left), "warning"))


def require_columns(source: str, names: Mapping[str, str], columns: ColumnMap, header: Sequence[str]) -> None:
    """Raises ``UnreadableFile`` unless the columns can make at least one of the three tables."""
    for field in ("speed_mps", "precision_m", "altitude_m", "battery_pct", "heading_deg", "lat", "lon"):
        rivals = [ours for ours in names if field_of(ours) == field]
        if len(rivals) > 1:
            told = ", ".join(f"{ours}={names[ours]}" for ours in rivals)
            message = f"Two columns are named for {field}, and only one could be read"
            raise UnreadableFile(Problem(source, 1, None, message, "Name one of them.", told))
    place = any({a, b} <= names.keys() for a, b in zip(PLACES[::2], PLACES[1::2], strict=True))
    needs = {
        "position, presence or event": place or {"presence", "state", "event", "kind"} & names.keys(),
        "time (recorded_at_utc)": any(name.startswith("recorded_at_") for name in names),
        "device (device_id)": "device_id" in names or columns.device_id_is is not None,
    }
    lacking = next((what for what, there in needs.items() if not there), None)
    if lacking is None:
        return
    values = [cell.strip() for cell in header]
    if not columns.columns and sum(bool(_is_number(v)) for v in values) >= 2:
        message = "The first line holds values and no names of columns"
        remedy = f"Name columns by their place: {columns_line(_guess(values))}."
    else:
        message = f"No column for {lacking} was found"
        remedy = f"Name them with a column map: {columns_line(dict(names), _missing(names, columns))}."
        if "device_id" not in names and columns.device_id_is is None:
            remedy += " If the file holds one device, give its name: device_id_is=..."
    taken = {theirs: ours for ours, theirs in names.items()}
    if again := [name for name in _missing(names, columns) if name in taken]:
        told = ", ".join(f"{name} is named {taken[name]} there" for name in again)
        pairs = ", ".join(f"{name}={name}" for name in again)
        remedy = f"The column {told}. If it is both, say {pairs} too; else correct the map."
    absent = columns.missing(header)
    if absent:
        remedy = f"The column map names columns that are not there: {', '.join(absent)}. {remedy}"
    raise UnreadableFile(Problem(source, 1, None, message, remedy, ", ".join(header)))


def _missing(names: Mapping[str, str], columns: ColumnMap) -> list[str]:
    missing = []
    if "device_id" not in names and columns.device_id_is is None:
        missing.append("device_id")
    if not any(name.startswith("recorded_at_") for name in names):
        missing.append("recorded_at_utc")
    if not {"presence", "state", "event", "kind"} & names.keys():
        missing += [axis for axis in ("lat", "lon") if axis not in names]
    return missing


def _guess(values: Sequence[str]) -> dict[str, str]:
    """What the values of a first line look like. Only for a message: a person decides."""
    found: dict[str, str] = {}
    for n, value in enumerate(values, 1):
        if _is_time(value):
            found.setdefault("recorded_at_utc", str(n))
        elif re.fullmatch(r"[+-]?\d{1,3}[.,]\d+", value):
            found.setdefault("lon" if "lat" in found else "lat", str(n))
        elif value:
            found.setdefault("device_id", str(n))
    return {ours: found.get(ours, "...") for ours in ("device_id", "recorded_at_utc", "lat", "lon")}
