"""Names that columns usually have, for tables that come without a column map.

Only names whose meaning and unit are the same wherever they are met. ``speed``, ``direction``, ``battery``,
``x`` and ``y`` are not among them: their unit differs from maker to maker, so they are named as not read.
A name is compared in lower case with blanks, dashes and dots as underscores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

USUAL: dict[str, tuple[str, ...]] = {
    # The first name that the table has is taken.
    "device_id": ("deviceid", "device", "uniqueid", "unique_id", "imei", "tracker_id", "trackerid", "tag",
                  "tag_serial", "serial_number", "serialnumber", "individual_local_identifier"),
    "recorded_at_utc": ("timestamp", "fixtime", "fix_time", "gps_time", "gpstime", "gpsdate", "gps_date",
                        "position_gps_date", "position_recorded_date", "recorded_at", "datetime", "date_time",
                        "utc_datetime", "time_utc", "utc_time", "devicetime", "device_time", "time"),
    "received_at_utc": ("servertime", "server_time", "received_at", "position_uploaded_date"),
    "lat": ("position_latitude", "gps_latitude", "lat_deg", "latitude_deg", "location_lat"),
    "lon": ("lng", "long", "position_longitude", "gps_longitude", "lon_deg", "longitude_deg", "location_long",
            "location_lng"),
    "precision_m": ("position_precision",),
    # As phones and Traccar give it: the radius that holds 68 %.
    "precision_68_m": ("accuracy", "horizontal_accuracy", "accuracy_m"),
    "altitude_m": ("altitude", "elevation", "ele"),
    "heading_deg": ("heading", "course", "bearing"),
    "source": ("position_lbs",),
    "valid": ("is_valid", "fix_valid", "gps_valid", "position_valid"),
    "mock": ("is_mock", "ismock", "from_mock_provider"),
}  # fmt: skip
DATE_OF_TIME = {"time": "date", "utc_time": "utc_date", "time_utc": "date_utc", "gps_time": "gps_date"}
"""A column of times that may be times of day alone, and the column that then holds their dates."""
SAME_EVERYWHERE = {"latitude": "lat", "longitude": "lon"}
"""Taken without a word: nobody means anything else."""

FIRST = ("device_id", "recorded_at_utc", "lat", "lon")
"""What every fix needs, and so what a line of columns begins with."""


def plain_name(name: str) -> str:
    return re.sub(r"[\s.\-]+", "_", name.strip().lower())


def find_usual(names: Iterable[str], wanted: Iterable[str]) -> dict[str, str]:
    """Of ``wanted`` (Milepost's names) those that a column of a usual name gives: ours to theirs."""
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(plain_name(name), name)
    found = {}
    for ours in wanted:
        theirs = next((by_plain[usual] for usual in USUAL.get(ours, ()) if usual in by_plain), None)
        if theirs is not None:
            found[ours] = theirs
    return found


def find_date_and_time(names: Iterable[str], found: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Of the times that were ``found`` those that a date of another column belongs to: both columns' names."""
    by_plain = {plain_name(name): name for name in reversed(list(names))}
    dates = {
        ours: DATE_OF_TIME.get(plain_name(theirs)) for ours, theirs in found.items() if "_at_utc" in ours
    }
    return {ours: (by_plain[date], found[ours]) for ours, date in dates.items() if date in by_plain}


def columns_line(names: Mapping[str, str], missing: Iterable[str] = ()) -> str:
    """The ``--columns`` line that says the same, with an ellipsis for what is still ``missing``."""
    whole = {**names, **dict.fromkeys(missing, "...")}
    for part in [name for name in whole if name.endswith("_date") and f"{name[:-5]}_time" in whole]:
        whole[part[:-5]] = f"{whole.pop(part)}+{whole.pop(part[:-5] + '_time')}"
    order = [*FIRST, *(ours for ours in whole if ours not in FIRST)]
    pairs = [f"{ours}={whole[ours]}" for ours in order if ours in whole]
    return f"--columns '{','.join(pairs)}'"
