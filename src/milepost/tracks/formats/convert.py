"""Columns as a file gives them to columns in the record's units: text, numbers or Arrow times in,
``lat``/``lon`` in degrees, ``*_us`` in UTC microseconds and the rest as the record names them out.

A value that a fix cannot do without rejects its row. One that it can do without becomes null, with a
warning: a broken battery reading must not cost the position.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from milepost.tracks.formats import national_grid
from milepost.tracks.formats.columns import NUMBERS, ColumnMap
from milepost.tracks.formats.convert_times import convert_times, join_dates_and_times
from milepost.tracks.formats.dms import parse_dms
from milepost.tracks.formats.rows import Rows, is_null
from milepost.tracks.record import PresenceState, Quality, Source

NUMBER_REMEDY = "Write a plain number with a full stop, such as 51.5074"
SOURCES = {
    **{member.name.lower(): member.value for member in Source},
    **{str(member.value): member.value for member in Source},
    "": Source.UNKNOWN.value,
    "gnss": Source.GPS.value,
    "cell": Source.LBS.value,
    "network": Source.LBS.value,
}
STATES = {
    "in_range": PresenceState.IN_RANGE.value,
    "out_of_range": PresenceState.OUT_OF_RANGE.value,
    "1": PresenceState.IN_RANGE.value,
    "0": PresenceState.OUT_OF_RANGE.value,
}
FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
VALID = {**FLAGS, "valid": True, "invalid": False, "a": True, "v": False}
"""A and V are the status of NMEA 0183's RMC sentence: active and void."""


def convert(rows: Rows, names: Mapping[str, str], columns: ColumnMap) -> Rows:
    """Replaces the frame's columns by the record's, from the resolved ``names`` (ours to theirs)."""
    # One column may mean two things: a device with one clock, say, for recorded and received.
    others = [name for name in rows.frame.columns if name not in set(names.values())]
    meanings = [pl.col(theirs).alias(ours) for ours, theirs in names.items()]
    rows.frame = rows.frame.select(*meanings, *(name for name in others if name not in names))
    for name in (
        "device_id",
        "tag_id",
        "unit",
        "raw_code",
        "payload_ref",
        "presence",
        "event",
        "state",
        "kind",
    ):
        if rows.has(name):
            _text(rows, name)
    if columns.device_id_is is not None and not rows.has("device_id"):
        rows.put(pl.repeat(columns.device_id_is, rows.frame.height, eager=True).alias("device_id"))
    _place(rows)
    for name, (target, factor) in NUMBERS.items():
        if rows.has(name):
            _put_number(rows, name, target, factor)
    if rows.has("hdop"):
        number(rows, "hdop", needed=False)
        if columns.hdop_metres is not None and not rows.has("precision_m"):
            rows.put((rows.frame["hdop"] * columns.hdop_metres).alias("precision_m"))
    if rows.has("sequence"):
        _integer(rows, "sequence")
    if rows.has("quality"):
        _integer(rows, "quality")
    for name, flag, when in (("valid", Quality.NOT_VALID, False), ("mock", Quality.MOCK, True)):
        if rows.has(name):
            _flag(rows, name, flag, when)
    _source(rows, columns)
    for ours, theirs in (("presence", "state"), ("event", "kind")):
        if rows.has(theirs) and not rows.has(ours):
            rows.frame = rows.frame.rename({theirs: ours})
    if rows.has("presence"):
        _code(rows, "presence", STATES, "in_range or out_of_range", needed=True)
    if rows.has("heartbeat") and rows.frame["heartbeat"].dtype != pl.Boolean:
        _code(rows, "heartbeat", FLAGS, "true or false", needed=False)
    join_dates_and_times(rows, names)
    convert_times(rows, columns)
    return rows


def _text(rows: Rows, name: str) -> None:
    text = rows.frame[name]
    if text.dtype != pl.String:
        text = text.cast(pl.String, strict=False)
    # Stripping copies every value, so look first: most files have nothing to strip.
    if text.str.contains(r"^\s|\s$|^$").any():
        text = text.str.strip_chars()
        text = pl.select(pl.when(text != "").then(text)).to_series()
    if text.str.contains("\x00", literal=True).any():  # what PostgreSQL cannot store
        text = text.str.replace_all("\x00", "\ufffd", literal=True)
    rows.put(text.alias(name))


def number(rows: Rows, name: str, *, needed: bool) -> pl.Series:
    """The column as finite floats, null where not said or (with a problem) not a number."""
    raw = rows.frame[name]
    values = raw
    if raw.dtype == pl.String:
        values = raw.str.strip_chars().cast(pl.Float64, strict=False)
        said = (raw.str.strip_chars() != "").fill_null(False).to_numpy()
        bad = said & is_null(values)
    elif raw.dtype.is_numeric():
        values = raw.cast(pl.Float64)
        bad = np.zeros(len(raw), dtype=bool)
    else:
        values = pl.repeat(None, len(raw), dtype=pl.Float64, eager=True)
        bad = raw.is_not_null().to_numpy()
    finite = values.is_finite().fill_null(True).to_numpy()
    bad |= ~finite
    if bad.any():
        if needed:
            rows.reject(bad, name, "This is not a number", f"{NUMBER_REMEDY}.")
        else:
            rows.warn(
                bad, name, "This is not a number; taken as not said", f"{NUMBER_REMEDY}, or leave it empty."
            )
        values = pl.select(pl.when(pl.Series(~bad)).then(values)).to_series()
    rows.put(values.alias(name))
    return values


def _put_number(rows: Rows, name: str, target: str, factor: float) -> None:
    values = number(rows, name, needed=False)
    if factor != 1.0 or name != target:
        rows.put((values * factor).alias(target))


