"""Each format by its fixture: what comes out, what is reported, and what a web service would get."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from milepost.problems import UnreadableFile
from milepost.tracks.detect import detect
from milepost.tracks.formats import osmand, owntracks, traccar
from milepost.tracks.read import read_signals
from milepost.tracks.record import Quality, Signals, Source

ReadText = Callable[..., Signals]


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("signals.csv", "csv"),
        ("presence.csv", "csv"),
        ("001/Trajectory/20261001100000.plt", "plt"),
        ("track.gpx", "gpx"),
        ("track10.gpx", "gpx"),
        ("track.kml", "kml"),
        ("points.geojson", "geojson"),
        ("moving.mfjson", "mfjson"),
        ("owntracks.ndjson", "owntracks"),
        ("traccar.json", "traccar"),
        ("osmand.json", "osmand"),
        ("osmand.txt", "osmand"),
        ("owntracks.rec", "owntracks"),
        ("recorder-api.json", "owntracks"),
        ("overland.json", "overland"),
        ("records.json", "google"),
        ("timeline.json", "google"),
        ("location-history.json", "google"),
        ("datainsights.json", "datainsights"),
        ("athena.json", "athena"),
        ("ozi.plt", "plt"),
    ],
)
def test_the_format_is_found_by_content_alone(fixtures: Path, tmp_path: Path, name: str, format: str) -> None:
    nameless = tmp_path / "download"
    nameless.write_bytes((fixtures / name).read_bytes())
    assert detect(nameless) == format


@pytest.mark.parametrize(
    ("name", "fixes", "presence", "events", "errors"),
    [
        ("001/Trajectory/20261001100000.plt", 2, 0, 0, 1),
        ("track.gpx", 2, 0, 0, 1),
        ("track.kml", 3, 0, 0, 1),
        ("points.geojson", 3, 0, 0, 2),
        ("moving.mfjson", 4, 0, 0, 0),
        ("owntracks.ndjson", 3, 0, 3, 1),
        ("traccar.json", 2, 0, 3, 0),
        ("osmand.txt", 4, 0, 2, 0),
        ("osmand.json", 2, 0, 0, 0),
        ("presence.csv", 0, 3, 0, 0),
        ("device_events.csv", 0, 0, 3, 0),
        ("owntracks.rec", 1, 0, 1, 1),
        ("recorder-api.json", 2, 0, 0, 1),
        ("overland.json", 2, 0, 1, 1),
        ("records.json", 2, 0, 0, 1),
        ("timeline.json", 5, 0, 0, 1),
        ("location-history.json", 3, 0, 0, 1),
        ("datainsights.json", 2, 0, 0, 1),
        ("athena.json", 2, 0, 0, 1),
        ("ozi.plt", 2, 0, 0, 2),
    ],
)
def test_nothing_is_lost(
    fixtures: Path, name: str, fixes: int, presence: int, events: int, errors: int
) -> None:
    signals = read_signals(fixtures / name)
    counts = (signals.fixes.num_rows, signals.presence.num_rows, signals.device_events.num_rows)
    assert (*counts, signals.problems.n_errors) == (fixes, presence, events, errors)
    assert signals.n_rows_read == signals.n_rows + errors


def test_plt_takes_the_user_folder_as_device_and_knows_unknown_altitude(fixtures: Path) -> None:
    rows = read_signals(fixtures / "001").fixes.to_pylist()
    assert [row["device_id"] for row in rows] == ["001", "001"]
    assert rows[0]["altitude_m"] == pytest.approx(30.48)
    assert rows[1]["altitude_m"] is None


def test_gpx_speed_and_course_of_the_extension_and_of_version_1_0(fixtures: Path) -> None:
    new = read_signals(fixtures / "track.gpx").fixes.to_pylist()
    assert (new[0]["speed_mps"], new[0]["heading_deg"], new[0]["device_id"]) == (1.5, 90.0, "SYN-1")
    assert Quality(new[1]["quality"]) == Quality.NOT_VALID | Quality.UNKNOWN_PRECISION
    old = read_signals(fixtures / "track10.gpx").fixes.to_pylist()[0]
    assert (old["speed_mps"], old["source"], old["device_id"]) == (1.5, Source.LBS, "track10")


BILLION_LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<gpx><trk><name>&b;</name></trk></gpx>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/hostname">]><kml><Placemark><name>&x;</name></Placemark></kml>"""


