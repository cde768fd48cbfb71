"""The `milepost orders` commands: what they print and how they exit."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from milepost.cli import main

FIXTURES = Path(__file__).parent / "fixtures"
CEMO = str(FIXTURES / "create_an_order_synthetic.json")
PLACES = str(FIXTURES / "places_synthetic.geojson")
ORDER_ID = "00000000-0000-4000-8000-000000000000"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["orders", *arguments])


@pytest.fixture
def converted(tmp_path: Path) -> str:
    target = tmp_path / "orders.json"
    result = run("convert", CEMO, str(target), "--places", PLACES)
    assert result.exit_code == 1, result.output  # it says what it could not do
    assert "1 orders written" in result.stderr
    return str(target)


def test_a_converted_order_can_be_read_again_without_loss(converted: str, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    run("convert", converted, str(again), "--from", "milepost")
    assert json.loads(again.read_text(encoding="utf-8")) == json.loads(
        Path(converted).read_text(encoding="utf-8")
    )
    assert "No differences." in run("diff", converted, str(again)).stdout


def test_validate_as_table_and_as_json(converted: str) -> None:
    plain = run("validate", converted)
    assert plain.exit_code == 1
    assert "\tactivation_missing\t" in plain.stdout
    answers = json.loads(run("validate", converted, "--json", "--as-of", "2025-01-01").stdout)["answers"]
    hdc = next(a for a in answers if a["rule"] == "curfew.inner_day_hours_min")
    assert (hdc["level"], hdc["limit"], hdc["limit_unit"]) == ("ok", 9, "hours")
    assert hdc["in_force_from"] == "2005-04-04"


def test_diff_of_two_versions(converted: str) -> None:
    result = run("diff", converted, "--order", ORDER_ID, "--versions", "1", "2")
    assert "Curfew, Monday: starts 19:00 → 20:00" in result.stdout.splitlines()
    assert "has no version 9" in run("diff", converted, "--order", ORDER_ID, "--versions", "1", "9").stderr
    assert run("diff", converted).exit_code == 2


def test_the_calendar_shows_the_hours_that_really_pass(converted: str) -> None:
    result = run(
        "calendar", converted, "--person", "A0000AA", "--from", "2025-03-28", "--until", "2025-03-30"
    )
    nights = [line.split("\t") for line in result.stdout.splitlines() if "\tcurfew\t" in line]
    assert [(night[0], night[2], night[7]) for night in nights] == [
        ("Thu 27 Mar 2025 19:00", "12", ""),
        ("Fri 28 Mar 2025 19:00", "12", ""),
        ("Sat 29 Mar 2025 19:00", "11", "clock change"),
        ("Sun 30 Mar 2025 19:00", "12", ""),
    ]
    unknown = run(
        "calendar", converted, "--person", "nobody", "--from", "2025-03-28", "--until", "2025-03-30"
    )
    assert unknown.exit_code == 2


def test_unreadable_files_exit_2_in_plain_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    for command in (["validate", str(broken)], ["convert", str(broken), str(tmp_path / "out.json")]):
        result = run(*command)
        assert result.exit_code == 2
        assert "is not JSON" in result.stderr
        assert result.stdout == ""


def test_geojson_zones_convert_to_orders(tmp_path: Path) -> None:
    zones = {"type": "FeatureCollection", "features": [{
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [-1.5, 52.4]},
        "properties": {"id": "z1", "name": "the park", "radius_m": 100, "person_id": "p1",
                       "kind": "exclusion_zone", "from": "2025-01-01", "regime": "civil_order"},
    }]}  # fmt: skip
    source, target = tmp_path / "zones.geojson", tmp_path / "orders.json"
    source.write_text(json.dumps(zones), encoding="utf-8")
    result = run("convert", str(source), str(target), "--from", "geojson")
    assert result.exit_code == 0, result.stderr
    [condition] = json.loads(target.read_text(encoding="utf-8"))["orders"][0]["versions"][0]["conditions"]
    assert (condition["id"], condition["circle"]["radius_m"]) == ("z1", 100)


def test_the_schema_command_prints_the_published_schema() -> None:
    published = Path(__file__).resolve().parents[2] / "docs/reference/order-file.schema.json"
    assert json.loads(run("schema").stdout) == json.loads(published.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ["milepost", "cemo", "geojson", "traccar"])
def test_convert_finds_out_what_it_is_given(converted: str, tmp_path: Path, kind: str) -> None:
    said = {"person_id": "p", "kind": "exclusion_zone", "from": "2026-10-01T00:00:00Z", "regime": "licence"}
    circle = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-1.0, 52.0]},
              "properties": {**said, "name": "park", "radius_m": 200}}  # fmt: skip
    geojson, traccar = tmp_path / "zones.json", tmp_path / "geofences.json"
    geojson.write_text(json.dumps(circle))
    traccar.write_text(
        json.dumps([{"id": 1, "name": "park", "area": "CIRCLE (52 -1, 200)", "attributes": said}])
    )
    source = {"milepost": converted, "cemo": CEMO, "geojson": geojson, "traccar": traccar}[kind]
    found, named = tmp_path / "found.json", tmp_path / "named.json"
    assert "1 orders written" in run("convert", str(source), str(found)).stderr
    run("convert", str(source), str(named), "--from", kind)
    assert found.read_bytes() == named.read_bytes()


def test_convert_of_a_file_of_no_kind_says_what_orders_begin_with(tmp_path: Path) -> None:
    for text in ("[1, 2]", '{"a": 1}'):
        source = tmp_path / "x.json"
        source.write_text(text)
        result = run("convert", str(source), str(tmp_path / "out.json"))
        assert result.exit_code == 2
        assert "Milepost order files start with" in result.stderr
