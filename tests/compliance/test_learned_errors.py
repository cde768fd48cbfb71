"""Errors that devices really have: learned from home units and nights, and what the engine then believes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from clocks import at
from engines import ENGINES
from scenarios import RULES, fix_row, place, scenario, signals_of
from strategies import learned as learned_table
from strategies import with_homes

from milepost.cli import main
from milepost.compliance.columns import columns_of
from milepost.compliance.display_contacts import signals_of_person
from milepost.compliance.explain import explain_finding
from milepost.compliance.homes import Homes, homes_of
from milepost.compliance.learn_errors import Learned, learn_errors
from milepost.compliance.learn_report import as_markdown, as_toml, table_of
from milepost.compliance.learn_witness import HomeUnitRule, heard_spans
from milepost.compliance.learned_errors import LearnedErrors, with_learned_errors
from milepost.compliance.presence import PresenceEvent
from milepost.compliance.rule_tables import ILLUSTRATIVE, RuleSet, read_rules
from milepost.orders.model import OrderFile
from milepost.policy_files import read_policy_file
from milepost.problems import UnreadableFile
from milepost.tracks.record import Signals
from milepost.tracks.write import write_parquet

MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SIGMA_OF_95 = 2.448


def homes(people: int, *, units: bool, models: dict[int, str] | None = None) -> OrderFile:
    """Everyone lives in the same place, wears a tag, and has a curfew every night."""
    lon, lat = place(0, 0)
    since = "2026-01-01T00:00:00Z"
    nights = [
        {"from_day": d, "from_time": "19:00", "until_day": DAYS[(i + 1) % 7], "until_time": "07:00"}
        for i, d in enumerate(DAYS)
    ]
    condition = {"id": "C", "kind": "curfew", "from": since, "place": "home", "schedule": nights}
    version = {
        "version": 1, "effective_from_utc": since, "conditions": [condition],
        "places": [{"id": "home", "circle": {"lon": lon, "lat": lat, "radius_m": 40}}],
    }  # fmt: skip
    fitted: list[dict[str, Any]] = []
    for i in range(people):
        fitted.append({"id": f"A{i}", "device_id": f"D{i}", "person_id": f"P{i}", "from_utc": since,
                       "device_model": (models or {}).get(i)})  # fmt: skip
        if units:
            fitted.append({"id": f"U{i}", "device_id": f"H{i}", "person_id": f"P{i}", "from_utc": since,
                           "device_kind": "home_unit", "place": "home"})  # fmt: skip
    return OrderFile.model_validate({
        "people": [{"id": f"P{i}", "synthetic": True} for i in range(people)], "activations": fitted,
        "orders": [{"id": f"O{i}", "person_id": f"P{i}", "regime": "community_order", "versions": [version]}
                   for i in range(people)],
    })  # fmt: skip


def nights_at_home(
    people: int,
    nights: int,
    sigma_m: float,
    stated_m: float | None,
    *,
    units: bool,
    shift_m: float = 0.0,
    adrift_m: float = 0.0,
) -> Signals:
    """A fix every 5 minutes from midnight to six; the home unit repeats itself every quarter of an hour. ``adrift_m``:
    so far off is the first from two to half past every third night."""
    rng = np.random.default_rng(3)
    fixes, presence = [], []
    for i in range(people):
        for night in range(nights):
            midnight = at("00:00") + night * DAY_US
            for minute in range(0, 360, 5):
                x, y = rng.normal(0, sigma_m, 2)
                x += adrift_m * (i == 0 and night % 3 == 0 and 120 <= minute <= 150)
                fixes.append(
                    {
                        **fix_row(f"D{i}", midnight + minute * MINUTE_US, x + shift_m, y),
                        "precision_m": stated_m,
                    }
                )
            if units:
                presence += [
                    {"device_id": f"H{i}", "recorded_at_utc": midnight + m * MINUTE_US, "sequence": None, "tag_id": None,
                     "state": 1, "heartbeat": m > 0, "quality": 0}
                    for m in range(0, 361, 15)
                ]  # fmt: skip
    return signals_of(fixes, presence, [])


def rows_of(learned: Learned, model: str | None = None) -> Any:
    return [r for r in learned.rows if r.device_model == model]


# --- what is learned -----------------------------------------------------------------------------------


def test_precision_overstated_by_four_is_learned_from_home_units() -> None:
    learned = learn_errors(homes(4, units=True), nights_at_home(4, 8, 40 / SIGMA_OF_95, 10, units=True))
    (row,) = rows_of(learned)
    assert row.witness == "home_unit"
    assert row.nights == 32
    assert row.factor == pytest.approx(4, rel=0.15)
    assert row.real_95_m == pytest.approx(40, rel=0.1)
    assert row.times_off == pytest.approx(4, rel=0.1)


def test_an_honest_device_is_believed() -> None:
    learned = learn_errors(homes(4, units=True), nights_at_home(4, 8, 20 / SIGMA_OF_95, 20, units=True))
    (row,) = rows_of(learned)
    assert 1 <= row.factor < 1.15


def test_an_error_that_is_the_same_every_night_is_seen_by_the_home_unit_alone() -> None:
    shifted = {"sigma_m": 4.0, "stated_m": 10.0, "shift_m": 50.0}
    with_unit = learn_errors(homes(4, units=True), nights_at_home(4, 8, units=True, **shifted))
    without = learn_errors(homes(4, units=False), nights_at_home(4, 8, units=False, **shifted))
    assert rows_of(with_unit)[0].real_50_m == pytest.approx(50, rel=0.1)
    assert rows_of(without)[0].witness == "dwells"
    assert rows_of(without)[0].real_50_m < 10
    assert "an error that is the same every night cannot be seen" in as_markdown(without)


def test_the_rule_has_the_last_word_on_how_wide_a_row_is() -> None:
    """One in 100 positions is 100 m off. Single errors do not say that they come in a row, on 5 nights of 60."""
    orders, signals = homes(4, units=True), nights_at_home(4, 15, 5, None, units=True, adrift_m=100.0)
    alone, tried = learn_errors(orders, signals), learn_errors(orders, signals, judged_by=RULES)
    assert tried.wronged is not None
    assert (tried.wronged.nights, tried.wronged.before) == (60, 5)
    assert tried.wronged.after <= 2
    assert tried.rows[0].floor_m > alone.rows[0].floor_m
    assert 100 < (tried.rows[0].near_m or 0) < 130
    assert "In 5 somebody whom the home unit heard was called away" in as_markdown(tried)
    again = learn_errors(orders, nights_at_home(4, 15, 5, None, units=True), judged_by=RULES)
    assert again.wronged is not None
    assert again.wronged.before == 0
    assert again.rows == learn_errors(orders, nights_at_home(4, 15, 5, None, units=True)).rows


def test_a_model_has_rows_of_its_own_once_there_are_enough_devices() -> None:
    orders = homes(6, units=True, models={0: "good", 1: "good", 2: "good", 3: "rare"})
    learned = learn_errors(orders, nights_at_home(6, 8, 10, 20, units=True))
    assert rows_of(learned, "good")
    assert not rows_of(learned, "rare")
    assert [(few.device_model, few.devices) for few in learned.too_few] == [("rare", 1)]
    assert "rare" in as_markdown(learned)


def test_nights_alone_say_nothing_of_positions_without_a_precision() -> None:
    """Half of the errors would take the place of a cautious assumption."""
    learned = learn_errors(homes(4, units=False), nights_at_home(4, 8, 10, None, units=False))
    assert not learned.rows
    with pytest.raises(ValueError, match="too little"):
        table_of(learned, owner="x", name="x", version=1)


def test_the_minutes_before_a_home_unit_misses_the_tag_bear_no_witness() -> None:
    def events(*told: tuple[int, int]) -> list[PresenceEvent]:
        return [PresenceEvent(minute * MINUTE_US, 0, state, "H", "") for minute, state in told]

    rule = HomeUnitRule(settle_s=120, lag_s=900, gap_s=1800)
    spans = heard_spans(events((0, 1), (15, 1), (30, 1), (45, 0), (60, 1), (75, 1), (200, 1)), rule)
    assert [(a / MINUTE_US, b / MINUTE_US) for a, b in spans] == [(2, 30), (62, 75)]


# --- what is believed ----------------------------------------------------------------------------------


def adrift(stated_m: float) -> Any:
    """At the centre of a home of 50 m all night; for half an hour the positions say 100 m away."""
    story = scenario().wears().curfew("19:00", "07:00+1")
    for minute in range(720):
        x = 100 if 120 <= minute < 150 else 0
        row = fix_row("D1", at("19:00") + minute * MINUTE_US, x, 0)
        story.fix_rows.append({**row, "precision_m": stated_m})
    return story


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_a_device_that_lies_accuses_nobody_once_its_error_is_known(engine: Any) -> None:
    story = adrift(10.0)
    broken = [_broken_s(story, engine, rules) for rules in (RULES, _with(RULES, factor=8.0))]
    assert broken[0] > 1500
    assert broken[1] == 0


def _broken_s(story: Any, engine: Any, rules: RuleSet) -> float:
    results = engine(
        with_homes(story.order_file()), story.obligations, story.signals(), rules, until_us=at("07:00+1")
    )
    return float(sum(results.coverage["breached_s"].to_pylist()))


def _with(rules: RuleSet, since: str = "2026-01-01", **row: Any) -> RuleSet:
    seen = {"source": "GPS", "floor_m": 10.0, "fixes": 900, "nights": 41, "devices": 9, "stated_50_m": 10.0,
            "real_50_m": 9, "real_95_m": 160, "real_99_m": 200, "witness": "home_unit", **row}  # fmt: skip
    head = {
        "id": "learned",
        "version": 3,
        "owner": "tests",
        "effective_from": since,
        "source_document": "None",
    }
    return RuleSet(rules.tables, [LearnedErrors.model_validate({"table": head, "error": [seen]})])


def test_nothing_learned_changes_nothing() -> None:
    columns = columns_of(_fixes(10.0))
    assert with_learned_errors(columns, (), {}, {}) is columns
    later = _with(RULES, since="2026-03-10", factor=3.0).learned
    assert np.array_equal(with_learned_errors(columns, later, {}, {}).precision_m, columns.precision_m)


def _fixes(*stated_m: float | None, device: str = "D1", east_m: float = 0) -> Any:
    rows = [{**fix_row(device, at("19:00") + i, east_m, 0), "precision_m": p} for i, p in enumerate(stated_m)]
    return signals_of(rows, [], []).fixes


def test_the_band_the_model_and_the_floor_decide_what_is_believed() -> None:
    table = learned_table("2000-01-01", factor=2.0)
    stated = (4.0, 10.0, 10.5, 47.0, 100.0, 180.0, None)
    any_model = with_learned_errors(columns_of(_fixes(*stated)), [table], {}, {})
    assert any_model.precision_m.tolist() == pytest.approx([25, 37, 25, 61.1, 130, 180, 61.7])
    own = with_learned_errors(columns_of(_fixes(*stated)), [table], {"D1": "M1"}, {})
    assert own.precision_m[:6].tolist() == pytest.approx([25, 25, 25, 94, 200, 360])


def test_an_explanation_believes_what_the_engine_believes() -> None:
    orders = with_homes(scenario().wears().curfew("19:00", "21:00").order_file())
    table = learned_table("2000-01-01", factor=2.0, near_m=100.0)
    stated = (4.0, 10.5, 47.0, 180.0, None)
    for east_m in (0, 99, 101, 900):
        fixes = _fixes(*stated, east_m=east_m)
        own = signals_of_person(
            Signals(fixes=fixes), orders.activations, "sam", learned=[table], homes=homes_of(orders)
        )
        engine = with_learned_errors(columns_of(fixes), [table], {}, homes_of(orders)).precision_m.tolist()
        assert [f.believed_m for f in own.fixes][:-1] == engine[:-1]
        assert (own.fixes[-1].believed_m is None) == np.isnan(engine[-1]) == (east_m > 100)


@pytest.mark.parametrize("where", ["schedule", "dates", "first_night", "drawn"])
def test_a_curfew_place_is_home_wherever_the_order_names_it(where: str) -> None:
    orders = with_homes(scenario().wears().curfew("19:00", "21:00").order_file())
    told = orders.model_dump(mode="json", by_alias=True, exclude_none=True)
    version = told["orders"][0]["versions"][0]
    (curfew,) = version["conditions"]
    del curfew["place"]
    night = {"date": "2026-03-02", "from_time": "19:00", "until_time": "21:00", "place": "home"}
    weekly = {
        "from_day": "mon",
        "from_time": "19:00",
        "until_day": "mon",
        "until_time": "21:00",
        "place": "home",
    }
    own = {
        "schedule": [weekly],
        "dates": [night],
        "first_night": night,
        "drawn": version["places"][0].get("circle"),
    }
    curfew["circle" if where == "drawn" else where] = own[where]
    found = homes_of(OrderFile.model_validate(told))
    assert found["D1"][0].homes == homes_of(orders)["D1"][0].homes


def test_farther_from_home_than_errors_reach_a_position_is_believed_as_elsewhere() -> None:
    """Only while the wearer has a curfew place there, and at any of several."""
    orders = with_homes(scenario().wears().curfew("19:00", "21:00").order_file())
    table = learned_table("2000-01-01", factor=2.0, near_m=150.0)
    homes = homes_of(orders)

    def believed(east_m: float, homes: Homes) -> list[float]:
        return with_learned_errors(
            columns_of(_fixes(4.0, 200.0, east_m=east_m)), [table], {}, homes
        ).precision_m.tolist()

    assert believed(149, homes) == pytest.approx([25, 200])
    assert believed(151, homes) == believed(0, {}) == pytest.approx([4.8, 240])
    worn = homes["D1"][0]
    assert believed(0, {"D1": [replace(worn, until_us=at("19:00"))]}) == pytest.approx([4.8, 240])
    farther = replace(worn.homes[0], lon_e7=worn.homes[0].lon_e7 + 1e6)
    assert believed(0, {"D1": [replace(worn, homes=(farther, *worn.homes))]}) == pytest.approx([25, 200])


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_what_a_device_does_at_home_hides_nobody_in_a_zone_far_away(engine: Any) -> None:
    story = scenario().wears().curfew("19:00", "21:00").exclusion()
    for minute in range(60):
        story.fix_rows.append(
            {**fix_row("D1", at("12:00") + minute * MINUTE_US, 0, 2000), "precision_m": 10.0}
        )
    everywhere, near = _with(RULES, factor=30.0), _with(RULES, factor=30.0, near_m=160.0)
    assert [_broken_s(story, engine, rules) > 3000 for rules in (everywhere, near)] == [False, True]


def test_the_explanation_says_how_often_such_a_device_was_seen_to_err() -> None:
    story = scenario().wears().curfew("19:00", "21:00")
    for minute in range(120):
        row = fix_row("D1", at("19:00") + minute * MINUTE_US, 900, 0)
        story.fix_rows.append({**row, "precision_m": 10.0})
    rules = _with(RULES, factor=3.0, real_95_m=30.0)
    orders, signals = story.order_file(), story.signals()
    findings = ENGINES["plain"](orders, story.obligations, signals, rules, until_us=at("21:00")).findings
    about: dict[str, Any] = {"order_file": orders, "obligations": story.obligations, "signals": signals}
    (row,) = (r for r in findings.to_pylist() if r["kind"] == "absent_entire")
    told = " ".join(explain_finding(row, rules=rules, **about).sentences)
    assert "That is 3.0 times as far off as they say, which is counted against them." in told
    assert (
        "In 41 nights, positions like these (satellites (GPS)) were further than 30 m from where the tag was in 5 of 100"
        in told
    )
    assert "(learned errors, learned@3)" in told
    calm = _with(RULES, factor=1.0, real_95_m=9.0, device_model="M9")
    for activation in orders.activations:
        activation.device_model = "M9"
    told = " ".join(explain_finding(row, rules=calm, **about).sentences)
    assert "positions like these of the device model M9 (satellites (GPS)) were further than 9.0 m" in told
    assert "as far off as they say" not in " ".join(explain_finding(row, rules=RULES, **about).sentences)


# --- the file and the command ----------------------------------------------------------------------------


def test_the_file_is_read_back_as_it_was_written_and_lies_among_the_rules(tmp_path: Path) -> None:
    learned = learn_errors(homes(4, units=True), nights_at_home(4, 8, 15, 10, units=True))
    table = table_of(learned, owner="Probation", name="tags", version=2)
    assert table.table.effective_from == dt.date(2026, 3, 10)  # the day after the last night
    for file in ILLUSTRATIVE.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "errors.toml").write_text(as_toml(table))
    rules = read_rules(tmp_path)
    assert rules.learned == (table,)
    assert len(rules.tables) == len(read_rules().tables)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ('[[error]]\nsource = "GPS"\nfactor = 0.5', "error.0.factor"),
        ('[[error]]\nsource = "GPS"\nstated_up_to_m = 10', "error"),
        ('[[error]]\nsource = "GPX"', "error.0.source"),
    ],
)
def test_a_table_with_a_mistake_is_not_used_in_part(tmp_path: Path, rows: str, field: str) -> None:
    more = (
        "\nfloor_m=9\nfixes=9\nnights=9\ndevices=9\nreal_50_m=9\nreal_95_m=9\nreal_99_m=9\nwitness='dwells'"
    )
    head = "[table]\nid='x'\nversion=1\nowner='x'\neffective_from=2026-01-01\nsource_document='x'\n"
    (tmp_path / "errors.toml").write_text(head + rows + more)
    with pytest.raises(UnreadableFile, match=r"errors\.toml"):
        read_policy_file(tmp_path / "errors.toml", LearnedErrors)


def test_the_command_writes_the_table_and_its_report(tmp_path: Path) -> None:
    (tmp_path / "orders.json").write_text(
        homes(4, units=True).model_dump_json(by_alias=True, exclude_none=True)
    )
    signals = nights_at_home(4, 8, 40 / SIGMA_OF_95, 10, units=True)
    (tmp_path / "signals").mkdir()
    write_parquet(signals.fixes, tmp_path / "signals" / "fixes.parquet")
    write_parquet(signals.presence, tmp_path / "signals" / "presence.parquet", "presence")
    asked = ["compliance", "learn-errors", "--orders", "orders.json", "--signals", "signals", "--owner", "Probation",
             "-o", "errors.toml", "--report", "report.md"]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    table = read_policy_file(tmp_path / "errors.toml", LearnedErrors)
    assert table.table.owner == "Probation"
    _run_believes(tmp_path, table)
    assert "times as far off as they say, in 32 nights of 4 devices" in (tmp_path / "report.md").read_text()


def _run_believes(folder: Path, table: LearnedErrors) -> None:
    """Beside the rule tables it is used by a run, which says so."""
    rules = folder / "rules"
    rules.mkdir()
    for file in [*ILLUSTRATIVE.glob("*.toml"), folder / "errors.toml"]:
        (rules / file.name).write_text(file.read_text())
    asked = ["compliance", "run", "--orders", str(folder / "orders.json"), "--signals", str(folder / "signals"),
             "--rules", str(rules), "--out", str(folder / "out")]  # fmt: skip
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    assert json.loads((folder / "out" / "run.json").read_text())["learned_errors"] == [table.table.name]
    listed = CliRunner().invoke(main, ["compliance", "rules", "--rules", str(rules)])
    assert f"{table.table.name}: errors of devices, learned" in listed.output
