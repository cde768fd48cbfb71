"""A message that holds many positions: each is counted and named by its place, and a cut costs what comes after it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from milepost.problems import UnreadableFile
from milepost.tracks.formats import osmand as formats_osmand
from milepost.tracks.messages import Format, Message, parse_many
from milepost.tracks.read import read_signals
from milepost.tracks.record import Signals

ReadText = Callable[..., Signals]
WHEN = "2026-03-02T10:00:00Z"


def overland(when: str = WHEN) -> dict[str, object]:
    geometry = {"type": "Point", "coordinates": [-0.12, 51.5]}
    return {"type": "Feature", "geometry": geometry, "properties": {"timestamp": when, "device_id": "T1"}}


def traccar(when: str = WHEN) -> dict[str, object]:
    return {"uniqueId": "T1", "fixTime": when, "latitude": 51.5, "longitude": -0.12}


def osmand(when: str = WHEN) -> dict[str, object]:
    return {"timestamp": when, "coords": {"latitude": 51.5, "longitude": -0.12}}


def insight(when: str = WHEN) -> dict[str, object]:
    return {"positionId": 1, "deviceId": "T1", "gpsDate": when, "latitude": 51.5, "longitude": -0.12}


def google(when: str = WHEN) -> dict[str, object]:
    return {"timestamp": when, "latitudeE7": 515_000_000, "longitudeE7": -1_200_000}


WRAPPERS = {
    "overland": ("locations", overland),
    "traccar": ("positions", traccar),
    "osmand": ("location", osmand),
    "datainsights": ("locations", insight),
    "google": ("locations", google),
}


def wrap(kind: str, *whens: str) -> dict[str, object]:
    name, position = WRAPPERS[kind]
    head = {"device_id": "T1"} if kind == "osmand" else {}
    return {**head, name: [position(when) for when in whens]}


def rows(signals: Signals) -> list[int | str | None]:
    return [problem.row for problem in signals.problems.problems if problem.severity == "error"]


@pytest.mark.parametrize("kind", WRAPPERS)
def test_a_bad_position_is_named_by_its_place_in_the_wrapper(read_text: ReadText, kind: str) -> None:
    signals = read_text(json.dumps(wrap(kind, WHEN, "x", WHEN)), "a.json")
    assert (signals.fixes.num_rows, signals.n_rows_read, rows(signals)) == (2, 3, [2])


@pytest.mark.parametrize("kind", ["overland", "traccar", "osmand", "datainsights"])
def test_of_many_wrappers_the_message_is_named_too(read_text: ReadText, kind: str) -> None:
    text = "\n".join(json.dumps(wrap(kind, WHEN, "x")) for _ in range(3))
    signals = read_text(text, "a.json")
    assert (signals.fixes.num_rows, signals.n_rows_read) == (3, 6)
    assert rows(signals) == [f"row {n}, position 2" for n in (1, 2, 3)]
    assert signals.fixes.column("payload_ref")[2].as_py() == "a.json:row 3, position 1"


@pytest.mark.parametrize("kind", WRAPPERS)
@pytest.mark.parametrize("indent", [None, 2])
def test_what_came_before_a_cut_is_read(read_text: ReadText, kind: str, indent: int | None) -> None:
    text = json.dumps(wrap(kind, WHEN, WHEN, WHEN), indent=indent).rstrip(" \n]}")[:-20]
    signals = read_text(text, "a.json")
    assert (signals.fixes.num_rows, signals.n_rows_read, signals.problems.n_errors) == (2, 3, 1)


def test_a_cut_line_costs_its_own_rest_and_no_other_line(read_text: ReadText) -> None:
    whole = json.dumps(wrap("overland", WHEN, WHEN))
    signals = read_text("\n".join([whole, whole[:-60], "garbage", whole]), "a.json")
    assert signals.fixes.num_rows == 5
    assert rows(signals) == [2, 3]


def test_what_stands_in_the_list_and_is_no_position_is_named(read_text: ReadText) -> None:
    signals = read_text(json.dumps({"positions": [traccar(), None, 5]}), "a.json")
    assert (signals.fixes.num_rows, signals.n_rows_read, rows(signals)) == (1, 3, [2, 3])


def test_places_of_a_line_are_named(read_text: ReadText) -> None:
    feature = {
        "type": "Feature",
        "properties": {"device_id": "T1", "times": [WHEN, "x", WHEN]},
        "geometry": {"type": "LineString", "coordinates": [[-0.1, 51.5]] * 3},
    }
    signals = read_text(json.dumps({"type": "FeatureCollection", "features": [feature] * 2}), "a.geojson")
    assert rows(signals) == ["row 1, position 2", "row 2, position 2"]


@pytest.mark.parametrize("kind", ["overland", "traccar", "osmand"])
def test_a_live_message_names_the_position_as_a_file_does(kind: Format) -> None:
    raw = json.dumps(wrap(kind, WHEN, "x", WHEN)).encode()
    (message,) = parse_many([Message(raw, kind, None, 1_772_445_600_000_000)]).messages
    assert (message.n_taken, message.n_rows_read) == (2, 3)
    assert [problem.row for problem in message.problems] == [2]


def test_milepost_own_messages_are_read_as_a_file(read_text: ReadText) -> None:
    fix = {"type": "fix", "device_id": "T1", "recorded_at_utc": WHEN, "lat": 51.5, "lon": -0.1}
    event = {"type": "device_event", "device_id": "T1", "recorded_at_utc": WHEN, "kind": "battery_low"}
    heard = {"type": "presence", "device_id": "H1", "recorded_at_utc": WHEN, "state": 1}
    for text in ("\n".join(map(json.dumps, (event, fix, heard))), json.dumps([event, fix, heard], indent=1)):
        signals = read_text(text, "a.ndjson")
        assert (signals.fixes.num_rows, signals.presence.num_rows, signals.device_events.num_rows) == (
            1,
            1,
            1,
        )
    live = parse_many([Message("\n".join(map(json.dumps, (event, fix, heard))).encode(), "ndjson", None, 0)])
    assert live.signals.fixes.column("lat_e7") == signals.fixes.column("lat_e7")


def test_a_map_of_streets_in_a_folder_is_named_once(tmp_path: Path) -> None:
    street = {
        "type": "Feature",
        "properties": {"name": "Mill Lane"},
        "geometry": {"type": "LineString", "coordinates": [[2.0, 54.0], [2.01, 54.0]]},
    }
    (tmp_path / "streets.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [street] * 9})
    )
    (tmp_path / "fixes.csv").write_text(f"device_id,recorded_at_utc,lat,lon\nT1,{WHEN},54,2\n")
    signals = read_signals(tmp_path)
    (problem,) = signals.problems.problems
    assert problem.source == "streets.geojson"
    assert (signals.fixes.num_rows, signals.problems.n_errors) == (1, 1)
    with pytest.raises(UnreadableFile, match="holds no signals"):
        read_signals(tmp_path / "streets.geojson")


def test_a_million_empty_lines_in_a_broken_message_take_no_time() -> None:
    """A regular expression that looks beyond its line takes the square of them: hours, for one message."""
    began_s = time.process_time()
    signals = formats_osmand.parse_message(("{" + "\n" * 1_000_000).encode())
    assert time.process_time() - began_s < 10
    assert signals.n_rows == 0
    assert signals.problems.problems
