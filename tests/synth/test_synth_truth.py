"""Truth against a scan of every second, with shapely and the coordinates that the order file holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from milepost.orders.model import Condition, ConditionKind
from milepost.synth.life import Life, Period, build_people
from milepost.synth.motion import Disc, Path, Ring, inside_spans
from milepost.synth.noise import Noise
from milepost.synth.truth import POSITION_KINDS, Seen, find_violations, position_truth, window_areas
from milepost.synth.windows import Window

NOTHING_SEEN = Seen(np.empty(0), {})


def ordered_shapes(life: Life, window: Window) -> list[tuple[Any, float | None]]:
    """The window's shapes in metres, from the degrees in the order file: (polygon or centre, radius)."""
    plane = life.resident.town.plane
    assert life.resident.order is not None
    version = life.resident.order.versions[0]
    holders: list[Any]
    if window.condition.geometry or window.condition.circle:
        holders = [window.condition]
    else:
        wanted = [window.place] if isinstance(window.place, str) else window.place or []
        holders = [place for place in version.places if place.id in wanted]
    assert holders
    shapes: list[tuple[Any, float | None]] = []
    for holder in holders:
        if holder.circle:
            x, y = plane.metres(np.array(holder.circle.lon), np.array(holder.circle.lat))
            shapes.append((shapely.Point(x, y), holder.circle.radius_m))
        else:
            lon, lat = np.array(holder.geometry.coordinates[0]).T
            polygon = shapely.Polygon(np.column_stack(plane.metres(lon, lat)))
            assert polygon.is_valid
            shapely.prepare(polygon)
            shapes.append((polygon, None))
    return shapes


def scan_seconds(life: Life, window: Window, start_s: float, end_s: float) -> tuple[int, int]:
    """Broken seconds and changes of side, by looking at the middle of every second."""
    first, last = max(window.start_s, start_s), min(window.end_s, end_s)
    at = np.arange(np.ceil(first), np.floor(last)) + 0.5
    x, y = life.path.at(at)
    points = shapely.points(x, y)
    inside = np.zeros(len(at), np.bool_)
    for shape, radius in ordered_shapes(life, window):
        inside |= shape.contains(points) if radius is None else shapely.distance(shape, points) <= radius
    broken = inside if window.condition.kind is ConditionKind.EXCLUSION_ZONE else ~inside
    return int(broken.sum()), int((np.diff(inside) != 0).sum())


@pytest.mark.parametrize("start", [dt.date(2026, 3, 28), dt.date(2026, 10, 24), dt.date(2026, 3, 2)])
def test_truth_is_what_a_scan_of_every_second_finds(noise: Noise, start: dt.date) -> None:
    period = Period(seed=5, first_day=start, days=3)
    troubled = replace(noise, curfew_violation_share=0.5)
    kinds = set()
    for life in build_people(period, troubled, range(40)):
        rows = position_truth(life.resident, life.path, NOTHING_SEEN, period.start_s, period.end_s)
        for window in life.resident.windows:
            kind = window.condition.kind
            if kind not in POSITION_KINDS or kind is ConditionKind.ATTENDANCE:
                continue
            broken, changes = scan_seconds(life, window, period.start_s, period.end_s)
            mine = [
                row
                for row in rows
                if row["condition_id"] == window.condition.id
                and row["obligation_start_utc"] == round(window.start_s * 1e6)
            ]
            kinds |= {row["kind"] for row in mine}
            assert abs(sum(row["seconds"] for row in mine) - broken) <= 1 + changes
    assert {"late_return", "left_during", "zone_entry"} <= kinds, "too little happened to show anything"


