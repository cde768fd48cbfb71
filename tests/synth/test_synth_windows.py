from __future__ import annotations

import datetime as dt

import pytest

from milepost.orders.model import Condition, Order, OrderVersion, Regime
from milepost.synth.windows import local_s, order_windows, subtract

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def curfew_order(**changes: object) -> Order:
    schedule = [
        {
            "from_day": day,
            "from_time": "19:00",
            "until_day": DAYS[(i + 1) % 7],
            "until_time": "07:00",
            **({"weeks_off": 1} if day == "sat" else {}),
        }
        for i, day in enumerate(DAYS)
    ]
    condition = Condition(
        **{
            "id": "c",
            "kind": "curfew",
            "from": dt.date(2026, 1, 5),
            "place": "h",
            "schedule": schedule,
            **changes,
        }
    )
    version = OrderVersion(
        version=1, effective_from_utc=dt.datetime(2026, 1, 5, tzinfo=dt.UTC), conditions=[condition]
    )
    return Order(id="o", person_id="p", regime=Regime.COMMUNITY_ORDER, versions=[version])


@pytest.mark.parametrize(
    ("monday", "sunday_hours"),
    [(dt.date(2026, 3, 23), 11.0), (dt.date(2026, 10, 19), 13.0), (dt.date(2026, 3, 2), 12.0)],
)
def test_the_night_of_the_clock_change_is_11_or_13_hours(monday: dt.date, sunday_hours: float) -> None:
    start = local_s(monday, "00:00", "Europe/London")
    end = local_s(monday + dt.timedelta(days=8), "00:00", "Europe/London")
    order = curfew_order()
    for rule in order.versions[0].conditions[0].schedule or []:
        rule.weeks_off = 0
    hours = [(w.end_s - w.start_s) / 3600 for w in order_windows(order, start, end)]
    # The night before Monday, then Monday to Sunday; the clocks change in Saturday's night.
    assert hours == [12.0] * 6 + [sunday_hours] + [12.0] * 2


def test_a_rule_with_a_week_off_holds_every_other_week() -> None:
    start = local_s(dt.date(2026, 1, 5), "00:00", "Europe/London")
    saturdays = [
        dt.datetime.fromtimestamp(w.start_s, dt.UTC).date()
        for w in order_windows(curfew_order(), start, start + 28 * 86_400)
        if dt.datetime.fromtimestamp(w.start_s, dt.UTC).weekday() == 5
    ]
    assert saturdays == [dt.date(2026, 1, 10), dt.date(2026, 1, 24)]


def test_an_absence_is_cut_out_of_the_night() -> None:
    absence = {
        "from": dt.datetime(2026, 1, 6, 18, tzinfo=dt.UTC),
        "until": dt.datetime(2026, 1, 6, 22, tzinfo=dt.UTC),
    }
    start = local_s(dt.date(2026, 1, 6), "12:00", "Europe/London")
    (window,) = order_windows(curfew_order(exceptions=[absence]), start, start + 86_000)
    assert window.start_s == dt.datetime(2026, 1, 6, 22, tzinfo=dt.UTC).timestamp()
    assert window.end_s == dt.datetime(2026, 1, 7, 7, tzinfo=dt.UTC).timestamp()


def test_subtract_against_counting_seconds() -> None:
    spans, taken = [(0.0, 10.0), (12.0, 30.0)], [(3.0, 5.0), (9.0, 14.0), (29.0, 40.0)]
    left = subtract(spans, taken)
    for second in range(45):
        at = second + 0.5
        wanted = any(a <= at < b for a, b in spans) and not any(a <= at < b for a, b in taken)
        assert wanted == any(a <= at < b for a, b in left)
