"""What a finding means: rows of the rule table, repeats, running totals, and the name of a finding."""

from __future__ import annotations

import hashlib
import json

import pytest
from engines import Engine
from scenarios import Scenario, at, clock_of, nights, scenario

from milepost.compliance.results import COVERAGE, FINDINGS, TIMELINE, TOTALS
from milepost.compliance.rule_tables import RuleSet, RuleTable
from milepost.orders.model import Regime


def out_for(minutes: int, regime: Regime = Regime.COMMUNITY_ORDER) -> Scenario:
    """One night, out from 20:00 for so many minutes."""
    back, home = 20 * 60 + minutes, 20 * 60 + minutes + 1
    words = f"20:00-{back // 60}:{back % 60:02} out, {home // 60}:{home % 60:02}-07:05+1 in"
    return scenario(regime=regime).curfew().fixes(f"18:50-19:59 in, {words}")


@pytest.mark.parametrize(
    ("minutes", "level", "rule"),
    [
        (14, "note", "record"),
        (15, "review", "absence-15"),
        (119, "review", "absence-15"),
        (120, "urgent", "absence-120"),
    ],
)
def test_the_last_row_that_fits_sets_the_level(engine: Engine, minutes: int, level: str, rule: str) -> None:
    finding = out_for(minutes).judged_by(engine).only("left_during")
    assert (finding["level"], finding["rule"]) == (level, rule)
    assert finding["rule_table"] == "illustrative-community-order@1"


def test_another_regime_has_another_table(engine: Engine) -> None:
    """Any absence from a home detention curfew is looked at."""
    finding = out_for(3, Regime.HOME_DETENTION_CURFEW).judged_by(engine).only("left_during")
    assert (finding["level"], finding["rule"]) == ("review", "hdc-any-absence")


def test_three_in_a_fortnight(engine: Engine) -> None:
    """Six minutes are a note; the third time in 14 days they are for review. The first two stay notes."""
    found = nights(0, 5, 13).judged_by(engine).rows("left_during")
    assert [row["rule"] for row in found] == ["record", "record", "repeat-3-in-14-days"]


def test_three_in_more_than_a_fortnight(engine: Engine) -> None:
    found = nights(0, 5, 15).judged_by(engine).rows("left_during")
    assert [row["rule"] for row in found] == ["record", "record", "record"]


def test_the_fourteenth_day_still_counts(engine: Engine) -> None:
    """Ends at the same minute, 14 days apart: within the fortnight."""
    found = nights(0, 5, 14).judged_by(engine).rows("left_during")
    assert found[-1]["rule"] == "repeat-3-in-14-days"


def test_repeats_must_have_the_minutes_too(engine: Engine) -> None:
    """``from_minutes`` is 5: four-minute absences are not counted, however many."""
    found = nights(0, 1, 2, 3, minutes=4).judged_by(engine).rows("left_during")
    assert {row["rule"] for row in found} == {"record"}


def test_another_person_is_not_a_repeat(engine: Engine) -> None:
    story = nights(0, 1)
    story.person = "alex"
    story.wears("D2").curfew("19:00+2", "07:00+3").fixes("18:50+2-19:59+2 in, 20:00+2-20:06+2 out", "D2")
    story.fixes("20:07+2-07:00+3 in", "D2")
    assert {row["rule"] for row in story.judged_by(engine).rows("left_during")} == {"record"}


def test_where_no_row_fits_it_is_a_note_without_an_action(engine: Engine) -> None:
    story = out_for(30)
    tables = [table.model_dump(mode="json") for table in story.rules.tables]
    story.rules = RuleSet([RuleTable.model_validate({**table, "response": []}) for table in tables])
    finding = story.judged_by(engine).only("left_during")
    assert (finding["level"], finding["action"], finding["rule"], finding["act_within_minutes"]) == (
        "note", "", "", None,
    )  # fmt: skip


# totals: absence-minutes in 28 days, review at 60, urgent at 120


@pytest.mark.parametrize(
    ("minutes", "left", "ahead", "reached"),
    [
        (44, 16.0, "review", ""),
        (60, 60.0, "urgent", "review"),
        (100, 20.0, "urgent", "review"),
        (130, None, "", "urgent"),
    ],
)
def test_running_totals(engine: Engine, minutes: int, left: float | None, ahead: str, reached: str) -> None:
    total = next(t for t in out_for(minutes).judged_by(engine).totals() if t["total"] == "absence-minutes")
    assert (total["minutes"], total["count"]) == (minutes, 1)
    assert (total["minutes_left"], total["next_level"], total["reached_level"]) == (left, ahead, reached)
    assert total["window_end_utc"] == at("07:05+1")
    assert total["window_start_utc"] == at("07:05+1") - 28 * 86_400_000_000


def test_a_total_of_nothing_is_shown_too(engine: Engine) -> None:
    totals = scenario().curfew().fixes("18:50-07:05+1 in").judged_by(engine).totals()
    assert [(t["total"], t["minutes"], t["count"], t["minutes_left"]) for t in totals] == [
        ("absence-minutes", 0.0, 0, 60.0), ("zone-minutes", 0.0, 0, 15.0),
    ]  # fmt: skip


def test_what_lies_before_the_window_no_longer_counts(engine: Engine) -> None:
    """28 days before the end of the evaluation: the absence of day 0 has dropped out."""
    total = nights(0, 5, 28).judged_by(engine).totals()[0]
    assert (total["minutes"], total["count"]) == (12.0, 2)


def test_an_order_that_is_over_has_no_total(engine: Engine) -> None:
    story = scenario().order("O-old", until="12:00").curfew().fixes("18:50-07:05+1 in").judged_by(engine)
    assert {t["order_id"] for t in story.totals()} == {"O-sam"}


# schemas and identity


def test_the_tables_have_their_schemas(engine: Engine) -> None:
    results = out_for(30).judged_by(engine).results
    assert results.findings.schema.equals(FINDINGS)
    assert results.coverage.schema.equals(COVERAGE)
    assert results.timeline.schema.equals(TIMELINE)
    assert results.totals.schema.equals(TOTALS)
    assert (clock_of(results.period_start_us), clock_of(results.period_end_us)) == ("18:50", "07:05+1")


def test_the_name_of_a_finding_is_its_content(engine: Engine) -> None:
    story = out_for(30).event("21:00", "strap_tamper").judged_by(engine)
    for row in story.rows():
        content = {k: v for k, v in row.items() if k not in ("finding_id", "revision", "supersedes")}
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        assert row["finding_id"] == f"F-{digest[:16]}"
        assert (row["revision"], row["supersedes"]) == (1, "")
    again = out_for(30).event("21:00", "strap_tamper").judged_by(engine)
    assert [r["finding_id"] for r in again.rows()] == [r["finding_id"] for r in story.rows()]


def test_fractions_of_a_second_are_shown_only_where_there_are_any(engine: Engine) -> None:
    night = scenario().order().fixes("18:00-20:00/5m in").event("19:00:00.25", "strap_tamper")
    assert (
        night.judged_by(engine).only("strap_tamper")["first_evidence"]
        == "D1@2026-03-02T19:00:00.25Z/strap_tamper"
    )
