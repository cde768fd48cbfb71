from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from milepost.service.web import formats
from milepost.service.web.formats import ago, duration, local_time, metres, percent, weekday_time

EVENING = datetime(2026, 11, 23, 19, 4, tzinfo=UTC)


def test_a_clock_time_is_shown_where_people_are_not_in_utc() -> None:
    assert local_time(datetime(2026, 7, 1, 18, 4, tzinfo=UTC)) == "19:04"
    assert local_time(EVENING) == "19:04"
    assert local_time(EVENING, ZoneInfo("Europe/Paris")) == "20:04"


def test_the_hour_that_happens_twice_names_its_zone() -> None:
    """25 October 2026: 01:30 comes twice, an hour apart."""
    assert local_time(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "01:30 BST"
    assert local_time(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "01:30 GMT"
    assert (
        local_time(datetime(2026, 10, 24, 20, 0, tzinfo=UTC)) == "21:00 BST"
    )  # a curfew that spans the change
    assert local_time(datetime(2026, 10, 24, 11, 0, tzinfo=UTC)) == "12:00"


def test_microseconds_since_the_epoch_are_a_time_too() -> None:
    assert weekday_time(int(EVENING.timestamp()) * 1_000_000) == "Mon 23 Nov, 19:04"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        local_time(EVENING.replace(tzinfo=None))


def test_dates() -> None:
    assert formats.local_date(EVENING) == "23 November 2026"
    assert formats.local_date(date(2026, 1, 2)) == "2 January 2026"
    assert formats.local_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2026"
    assert formats.short_date(EVENING) == "23 Nov 2026"
    assert formats.weekday_date(EVENING) == "Monday 23 November 2026"
    assert formats.date_and_time(EVENING) == "23 November 2026 at 19:04"
    assert formats.iso_utc(EVENING) == "2026-11-23T19:04:00Z"


def test_what_ends_with_a_day_shows_that_day() -> None:
    """Kept as the midnight after it; on 29 March 2026 the clocks went forward, so the midnight after is 23:00 UTC."""
    assert formats.end_date(datetime(2026, 3, 6, 0, 0, tzinfo=UTC)) == "5 March 2026"
    assert formats.end_date(datetime(2026, 3, 29, 23, 0, tzinfo=UTC)) == "29 March 2026"
    assert formats.short_end_date(datetime(2027, 1, 1, 0, 0, tzinfo=UTC)) == "31 Dec 2026"
    assert formats.end_date(datetime(2026, 3, 5, 14, 0, tzinfo=UTC)) == "5 March 2026 at 14:00"
    assert formats.end_date(None) == "–"


def test_welsh_names_and_plurals() -> None:
    with translation.override("cy"):
        assert formats.date_and_time(EVENING) == "23 Tachwedd 2026 am 19:04"
        assert duration(2 * 86_400) == "2 ddiwrnod"
        assert duration(timedelta(hours=3, minutes=2)) == "3 awr 2 funud"
        assert ago(EVENING, EVENING + timedelta(minutes=6)) == "6 munud yn ôl"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (3840, "1 hour 4 minutes"),
        (59, "under a minute"),
        (0, "no time"),
        (119, "1 minute"),
        (86_400 + 7200 + 300, "1 day 2 hours"),
        (-3600, "minus 1 hour"),
        (None, "–"),
        (timedelta(minutes=64, seconds=59), "1 hour 4 minutes"),
    ],
)
def test_a_length_of_time_is_never_more_than_it_was(seconds, shown) -> None:
    assert duration(seconds) == shown


def test_ago_and_ahead() -> None:
    assert ago(EVENING, EVENING + timedelta(minutes=4)) == "4 minutes ago"
    assert ago(EVENING, EVENING - timedelta(hours=2)) == "in 2 hours"
    assert ago(EVENING, EVENING + timedelta(seconds=20)) == "just now"
    assert ago(None) == "never"


@pytest.mark.parametrize(
    ("share", "places", "shown"),
    [
        (0.64, 0, "64%"),
        (0.9966, 0, ">99%"),
        (1.0, 0, "100%"),
        (0.00001, 2, "<0.01%"),
        (0.0, 0, "0%"),
        (0.12345, 1, "12.3%"),
        (None, 0, "not known"),
    ],
)
def test_a_share_that_is_not_all_or_nothing_is_never_shown_so(share, places, shown) -> None:
    assert percent(share, places) == shown


def test_an_unknown_distance_is_not_nought() -> None:
    assert metres(None) == "distance not known"
    assert metres(0.0) == "0 m"
    assert metres(63.6) == "64 m"
    assert metres(1432) == "1.4 km"


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (time(19), "7pm"),
        (time(7, 30), "7:30am"),
        (time(0), "midnight"),
        (time(12), "midday"),
        (time(0, 5), "12:05am"),
    ],
)
def test_clock_times_for_people_under_supervision(at, shown) -> None:
    assert formats.plain_clock(at) == shown