@pytest.mark.parametrize("text", [BILLION_LAUGHS, OUTSIDE])
def test_xml_with_a_document_type_is_refused(read_text: ReadText, text: str) -> None:
    with pytest.raises(UnreadableFile, match="document type"):
        read_text(text, "evil.xml")


def test_xml_nested_beyond_reason_is_refused(read_text: ReadText) -> None:
    with pytest.raises(UnreadableFile, match="nested"):
        read_text("<gpx>" + "<a>" * 100_000, "deep.gpx")


def test_xml_cut_off_keeps_what_came_before(read_text: ReadText, fixtures: Path) -> None:
    text = (fixtures / "track.gpx").read_text()
    signals = read_text(text[: text.index("2026-10-01T10:01")], "cut.gpx")
    assert signals.fixes.num_rows == 1
    assert "broken here" in signals.problems.problems[0].message


def test_json_nested_beyond_reason_is_a_problem(read_text: ReadText) -> None:
    signals = read_text('{"_type":' + "[" * 200_000, "deep.json", format="owntracks")
    assert signals.problems.n_errors >= 1


def test_an_array_cut_off_keeps_the_messages_before(read_text: ReadText, fixtures: Path) -> None:
    text = (fixtures / "traccar.json").read_text()
    signals = read_text(text[: text.rindex("attributes")], "cut.json")
    assert signals.fixes.num_rows == 1
    assert signals.problems.n_errors >= 1


def test_features_cut_off_keep_the_features_before(read_text: ReadText, fixtures: Path) -> None:
    text = (fixtures / "points.geojson").read_text()
    assert read_text(text[: text.index("coordTimes")], "cut.geojson").fixes.num_rows == 1


def test_geojson_properties_are_read_through_a_column_map(read_text: ReadText) -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [-0.1, 51.5]},
        "properties": {"tag": "S", "at": "2026-10-01T10:00:00Z", "mph": 60},
    }
    columns = "device_id=tag,recorded_at_utc=at,speed_mph=mph"
    row = read_text(json.dumps(feature), "p.geojson", columns=columns).fixes.to_pylist()[0]
    assert row["device_id"] == "S"
    assert row["speed_mps"] == pytest.approx(26.8224)


@pytest.mark.parametrize("name", ["p.geojson", "p.mfjson"])
def test_another_reference_system_is_refused(read_text: ReadText, name: str) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": [], "x": "MovingPoint"})
    with pytest.raises(UnreadableFile, match="WGS 84"):
        read_text(text, name, format="mfjson" if "mf" in name else "geojson")


def test_mobilitydb_moving_point_with_gaps(read_text: ReadText) -> None:
    part = {"coordinates": [[-0.1, 51.5]], "datetimes": ["2026-10-01T10:00:00+00"], "lower_inc": True}
    text = json.dumps({"type": "MovingPoint", "sequences": [part, part], "interpolation": "Linear"})
    assert read_text(text, "S9.json").fixes["device_id"].to_pylist() == ["S9", "S9"]


