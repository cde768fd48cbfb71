"""Which column of somebody else's table means what, in which unit.

A column map says it once, as a file (TOML or JSON) or on the command line
(``lat=Latitude,speed_kmh=Speed,time_zone=Europe/London``). Units are in the names on the left.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats.usual_names import SAME_EVERYWHERE, USUAL, find_date_and_time, find_usual
from milepost.tracks.record import Source

TIMES = tuple(
    f"{name}_{form}"
    for name in ("recorded_at", "received_at")
    for form in ("utc", "local", "epoch_s", "epoch_ms", "epoch_us")
)
PARTS_OF_TIMES = tuple(
    f"{name}_{form}_{part}"
    for name in ("recorded_at", "received_at")
    for form in ("utc", "local")
    for part in ("date", "time")
)
"""A date and a time of day in columns of their own, which are read as one."""
NUMBERS = {
    # name on the left: (field of the record, factor)
    "speed_mps": ("speed_mps", 1.0),
    "speed_kmh": ("speed_mps", 1 / 3.6),
    "speed_mph": ("speed_mps", 0.44704),  # exact: the international mile
    "speed_knots": ("speed_mps", 1852 / 3600),  # exact: the nautical mile
    "heading_deg": ("heading_deg", 1.0),
    "heading_rad": ("heading_deg", 57.29577951308232),
    "precision_m": ("precision_m", 1.0),
    # The radius that holds 68 %, as phones give it (Android, Location.getAccuracy), to the one that holds
    # 95 % of a round two-dimensional normal error: sqrt(ln 0.05 / ln 0.32).
    "precision_68_m": ("precision_m", math.sqrt(math.log(0.05) / math.log(0.32))),
    "altitude_m": ("altitude_m", 1.0),
    "altitude_ft": ("altitude_m", 0.3048),  # exact: the international foot
    "battery_pct": ("battery_pct", 1.0),
    "battery_ratio": ("battery_pct", 100.0),
    "value": ("value", 1.0),
}
PLACE = ("lat", "lon", "lat_e7", "lon_e7", "easting_m", "northing_m", "hdop")
TEXTS = ("device_id", "tag_id", "unit", "raw_code", "payload_ref", "presence", "event", "state", "kind")
OTHERS = ("sequence", "source", "quality", "heartbeat", "valid", "mock")
KNOWN = frozenset((*TIMES, *PARTS_OF_TIMES, *NUMBERS, *PLACE, *TEXTS, *OTHERS))
OPTIONS = ("time_zone", "time_format", "device_id_is", "source_is", "hdop_metres")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """``columns`` maps Milepost's name (unit included) to the name in the file.

    ``time_zone``: IANA zone of ``*_local`` columns. ``time_format``: a ``strptime`` pattern for times that
    are not ISO 8601. ``device_id_is``: the device, where the file has one and does not say which.
    ``source_is``: how positions were found, where the file does not say. ``hdop_metres``: metres of 95 %
    radius per unit of HDOP, where the maker of the device states it; without it HDOP gives no precision.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    time_format: str | None = None
    device_id_is: str | None = None
    source_is: Source | None = None
    hdop_metres: float | None = None

    def __post_init__(self) -> None:
        for name in self.columns:
            if name not in KNOWN:
                near = [k for k in sorted(KNOWN) if k.split("_")[0] == name.split("_")[0]]
                raise _unusable(name, f"Use one of: {', '.join(near or sorted(KNOWN))}.")
        if self.time_zone is not None:
            try:
                ZoneInfo(self.time_zone)
            except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError on some paths
                raise _unusable("time_zone", "Give an IANA name such as Europe/London.") from None
            except KeyError:
                raise _unusable("time_zone", "Give an IANA name such as Europe/London.") from None
        if any("_local" in name for name in self.columns) and self.time_zone is None:
            raise _unusable("time_zone", "A local time needs its zone: add time_zone=Europe/London.")
        self._refuse_two_meanings()

    def _refuse_two_meanings(self) -> None:
        """One column may be two fields (a device with one clock), but not both axes, nor one field in two units."""
        meanings: dict[str, list[str]] = {}
        for ours, theirs in self.columns.items():
            meanings.setdefault(theirs, []).append(ours)
        for theirs, names in meanings.items():
            fields = [field_of(ours) for ours in names]
            if {"lat", "lon"} <= set(fields):
                raise _unusable(
                    theirs, "One column cannot be both latitude and longitude: name one for each."
                )
            twice = [ours for ours in names if fields.count(field_of(ours)) > 1]
            if twice:
                told = " and ".join(twice)
                raise _unusable(
                    theirs, f"One column cannot be {told}: keep the name whose unit or clock is the column's."
                )

    def resolve(self, header: Iterable[str], *, has_place: bool = False) -> dict[str, str]:
        """Milepost's name to the file's name, for the columns that this file has.

        Mapped names come first; a column whose own name is one of Milepost's needs no mapping; last come
        names that are usual (``usual_names``). ``has_place``: the rows have a position of their own, beside
        these columns (GeoJSON).
        """
        names = [name for name in header if name]
        found = {}
        for ours, theirs in self.columns.items():
            if theirs in names:
                found[ours] = theirs
            elif len(two := _two_columns(ours, theirs, names)) == 2:
                found[f"{ours}_date"], found[f"{ours}_time"] = two
        used = {*self.columns.values(), *found.values()}
        given = {field_of(ours) for ours in found}
        for name in names:
            plain = name.strip().lower()
            plain = SAME_EVERYWHERE.get(plain, plain)
            if plain in KNOWN and name not in used and field_of(plain) not in given:
                found[plain] = name
                given.add(field_of(plain))
        left = [name for name in names if name not in found.values() and name not in used]
        for ours, theirs in find_usual(left, USUAL).items():
            if field_of(ours) not in given:
                found[ours] = theirs
                given.add(field_of(ours))
        for ours, (date, time) in find_date_and_time(names, found).items():
            if ours not in self.columns and date not in used:
                del found[ours]
                found[f"{ours}_date"], found[f"{ours}_time"] = date, time
        if has_place or {"lat", "lon"} <= given:
            # The record's own words for presence and events; beside a position they mean anything.
            for word in ("state", "kind"):
                if word not in self.columns:
                    found.pop(word, None)
        return found

    def usual(self, names: Mapping[str, str]) -> dict[str, str]:
        """Of the resolved ``names`` those that were understood by a usual name alone."""
        return {
            ours: theirs
            for ours, theirs in names.items()
            if self.columns.keys().isdisjoint((ours, re.sub("_(date|time)$", "", ours)))
            and theirs.strip().lower() not in KNOWN | SAME_EVERYWHERE.keys()
        }

    def missing(self, header: Iterable[str]) -> list[str]:
        """Names the map asks for that the file does not have."""
        names = set(header)
        return [
            theirs
            for ours, theirs in self.columns.items()
            if theirs not in names and not _two_columns(ours, theirs, names)
        ]


