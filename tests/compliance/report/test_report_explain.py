"""What an explanation tells, and to whom."""

from __future__ import annotations

import json
import math
import re

import pyarrow as pa
import pytest
from report_answer import build_results, finding
from report_scene import HOME, build_obligations, build_order_file, build_signals, us

from milepost.compliance.display_contacts import contacts_of, signals_of_person
from milepost.compliance.display_geometry import (
    TargetGeometry,
    chance_of_side,
    metres_per_degree,
    needed_distance_m,
)
from milepost.compliance.explain import Explanation, explain_finding
from milepost.compliance.plain_times import duration_short, duration_words
from milepost.compliance.plain_words import FINDING_TITLES, chance_words, percent_words
from milepost.compliance.rule_tables import RuleSet, read_rules
from milepost.orders.obligations import Shape, Target
from milepost.tracks.record import Quality, Signals

RULES = read_rules()
SIGNALS = build_signals()


def explain(row: dict, rules: RuleSet = RULES) -> Explanation:
    return explain_finding(
        row,
        order_file=build_order_file(),
        obligations=build_obligations(),
        signals=SIGNALS,
        rules=rules,
    )


@pytest.fixture(scope="module")
def told() -> dict[str, Explanation]:
    return {row["kind"]: explain(row) for row in build_results().findings.to_pylist()}


def syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower()))
    return max(1, len(groups))


