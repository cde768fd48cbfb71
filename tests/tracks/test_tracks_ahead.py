"""Times that cannot be are flagged and named, whatever the format; a long silence alone is nobody's fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from milepost.tracks.ahead import flag_ahead
from milepost.tracks.limits import to_us
from milepost.tracks.record import Quality, Signals

ReadText = Callable[..., Signals]
EVENING = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)


def rows(*extra: str, device: str = "T1", n: int = 25) -> str:
    """Fixes of one evening, three minutes apart, with ``extra`` times put in the middle."""
    good = [f"{EVENING + timedelta(minutes=3 * i):%Y-%m-%dT%H:%M:%SZ}" for i in range(n)]
    times = [*good[: n // 2], *extra, *good[n // 2 :]]
    return "\n".join(
        ["device_id,recorded_at_utc,lon,lat,precision_m", *(f"{device},{t},2.0,54.0,8" for t in times)]
    )


def flagged(signals: Signals) -> list[int]:
    quality = signals.fixes["quality"].to_pylist()
    return [i for i, flags in enumerate(quality) if flags & Quality.FUTURE]


def test_one_time_of_another_age_is_flagged_and_named_without_any_clock(read_text: ReadText) -> None:
    signals = flag_ahead(read_text(rows("2057-06-02T19:00:00Z")))
    assert flagged(signals) == [12]
    [problem] = signals.problems.problems
    assert (problem.row, problem.field) == (14, "recorded_at_utc")
    assert problem.value == "2057-06-02T19:00:00Z"
    assert problem.remedy


def test_a_time_after_the_clock_of_the_machine_is_flagged(read_text: ReadText) -> None:
    in_june = to_us(datetime(2026, 6, 1, tzinfo=UTC))
    signals = read_text(rows("2026-07-03T19:00:00Z"))
    assert flagged(flag_ahead(signals, in_june)) == [12]
    assert flagged(flag_ahead(signals, to_us(datetime(2026, 8, 1, tzinfo=UTC)))) == []


def test_where_most_is_after_the_clock_the_clock_is_not_believed(read_text: ReadText) -> None:
    assert flagged(flag_ahead(read_text(rows()), to_us(datetime(2020, 1, 1, tzinfo=UTC)))) == []


def test_a_device_that_comes_back_after_a_year_with_an_evening_of_fixes_is_believed(
    read_text: ReadText,
) -> None:
    later = [f"2027-09-01T{18 + i // 60:02}:{i % 60:02}:00Z" for i in range(25)]
    assert flagged(flag_ahead(read_text(rows(*later)))) == []


def test_a_second_device_that_was_fitted_later_is_not_alone(read_text: ReadText) -> None:
    text = rows(n=40) + "\nT2,2028-09-01T19:00:00Z,2.0,54.0,8"
    assert flagged(flag_ahead(read_text(text))) == []


def test_presence_and_events_are_held_to_it_too(read_text: ReadText) -> None:
    text = rows().replace("precision_m", "precision_m,event")
    text = text.replace(",8", ",8,") + "\nT1,2057-06-02T19:00:00Z,,,,power_off"
    signals = flag_ahead(read_text(text))
    assert signals.device_events["quality"].to_pylist() == [Quality.FUTURE]
    assert flagged(signals) == []
