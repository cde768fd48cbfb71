"""`milepost compliance run` as its users meet it: nights, swaps, witnesses that disagree, broken files."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from milepost.cli import main

HOME, OUT = (-1.549, 53.797), (-1.530, 53.790)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINISTRY = Path(__file__).parents[1] / "orders" / "fixtures" / "create_an_order_synthetic.json"


def orders(folder: Path, *activations: dict[str, Any], regime: str = "community_order") -> Path:
    """Every night from 19:00 to 07:00 at home, for everyone who wears something."""
    hours = [
        {"from_day": day, "from_time": "19:00", "until_day": DAYS[(i + 1) % 7], "until_time": "07:00"}
        for i, day in enumerate(DAYS)
    ]
    condition = {"id": "C", "kind": "curfew", "place": "home", "from": "2026-03-01", "until": "2026-12-31"}
    version = {
        "version": 1,
        "effective_from_utc": "2026-03-01T00:00:00Z",
        "places": [{"id": "home", "circle": {"lon": HOME[0], "lat": HOME[1], "radius_m": 40}}],
        "conditions": [{**condition, "schedule": hours}],
    }
    people = sorted({a["person_id"] for a in activations})
    told = {
        "milepost": 1,
        "people": [{"id": p, "name": f"Synthetic {p}", "synthetic": True} for p in people],
        "activations": [
            {"id": f"A{i}", "from_utc": "2026-03-01T00:00:00Z", **a} for i, a in enumerate(activations)
        ],
        "orders": [{"id": f"O-{p}", "person_id": p, "regime": regime, "versions": [version]} for p in people],
    }
    path = folder / "orders.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def walk(path: Path, first: str, last: str, *away: tuple[str, str]) -> Path:
    """One fix a minute of D1, at home but for the times away (UTC)."""
    when, until = (dt.datetime.fromisoformat(t) for t in (first, last))
    lines = ["device_id,recorded_at_utc,lon,lat,precision_m,source"]
    while when <= until:
        out = any(dt.datetime.fromisoformat(a) <= when < dt.datetime.fromisoformat(b) for a, b in away)
        lon, lat = OUT if out else HOME
        lines.append(f"D1,{when:%Y-%m-%dT%H:%M:%SZ},{lon},{lat},8,GPS")
        when += dt.timedelta(minutes=1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(folder: Path, *arguments: object) -> tuple[Any, list[dict[str, str]], list[dict[str, str]]]:
    out = folder / "out"
    result = CliRunner().invoke(main, ["compliance", "run", "--out", str(out), *map(str, arguments)])
    tables = []
    for name in ("findings", "coverage"):
        path = out / f"{name}.csv"
        tables.append(list(csv.DictReader(path.read_text("utf-8").splitlines())) if path.exists() else [])
    return result, *tables


TAG = {"device_id": "D1", "person_id": "P1"}


@pytest.mark.parametrize(
    ("first", "left", "last", "hours"),
    [
        ("2026-03-28T18:30", "2026-03-29T05:30", "2026-03-29T08:00", 11),
        ("2026-10-24T17:30", "2026-10-25T06:30", "2026-10-25T08:00", 13),
    ],
)
def test_nights_on_which_the_clocks_change(
    tmp_path: Path, first: str, left: str, last: str, hours: int
) -> None:
    """Left at 06:30 by the clock on the wall, on both nights: half an hour short."""
    signals = walk(tmp_path / "s.csv", first, last, (left, last))
    result, findings, coverage = run(tmp_path, "--orders", orders(tmp_path, TAG), "--signals", signals)
    assert result.exit_code == 0, result.output
    assert [(f["kind"], float(f["seconds"])) for f in findings] == [("out_at_end", 1800.0)]
    assert [float(c["judged_s"]) / 3600 for c in coverage] == [hours]


def test_an_id_written_otherwise_judges_nothing_aloud(tmp_path: Path) -> None:
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-02T20:00")
    tags = orders(tmp_path, {**TAG, "device_id": "d-01"})
    result, findings, _ = run(tmp_path, "--orders", tags, "--signals", signals)
    assert (result.exit_code, findings) == (1, [])
    assert "the signals come from D1, the orders name d-01" in result.stderr
    assert "Perhaps D1 is d-01" in result.stderr


def test_one_id_of_two_written_otherwise_is_an_error_and_the_other_is_judged(tmp_path: Path) -> None:
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-02T20:00")
    signals.write_text(signals.read_text("utf-8") + f"tag_2,2026-03-02T19:30:00Z,{HOME[0]},{HOME[1]},8,GPS\n")
    two = orders(tmp_path, TAG, {"device_id": "TAG-02", "person_id": "P2"})
    for limit in ("3", "0.0005"):
        result, _, coverage = run(tmp_path, "--orders", two, "--signals", signals, "--memory-gb", limit)
        assert result.exit_code == 1
        assert (
            "device tag_2, field device_id: no order names this device, but one names TAG-02" in result.stderr
        )
        assert {c["person_id"] for c in coverage if float(c["met_s"])} == {"P1"}


def test_live_messages_kept_in_a_file_are_judged(tmp_path: Path) -> None:
    """What the service takes in over HTTP, a line each."""
    table = walk(
        tmp_path / "fixes.csv",
        "2026-03-10T18:00",
        "2026-03-11T08:00",
        ("2026-03-10T21:00", "2026-03-10T22:00"),
    )
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = [
        json.dumps(
            {**row, "type": "fix", "lon": float(row["lon"]), "lat": float(row["lat"]), "precision_m": 8}
        )
        for row in rows
    ]
    messages = tmp_path / "live" / "messages.ndjson"
    messages.parent.mkdir()
    messages.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = orders(tmp_path, {"device_id": "D1", "person_id": "P1"})
    _, by_table, _ = run(tmp_path / "a", "--orders", told, "--signals", table)
    result, by_message, _ = run(tmp_path / "b", "--orders", told, "--signals", messages)
    assert result.exit_code == 0, result.stderr
    assert by_message
    assert by_message == by_table


def test_devices_of_other_people_are_counted_and_no_fault(tmp_path: Path) -> None:
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-02T20:00")
    signals.write_text(signals.read_text("utf-8") + f"X9,2026-03-02T19:30:00Z,{HOME[0]},{HOME[1]},8,GPS\n")
    result, _, _ = run(tmp_path, "--orders", orders(tmp_path, TAG), "--signals", signals)
    assert result.exit_code == 0
    assert "1 devices of the signals are in no activation" in result.stderr


def test_a_moment_alone_is_named_as_the_reason_that_nothing_was_judged(tmp_path: Path) -> None:
    signals = tmp_path / "s.csv"
    head = "device_id,recorded_at_utc,lat,lon,precision_m,source\n"
    signals.write_text(head + f"D1,2026-03-02T20:00:00Z,{HOME[0]},{HOME[1]},8,GPS\n")
    result, _, _ = run(tmp_path, "--orders", orders(tmp_path, TAG), "--signals", signals)
    assert result.exit_code == 1
    assert "all signals are of one moment" in result.stderr
    assert "`milepost compliance run --from`" in result.stderr


def test_a_night_whose_positions_are_all_not_valid_is_not_a_night_without_findings(tmp_path: Path) -> None:
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-02T20:00")
    head, *rows = signals.read_text("utf-8").splitlines()
    signals.write_text("\n".join([f"{head},valid", *(f"{row},0" for row in rows)]) + "\n")
    result, _, _ = run(tmp_path, "--orders", orders(tmp_path, TAG), "--signals", signals)
    assert "Nothing is known of any of the time" in result.stderr


def test_the_only_condition_without_a_place_is_not_a_night_without_findings(tmp_path: Path) -> None:
    order = orders(tmp_path, TAG)
    told = json.loads(order.read_text("utf-8"))
    del told["orders"][0]["versions"][0]["places"][0]["circle"]
    order.write_text(json.dumps(told), "utf-8")
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-02T20:00")
    result, _, _ = run(tmp_path, "--orders", order, "--signals", signals)
    assert result.exit_code == 1
    assert "order O-P1, field C: place home has no geometry, cannot be evaluated" in result.stderr
    assert "Nothing was judged: no condition that was in force can be evaluated" in result.stderr
    assert "No findings" not in result.stdout


def test_one_fix_of_another_age_stretches_nothing_and_is_named(tmp_path: Path) -> None:
    away = ("2026-03-02T20:00", "2026-03-02T20:20")
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-02T21:00", away)
    told = (tmp_path / "good", tmp_path / "odd")
    for folder in told:
        folder.mkdir()
    good = run(told[0], "--orders", orders(told[0], TAG), "--signals", signals)
    lines = signals.read_text("utf-8").splitlines()
    lines.insert(40, f"D1,2057-06-02T19:00:00Z,{HOME[0]},{HOME[1]},8,GPS")
    signals.write_text("\n".join(lines) + "\n", "utf-8")
    result, findings, coverage = run(told[1], "--orders", orders(told[1], TAG), "--signals", signals)
    assert result.exit_code == 1
    assert "s.csv, row 41, field recorded_at_utc: The time lies in the future" in result.stderr
    assert [(f["kind"], f["seconds"]) for f in findings] == [
        ("left_during", "1140.0")
    ]  # the last fix away is at 20:19
    assert (findings, coverage) == good[1:]


def test_a_device_that_changed_hands_is_judged_for_the_wearer(tmp_path: Path) -> None:
    first = {**TAG, "until_utc": "2026-03-02T21:00:00Z"}
    second = {"device_id": "D1", "person_id": "P2", "from_utc": "2026-03-02T21:00:00Z"}
    away = ("2026-03-02T21:00", "2026-03-03T00:00")
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-02T23:00", away)
    _, findings, _ = run(tmp_path, "--orders", orders(tmp_path, first, second), "--signals", signals)
    assert [(f["person_id"], f["activation_id"], f["status"]) for f in findings] == [("P2", "A1", "open")]


def test_a_home_unit_that_says_in_while_the_tag_says_out_is_a_conflict(tmp_path: Path) -> None:
    unit = {"device_id": "H1", "person_id": "P1", "device_kind": "home_unit", "place": "home"}
    away = ("2026-03-02T22:00", "2026-03-02T23:00")
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-03T07:30", away)
    start = dt.datetime(2026, 3, 2, 18, 30, tzinfo=dt.UTC)
    heard = [f"H1,{start + dt.timedelta(minutes=10 * i):%Y-%m-%dT%H:%M:%SZ},in_range" for i in range(79)]
    presence = tmp_path / "presence.csv"
    presence.write_text("\n".join(["device_id,recorded_at_utc,presence", *heard]), encoding="utf-8")
    _, findings, coverage = run(
        tmp_path, "--orders", orders(tmp_path, TAG, unit), "--signals", signals, "--signals", presence
    )
    assert [(f["kind"], f["witness"], f["certainty"]) for f in findings] == [
        ("evidence_conflict", "both", "0.5")
    ]
    assert float(coverage[0]["conflict_s"]) == 3540
    assert float(coverage[0]["breached_s"]) == 0


def test_the_ministrys_order_says_what_cannot_be_evaluated(tmp_path: Path) -> None:
    devices = tmp_path / "devices.csv"
    devices.write_text("device_id,from_utc\nD1,2025-03-01T00:00:00Z\n", encoding="utf-8")
    signals = walk(tmp_path / "s.csv", "2025-03-03T17:30", "2025-03-05T08:00")
    common = ("--orders", MINISTRY, "--devices", devices, "--signals", signals)
    result, _, coverage = run(tmp_path, *common)
    unable = {c["condition_id"]: c["reason"] for c in coverage if c["status"] == "cannot_be_evaluated"}
    assert "has no geometry, cannot be evaluated" in unable["zone-0"]
    assert "has no geometry, cannot be evaluated" in unable["curfew"]
    assert "zone zone-0 (Market Square) has no geometry" in result.stderr

    places = MINISTRY.with_name("places_synthetic.geojson")
    _, findings, coverage = run(tmp_path, *common, "--places", places)
    assert {c["condition_id"] for c in coverage if c["status"] == "judged"} >= {"curfew", "zone-0"}
    assert "absent_entire" in {f["kind"] for f in findings}  # they were in Leeds, not in Exampletown


def test_a_row_that_is_wrong_is_named_and_the_good_ones_are_judged(tmp_path: Path) -> None:
    signals = walk(
        tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-02T19:30", ("2026-03-02T18:30", "2026-03-02T19:15")
    )
    with signals.open("a", encoding="utf-8") as file:
        file.write("D1,soon,-1.5,53.8,8,GPS\nD1,2026-03-02T19:31:00Z,53.797,-181,8,GPS\n")
    result, findings, _ = run(tmp_path, "--orders", orders(tmp_path, TAG), "--signals", signals)
    assert result.exit_code == 1
    assert "s.csv, row 63, field recorded_at_utc" in result.stderr
    assert "s.csv, row 64, field lat" in result.stderr
    assert [f["kind"] for f in findings] == ["late_return"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02junk", b"device_id,recorded_at_utc,lon,lat\n"])
def test_nothing_to_read_is_said_and_nothing_is_written_over(tmp_path: Path, content: bytes) -> None:
    signals = tmp_path / "s.csv"
    signals.write_bytes(content)
    result, _, _ = run(tmp_path, "--orders", orders(tmp_path, TAG), "--signals", signals)
    assert result.exit_code in (1, 2)
    assert "s.csv" in result.stderr
    assert "Traceback" not in result.output


def test_a_finding_is_explained_from_its_id(tmp_path: Path) -> None:
    away = ("2026-03-02T18:30", "2026-03-02T19:25")
    signals = walk(tmp_path / "s.csv", "2026-03-02T18:30", "2026-03-03T07:30", away)
    _, findings, _ = run(tmp_path, "--orders", orders(tmp_path, TAG), "--signals", signals)
    told = CliRunner().invoke(
        main, ["compliance", "explain", findings[0]["finding_id"], "--out", str(tmp_path / "out")]
    )
    assert told.exit_code == 0, told.output
    for words in ("Synthetic P1", "24 minutes", "illustrative-community-order@1", "does not show why"):
        assert words in told.output
    missing = CliRunner().invoke(main, ["compliance", "explain", "F-none", "--out", str(tmp_path / "out")])
    assert missing.exit_code == 2
    assert "no finding F-none" in missing.stderr
