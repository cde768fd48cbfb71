"""One way between microseconds, moments and local days, for every app."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.test import override_settings

import milepost.service
from milepost.service.kit.local_days import (
    local_day,
    service_zone,
    start_of_local_day,
    start_of_local_day_us,
    today,
)
from milepost.service.web.formats import local_time

SERVICE = Path(milepost.service.__file__).parent
OWN_LENGTH = re.compile(r"^_?(SECOND|MINUTE|HOUR|DAY|WEEK)_US\b.*=", re.MULTILINE)
BY_HAND = re.compile(
    r"1e6|\b1_?000_?000\b|86_?400|3_?600_?000|60_000_000|fromtimestamp\(|\.timestamp\(\) \*|microseconds="
)
SECONDS_OF_ANOTHER_CLOCK = {"web/logs.py", "accounts/sessions.py", "accounts/openid.py"}
"""The time of a log record and of a session are seconds by their makers; a number of bytes of an answer."""


def test_no_module_defines_a_length_of_time_or_converts_by_hand():
    found = [
        f"{path.relative_to(SERVICE)}: {match.group()}"
        for path in sorted(SERVICE.rglob("*.py"))
        if str(path.relative_to(SERVICE)) not in SECONDS_OF_ANOTHER_CLOCK
        for pattern in (OWN_LENGTH, BY_HAND)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "use milepost.times and milepost.service.kit.local_days"


def test_a_local_day_begins_at_its_midnight_by_the_zone_in_force():
    summer = start_of_local_day(dt.date(2026, 7, 1))
    assert summer == dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC)
    assert local_day(summer) == dt.date(2026, 7, 1)
    assert local_day(start_of_local_day_us(dt.date(2026, 7, 1)) - 1) == dt.date(2026, 6, 30)
    with override_settings(LOCAL_TIME_ZONE="America/New_York"):
        assert service_zone().key == "America/New_York"
        assert local_day(summer) == dt.date(2026, 6, 30)
        assert local_time(summer) == "19:00"
    assert isinstance(today(), dt.date)


def test_a_day_on_which_the_clock_changes_is_as_long_as_it_is():
    long = start_of_local_day(dt.date(2026, 10, 26)) - start_of_local_day(dt.date(2026, 10, 25))
    assert long == dt.timedelta(hours=25)


def test_a_moment_without_a_zone_is_no_moment():
    with pytest.raises(ValueError, match="no time zone"):
        local_day(dt.datetime(2026, 7, 1))  # noqa: DTZ001 - what is tested