def test_traccar_keeps_three_clocks_apart(fixtures: Path) -> None:
    signals = read_signals(fixtures / "traccar.json")
    fix, old = signals.fixes.to_pylist()
    assert fix["recorded_at_utc"] == datetime(2026, 10, 1, 10, 0, 0, tzinfo=UTC)
    assert fix["received_at_utc"] == datetime(2026, 10, 1, 10, 0, 5, tzinfo=UTC)
    assert Quality.UNKNOWN_PRECISION in Quality(fix["quality"])
    assert (Quality(old["quality"]), old["source"]) == (Quality.NOT_VALID, Source.LBS)
    alarm = signals.device_events.to_pylist()[0]
    assert alarm["recorded_at_utc"] == datetime(2026, 10, 1, 10, 0, 1, tzinfo=UTC)
    assert (alarm["kind"], alarm["raw_code"]) == ("strap_tamper", "removing")


def test_traccar_as_forwarded_names_the_device_by_its_unique_id() -> None:
    position = {"deviceId": 7, "fixTime": "2026-10-01T10:00:00Z", "latitude": 51.5, "longitude": -0.1}
    signals = traccar.parse_message({"position": position, "device": {"id": 7, "uniqueId": "SYN-1"}})
    assert signals.fixes["device_id"].to_pylist() == ["SYN-1"]
    event = {"type": "alarm", "eventTime": "2026-10-01T10:00:00Z", "attributes": {"alarm": "lowBattery"}}
    signals = traccar.parse_message({"event": event, "position": position, "device": {"uniqueId": "SYN-1"}})
    assert signals.fixes.num_rows == 1
    assert signals.device_events["kind"].to_pylist() == ["battery_low"]


def test_owntracks_topic_names_the_device() -> None:
    raw = b'{"_type":"location","tst":1790848800,"lat":51.5,"lon":-0.1,"tid":"ab"}'
    assert owntracks.parse_message(raw, topic="owntracks/syn/phone").fixes["device_id"].to_pylist() == [
        "syn/phone"
    ]
    assert owntracks.parse_message(raw).fixes["device_id"].to_pylist() == ["ab"]


def test_owntracks_encrypted_messages_are_reported() -> None:
    signals = owntracks.parse_message({"_type": "encrypted", "data": "abc"})
    assert signals.problems.n_errors == signals.n_rows_read == 1


def test_osmand_without_a_time_takes_the_moment_it_arrived() -> None:
    raw = "id=S&lat=51.5&lon=-0.1"
    now = datetime(2026, 10, 1, 10, tzinfo=UTC)
    row = osmand.parse_message(raw, received_at_utc=now).fixes.to_pylist()[0]
    assert row["recorded_at_utc"] == row["received_at_utc"] == now
    assert osmand.parse_message(raw).problems.n_errors == 1


def test_osmand_batch_of_locations() -> None:
    one = {"timestamp": "2026-10-01T10:00:00Z", "coords": {"latitude": 51.5, "longitude": -0.1}}
    assert osmand.parse_message({"device_id": "S", "location": [one, one, 3]}).fixes.num_rows == 2


def test_a_message_is_known_again_by_its_hash() -> None:
    raw = b"id=S&timestamp=1790848800&lat=51.5&lon=-0.1"
    refs = {osmand.parse_message(raw).fixes["payload_ref"][0].as_py() for _ in range(2)}
    assert len(refs) == 1
    assert refs.pop().startswith("sha256:")


def test_geolife_as_published() -> None:
    shared = os.environ.get("MILEPOST_SHARED_DATA")
    places = [Path(shared)] if shared else [up / "shared" / "data" for up in Path(__file__).resolve().parents]
    folder = next((place / "gps" for place in places if (place / "gps").is_dir()), None)
    if folder is None:
        pytest.skip("the shared data folder with GeoLife is not here: set MILEPOST_SHARED_DATA")
    signals = read_signals(folder)
    lines = sum(len(f.read_bytes().splitlines()) - 6 for f in folder.rglob("*.plt"))
    assert signals.n_rows_read == lines == signals.fixes.num_rows + signals.problems.n_errors
    assert set(signals.fixes["device_id"].unique().to_pylist()) == {"000", "001", "002", "003", "004"}
