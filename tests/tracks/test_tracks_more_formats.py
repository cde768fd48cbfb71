"""Recorder, Overland, Google, the ministry's answers, OziExplorer, MobilityDB, time spans: value by value, and a bad
row between two good ones, which comes back by its number while they go in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from milepost.problems import UnreadableFile
from milepost.tracks.formats import overland
from milepost.tracks.formats.columns import NUMBERS
from milepost.tracks.read import read_signals
from milepost.tracks.record import Quality, Signals, Source

ReadText = Callable[..., Signals]
PHONE_10_M = pytest.approx(10 * NUMBERS["precision_68_m"][1])
"""A phone's 10 m of 68 %, as the record's 95 %."""


def at(minute: int, second: float = 0) -> datetime:
    return datetime(2026, 10, 1, 10, minute, int(second), round(second % 1 * 1e6), tzinfo=UTC)


def rows(signals: Signals) -> list[tuple[object, ...]]:
    return [
        (r["device_id"], r["recorded_at_utc"], r["lat_e7"], r["lon_e7"]) for r in signals.fixes.to_pylist()
    ]


def errors(signals: Signals) -> list[tuple[object, str | None]]:
    return [(p.row, p.field) for p in signals.problems.problems if p.severity == "error"]


def test_owntracks_rec(tmp_path: Path, fixtures: Path) -> None:
    signals = read_signals(fixtures / "owntracks.rec")
    assert rows(signals) == [("ph", at(0), 515074000, -1278000)]
    [fix] = signals.fixes.to_pylist()
    assert (fix["speed_mps"], fix["precision_m"], fix["source"]) == (10, PHONE_10_M, Source.GPS)
    [event] = signals.device_events.to_pylist()
    assert (event["recorded_at_utc"], event["raw_code"]) == (at(2), "transition leave home")
    assert errors(signals) == [(2, None)]
    stored = tmp_path / "rec" / "jane" / "phone" / "2026-10.rec"
    stored.parent.mkdir(parents=True)
    stored.write_bytes((fixtures / "owntracks.rec").read_bytes())
    assert read_signals(stored).fixes["device_id"].to_pylist() == ["jane/phone"], "the Recorder's own folders"


def test_a_rec_line_of_a_message_without_a_time_takes_that_of_the_line(read_text: ReadText) -> None:
    line = '2026-10-01T10:00:00Z\t*\t{"_type":"location","lat":51.5,"lon":-0.1,"tid":"ph"}\n'
    assert rows(read_text(line, "2026-10.rec")) == [("ph", at(0), 515000000, -1000000)]


def test_owntracks_recorder_api(fixtures: Path) -> None:
    signals = read_signals(fixtures / "recorder-api.json")
    assert rows(signals) == [
        ("jane/phone", at(0), 515074000, -1278000),
        ("jane/phone", at(2), 515075000, -1278000),
    ]
    assert errors(signals) == [(2, "lat")]


def test_overland(fixtures: Path) -> None:
    signals = read_signals(fixtures / "overland.json")
    assert rows(signals) == [("SYN-1", at(0), 515074000, -1278000), ("SYN-1", at(2), 515074000, -1279000)]
    first, last = signals.fixes.to_pylist()
    assert (first["speed_mps"], first["heading_deg"], first["altitude_m"], first["battery_pct"]) == (
        1.5,
        90,
        12,
        50,
    )
    assert first["precision_m"] == PHONE_10_M
    assert (last["speed_mps"], last["heading_deg"], last["battery_pct"]) == (None, None, None), (
        "-1 is not known"
    )
    assert Quality(last["quality"]) == Quality.NOT_VALID | Quality.UNKNOWN_PRECISION
    assert errors(signals) == [(2, "lat")]
    assert [e["raw_code"] for e in signals.device_events.to_pylist()] == ["action visit"]


def test_overland_with_its_axes_exchanged_or_cut_off(read_text: ReadText, fixtures: Path) -> None:
    batch = json.loads((fixtures / "overland.json").read_text())
    batch["locations"][0]["geometry"]["coordinates"] = [51.5074, -100.1278]
    assert errors(read_text(json.dumps(batch), "a.json")) == [(1, "lat"), (2, "lat")]
    cut = read_text((fixtures / "overland.json").read_text()[:-60], "b.json")
    assert cut.fixes.num_rows == 1, "what came before the cut is read"
    assert cut.problems.n_errors >= 1


def test_overland_without_a_device_takes_the_tokens() -> None:
    location = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-0.1, 51.5]},
                "properties": {"timestamp": "2026-10-01T10:00:00Z", "device_id": "", "unique_id": "u"}}  # fmt: skip
    batch = {"locations": [location, {"properties": {"type": "trip"}}], "current": {}, "trip": {}}
    signals = overland.parse_message(batch, device_id="tag-1")
    assert rows(signals) == [("tag-1", at(0), 515000000, -1000000)]
    assert errors(signals) == [(2, "type")]
    assert overland.parse_message(batch).fixes["device_id"].to_pylist() == ["u"]


def test_google_records(fixtures: Path) -> None:
    signals = read_signals(fixtures / "records.json")
    assert rows(signals) == [("41", at(0, 0.5), 515074000, -1278000), ("41", at(2), 515075000, -1278000)]
    first, last = signals.fixes.to_pylist()
    assert (first["speed_mps"], first["source"], first["precision_m"]) == (2, Source.WIFI, PHONE_10_M)
    assert first["received_at_utc"] == at(0, 2)
    assert (last["source"], last["precision_m"]) == (Source.UNKNOWN, None)
    assert errors(signals) == [(2, "lat")]
    named = read_signals(fixtures / "records.json", columns={"device_id_is": "SYN-1"})
    assert set(named.fixes["device_id"].to_pylist()) == {"SYN-1"}


def test_google_timeline_of_android(fixtures: Path) -> None:
    signals = read_signals(fixtures / "timeline.json")
    assert [(r[1], r[2]) for r in rows(signals)] == [
        (at(0), 515074000), (at(2), 515075000), (at(30), 515076000), (at(40), 515077000), (at(42), 515078000),
    ]  # fmt: skip
    *inferred, measured = signals.fixes.to_pylist()
    assert {fix["precision_m"] for fix in inferred} == {None}, (
        "Google says no precision of what it worked out"
    )
    assert (measured["precision_m"], measured["source"], measured["speed_mps"]) == (
        PHONE_10_M,
        Source.WIFI,
        1.5,
    )
    assert errors(signals) == [(1, "timelinePath")]
    [visits] = [p for p in signals.problems.problems if p.field == "visit"]
    assert (visits.row, visits.value, visits.severity) == (2, "1", "warning")


def test_google_timeline_of_ios(fixtures: Path) -> None:
    signals = read_signals(fixtures / "location-history.json")
    assert [(r[1].isoformat(), r[2]) for r in rows(signals)] == [  # type: ignore[attr-defined]
        ("2026-10-01T10:00:00+00:00", 515074000),
        ("2026-10-01T11:00:00+00:00", 515075000),
        ("2026-10-01T12:26:00+00:00", 515076000),
    ]
    assert errors(signals) == [(3, "recorded_at_utc")]


def test_data_insights(fixtures: Path) -> None:
    signals = read_signals(fixtures / "datainsights.json")
    assert rows(signals) == [("41", at(0), 515074000, -1278000), ("41", at(2), 515075000, -1278000)]
    first, last = signals.fixes.to_pylist()
    assert (first["precision_m"], first["source"], first["speed_mps"]) == (10, Source.GPS, None)
    assert (last["precision_m"], last["source"]) == (None, Source.LBS)
    assert errors(signals) == [(2, "recorded_at_utc")]
    [unread] = [p for p in signals.problems.problems if p.severity == "warning"]
    assert unread.value == "direction, speed"


def test_athena_result_set(fixtures: Path) -> None:
    signals = read_signals(fixtures / "athena.json")
    assert rows(signals) == [("41", at(0), 515074000, -1278000), ("41", at(2), 515075000, -1278000)]
    first, last = signals.fixes.to_pylist()
    assert (first["precision_m"], first["source"]) == (10, Source.GPS)
    assert (last["precision_m"], last["source"]) == (None, Source.RF)
    assert errors(signals) == [(3, "device_id")], "row 1 is the header"
    told = {p.message: p.value for p in signals.problems.problems}
    assert told["Columns that were not read"] == "position_id, position_speed"


def test_a_page_of_athena_without_a_header_and_one_that_is_cut_off(
    read_text: ReadText, fixtures: Path
) -> None:
    text = (fixtures / "athena.json").read_text()
    page = json.loads(text)
    del page["ResultSet"]["Rows"][0]
    assert errors(read_text(json.dumps(page), "page2.json")) == [(2, "device_id")]
    with pytest.raises(UnreadableFile, match="cut off"):
        read_text(text[:-40], "cut.json")


@pytest.mark.parametrize(
    "name",
    ["overland.json", "records.json", "timeline.json", "location-history.json", "datainsights.json",
     "recorder-api.json"],
)  # fmt: skip
def test_cut_off_in_the_middle_it_is_said(read_text: ReadText, fixtures: Path, name: str) -> None:
    text = (fixtures / name).read_text()
    assert read_text(text[: int(len(text) * 0.6)], name).problems.n_errors >= 1


def test_oziexplorer(read_text: ReadText, fixtures: Path) -> None:
    signals = read_signals(fixtures / "ozi.plt")
    assert rows(signals) == [("ozi", at(0), 515074000, -1278000), ("ozi", at(1), 515075000, -1278000)]
    assert [fix["altitude_m"] for fix in signals.fixes.to_pylist()] == [pytest.approx(30.48), None]
    assert errors(signals) == [(9, "recorded_at_utc"), (10, None)]
    text = (fixtures / "ozi.plt").read_text()
    with pytest.raises(UnreadableFile, match="not WGS 84"):
        read_text(text.replace("WGS 84", "Ord Srvy Grt Britn"), "b.plt")


def test_togeojson_keeps_times_under_coordinate_properties(read_text: ReadText) -> None:
    times = ["2026-10-01T10:00:00Z", "2026-10-01T10:01:00Z"]
    line = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[-0.1, 51.5], [-0.1, 51.6]]},
            "properties": {"device_id": "T", "coordinateProperties": {"times": times, "heart": [1, 2]}}}  # fmt: skip
    assert rows(read_text(json.dumps(line), "a.geojson")) == [
        ("T", at(0), 515000000, -1000000), ("T", at(1), 516000000, -1000000),
    ]  # fmt: skip
    many = {**line, "geometry": {"type": "MultiLineString", "coordinates": [[[-0.1, 51.5]], [[-0.1, 51.6]]]},
            "properties": {"device_id": "T", "coordinateProperties": {"times": [times[:1], times[1:]]}}}  # fmt: skip
    assert rows(read_text(json.dumps(many), "b.geojson")) == rows(read_text(json.dumps(line), "a.geojson"))


def test_state_and_kind_beside_a_geometry_are_the_senders_own_words(read_text: ReadText) -> None:
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-0.1, 51.5]},
               "properties": {"device_id": "T", "recorded_at_utc": "2026-10-01T10:00:00Z", "state": "TX",
                              "kind": "car"}}  # fmt: skip
    signals = read_text(json.dumps(feature), "a.geojson")
    assert (signals.fixes.num_rows, signals.device_events.num_rows, signals.problems.n_errors) == (1, 0, 0)
    assert [p.value for p in signals.problems.problems] == ["state, kind"]


@pytest.mark.parametrize("kind", ["MovingPoint", "MovingGeomPoint", "MovingGeogPoint"])
def test_mobilitydb(read_text: ReadText, kind: str) -> None:
    crs = {"type": "Name", "properties": {"name": "EPSG:4326"}}
    sequence = {"coordinates": [[-0.1, 51.5], [-0.1, 51.6]], "lower_inc": True, "upper_inc": True,
                "datetimes": ["2026-10-01T11:00:00+01", "2026-10-01T11:01:00+01"]}  # fmt: skip
    whole = {"type": kind, "crs": crs, "interpolation": "Linear", **sequence}
    wanted = [("a", at(0), 515000000, -1000000), ("a", at(1), 516000000, -1000000)]
    assert rows(read_text(json.dumps(whole), "a.json")) == wanted
    parts = {"type": kind, "crs": crs, "sequences": [sequence], "interpolation": "Linear"}
    assert rows(read_text(json.dumps(parts), "a.json")) == wanted
    instant = {"type": kind, "coordinates": [-0.1, 51.5], "datetimes": "2026-10-01T11:00:00+01"}
    assert rows(read_text(json.dumps(instant), "a.json")) == wanted[:1]


SPAN = "<TimeSpan><begin>2026-10-01T10:00:00Z</begin><end>2026-10-01T10:30:00Z</end></TimeSpan>"


def test_kml_time_span(read_text: ReadText) -> None:
    point = f"<Placemark>{SPAN}<Point><coordinates>-0.1,51.5,0</coordinates></Point></Placemark>"
    line = (
        f"<Placemark>{SPAN}<LineString><coordinates>-0.1,51.5 -0.1,51.6 -0.1,51.7</coordinates></LineString>"
        "</Placemark>"
    )
    none = "<Placemark><TimeSpan></TimeSpan><Point><coordinates>-0.1,51.5,0</coordinates></Point></Placemark>"
    signals = read_text(f"<kml>\n{point}\n{none}\n{line}</kml>", "a.kml")
    assert [(r[1], r[2]) for r in rows(signals)] == [
        (at(0), 515000000), (at(30), 515000000), (at(0), 515000000), (at(30), 517000000),
    ]  # fmt: skip
    assert errors(signals) == [(3, "TimeSpan")]
    [between] = [p for p in signals.problems.problems if p.severity == "warning"]
    assert (between.row, between.value) == (4, "1"), "no time is made up for what lies between"


@pytest.mark.parametrize("name", ["a.rec", "a.json", "a.plt", "a.geoparquet"])
def test_an_empty_file_is_said_to_be_empty(read_text: ReadText, name: str) -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        read_text("  \n", name)
