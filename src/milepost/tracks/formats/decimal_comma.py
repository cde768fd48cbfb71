"""Numbers written with a decimal comma, as spreadsheets do in most of Europe.

Whether a table does so is told by its places: a comma within one coordinate can be nothing else. Only then
are its other numbers read so too, for ``1,234`` by itself may as well be a thousand and more.
"""

from __future__ import annotations

import polars as pl

from milepost.tracks.formats.columns import NUMBERS
from milepost.tracks.formats.rows import Rows

PLACES = ("lat", "lon", "easting_m", "northing_m")
PATTERN = r"^\s*[+-]?\d+,\d+\s*$"


def read_decimal_commas(rows: Rows, names: dict[str, str]) -> bool:
    """Writes a full stop for the comma, in place, if the places of ``rows`` have one. ``names``: ours to
    theirs. Returns whether they have."""
    frame = rows.frame
    theirs = [names[name] for name in PLACES if name in names and frame[names[name]].dtype == pl.String]
    if not any(frame[name].str.contains(PATTERN).any() for name in theirs):
        return False
    numbers = {name for ours, name in names.items() if ours in NUMBERS or ours in (*PLACES, "hdop")}
    for name in numbers:
        text = frame[name]
        if text.dtype == pl.String:
            with_stop = text.str.replace(",", ".", literal=True)
            comma = text.str.contains(PATTERN).fill_null(False)
            rows.put(with_stop.zip_with(comma, text).alias(name))
    return True