def _two_columns(ours: str, theirs: str, names: Collection[str]) -> list[str]:
    """The columns of ``recorded_at_utc=Date+Time``; none if it is no such pair, or they are not there."""
    two = theirs.split("+")
    both = ours in TIMES and f"{ours}_date" in PARTS_OF_TIMES and len(two) == 2
    return two if both and all(name in names for name in two) else []


def field_of(name: str) -> str:
    """The field of the record that a column feeds: ``speed_kmh`` and ``speed_mps`` feed the same."""
    if name in TIMES:
        return name.split("_at_")[0]
    if name in PARTS_OF_TIMES:  # each part is a field of its own; together they are the time
        return name
    if name in NUMBERS:
        return NUMBERS[name][0]
    return {"lat_e7": "lat", "lon_e7": "lon", "northing_m": "lat", "easting_m": "lon",
            "state": "presence", "kind": "event"}.get(name, name)  # fmt: skip


def parse_columns(text: str | Path | Mapping[str, object] | ColumnMap | None) -> ColumnMap:
    """A column map from ``a=b,c=d``, the path of a TOML or JSON file, or a mapping.

    Raises ``UnreadableFile`` with what to change if it cannot be one.
    """
    if text is None:
        return ColumnMap()
    if isinstance(text, ColumnMap):
        return text
    if isinstance(text, Mapping):
        return _from_mapping(text)
    path = Path(text)
    if isinstance(text, Path) or path.suffix.lower() in {".toml", ".json"}:
        return _from_file(path)
    pairs = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    keys = [part.split("=", 1)[0].strip() for part in text.split(",") if "=" in part]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise _unusable(twice[0], "It is named twice: keep one of the two columns.")
    bad = [part for part in text.split(",") if part.strip() and "=" not in part]
    if bad:
        raise _unusable(
            bad[0], "Write name=column pairs with commas between, such as lat=Latitude,lon=Longitude."
        )
    return _from_mapping({key.strip(): value.strip() for key, value in pairs.items()})


def _from_file(path: Path) -> ColumnMap:
    try:
        text = path.read_text(encoding="utf-8")
        parsed = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(path.name, f"Give a TOML or JSON file of name = column pairs ({error}).") from None
    if not isinstance(parsed, dict):
        raise _unusable(path.name, "Give one table of name = column pairs.")
    nested = parsed.pop("columns", {})
    return _from_mapping({**parsed, **(nested if isinstance(nested, dict) else {})})


def _from_mapping(given: Mapping[str, object]) -> ColumnMap:
    options = {key: value for key, value in given.items() if key in OPTIONS}
    result = ColumnMap(
        {key: str(value) for key, value in given.items() if key not in OPTIONS},
        time_zone=_text(options.get("time_zone")),
        time_format=_text(options.get("time_format")),
        device_id_is=_text(options.get("device_id_is")),
    )
    if (hdop := options.get("hdop_metres")) is not None:
        try:
            result = replace(result, hdop_metres=float(str(hdop)))
        except ValueError:
            raise _unusable("hdop_metres", "Give a number of metres, such as 5.") from None
    if (source := options.get("source_is")) is not None:
        try:
            result = replace(result, source_is=Source[str(source).upper()])
        except KeyError:
            raise _unusable("source_is", f"Use one of {', '.join(s.name for s in Source)}.") from None
    return result


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _unusable(name: str, remedy: str) -> UnreadableFile:
    return UnreadableFile(Problem("column map", None, name, "The column map cannot be used", remedy))
