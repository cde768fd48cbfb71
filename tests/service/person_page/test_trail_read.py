"""A trail that can be read: what cannot be is left out, stops and ways are a list, last night is one press."""

from __future__ import annotations

import pytest
from django.urls import reverse

from milepost.service import clock
from milepost.service.maps.rows import FixRow, GapRow
from milepost.service.person_page.charge import hours_of
from milepost.service.person_page.models import TrailRequest
from milepost.service.person_page.stops import legs_of
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.trail import trail_of
from milepost.service.web.formats import metres
from milepost.times import HOUR_US
from milepost.tracks.record import Source
from tests.service.monitoring.factory import MINUTE_US, MONDAY, OUT, at, fixes, store
from tests.service.world import HOME, World

pytestmark = pytest.mark.django_db
FROM, UNTIL = at(MONDAY, "12:00"), at(MONDAY, "18:00")
FAR = (HOME[0], HOME[1] + 0.2)
"""22 km north of home."""


def test_a_jump_of_22_km_in_a_minute_is_marked_left_out_and_listed(world: World, signed_in):
    store(
        fixes([(FROM, at(MONDAY, "13:00"), HOME), (at(MONDAY, "13:00"), at(MONDAY, "13:01"), FAR),
               (at(MONDAY, "13:01"), at(MONDAY, "14:00"), HOME)])
    )  # fmt: skip
    trail = trail_of(Subject(world.ada), FROM, UNTIL)
    (jump,) = trail.jumps
    assert jump.at_us == at(MONDAY, "13:00")
    assert jump.way_m == pytest.approx(22_240, rel=0.01)
    assert jump.seconds == 60
    shown = trail.shown.features
    lines = [f["geometry"]["coordinates"] for f in shown["features"] if f["properties"]["layer"] == "trail"]
    assert all(lat < HOME[1] + 0.1 for line in lines for _lon, lat in line)
    assert shown["bbox"][3] < HOME[1] + 0.1
    doubtful = [
        f for f in shown["features"] if f["properties"]["layer"] == "fix" and f["properties"]["doubt"]
    ]
    assert len(doubtful) == 1
    made = TrailRequest.objects.create(
        person=world.ada, user=world.nora, purpose="alert", from_us=FROM, until_us=UNTIL
    )
    page = signed_in(world.nora).get(reverse("person_page:trail-shown", args=["P000001", made.pk])).text
    assert "Positions that cannot be" in page
    assert metres(jump.way_m) in page


def test_somebody_who_is_driven_away_jumps_nowhere(world: World):
    """100 km/h for ten minutes."""
    step = 1.667 / 111.2
    drive = [
        (FROM + n * MINUTE_US, FROM + (n + 1) * MINUTE_US, (HOME[0], HOME[1] + n * step)) for n in range(10)
    ]
    store(fixes(drive))
    trail = trail_of(Subject(world.ada), FROM, UNTIL)
    assert trail.positions == 10
    assert trail.jumps == ()


def test_stops_and_ways_are_listed_with_their_places(world: World):
    store(
        fixes([(FROM, at(MONDAY, "13:00"), HOME), (at(MONDAY, "13:05"), at(MONDAY, "13:40"), OUT),
               (at(MONDAY, "13:45"), at(MONDAY, "15:00"), HOME)])
    )  # fmt: skip
    legs = trail_of(Subject(world.ada), FROM, at(MONDAY, "15:00")).legs
    assert [(leg.kind, leg.number) for leg in legs if leg.kind == "stop"] == [
        ("stop", 1),
        ("stop", 2),
        ("stop", 3),
    ]
    stops = [leg for leg in legs if leg.kind == "stop"]
    assert stops[0].place == stops[2].place == "at Home"
    assert stops[1].place.endswith(" km from Home")
    assert (stops[1].start_us, stops[1].end_us) == (at(MONDAY, "13:05"), at(MONDAY, "13:39"))


def row(minute: int, lat: float = 53.7) -> FixRow:
    return FixRow(minute * MINUTE_US, 1.7, lat, 10.0, Source.GPS)


def test_no_stop_and_no_way_goes_across_a_gap():
    walk = [*(row(n) for n in range(12)), *(row(n) for n in range(60, 72))]
    gap = GapRow(11 * MINUTE_US, 60 * MINUTE_US, "battery")
    legs = legs_of(walk, [gap], lambda lon, lat, m: "", within_m=75, at_least_minutes=10)
    assert [(leg.kind, leg.start_us // MINUTE_US, leg.end_us // MINUTE_US) for leg in legs] == [
        ("stop", 0, 11), ("gap", 11, 60), ("stop", 60, 71),
    ]  # fmt: skip


def test_a_few_steps_and_back_are_one_stop():
    walk = [*(row(n) for n in range(12)), row(12, 53.7015), *(row(n) for n in range(13, 26))]
    (leg,) = legs_of(walk, [], lambda lon, lat, m: "", within_m=75, at_least_minutes=10)
    assert (leg.kind, leg.start_us // MINUTE_US, leg.end_us // MINUTE_US) == ("stop", 0, 25)


def test_a_way_is_as_long_as_its_positions_say():
    walk = [row(n, 53.7 + n * 0.001) for n in range(11)]
    (leg,) = legs_of(walk, [], lambda lon, lat, m: "", within_m=75, at_least_minutes=10)
    assert leg.kind == "way"
    assert leg.way_m == pytest.approx(1112, rel=0.01)


def test_an_hour_without_a_reading_has_no_battery():
    fix = row(5)._replace(battery_pct=40.0)
    hours = hours_of([fix, row(10)], [GapRow(10 * MINUTE_US, 2 * HOUR_US, "")], 0, 2 * HOUR_US)
    assert [(h.positions, h.lowest_pct, h.silent_s) for h in hours] == [(2, 40.0, 3000.0), (0, None, 3600.0)]


@pytest.mark.parametrize(
    ("time", "until"), [("02:00+1", "02:00+1"), ("09:30+1", "08:00+1"), ("23:00+1", "08:00+1")]
)
def test_last_night_is_one_press(world: World, signed_in, monkeypatch, time, until):
    monkeypatch.setattr(clock, "now_us", lambda: at(MONDAY, time))
    url = reverse("person_page:trail", args=["P000001"])
    answer = signed_in(world.nora).post(url, {"purpose": "alert", "when": "last_night"})
    assert answer.status_code == 302
    made = TrailRequest.objects.get()
    assert (made.from_us, made.until_us) == (at(MONDAY, "18:00"), at(MONDAY, until))


def test_last_night_needs_its_purpose_too(world: World, signed_in):
    url = reverse("person_page:trail", args=["P000001"])
    assert signed_in(world.nora).post(url, {"when": "last_night"}).status_code == 200
    assert not TrailRequest.objects.exists()
