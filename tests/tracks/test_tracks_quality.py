"""Flags that a whole stream shows, held against a plain walk through the published definition."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.tracks.formats.settle_place import great_circle_m
from milepost.tracks.limits import default_limits
from milepost.tracks.quality import flag, summary
from milepost.tracks.read import read_signals
from milepost.tracks.record import FIXES, Quality, Signals, Source
from milepost.tracks.speed import metres_per_degree

START = datetime(2026, 10, 1, 10, tzinfo=UTC)
LIMITS = replace(default_limits(), max_speed_mps=50.0, speed_escape_fixes=3)


def make(**said: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(FIXES.names)
    second = said.pop("second", 0)
    row |= {"device_id": "S", "recorded_at_utc": START + timedelta(seconds=second), "source": 1}  # type: ignore[arg-type]
    return row | {"lon_e7": 0, "lat_e7": 515_000_000, "precision_m": 5.0, "quality": 0} | said


def flags(rows: list[dict[str, object]]) -> list[Quality]:
    table = flag(pa.Table.from_pylist(rows, schema=FIXES), LIMITS)
    return [Quality(value) for value in table["quality"].to_pylist()]


def slow_flags(rows: list[dict[str, object]]) -> list[Quality]:
    """Section 2 of "How the engine decides", step by step."""
    result = [Quality(row["quality"]) & ~(Quality.DUPLICATE | Quality.IMPOSSIBLE_SPEED) for row in rows]

    def order(i: int) -> tuple[object, ...]:
        row = rows[i]
        sequence = -math.inf if row["sequence"] is None else row["sequence"]
        precision = -math.inf if row["precision_m"] is None else row["precision_m"]
        return (row["recorded_at_utc"], sequence, row["source"], row["lon_e7"], row["lat_e7"], precision)

    for device in {row["device_id"] for row in rows}:
        mine = sorted((i for i in range(len(rows)) if rows[i]["device_id"] == device), key=order)
        seen: set[object] = set()
        anchor, in_a_row = None, 0
        for i in mine:
            row = rows[i]
            if Quality.FUTURE in result[i]:
                continue
            key = (row["recorded_at_utc"], row["sequence"], row["source"])
            if key in seen:
                result[i] |= Quality.DUPLICATE
                continue
            seen.add(key)
            silent = Quality.ZERO_ISLAND | Quality.NOT_VALID | Quality.SWAPPED_AXES | Quality.MOCK
            if result[i] & silent or row["source"] != Source.GPS:
                continue
            if anchor is None:
                anchor = i
                continue
            if too_fast(rows[anchor], row) and in_a_row < LIMITS.speed_escape_fixes - 1:
                result[i] |= Quality.IMPOSSIBLE_SPEED
                in_a_row += 1
            else:
                anchor, in_a_row = i, 0
    return result


def too_fast(a: dict, b: dict) -> bool:
    east, north = metres_per_degree((a["lat_e7"] + b["lat_e7"]) / 2e7)
    x, y = (b["lon_e7"] - a["lon_e7"]) / 1e7 * east, (b["lat_e7"] - a["lat_e7"]) / 1e7 * north
    allowed = (a["precision_m"] or 0) + (b["precision_m"] or 0)
    seconds = (b["recorded_at_utc"] - a["recorded_at_utc"]).total_seconds()
    return bool(math.hypot(x, y) - allowed > LIMITS.max_speed_mps * seconds)


ROWS = st.lists(
    st.builds(
        make,
        second=st.integers(0, 40).map(lambda n: n * 10),
        device_id=st.sampled_from(["S", "T"]),
        sequence=st.sampled_from([None, 1, 2]),
        source=st.sampled_from([1, 1, 1, 5]),
        lon_e7=st.sampled_from([0, 0, 1000, 50_000, 2_000_000]),
        precision_m=st.sampled_from([None, 5.0, 400.0]),
        quality=st.sampled_from([0, 0, 0, 1, 2, 4, 8, 64, 128, 512]),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(rows=ROWS)
def test_flags_are_those_of_the_definition(rows: list[dict[str, object]]) -> None:
    assert flags(rows) == slow_flags(rows)


def test_a_teleport_is_refused_and_one_bad_fix_does_not_lock_the_device_out() -> None:
    far = 20_000_000
    rows = [make(second=0), make(second=60, lon_e7=far), make(second=120)]
    assert flags(rows) == [Quality.NONE, Quality.IMPOSSIBLE_SPEED, Quality.NONE]
    rows = [make(second=0), *(make(second=60 * n, lon_e7=far) for n in range(1, 5))]
    assert [Quality.IMPOSSIBLE_SPEED in f for f in flags(rows)] == [False, True, True, False, False]


def test_metres_per_degree_agree_with_the_sphere_within_its_error() -> None:
    east, north = metres_per_degree(np.array([51.5]))
    assert east[0] == pytest.approx(great_circle_m(np.array([51.5]), np.array([1.0]), 51.5, 0.0)[0], rel=4e-3)
    assert north[0] == pytest.approx(
        great_circle_m(np.array([52.0]), np.array([0.0]), 51.0, 0.0)[0], rel=4e-3
    )


def test_metres_per_degree_are_the_ellipsoid_s() -> None:
    """At the equator a degree of longitude is a·π/180 and one of latitude a(1−e²)·π/180 (WGS 84)."""
    east, north = metres_per_degree(np.array([0.0]))
    assert east[0] == pytest.approx(111_319.4908, abs=1e-3)
    assert north[0] == pytest.approx(110_574.2758, abs=1e-3)


def test_summary_tells_what_the_file_is(fixtures: Path) -> None:
    told = summary(read_signals([fixtures / "signals.csv", fixtures / "presence.csv"]))
    assert (told["fixes"], told["presence"], told["device_events"], told["errors"]) == (3, 3, 0, 0)
    assert told["sources"] == {"GPS": 2, "LBS": 1}
    assert told["extent"] == [-0.2, 51.5, -0.1, 51.6]
    assert told["interval_median_s"] == 60
    assert told["gaps"] == 0
    assert told["devices"]["SYN-2"] == {  # type: ignore[index]
        "fixes": 1,
        "first_utc": "2026-10-01T10:00:30.250000Z",
        "last_utc": "2026-10-01T10:00:30.250000Z",
    }


def test_summary_of_nothing() -> None:
    assert summary(Signals())["devices"] == {}


def test_gaps_are_counted_within_a_device_only() -> None:
    rows = [make(second=0), make(second=7200), make(second=20_000, device_id="T")]
    told = summary(Signals(fixes=pa.Table.from_pylist(rows, schema=FIXES)))
    assert (told["gaps"], told["longest_gap_s"]) == (1, 7200)