def reading_grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid et al. 1975); a number or a clock time counts as one short word."""
    sentences = [s for s in re.split(r"[.!?:](?:\s|$)", text) if s.strip()]
    words = re.findall(r"[A-Za-z’']+|\d[\d:]*", text)
    total = sum(syllables(word) if word[0].isalpha() else 1 for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * total / len(words) - 15.59


def test_reading_grade_agrees_with_a_text_worked_out_by_hand() -> None:
    # 2 sentences, 6 words, 6 syllables.
    assert reading_grade("The cat sat. The dog ran.") == pytest.approx(0.39 * 3 + 11.8 - 15.59)


@pytest.mark.parametrize(
    "kind", ["late_return", "zone_entry", "evidence_conflict", "strap_tamper", "battery_dead"]
)
def test_an_eleven_year_old_can_read_the_first_three_sentences(
    told: dict[str, Explanation], kind: str
) -> None:
    grade = reading_grade(" ".join(told[kind].sentences[:3]))
    assert grade <= 6.5, f"grade {grade:.1f}: {told[kind].sentences[:3]}"


def test_a_late_return_says_who_owed_what_and_what_was_seen(told: dict[str, Explanation]) -> None:
    first, second, third, *_ = told["late_return"].sentences
    assert first == (
        "Sam Sample (P1) had to be at home from 19:00 on Tuesday 24 March until 07:00 on Wednesday 25 March."
    )
    assert second == "The tag was away from 19:00 until 19:25 on Tuesday 24 March: 25 minutes."
    assert third == "It may have gone on until 19:27."


def test_every_explanation_names_its_rule_owner_source_and_limits(told: dict[str, Explanation]) -> None:
    for explanation in told.values():
        text = explanation.as_text()
        for needed in (
            "illustrative-community-order@1",
            "Milepost maintainers",
            "Source of the table:",
            "nobody’s policy",
            "order O1, version 2",
            "not show",
        ):
            assert needed in text, (explanation.title, needed)


def test_evidence_is_the_fixes_of_the_time_on_the_side_claimed(told: dict[str, Explanation]) -> None:
    rows = told["late_return"].evidence
    assert [rows[0].time_us, rows[-1].time_us] == [us("2026-03-24 19:00"), us("2026-03-24 19:25")]
    assert rows[0].reference == "T1@2026-03-24T19:00:00Z/gps"
    assert all(
        row.says == "outside" and row.probability is not None and row.probability > 0.95 for row in rows
    )
    # 900 m east of the centre of a circle of 50 m, a few metres of noise.
    assert all(row.distance_m == pytest.approx(-850, abs=25) for row in rows)


def test_a_conflict_shows_both_witnesses_and_says_they_disagree(told: dict[str, Explanation]) -> None:
    explanation = told["evidence_conflict"]
    assert {row.source for row in explanation.evidence} >= {"home unit", "satellites (GPS)"}
    assert "One says in, the other says out." in explanation.as_text()
    assert "they agree" not in explanation.as_text()


def test_a_gap_is_told_with_its_cause(told: dict[str, Explanation]) -> None:
    assert "(flat battery)" in " ".join(told["battery_dead"].parts["unknown"])


def test_a_missing_rule_table_is_said_and_nothing_breaks() -> None:
    row = build_results().findings.to_pylist()[0] | {"rule_table": "lost@9"}
    assert "cannot be quoted" in explain(row).as_text()


@pytest.mark.parametrize("kind", sorted(FINDING_TITLES))
@pytest.mark.parametrize("status", ["open", "closed"])
def test_every_kind_can_be_explained_even_when_nothing_else_is_known(kind: str, status: str) -> None:
    row = finding(
        kind, "gone", us("2026-03-24 19:00"), us("2026-03-24 20:00"), status=status, order_id="lost"
    )
    row = {"obligation_start_utc": None, "obligation_end_utc": None, "coverage": None} | row
    row |= {"obligation_coverage": None, "act_within_minutes": None, "person_id": "nobody"}
    explanation = explain(row)
    assert len(explanation.sentences) > 5
    assert ("still so" in explanation.as_text()) <= (status == "open")


def test_explanations_are_json(told: dict[str, Explanation]) -> None:
    for explanation in told.values():
        again = json.loads(json.dumps(explanation.as_dict()))
        assert len(again["evidence"]) == len(explanation.evidence)


def test_times_name_the_clock_on_the_night_it_changes() -> None:
    start, end = us("2026-03-28 23:00"), us("2026-03-29 04:00")
    row = build_results().findings.to_pylist()[0]
    row |= {"start_utc": start, "end_utc": end, "start_earliest_utc": start, "end_latest_utc": end}
    text = explain(row).as_text()
    assert "23:00 (GMT, UTC)" in text
    assert "04:00 (BST, UTC+1)" in text


def test_distances_stay_within_a_thousandth_of_the_ellipsoid() -> None:
    # Published: one degree of latitude and of longitude on WGS 84 (NGA.STND.0036, table of lengths).
    for lat, north, east in ((0, 110_574, 111_320), (45, 111_132, 78_847), (60, 111_412, 55_800)):
        got_east, got_north = metres_per_degree(lat)
        assert got_north == pytest.approx(north, rel=1e-5)
        assert got_east == pytest.approx(east, rel=1e-5)


def test_a_hole_in_a_zone_is_outside() -> None:
    lon, lat = HOME

    def square(half_m: float) -> tuple[tuple[float, float], ...]:
        east, north = metres_per_degree(lat)
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return tuple((lon + x * half_m / east, lat + y * half_m / north) for x, y in corners)

    zone = TargetGeometry(Target((Shape(rings=(square(500), square(100))),)))
    assert zone.signed_distance_m(lon, lat) == pytest.approx(-100, rel=1e-3)
    assert zone.signed_distance_m(lon + 300 / metres_per_degree(lat)[0], lat) == pytest.approx(200, rel=1e-3)


def test_probability_and_needed_distance_are_each_others_inverse() -> None:
    for precision_m in (10.0, 55.0, 900.0):
        assert chance_of_side(needed_distance_m(precision_m, 0.99), precision_m) == pytest.approx(0.99)
        assert needed_distance_m(precision_m, 0.95) == pytest.approx(precision_m)  # a radius of 95 %
        # One sigma away an error in any direction is larger in exp(-1/2) of cases, not in 16 %.
        sigma_m = precision_m / math.sqrt(-2 * math.log(0.05))
        assert chance_of_side(sigma_m, precision_m) == pytest.approx(1 - math.exp(-0.5))
        assert chance_of_side(-1.0, precision_m) == 0


def test_a_duplicate_a_mock_and_an_impossible_leap_prove_nothing() -> None:
    order_file = build_order_file()
    fixes = signals_of_person(build_signals(), order_file.activations, "P1").fixes[1:5]
    evidence = RULES.tables[0].evidence
    leap = type(fixes[2])(**{n: getattr(fixes[2], n) for n in fixes[2].__slots__} | {"lon": 10.0})
    mock = type(fixes[3])(**{n: getattr(fixes[3], n) for n in fixes[3].__slots__} | {"quality": Quality.MOCK})
    standing = [c.standing for c in contacts_of([fixes[0], fixes[0], fixes[1], leap, mock], evidence)]
    assert standing == ["strong", "ignored", "strong", "weak", "weak"]


@pytest.mark.parametrize(
    ("share", "shown"), [(1.0, "100%"), (0.9996, "over 99.9%"), (0.5, "50.0%"), (0, "0%")]
)
def test_shares_are_never_rounded_up_to_all(share: float, shown: str) -> None:
    assert percent_words(share) == shown


def test_a_calculated_chance_is_never_certain() -> None:
    assert chance_words(1.0) == "over 99.9%"
    assert chance_words(0.0) == "under 0.1%"


def test_what_speaks_for_the_person_comes_before_what_speaks_against_them(
    told: dict[str, Explanation],
) -> None:
    late = told["late_return"]
    parts = list(late.parts)
    assert parts.index("against") < parts.index("evidence")
    assert late.parts["against"][0] == "1 signal in or near this time fits with the condition being kept."
    assert [row.time_us for row in late.against] == [us("2026-03-24 19:27:30")]
    text = late.as_text()
    assert text.index("Signals that fit with the condition being kept") < text.index("Evidence\n")
    assert late.as_dict()["against"][0]["says"] == "inside"


def test_a_length_that_was_not_reached_is_not_shown() -> None:
    """877 s beside a threshold of 15 minutes are 14 minutes."""
    assert duration_words(877) == "14 minutes"
    assert duration_words(900) == "15 minutes"
    assert duration_short(3_599) == "59 min"


def test_a_precision_that_is_not_believed_is_named(told: dict[str, Explanation]) -> None:
    fixes = SIGNALS.fixes.to_pylist()
    claimed = [row | {"precision_m": 8.0} for row in fixes]
    signals = Signals(fixes=pa.Table.from_pylist(claimed, schema=SIGNALS.fixes.schema))
    row = build_results().findings.to_pylist()[0]
    explanation = explain_finding(
        row, order_file=build_order_file(), obligations=build_obligations(), signals=signals, rules=RULES
    )
    assert "precision 10 m, for the 8.0 m that the device claims are not believed" in explanation.as_text()


def test_a_place_too_small_for_the_positions_is_said(told: dict[str, Explanation]) -> None:
    """A circle of 50 m and a precision of 120 m: such positions show that a tag was away, never that it was in."""
    coarse = [row | {"precision_m": 120.0} for row in SIGNALS.fixes.to_pylist()]
    signals = Signals(fixes=pa.Table.from_pylist(coarse, schema=SIGNALS.fixes.schema))
    row = build_results().findings.to_pylist()[0]
    explanation = explain_finding(
        row, order_file=build_order_file(), obligations=build_obligations(), signals=signals, rules=RULES
    )
    said = (
        "Of the positions in this time, 100% may be wrong by more than the size of the place, a circle with a radius of 50 "
        "m. The tag is not exact enough for so small a place: it could show that the person was well away, it cannot show "
        "that they were there. Such time counts as uncertain, not as broken."
    )
    assert said in explanation.parts["unknown"]
    assert said not in told["late_return"].parts["unknown"]