def _place(rows: Rows) -> None:
    for axis in ("lat", "lon"):
        if rows.has(f"{axis}_e7"):
            rows.put((number(rows, f"{axis}_e7", needed=True) / 1e7).alias(axis))
        elif rows.has(axis):
            _degrees(rows, axis)
            number(rows, axis, needed=True)
    if not (rows.has("easting_m") and rows.has("northing_m")):
        return
    easting = number(rows, "easting_m", needed=True).fill_null(np.nan).to_numpy()
    northing = number(rows, "northing_m", needed=True).fill_null(np.nan).to_numpy()
    said = ~np.isnan(easting) & ~np.isnan(northing)
    outside = said & ~national_grid.inside_grid(easting, northing)
    rows.reject(
        outside,
        "easting_m",
        "This is outside the British National Grid",
        "Check that easting and northing are full metres and not exchanged.",
    )
    lat, lon = national_grid.grid_to_wgs84(
        np.where(outside, np.nan, easting), np.where(outside, np.nan, northing)
    )
    keep = pl.Series(said & ~outside)
    rows.put(
        pl.select(pl.when(keep).then(pl.Series(lat))).to_series().alias("lat"),
        pl.select(pl.when(keep).then(pl.Series(lon))).to_series().alias("lon"),
    )
    if keep.any():
        first = np.zeros(rows.frame.height, dtype=bool)
        first[int(np.flatnonzero(keep.to_numpy())[0])] = True
        rows.warn(
            first,
            "easting_m",
            f"National Grid positions were converted to WGS 84, good to {national_grid.ACCURACY_M:g} m",
            "Where metres matter, convert with OSTN15 first and give latitude and longitude.",
        )


def _degrees(rows: Rows, axis: str) -> None:
    """Degrees, minutes and seconds in the column ``axis`` to decimal degrees; other text stays as it is."""
    text = rows.frame[axis]
    if text.dtype != pl.String:
        return
    plain = is_null(text) | ~is_null(text.str.strip_chars().cast(pl.Float64, strict=False))
    if plain.all():
        return
    found = {value: parse_dms(value, axis) for value in text.filter(pl.Series(~plain)).unique()}
    written = {value: repr(degrees) for value, degrees in found.items() if degrees is not None}
    if written:
        rows.put(text.replace(written).alias(axis))


def _integer(rows: Rows, name: str) -> None:
    raw = rows.frame[name]
    if raw.dtype.is_integer():
        whole = raw.cast(pl.Int64, strict=False)  # unsigned numbers can be larger than the record holds
        rows.warn(
            is_null(whole) & ~is_null(raw),
            name,
            "This number is too large; taken as not said",
            "Write a whole number below 2^63, or leave it empty.",
        )
        rows.put(whole.alias(name))
        return
    values = number(rows, name, needed=False) if raw.dtype != pl.String else None
    if values is None:
        text = raw.str.strip_chars()
        whole = text.cast(pl.Int64, strict=False)
        loose = text.cast(pl.Float64, strict=False)
        whole = whole.zip_with(whole.is_not_null(), _whole(loose))
        bad = is_null(whole) & (text != "").fill_null(False).to_numpy()
    else:
        whole = _whole(values)
        bad = is_null(whole) & ~is_null(values)
    rows.warn(
        bad, name, "This is not a whole number; taken as not said", "Write a whole number, or leave it empty."
    )
    rows.put(whole.alias(name))


def _flag(rows: Rows, name: str, flag: Quality, when: bool) -> None:
    """Adds ``flag`` to the quality of the rows whose device says ``when`` in the column ``name``."""
    _code(rows, name, VALID, "true or false", needed=False)
    said = (rows.frame[name] == when).fill_null(False)
    quality = (
        rows.frame["quality"].cast(pl.Int64).fill_null(0)
        if rows.has("quality")
        else pl.repeat(0, rows.frame.height, dtype=pl.Int64, eager=True)
    )
    rows.put((quality | (said.cast(pl.Int64) * flag.value)).alias("quality"))


def _whole(values: pl.Series) -> pl.Series:
    fits = (values.round() == values) & (values.abs() < 2**53)
    return pl.select(pl.when(fits).then(values)).to_series().cast(pl.Int64, strict=False)


def _source(rows: Rows, columns: ColumnMap) -> None:
    fallback = int(columns.source_is or Source.UNKNOWN)
    if not rows.has("source"):
        rows.put(pl.repeat(fallback, rows.frame.height, dtype=pl.UInt8, eager=True).alias("source"))
        return
    _code(rows, "source", SOURCES, "GPS, RF, LBS, WIFI or UNKNOWN", needed=False)
    rows.put(rows.frame["source"].fill_null(fallback).cast(pl.UInt8))


def _code(rows: Rows, name: str, meaning: Mapping[str, int | bool], allowed: str, *, needed: bool) -> None:
    raw = rows.frame[name]
    text = raw.cast(pl.String, strict=False)
    # Codes are few and rows many: each different spelling is looked up once.
    unique = text.unique().drop_nulls()
    values = [meaning.get(spelling.strip().lower().removesuffix(".0")) for spelling in unique]
    dtype = pl.Boolean if all(isinstance(v, bool) for v in meaning.values()) else pl.UInt8
    table = pl.DataFrame({"text": unique, "code": pl.Series(values, dtype=dtype)})
    coded = pl.DataFrame({"text": text}).join(table, on="text", how="left", maintain_order="left")["code"]
    bad = is_null(coded) & ~is_null(text) & (text.str.strip_chars() != "").fill_null(False).to_numpy()
    if needed:
        rows.reject(bad, name, "This value is not known", f"Use {allowed}.")
    else:
        rows.warn(bad, name, "This value is not known; taken as not said", f"Use {allowed}.")
    rows.put(coded.alias(name))
