"""`milepost tracks` as somebody at a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from milepost.problems import UnreadableFile
from milepost.tracks.commands import group
from milepost.tracks.formats.columns import parse_columns
from milepost.tracks.read import read_signals
from milepost.tracks.record import Source


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(group, [str(a) for a in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_inspect_shows_counts_and_devices(fixtures: Path) -> None:
    code, out, err = run("inspect", fixtures / "signals.csv")
    assert code == 0
    assert "SYN-1" in out
    assert not err


def test_inspect_lists_problems_and_exits_with_one(fixtures: Path) -> None:
    code, _, err = run("inspect", fixtures / "track.gpx")
    assert code == 1
    assert "row 6, field recorded_at_utc" in err


def test_inspect_as_json(fixtures: Path) -> None:
    code, out, _ = run("inspect", fixtures / "track.gpx", "--json")
    told = json.loads(out)
    assert code == 1
    assert told["fixes"] == 2
    assert told["problems"][0]["row"] == 6
    assert told["flags"] == {"UNKNOWN_PRECISION": 2, "NOT_VALID": 1}


def test_convert_through_a_column_map_file(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("Tag;When;Y;X;Kn\nS;2026-10-01T10:00:00Z;51.5;-0.1;10\n")
    (tmp_path / "map.toml").write_text(
        '[columns]\ndevice_id="Tag"\nrecorded_at_utc="When"\nlat="Y"\nlon="X"\nspeed_knots="Kn"\n'
    )
    out = tmp_path / "out.parquet"
    code, _, err = run(
        "convert", tmp_path / "in.csv", out, "--columns", tmp_path / "map.toml", "--source", "GPS"
    )
    assert (code, "1 fixes written" in err) == (0, True)
    row = read_signals(out).fixes.to_pylist()[0]
    assert row["speed_mps"] == pytest.approx(5.14444, rel=1e-5)
    assert row["source"] == Source.GPS


def test_convert_keeps_events_beside_the_fixes(tmp_path: Path, fixtures: Path) -> None:
    code, _, _ = run("convert", fixtures / "traccar.json", fixtures / "presence.csv", tmp_path / "out.gpx")
    assert code == 0
    assert read_signals(tmp_path / "out.device_events.parquet").device_events.num_rows == 3
    assert read_signals(tmp_path / "out.presence.parquet").presence.num_rows == 3


@pytest.mark.parametrize(
    "arguments", [["empty.csv"], ["absent.csv"], ["good.csv", "--columns", "nonsense=1"]]
)
def test_what_cannot_run_exits_with_two_and_says_why(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "good.csv").write_text("device_id,recorded_at_utc,lon,lat\n")
    code, out, err = run("inspect", tmp_path / arguments[0], *arguments[1:])
    assert (code, out) == (2, "")
    assert "Error" in err


def test_convert_to_an_unknown_format_exits_with_two(tmp_path: Path, fixtures: Path) -> None:
    code, _, err = run("convert", fixtures / "signals.csv", tmp_path / "out.docx")
    assert code == 2
    assert "No format of this name" in err


def test_column_maps_as_text_json_and_toml_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"columns": {"lat": "Y"}, "time_zone": "Europe/London"}')
    (tmp_path / "m.toml").write_text('time_zone = "Europe/London"\n[columns]\nlat = "Y"\n')
    text = parse_columns("lat=Y, time_zone=Europe/London")
    assert text == parse_columns(tmp_path / "m.json") == parse_columns(str(tmp_path / "m.toml"))


@pytest.mark.parametrize(
    "text", ["lat", "latt=Y", "time_zone=Mars/Olympus", "source_is=PIGEON", "hdop_metres=five", "none.toml"]
)
def test_a_column_map_that_cannot_be_one_says_what_to_change(text: str) -> None:
    with pytest.raises(UnreadableFile, match="column map"):
        parse_columns(text)
