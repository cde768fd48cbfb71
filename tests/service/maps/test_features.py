"""What the map is told: nothing dropped, nothing invented, and the table says the same."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from milepost.compliance.plain_times import at
from milepost.service.maps import geometry as geo
from milepost.service.maps import map_words
from milepost.service.maps.features import build_map, steps_of
from milepost.service.maps.rows import FixRow, GapRow, ZoneKind, ZoneRow, fixes_of, in_time
from milepost.tracks.record import FIXES, Quality, Source
from tests.service.maps import sample

T0 = sample.START_US
MINUTE = sample.MINUTE_US


def apart_m(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    """Straight through the earth, between two points of the WGS 84 ellipsoid; under 1 km that is the ground."""

    def place(lon: float, lat: float) -> tuple[float, float, float]:
        phi, turn = math.radians(lat), math.radians(lon)
        squared = 6.69437999014e-3
        bend = 6_378_137.0 / math.sqrt(1 - squared * math.sin(phi) ** 2)
        across = bend * math.cos(phi)
        return across * math.cos(turn), across * math.sin(turn), bend * (1 - squared) * math.sin(phi)

    return math.dist(place(lon0, lat0), place(lon1, lat1))


def of(shown, layer: str) -> list[dict]:
    return [f for f in shown.features["features"] if f["properties"]["layer"] == layer]


def facts_of(shown, feature: dict) -> dict[str, str]:
    return dict(shown.features["facts"][place] for place in feature["properties"]["facts"])


def line_of(*minutes: int, **more) -> list[FixRow]:
    return [FixRow(T0 + m * MINUTE, 1.2 + m / 1000, 53.6, 10.0, Source.GPS, **more) for m in minutes]


def test_every_fix_is_drawn_where_it_was_reported_however_doubtful():
    given = sample.walk_home()
    drawn = of(build_map(fixes=reversed(given)), "fix")
    assert [f["geometry"]["coordinates"] for f in drawn] == [
        [round(fix.lon, 7), round(fix.lat, 7)] for fix in given
    ]
    assert [f["properties"]["t"] for f in drawn] == [fix.time_us / 1e6 for fix in given]


def test_the_table_has_a_row_for_each_feature_and_says_the_same():
    shown = sample.evening()
    rows = {row.id: row for section in shown.table.sections for row in section.rows}
    for feature in of(shown, "fix"):
        said = feature["properties"]
        cells = rows[said["id"]].cells
        assert cells[0] == said["title"]
        assert cells[2] == facts_of(shown, feature)["Accuracy"]
        assert rows[said["id"]].marked == bool(said["evidence"])
    assert {f["properties"]["id"] for layer in ("zone", "gap") for f in of(shown, layer)} <= rows.keys()
    assert "cannot be shown" in rows["zone-3"].cells[3]


def test_unknown_accuracy_is_said_and_never_zero():
    shown = build_map(fixes=[FixRow(T0, 1.2, 53.6, None)])
    [fix] = of(shown, "fix")
    assert fix["properties"]["precision_m"] is None
    assert facts_of(shown, fix)["Accuracy"] == "not known"


def test_a_gap_is_dotted_with_its_cause_and_the_trail_does_not_cross_it():
    gap = GapRow(T0 + 2 * MINUTE, T0 + 30 * MINUTE, "battery")
    shown = build_map(fixes=line_of(0, 1, 2, 30, 31), gaps=[gap])
    [dotted] = of(shown, "gap")
    assert dotted["geometry"]["coordinates"] == [[1.202, 53.6], [1.23, 53.6]]
    assert of(shown, "gap-label")[0]["properties"]["label"] == "No position for 28 min: flat battery"
    steps = [
        tuple(sorted((a[0], b[0])))
        for f in of(shown, "trail")
        for a, b in zip(f["geometry"]["coordinates"], f["geometry"]["coordinates"][1:], strict=False)
    ]
    assert (1.202, 1.23) not in steps
    assert sorted(steps) == [(1.2, 1.201), (1.201, 1.202), (1.23, 1.231)]


def test_the_trail_passes_over_fixes_that_prove_no_place():
    fixes = line_of(0, 1, 2)
    fixes[1] = fixes[1]._replace(lon=9.0, quality=Quality.IMPOSSIBLE_SPEED)
    shown = build_map(fixes=fixes)
    assert all(lon < 2 for f in of(shown, "trail") for lon, _ in f["geometry"]["coordinates"])
    assert [f["properties"]["doubt"] for f in of(shown, "fix")] == [False, True, False]
    assert shown.features["bbox"][2] < 2, "nor does the map open on it"


def test_each_device_has_a_trail_of_its_own():
    shown = build_map(fixes=[*line_of(0, 2, 4, device_id="a"), *line_of(1, 3, device_id="b")])
    for feature in of(shown, "trail"):
        minutes = [round((lon - 1.2) * 1000) for lon, _ in feature["geometry"]["coordinates"]]
        assert len({m % 2 for m in minutes}) == 1


def test_time_spent_weighs_the_heat_and_silence_weighs_nothing():
    gap = GapRow(T0 + 5 * MINUTE, T0 + 60 * MINUTE, "no_signal")
    drawn = of(build_map(fixes=line_of(0, 5, 60, 61), gaps=[gap]), "fix")
    assert [f["properties"]["dwell_s"] for f in drawn] == [300, 0, 60, 0]


@pytest.mark.parametrize(
    ("us", "said"),
    [
        (1_761_438_600_000_000, "Sun 26 Oct 2025, 01:30:00 BST"),
        (1_761_442_200_000_000, "Sun 26 Oct 2025, 01:30:00 GMT"),
    ],
)
def test_half_past_one_comes_twice_and_is_told_apart(us: int, said: str):
    [fix] = of(build_map(fixes=[FixRow(us, 1.2, 53.6)]), "fix")
    assert fix["properties"]["title"] == said


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kathmandu", "America/St_Johns", "Europe/Paris"])
def test_a_time_is_told_the_same_however_many_are_told(zone: str):
    """Within ``words_once`` times are told from the quarter of an hour they are in. Days on which clocks changed, a
    day of 1910 when Paris stood nine minutes and 21 seconds from UTC, and times between."""
    rng = np.random.default_rng(5)
    changes = [1_761_440_400, 1_743_296_400, -1_880_000_000]
    moments = np.concatenate(
        [np.array(changes) + rng.integers(-9_000, 9_000, (400, 1)) for _ in "ab"]
    ).ravel()
    for us in (moments * 1_000_000 + rng.integers(0, 1_000_000, moments.size)).tolist():
        moment = at(us, zone)
        expected = f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M:%S} {moment.tzname()}"
        with map_words.words_once():
            assert map_words.time_words(us, zone) == expected == map_words.time_words(us, zone)
        assert map_words.time_words(us, zone) == expected


def test_gaps_lie_in_the_steps_that_they_overlap():
    """Against a look at each gap in each step. Two devices; gaps of one, of both, and one over another."""
    rng = np.random.default_rng(6)
    for _ in range(60):
        fixes = in_time(
            FixRow(int(us), 1.2, 53.6, device_id=str(device), quality=Quality(int(mock) * Quality.MOCK))
            for us, device, mock in zip(
                rng.integers(0, 50, 30), rng.choice(["a", "b"], 30), rng.random(30) < 0.2, strict=True
            )
        )
        gaps = [
            GapRow(int(start), int(start + length), "x", str(device))
            for start, length, device in zip(
                rng.integers(0, 50, 4), rng.integers(1, 20, 4), rng.choice(["", "a", "b"], 4), strict=True
            )
        ]
        for numbers, silent in steps_of(fixes, gaps):
            expected = [
                next(
                    (n for n, gap in enumerate(gaps)
                     if gap.device_id in ("", fixes[i].device_id) and gap.start_us < fixes[j].time_us
                     and gap.end_us > fixes[i].time_us),
                    None,
                )
                for i, j in pairwise(numbers)
            ]  # fmt: skip
            assert silent == expected


@pytest.mark.parametrize("lat", [0.0, 50.1, 53.6, 60.8])
def test_a_circle_is_true_metres_on_the_ellipsoid(lat: float):
    ring = geo.circle(1.2, lat, 500.0)["coordinates"][0]
    assert ring[0] == ring[-1]
    away = [apart_m(1.2, lat, lon, y) for lon, y in ring]
    assert max(abs(metres - 500) for metres in away) < 0.5


def test_a_buffer_lies_its_metres_outside():
    area = geo.circle(1.2, 53.6, 100.0)
    wider = geo.widened(area, 50.0)
    assert wider is not None
    away = [apart_m(1.2, 53.6, *position) for position in wider["coordinates"][0]]
    assert min(away) > 149
    assert max(away) < 151
    assert geo.widened(area, -200.0) is None


def test_zones_of_each_kind_have_words_and_not_colour_alone():
    shown = build_map(zones=[ZoneRow("A", kind, circle=(1.2, 53.6, 50.0)) for kind in ZoneKind])
    labels = {f["properties"]["label"] for f in of(shown, "zone-label")}
    assert len(labels) == len(ZoneKind)


def test_rows_of_the_canonical_table_are_read():
    table = pa.Table.from_pylist(
        [
            {
                "device_id": "t",
                "recorded_at_utc": T0,
                "source": 1,
                "lon_e7": 12_000_000,
                "lat_e7": 536_000_000,
                "precision_m": None,
                "quality": 32,
            }
        ],
        schema=FIXES,
    )
    [fix] = fixes_of(table)
    assert (fix.time_us, fix.lon, fix.lat, fix.precision_m) == (T0, 1.2, 53.6, None)
    assert fix.quality is Quality.UNKNOWN_PRECISION


def test_nothing_to_show_is_a_map_and_an_empty_table():
    shown = build_map()
    assert shown.features["features"] == []
    assert "bbox" not in shown.features
    assert not shown.table


def test_dwell_never_counts_twice_for_two_devices():
    drawn = of(build_map(fixes=[*line_of(0, 10, device_id="a"), *line_of(5, 15, device_id="b")]), "fix")
    assert math.isclose(sum(f["properties"]["dwell_s"] for f in drawn), 1200)