def test_attendance_against_a_scan(noise: Noise) -> None:
    period = Period(seed=8, first_day=dt.date(2026, 3, 2), days=5)
    seen = set()
    for life in build_people(period, noise, range(120)):
        for window in life.resident.windows:
            if window.condition.kind is not ConditionKind.ATTENDANCE:
                continue
            (area,) = window_areas(life.resident, window)
            assert isinstance(area, Disc)
            at = np.arange(window.start_s, window.end_s)
            x, y = life.path.at(at)
            there = at[np.hypot(x - area.x, y - area.y) <= area.radius_m]
            found = {k.value: (a, b) for k, a, b in find_violations(window, inside_spans(life.path, area))}
            seen |= set(found)
            assert ("attendance_missed" in found) == (len(there) == 0)
            if len(there):
                assert ("attendance_late" in found) == (there[0] > window.start_s)
                if "attendance_late" in found:
                    assert found["attendance_late"][1] == pytest.approx(there[0], abs=1.0)
                if "attendance_left_early" in found:
                    assert found["attendance_left_early"][0] == pytest.approx(there[-1], abs=1.0)
    assert seen == {"attendance_missed", "attendance_late", "attendance_left_early"}


@pytest.mark.parametrize(
    ("inside", "kinds"),
    [
        ([(0, 300)], []),
        ([(120, 300)], [("late_return", 100, 120)]),
        ([(0, 150), (160, 300)], [("left_during", 150, 160)]),
        ([(0, 180)], [("out_at_end", 180, 200)]),
        ([], [("absent_entire", 100, 200)]),
        ([(110, 120)], [("late_return", 100, 110), ("out_at_end", 120, 200)]),
    ],
)
def test_the_kind_of_a_curfew_absence(
    inside: list[tuple[float, float]], kinds: list[tuple[str, float, float]]
) -> None:
    condition = Condition(**{"id": "c", "kind": "curfew", "from": dt.date(2026, 1, 1)})
    found = find_violations(Window(condition, 100, 200, None), inside)
    assert [(kind.value, a, b) for kind, a, b in found] == kinds


def test_a_crossing_is_found_between_vertices() -> None:
    path = Path(
        np.array([0.0, 100.0, 200.0]),
        np.array([-100.0, 100.0, 100.0]),
        np.zeros(3),
        np.array([100.0]),
        np.array([200.0]),
        ["home"],
    )
    assert inside_spans(path, Disc(0.0, 0.0, 30.0)) == [(35.0, 65.0)]
    square = Ring(np.array([[-20.0, -20.0], [20.0, -20.0], [20.0, 20.0], [-20.0, 20.0]]))
    assert inside_spans(path, square) == [(40.0, 60.0)]


def test_nobody_moves_faster_than_a_car_or_jumps(lives: list[Life]) -> None:
    for life in lives:
        took = np.diff(life.path.t)
        metres = np.hypot(np.diff(life.path.x), np.diff(life.path.y))
        assert (took >= 0).all()
        assert (metres <= 12.5 * took + 1e-6).all()


def test_every_kind_of_violation_occurs(noise: Noise) -> None:
    period = Period(seed=5, first_day=dt.date(2026, 3, 2), days=3)
    kinds = set()
    for life in build_people(period, noise, range(300)):
        rows = position_truth(life.resident, life.path, NOTHING_SEEN, period.start_s, period.end_s)
        kinds |= {row["kind"] for row in rows}
    assert kinds == {
        "late_return",
        "left_during",
        "out_at_end",
        "absent_entire",
        "zone_entry",
        "zone_exit",
        "attendance_missed",
        "attendance_late",
        "attendance_left_early",
    }


def test_most_curfew_nights_are_kept(lives: list[Life], period: Period) -> None:
    nights = broken = 0
    for life in lives:
        rows = position_truth(life.resident, life.path, NOTHING_SEEN, period.start_s, period.end_s)
        windows = [w for w in life.resident.windows if w.condition.kind is ConditionKind.CURFEW]
        nights += len(windows)
        broken += len({row["obligation_start_utc"] for row in rows if row["condition_id"].endswith("curfew")})
    assert nights > 150
    assert 0.03 < broken / nights < 0.3
