"""What looks like a drift of the receiver: which signs are told, and when none is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from clocks import MINUTE_US, at
from engines import ENGINES
from scenarios import RULES, fix_row, rules_with, scenario

from milepost.compliance.drift import Drift, DriftSign, Position, Sign, signs_of_drift
from milepost.compliance.explain import Explanation, explain_finding
from milepost.compliance.explain_drift import words_of_sign
from milepost.compliance.rule_tables import read_rules
from milepost.tracks.record import Source

RULE = read_rules().tables[0].evidence.drift
assert RULE is not None
SLIDE = (15, 40, 65, 90, 90, 88, 91, 90, 90, 65, 40, 15)
"""Metres east, one a minute: to 90 m and back, never faster than 25 m a minute."""
WALK = (0, 80, 130, 130, 130, 130, 50, 0)
HOME_M = 20.0


def positions(
    east_m: tuple[float, ...], every_s: float = 60, speed_mps: float | None = None
) -> list[Position]:
    """Half an hour at home, then these, then half an hour at home."""
    track = [*[0.0] * 30, *east_m, *[0.0] * 30]
    return [
        Position(
            time_us=round(i * every_s * 1e6),
            east_m=x,
            north_m=0.0,
            precision_m=12.0,
            away_m=x - HOME_M,
            kept=x <= HOME_M + 5,
            source=Source.GPS,
            speed_mps=speed_mps,
        )
        for i, x in enumerate(track)
    ]


def looked_at(seen: list[Position]) -> Drift | None:
    away = [p for p in seen if not p.kept]
    return signs_of_drift(seen, away[0].time_us, away[-1].time_us, RULE)


def signs(seen: list[Position]) -> dict[str, dict[str, float]]:
    drift = looked_at(seen)
    return {sign.sign: sign.figures for sign in drift.signs} if drift else {}


def test_a_slow_slide_out_and_back_is_told_with_its_figures() -> None:
    drift = looked_at(positions(SLIDE))
    assert drift is not None
    assert (drift.positions, drift.farthest_m) == (10, 71)
    assert drift.spread_m == 49  # from 40 m to the middle of them, at 89 m
    assert [s.sign for s in drift.signs] == [Sign.SLID, Sign.CAME_BACK]
    assert drift.signs[0].figures["fastest_mps"] == pytest.approx(25 / 60)
    assert drift.signs[1].figures["apart_m"] == 0


def test_positions_too_sparse_to_show_a_walk_do_not_say_that_there_was_none() -> None:
    there_and_back = [0.0, 0.0, 80.0, 80.0, 80.0, 0.0, 0.0]
    assert Sign.SLID not in signs(positions(there_and_back, every_s=300))


def test_a_walk_to_the_shop_and_back_is_none() -> None:
    assert looked_at(positions(WALK)) is None


def test_far_away_is_none_however_slow() -> None:
    assert looked_at(positions((30, 60, 90, 120, 150, 150, 120, 90, 60, 30))) is not None
    assert looked_at(positions((30, 60, 90, 120, 150, 180, 150, 120, 90, 60, 30))) is None


def test_somebody_who_did_not_come_back_is_told_by_two_signs_of_movement_or_not_at_all() -> None:
    gone = positions(SLIDE)[:37]
    assert signs(gone) == {}
    said_still = [replace(p, speed_mps=0.0) for p in gone]
    assert set(signs(said_still)) == {Sign.SLID, Sign.STILL}


def test_a_device_that_says_it_is_still_while_its_place_jumps() -> None:
    jump = (90.0,) * 9
    assert signs(positions(jump)) == {}  # 90 m in a minute: somebody may have walked
    seen = positions(jump, speed_mps=0.1)
    seen[33] = replace(seen[33], speed_mps=None)
    assert signs(seen)[Sign.STILL] == {"still": 8, "of": 9}


def test_a_device_that_says_it_walks_is_believed() -> None:
    seen = positions(SLIDE)
    for i in (31, 32):
        seen[i] = replace(seen[i], speed_mps=1.3)
    assert looked_at(seen) is None


def test_a_jump_that_nobody_runs() -> None:
    seen = positions((120.0,) * 9, every_s=15)
    assert signs(seen)[Sign.NO_WAY] == {"jump_m": 120, "within_s": 15}


def test_who_drives_by_jumps_all_the_way() -> None:
    assert looked_at(positions((0, 110, 0, 110, 0)[1:4], every_s=15)) is None


def test_a_silence_may_hide_the_way() -> None:
    seen = positions(SLIDE)
    hidden = [p if i < 31 else replace(p, time_us=p.time_us + 20 * MINUTE_US) for i, p in enumerate(seen)]
    assert looked_at(hidden) is None


def outing(quick: bool) -> list[Position]:
    """A walk by day, reported every ten seconds; then a slide, at that pace or at the pace of rest."""
    by_day = [
        replace(p, east_m=14.0 * i, away_m=14.0 * i, kept=False, time_us=-(10**10) + i * 10_000_000)
        for i, p in enumerate(positions(())[:20])
    ]
    night = positions(SLIDE)
    if quick:
        night.insert(32, replace(night[31], time_us=night[31].time_us + 10_000_000))
    return [*by_day, *night]


def looked_at_night(seen: list[Position]) -> dict[str, dict[str, float]]:
    away = [p for p in seen if not p.kept and p.time_us >= 0]
    drift = signs_of_drift(seen, away[0].time_us, away[-1].time_us, RULE)
    return {sign.sign: sign.figures for sign in drift.signs} if drift else {}


def test_a_device_that_hurries_on_the_move_and_did_not() -> None:
    assert looked_at_night(outing(quick=False))[Sign.RESTING_PACE]["quickest_s"] == 60
    assert looked_at_night(outing(quick=True)) == {}


def test_another_source_and_less_precision_are_told_beside_others() -> None:
    seen = [p if p.kept else replace(p, source=Source.WIFI, precision_m=50.0) for p in positions(SLIDE)]
    told = signs(seen)
    assert told[Sign.OTHER_SOURCE] == {"other": 10, "of": 10}
    assert told[Sign.LESS_EXACT] == {"precision_m": 50, "usual_m": 12}


# --- in an explanation ------------------------------------------------------------------------------------


def explained(east_m: tuple[float, ...], rules: Any = RULES, **columns: Any) -> tuple[dict, Explanation]:
    story = scenario().wears().curfew("19:00", "23:00")
    for minute, x in enumerate((*[0.0] * 60, *east_m, *[0.0] * 60)):
        row = fix_row("D1", at("19:00") + minute * MINUTE_US, x, 0)
        story.fix_rows.append({**row, "precision_m": 10.0, **columns})
    orders, signals = story.order_file(), story.signals()
    found = ENGINES["plain"](orders, story.obligations, signals, rules, until_us=at("23:00")).findings
    (row,) = (r for r in found.to_pylist() if r["kind"] == "left_during")
    told = explain_finding(
        row, order_file=orders, obligations=story.obligations, signals=signals, rules=rules
    )
    return row, told


SLOW = tuple(float(x) for x in (20, 50, 80, *[110] * 20, 80, 50, 20))


def test_an_explanation_says_it_first_of_what_speaks_for_the_person() -> None:
    _, told = explained(SLOW, speed_mps=0.0)
    assert list(told.parts)[:3] == ["summary", "drift", "against"]
    sentences = told.parts["drift"]
    assert sentences[0] == "This looks like a drift of the receiver rather than travel."
    assert sentences[1] == "22 positions, spread over 30 m, none more than 60 m outside home."
    assert "The positions moved slower than people walk, at most 0.5 metres a second." in sentences
    assert "In 22 of 22 positions the device said that it was not moving." in sentences
    assert "proves" in sentences[-1]
    assert "ask for a home unit" in sentences[-1]
    assert set(sentences) <= set(told.sentences)
    assert told.parts["certainty"][0].startswith("If the positions are as exact as the device says")
    near, *rest = told.as_dict()["drift"]
    assert near["figures"] == {"positions": 22, "spread_m": pytest.approx(30, abs=0.1), "farthest_m": 60}
    assert [sign["sign"] for sign in rest] == ["slid", "still", "came_back"]


def test_travel_is_explained_as_before() -> None:
    _, told = explained((80.0, *[140.0] * 20, 80.0))
    assert told.parts["drift"] == ()
    assert told.as_dict()["drift"] == []


def test_the_verdict_is_the_same_and_a_table_without_the_numbers_names_nothing() -> None:
    row, _ = explained(SLOW)
    without, told = explained(SLOW, rules_with(drift=None))
    assert {**row, "finding_id": ""} == {**without, "finding_id": ""}
    assert told.drift == ()


@pytest.mark.parametrize("sign", list(Sign))
def test_every_sign_is_said_with_its_figures(sign: Sign) -> None:
    figures = {
        Sign.NO_WAY: {"jump_m": 120.0, "within_s": 15.0},
        Sign.SLID: {"fastest_mps": 0.4, "steps": 9},
        Sign.STILL: {"still": 6, "of": 9},
        Sign.RESTING_PACE: {"quickest_s": 60, "usual_s": 60, "moving_s": 30},
        Sign.CAME_BACK: {"apart_m": 8.0, "precision_m": 17.0},
        Sign.OTHER_SOURCE: {"other": 5, "of": 9},
        Sign.LESS_EXACT: {"precision_m": 50.0, "usual_m": 12.0},
    }[sign]
    _, told = explained(SLOW)
    said = words_of_sign(told.case, DriftSign(sign, figures))
    assert "{" not in said
    assert any(f"{value:g}" in said or f"{value:.1f}" in said for value in figures.values())
