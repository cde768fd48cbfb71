from __future__ import annotations

import datetime as dt
import filecmp
import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from milepost.compliance.finding_kinds import FindingKind
from milepost.orders.model import ConditionKind, OrderFile, Regime
from milepost.synth.commands import group
from milepost.synth.write import make_nation, make_town
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE

FILES = {
    "README.md",
    "device_events.parquet",
    "fixes.csv",
    "fixes.parquet",
    "orders.json",
    "presence.parquet",
    "streets.geojson",
    "true_positions.parquet",
    "truth.csv",
    "truth.parquet",
}


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_workers(
    town_folder: Path, town_arguments: dict[str, Any], tmp_path: Path
) -> None:
    make_town(tmp_path, workers=2, **town_arguments)
    assert {file.name for file in tmp_path.iterdir()} == FILES
    same, different, odd = filecmp.cmpfiles(town_folder, tmp_path, sorted(FILES), shallow=False)
    assert (sorted(same), different, odd) == (sorted(FILES), [], [])


def test_another_seed_gives_another_town(town_folder: Path, tmp_path: Path) -> None:
    make_town(tmp_path, people=4, days=1, seed=12, workers=1)
    assert (tmp_path / "streets.geojson").read_bytes() != (town_folder / "streets.geojson").read_bytes()
    assert not (tmp_path / "fixes.csv").exists()
    assert not (tmp_path / "true_positions.parquet").exists()


def test_the_tables_have_the_canonical_types(town_folder: Path) -> None:
    fixes = pq.read_schema(town_folder / "fixes.parquet")
    assert set(FIXES.names) - set(fixes.names) == {"altitude_m", "payload_ref"}
    for field in fixes:
        assert FIXES.field(field.name).type == field.type
    for name, schema in (("presence", PRESENCE), ("device_events", DEVICE_EVENTS)):
        table = pq.read_table(town_folder / f"{name}.parquet")
        assert table.schema.equals(schema)
        assert table.num_rows > 0


def test_fixes_are_sorted_by_device_and_time(town_folder: Path) -> None:
    table = pq.read_table(town_folder / "fixes.parquet")
    keys = table.select(["device_id", "recorded_at_utc"]).set_column(
        0, "device_id", table["device_id"].cast(pa.string())
    )
    assert keys.equals(keys.sort_by([("device_id", "ascending"), ("recorded_at_utc", "ascending")]))


def test_the_csv_is_the_same_rows_in_the_order_of_upload(town_folder: Path) -> None:
    rows = pl.read_csv(town_folder / "fixes.csv", try_parse_dates=True)
    fixes = pl.read_parquet(town_folder / "fixes.parquet")
    assert rows.height == fixes.height
    assert rows["received_at_utc"].is_sorted()
    assert rows["lon_e7"].sum() == fixes["lon_e7"].cast(pl.Int64).sum()
    late = rows.group_by("device_id").agg(
        late=(pl.col("recorded_at_utc").diff() < pl.duration(seconds=-60)).any()
    )
    assert late["late"].any()


def test_everyone_is_marked_synthetic_and_every_kind_occurs(town_folder: Path) -> None:
    orders = OrderFile.model_validate_json((town_folder / "orders.json").read_text())
    assert len(orders.people) == 130
    assert all(
        person.synthetic and str(person.name).startswith("Synthetic Person ") for person in orders.people
    )
    assert {order.regime for order in orders.orders} == set(Regime)
    conditions = [c for order in orders.orders for version in order.versions for c in version.conditions]
    assert {c.kind for c in conditions} == set(ConditionKind)
    vertices = [len(c.geometry.coordinates[0]) - 1 for c in conditions if c.geometry]
    assert min(vertices) >= 20
    assert max(vertices) <= 200
    assert any(c.circle for c in conditions)
    people = {person.id for person in orders.people}
    assert {order.person_id for order in orders.orders} == people
    places = {place.id for order in orders.orders for place in order.versions[0].places}
    units = [a for a in orders.activations if a.device_kind == "home_unit"]
    assert units
    assert all(unit.place in places for unit in units)
    assert "invented" in (town_folder / "README.md").read_text()


