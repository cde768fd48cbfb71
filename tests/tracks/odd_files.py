"""Signal files as people have them: cut off, in odd encodings and units, with wrappers, clocks and blanks.

Each case is the smallest that shows its trouble. What Milepost says of each is the page
``docs/reference/odd-files.md``, which ``tools/odd_files_reference.py`` writes.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass

HEAD = "device_id,recorded_at_utc,lat,lon\n"
ROWS = [f"T1,2026-03-02T10:0{i}:00Z,51.50{i},-0.12{i}\n" for i in range(5)]
TABLE = HEAD + "".join(ROWS)
NAMED = "device_id=d,recorded_at_utc=t"
LONDON = "recorded_at_local=Local,time_zone=Europe/London"


@dataclass(frozen=True, slots=True)
class OddFile:
    """``data``: the bytes of a file ``name``; ``columns``: a column map given with it."""

    case: str
    name: str
    data: bytes
    columns: str | None = None


def cases() -> Iterator[OddFile]:
    for group in (
        _encodings(),
        _shapes(),
        _places(),
        _clocks(),
        _two_columns(),
        _maps(),
        _wrappers(),
        _tracks(),
    ):
        for case, name, data, *columns in group:
            raw = data.encode() if isinstance(data, str) else data
            yield OddFile(case, name, raw, columns[0] if columns else None)


Case = tuple[str, str, str | bytes] | tuple[str, str, str | bytes, str]


def _encodings() -> Iterator[Case]:
    yield "UTF-16 with a mark", "a.csv", TABLE.encode("utf-16")
    yield "UTF-16 without a mark", "a.csv", TABLE.encode("utf-16-le")
    yield "UTF-8 with a mark", "a.csv", b"\xef\xbb\xbf" + TABLE.encode()
    yield "UTF-32", "a.csv", TABLE.encode("utf-32")
    yield "Windows-1252", "a.csv", TABLE.replace("T1,", "Tö,").encode("latin-1")
    yield "null bytes within a line", "a.csv", TABLE + "T1,2026-03-02T10:09:00Z,51.5\0,-0.1\n"
    yield "null bytes at the end", "a.csv", TABLE.encode() + bytes(200)
    yield "a zip archive or spreadsheet", "a.csv", b"PK\x03\x04" + bytes(60)
    yield "a web page", "a.csv", "<!DOCTYPE html><html><body>Sign in</body></html>"
    yield (
        "gzip that is cut off",
        "a.csv.gz",
        gzip.compress((HEAD + "".join(ROWS) * 500).encode(), mtime=0)[:-50],
    )
    yield "gzip with a wrong checksum", "a.csv.gz", gzip.compress(TABLE.encode(), mtime=0)[:-8] + bytes(8)
    yield "UTF-16 JSON", "a.json", _json({"locations": [_overland(0)]}).encode("utf-16")


def _shapes() -> Iterator[Case]:
    place = "T1;2026-03-02T10:00:00Z;51,501;-0,121"
    yield "semicolons and decimal commas", "a.csv", f"device_id;recorded_at_utc;lat;lon\n{place}\n"
    yield "semicolon within quotes", "a.csv", f'device_id;recorded_at_utc;lat;lon;note\n{place};"a;b"\n'
    yield "empty file", "a.csv", b""
    yield "header only", "a.csv", HEAD
    yield "blank lines", "a.csv", HEAD + "\n" + "\n".join(ROWS)
    yield "rows of delimiters alone", "a.csv", TABLE + ",,,\n"
    yield "a delimiter more at the end of each row", "a.csv", HEAD + "".join(f"{r.strip()},\n" for r in ROWS)
    yield "a delimiter more at the end of the header", "a.csv", HEAD.strip() + ",\n" + "".join(ROWS)
    yield "a value more in each row", "a.csv", HEAD + "".join(f"{r.strip()},5\n" for r in ROWS)
    yield "last line cut off", "a.csv", TABLE + "T1,2026-03-02T10:09:0"
    yield "a title above the header", "a.csv", "Export of tag T1\n\n" + TABLE
    yield "header repeated", "a.csv", TABLE + TABLE
    yield "two columns of one name", "a.csv", "device_id,recorded_at_utc,lat,lon,lat\n" + "".join(
        f"{r.strip()},0\n" for r in ROWS
    )  # fmt: skip
    yield "duplicate rows", "a.csv", TABLE + ROWS[0]
    yield "lines that end in CR alone", "a.csv", TABLE.replace("\n", "\r")


def _places() -> Iterator[Case]:
    def at(lat: str, lon: str) -> str:
        return HEAD + f"T1,2026-03-02T10:00:00Z,{lat},{lon}\n"

    yield "degrees times ten million", "a.csv", at("515000000", "-1200000")
    yield "radians", "a.csv", at("0.8988446", "-0.0020944")
    yield "metres of the National Grid", "a.csv", at("180380", "530000")
    yield "axes exchanged in every row", "a.csv", at("-0.12", "51.5")
    yield "axes exchanged in one row", "a.csv", TABLE + "T1,2026-03-02T10:06:00Z,-0.12,51.5\n"
    yield "not a number", "a.csv", at("NaN", "-0.12")


def _clocks() -> Iterator[Case]:
    def when(*times: str) -> str:
        return HEAD + "".join(f"T1,{time},51.5,-0.12\n" for time in times)

    night = ("00:30:00", "01:00:00", "01:30:00", "01:00:00", "01:30:00", "02:00:00")
    local = "device_id,Local,lat,lon\n"
    yield "milliseconds", "a.csv", when("1772445600000")
    yield "microseconds", "a.csv", when("1772445600000000")
    yield "nanoseconds", "a.csv", when("1772445600000000000")
    yield "milliseconds named as seconds", "a.csv", "d,t,lat,lon\nT1,1772445600000,51.5,-0.1\n", (
        "device_id=d,recorded_at_epoch_s=t"
    )  # fmt: skip
    yield "seconds named as milliseconds", "a.csv", "d,t,lat,lon\nT1,1772445600,51.5,-0.1\n", (
        "device_id=d,recorded_at_epoch_ms=t"
    )  # fmt: skip
    yield "a number that a spreadsheet shortened", "a.csv", when("1.77245E+12")
    yield "a spreadsheet's number of days", "a.csv", when("46083.4166666667")
    yield "day before month", "a.csv", when("25/03/2026 10:00:00")
    yield "a date alone", "a.csv", when("2026-03-02")
    yield "no offset", "a.csv", when("2026-03-02 10:00:00")
    yield "the hour that comes twice", "a.csv", local + "".join(
        f"T1,2026-10-25 {time},51.5,-0.12\n" for time in night
    ), LONDON  # fmt: skip
    yield "the hour that never was", "a.csv", local + "T1,2026-03-29 01:30:00,51.5,-0.1\n", LONDON
    yield "the future", "a.csv", TABLE + "T1,2999-03-02T10:00:00Z,51.5,-0.12\n"


def _two_columns() -> Iterator[Case]:
    rest = "lat,lon\nT1,{},51.5,-0.1\n"
    yield "date and time", "a.csv", "device_id,date,time," + rest.format("2026-03-02,10:00:00")
    yield (
        "UTC DATE and UTC TIME",
        "a.csv",
        "device_id,UTC DATE,UTC TIME," + rest.format("2026/03/02,10:00:00"),
    )
    yield "date and time of a place", "a.csv", "device_id,Date,Time," + rest.format("02/03/2026,10:00:00"), (
        "recorded_at_local=Date+Time,time_zone=Europe/London,time_format=%d/%m/%Y %H:%M:%S"
    )  # fmt: skip
    yield "time without its date", "a.csv", "device_id,date,time," + rest.format(",10:00:00")


def _maps() -> Iterator[Case]:
    table = "d,t,lat,lon,a\nT1,2026-03-02T10:00:00Z,51.5,-0.1,5\n"
    yield "one column for both axes", "a.csv", table, f"{NAMED},lat=lat,lon=lat"
    yield "one column in two units", "a.csv", table, f"{NAMED},lat=lat,lat_e7=lat,lon=lon"
    yield "the latitude named as speed", "a.csv", table, f"{NAMED},speed_mps=lat"
    yield "one name for two columns", "a.csv", table, f"{NAMED},lat=lat,lat=a,lon=lon"
    yield "two columns for one field", "a.csv", table, f"{NAMED},speed_mps=a,speed_kmh=lat,lat=lat,lon=lon"
    yield "a time zone and no local time", "a.csv", table, f"{NAMED},time_zone=Europe/London"
    yield "a column that is not there", "a.csv", table, f"{NAMED},speed_mps=speed"


def _wrappers() -> Iterator[Case]:
    bad = _overland(1, timestamp="x")
    batch = {"locations": [_overland(0), bad, _overland(2)]}
    yield "Overland, one batch", "o.json", _json(batch)
    yield "Overland, a batch a line", "o.json", "\n".join([_json(batch)] * 2)
    yield "Overland, cut off", "o.json", _json({"locations": [_overland(i) for i in range(4)]})[:-60]
    yield "Overland, not a point", "o.json", _json({"locations": [_overland(0), None]})
    traccar = [_traccar(0), _traccar(1, latitude="x"), None]
    yield "Traccar, positions", "t.json", _json({"positions": traccar})
    yield "Traccar, two messages", "t.json", _json([{"positions": traccar[:1]}, {"positions": traccar[:2]}])
    yield "Traccar, cut off", "t.json", _json({"positions": [_traccar(i) for i in range(3)]})[:-40]
    yield "Traccar, cut off over lines", "t.json", json.dumps([_traccar(i) for i in range(3)], indent=1)[:-40]
    locations = [_osmand(51.5), _osmand("x"), None]
    yield "OsmAnd, locations", "m.json", _json({"device_id": "T1", "location": locations})
    data = [_owntracks(51.5), _owntracks("x")]
    yield "OwnTracks Recorder, an answer", "w.json", _json({"count": 2, "data": data})
    yield "OwnTracks Recorder, cut off", "w.json", _json({"count": 4, "data": data[:1] * 4})[:-40]
    record = {"timestamp": "2026-03-02T10:00:00Z", "latitudeE7": 515000000, "longitudeE7": -1200000}
    yield "Google records, cut off", "r.json", _json({"locations": [record] * 4})[:-40]
    path = {"point": "51.5°, -0.1°", "time": "2026-03-02T10:10:00Z"}
    segment = {"startTime": "2026-03-02T10:00:00Z", "endTime": "2026-03-02T11:00:00Z"}
    timeline = {"semanticSegments": [{**segment, "timelinePath": [path]}], "rawSignals": [{"wifiScan": {}}]}
    yield "Google timeline, what is no position", "r.json", _json(timeline)
    yield (
        "Google timeline, an empty activity",
        "r.json",
        _json({"semanticSegments": [{**segment, "activity": {}}]}),
    )
    answer = {
        "positionId": 1,
        "deviceId": "T1",
        "gpsDate": "2026-03-02T10:00:00Z",
        "latitude": 51.5,
        "longitude": -0.1,
    }
    yield "the ministry's answer, cut off", "d.json", _json({"locations": [answer] * 4})[:-40]
    own = [
        {
            "type": "fix",
            "device_id": "T1",
            "recorded_at_utc": "2026-03-02T10:00:00Z",
            "lat": 51.5,
            "lon": -0.1,
        }
    ] * 2
    yield "Milepost's messages", "n.ndjson", "\n".join(map(_json, own))
    yield "Milepost's messages, cut off", "n.ndjson", "\n".join(map(_json, own))[:-10]
    yield "Milepost's messages, an array", "n.json", _json(own)


def _tracks() -> Iterator[Case]:
    line = {"type": "LineString", "coordinates": [[-0.1, 51.5], [-0.1, 51.5], [-0.1, 151.5]]}
    times = ["2026-03-02T10:00:00Z", "x", "2026-03-02T10:02:00Z"]
    track = {"type": "Feature", "properties": {"times": times, "device_id": "T1"}, "geometry": line}
    street = {"type": "Feature", "properties": {"name": "Mill Lane"}, "geometry": line}
    yield "GeoJSON, a line", "g.geojson", _json({"type": "FeatureCollection", "features": [track]})
    yield "GeoJSON, a map of streets", "g.geojson", _json({"type": "FeatureCollection", "features": [street]})
    yield "GeoJSON, no feature", "g.geojson", _json({"type": "FeatureCollection", "features": []})
    gpx = '<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><name>T1</name><trkseg>{}</trkseg></trk></gpx>'
    point = '<trkpt lat="51.5" lon="-0.1"><time>2026-03-02T10:00:00Z</time></trkpt>'
    yield "GPX on one line", "x.gpx", gpx.format(point + '<trkpt lat="51.5" lon="-0.1"/>')
    yield "GPX cut off", "x.gpx", gpx.format(point + '<trkpt lat="51.5"')[:-25]
    yield "GPX without a point", "x.gpx", gpx.format("")
    head = "Geolife trajectory\nWGS 84\nAltitude is in Feet\nReserved 3\n0,2,255,My Track,0,0,2,8421376\n0\n"
    yield "PLT cut off", "p.plt", head + "39.9,116.3,0,492,39744.12,2008-10-23,02:53:04\n39.9,116.3,0,49"


def _json(value: object) -> str:
    return json.dumps(value)


def _overland(minute: int, **more: object) -> dict[str, object]:
    said = {"timestamp": f"2026-03-02T10:0{minute}:00Z", "device_id": "T1", "horizontal_accuracy": 10, **more}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [-0.12, 51.5]},
        "properties": said,
    }


def _traccar(minute: int, **more: object) -> dict[str, object]:
    when = f"2026-03-02T10:0{minute}:00Z"
    return {"uniqueId": "T1", "fixTime": when, "latitude": 51.5, "longitude": -0.12, **more}


def _osmand(lat: object) -> dict[str, object]:
    return {"timestamp": "2026-03-02T10:00:00Z", "coords": {"latitude": lat, "longitude": -0.1}}


def _owntracks(lat: object) -> dict[str, object]:
    return {"_type": "location", "tid": "T1", "tst": 1772445600, "lat": lat, "lon": -0.1}
