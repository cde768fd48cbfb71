"""The second noise model of the benchmarks: its truth, its errors, its count, and the rule of three in a row."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import naive
from benchmarks.noise import errors, people, sampling, scoring
from benchmarks.noise.scenarios import BEGIN_US, SCENARIOS, Violation, World, make_world, order_file
from benchmarks.noise.scoring import BROKEN, KEPT, Answer, Count

from milepost.orders.schedules import expand

BY_NAME = {s.name: s for s in SCENARIOS}
MINUTE_US = 60e6


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(7, people=15)


def test_the_same_seed_draws_the_same_world(world: World) -> None:
    again = make_world(7, people=15)
    assert np.array_equal(again.lives.u, world.lives.u)
    for name in ("honest", "lying drift", "honest, 50 % missing"):
        assert again.signals(BY_NAME[name]).fixes.equals(world.signals(BY_NAME[name]).fixes)


def test_hard_violations_lie_at_the_edge_and_clear_ones_go_far(world: World) -> None:
    lives = world.lives
    beyond_m = np.hypot(lives.u, lives.v) - lives.radius_m[:, None]
    kinds = {True: 0, False: 0}
    for i in range(len(lives)):
        for v in world.violations()[f"P{i:05d}", f"P{i:05d}-curfew"]:
            a, b = (round((t - BEGIN_US) / 5e6) for t in (v.start, v.end))
            assert (beyond_m[i, a:b] > 0).all()
            if v.end - v.start >= 300e6:
                kinds[v.hard] += 1
                assert (beyond_m[i, a:b].max() <= 12.1) == v.hard
    assert kinds[True]
    assert kinds[False]


@pytest.mark.parametrize(
    ("motion", "tau_s"), [(people.INDOORS, 600), (people.STANDING, 180), (people.MOVING, 90)]
)
def test_errors_wander_with_the_memory_of_the_motion(motion: int, tau_s: float) -> None:
    walk = errors.correlated(np.random.default_rng(1), np.full((300, 1500), motion, np.int8))
    assert walk.std() == pytest.approx(1, abs=0.05)
    lag = round(tau_s / people.STEP_S)
    assert (walk[lag:] * walk[:-lag]).mean() == pytest.approx(np.exp(-1), abs=0.06)


def test_plain_errors_are_as_large_as_stated(world: World) -> None:
    plain = world.errors.plain
    motion = world.lives.motion[world.times.person, world.times.cell]
    flat = world.lives.radius_m[world.times.person] == people.FLAT_M
    indoors = motion == people.INDOORS
    for of, sigma_m in ((indoors & ~flat, 7), (indoors & flat, 10), (motion == people.MOVING, 7)):
        assert np.sqrt((plain.x[of] ** 2 + plain.y[of] ** 2).mean() / 2) == pytest.approx(sigma_m, rel=0.1)
        assert np.median(world.errors.stated_m[of]) == pytest.approx(2.448 * sigma_m, rel=0.05)


def test_drift_is_owned_to_or_lied_about(world: World) -> None:
    size = world.errors.drift.size
    adrift = size > 30
    said = {n: world.signals(BY_NAME[n]).fixes["precision_m"].to_numpy() for n in ("honest", "lying drift")}
    assert (said["honest"][adrift] >= 1.39 * size[adrift]).all()
    assert said["lying drift"][adrift].min() >= 8
    assert said["lying drift"][adrift].max() <= 15
    assert world.signals(BY_NAME["no precision stated"]).fixes["precision_m"].null_count == len(size)


def test_half_of_the_reports_go_missing(world: World) -> None:
    kept = sampling.kept_of(world.seed, world.times, 0.5)
    assert kept.mean() == pytest.approx(0.5, abs=0.03)
    lost = ~kept
    assert (lost[1:] & lost[:-1]).sum() > 0.3 * lost.sum()  # half of them in blocks


def test_the_count_of_a_case_made_by_hand() -> None:
    truth = [
        Violation(0, 10 * MINUTE_US, hard=False),
        Violation(60 * MINUTE_US, 90 * MINUTE_US, hard=False),
        Violation(120 * MINUTE_US, 123 * MINUTE_US, hard=False),  # too short to count
        Violation(200 * MINUTE_US, 220 * MINUTE_US, hard=True),
    ]
    count = Count()
    spans = [
        (1 * MINUTE_US, 11 * MINUTE_US),
        (61 * MINUTE_US, 70 * MINUTE_US),
        (205 * MINUTE_US, 206 * MINUTE_US),
    ]
    scoring.count_violations(count, truth, spans)
    assert (count.clear, count.seen, count.both_ends) == (2, 2, 1)
    assert (count.hard, count.hard_seen) == (1, 1)


def test_who_says_the_truth_is_right_in_every_column(world: World) -> None:
    truth = {key: [(v.start, v.end) for v in of] for key, of in world.violations().items()}
    count = Count()
    scoring.count_world(count, world, Answer(truth))
    assert count.clear == count.seen == count.both_ends > 0
    assert count.hard == count.hard_seen > 0
    assert sum(count.false.values()) == 0
    for condition in scoring.CONDITIONS:
        assert count.right_share(BROKEN, condition) == 1
        assert count.right_share(KEPT, condition) == 1


def test_a_finding_about_nothing_is_false_in_its_group(world: World) -> None:
    truth = {key: [(v.start, v.end) for v in of] for key, of in world.violations().items()}
    night = BEGIN_US + 8 * 3600e6, BEGIN_US + 9 * 3600e6
    quiet = [k for k, of in truth.items() if all(b < night[0] or a > night[1] for a, b in of)]
    key = next(k for k in quiet if k[1].endswith("-curfew"))
    truth[key] = [*truth[key], night]
    count = Count()
    certainty = {k: [0.9] * len(of) for k, of in truth.items()}
    scoring.count_world(count, world, Answer(truth, certainty))
    home = f"{world.lives.radius_m[int(key[0][1:])]:.0f}"
    assert {group: n for group, n in count.false.items() if n} == {home: 1}
    assert count.false_per_200(home) == pytest.approx(
        200 / (5 * people.DAYS)
    )  # five live in each sort of home
    assert count.right_share(BROKEN, "curfew") < 1
    assert [right for _, right in count.certainties].count(False) == 1


def test_certainty_is_held_against_the_truth_in_ten_groups() -> None:
    said = [(0.5, n % 2 == 0) for n in range(20)] + [(0.99, True)] * 180
    tenths = scoring.by_decile(said)
    assert [n for _, _, n in tenths] == [20] * 10
    assert tenths[0] == (0.5, 0.5, 20)
    assert tenths[-1][0] == pytest.approx(0.99)
    assert tenths[-1][1] == 1


def test_findings_that_say_the_same_are_not_sorted_by_whether_they_are_true() -> None:
    tenths = scoring.by_decile([(1.0, n % 2 == 0) for n in range(2000)])
    assert all(0.35 < right < 0.65 for _, right, _ in tenths)


@pytest.mark.parametrize(
    ("beyond_m", "found"),
    [
        ([30, 30, 30, 30], [(0, 180)]),
        ([30, 30, 30], []),  # three, but only 120 s
        ([30, 30, 5, 30, 30, 30], []),  # one within the stated 20 m ends the row
        ([19, 19, 19, 19, 19, 19], []),
    ],
)
def test_three_in_a_row(beyond_m: list[float], found: list[tuple[float, float]]) -> None:
    lat, lon, radius = np.array([53.6]), np.array([1.2]), np.array([40.0])
    orders = order_file(lat, lon, radius, [None])
    begin = BEGIN_US + 8 * 3600e6
    n = len(beyond_m)
    t = begin + np.arange(n) * MINUTE_US
    north = naive.metres_per_degree(53.6)[1]
    at = 53.6 + (40.0 + np.array(beyond_m)) / north
    fixes = {"P00000": naive.Fixes(t, t, np.full(n, 1.2), at, np.ones(n, np.uint8), np.full(n, 20.0))}
    duties = expand(orders, int(begin), int(begin) + 3_600_000_000)
    spans = naive.three_in_a_row(fixes, duties)["P00000", "P00000-curfew"]
    assert [((a - begin) / 1e6, (b - begin) / 1e6) for a, b in spans] == found