def test_truth_rows_name_what_is_in_the_order_file(town_folder: Path) -> None:
    orders = OrderFile.model_validate_json((town_folder / "orders.json").read_text())
    conditions = {c.id for o in orders.orders for v in o.versions for c in v.conditions}
    devices = {a.device_id for a in orders.activations}
    truth = pl.read_parquet(town_folder / "truth.parquet")
    assert pl.read_csv(town_folder / "truth.csv").height == truth.height > 0
    assert set(truth["kind"]) <= {kind.value for kind in FindingKind}
    position, device = (truth.filter(pl.col("basis") == basis) for basis in ("position", "device"))
    assert set(position["condition_id"]) <= conditions
    assert set(device["device_id"]) <= devices
    assert (position["seconds"] > 0).all()
    within = position.filter(pl.col("start_utc") < pl.col("obligation_start_utc"))
    assert within.is_empty()
    assert truth["observed_share"].is_between(0, 1).all()
    start, end = dt.datetime(2026, 3, 2, tzinfo=dt.UTC), dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    assert truth["start_utc"].is_between(start, end).all()
    assert truth["end_utc"].drop_nulls().is_between(start, end).all()


def test_a_dead_battery_in_the_truth_has_no_fix_and_its_events(town_folder: Path) -> None:
    truth = pl.read_parquet(town_folder / "truth.parquet").filter(pl.col("kind") == "battery_dead")
    events = pl.read_parquet(town_folder / "device_events.parquet")
    fixes = pl.read_parquet(town_folder / "fixes.parquet").filter(pl.col("quality") == 0)
    assert truth.height > 0
    for row in truth.iter_rows(named=True):
        until = row["end_utc"] or dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
        of_device = fixes.filter(pl.col("device_id").cast(pl.String) == row["device_id"])
        at = of_device["recorded_at_utc"]
        assert of_device.filter((at > row["start_utc"]) & (at < until)).is_empty()
        dead = events.filter(
            (pl.col("device_id").cast(pl.String) == row["device_id"]) & (pl.col("kind") == "battery_dead")
        )
        assert ((dead["recorded_at_utc"] - row["start_utc"]).dt.total_seconds().abs() <= 3).any()


def test_a_small_nation_has_nearly_every_minute_of_everyone(tmp_path: Path) -> None:
    counts = make_nation(tmp_path, people=70, minutes=720, seed=2, workers=1)
    assert counts["people"] == 70
    assert 0.88 * 70 * 720 < counts["fixes"] < 1.02 * 70 * 720
    orders = OrderFile.model_validate_json((tmp_path / "orders.json").read_text())
    sizes = {len(order.versions[0].conditions) for order in orders.orders}
    assert sizes <= {2, 3}
    fixes = pl.read_parquet(tmp_path / "fixes.parquet").filter(pl.col("quality") == 0)
    assert fixes["recorded_at_utc"].max() < dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def test_the_command_writes_a_town_and_counts_it(tmp_path: Path) -> None:
    arguments = [
        "town",
        "--out",
        str(tmp_path / "t"),
        "--people",
        "3",
        "--days",
        "1",
        "--workers",
        "1",
        "--json",
    ]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 0
    rows = json.loads(result.stdout)["rows"]
    assert rows["people"] == 3
    assert rows["fixes"] == pq.read_metadata(tmp_path / "t" / "fixes.parquet").num_rows


@pytest.mark.parametrize(
    "arguments",
    [["--people", "0"], ["--days", "-1"], ["--start", "yesterday"], ["--sample-s", "0"], ["--seed", "-1"]],
)
def test_impossible_sizes_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(group, ["town", "--out", str(tmp_path), *arguments])
    assert result.exit_code == 2


def test_a_folder_that_cannot_be_made_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(group, ["town", "--out", str(tmp_path / "file" / "town"), "--people", "1"])
    assert result.exit_code == 2
    assert "Cannot make synthetic data" in result.stderr


def test_another_sampling_gives_more_fixes(tmp_path: Path) -> None:
    minute = make_town(tmp_path / "a", people=4, days=1, seed=3, workers=1)
    half = make_town(tmp_path / "b", people=4, days=1, seed=3, sample_s=30.0, workers=1)
    assert half["fixes"] == pytest.approx(2 * minute["fixes"], rel=0.1)
