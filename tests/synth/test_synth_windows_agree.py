"""The synthetic windows and the orders room were written apart; they must say the same."""

from __future__ import annotations

import datetime as dt

import pytest

from milepost.orders.schedules import expand_order
from milepost.synth.life import Period, build_people
from milepost.synth.noise import Noise
from milepost.synth.windows import order_windows

FAR_S = 4e9
"""The orders room writes a far moment where the order names no end."""


@pytest.mark.parametrize("start", [dt.date(2026, 3, 23), dt.date(2026, 10, 19), dt.date(2026, 3, 2)])
def test_windows_agree_with_the_orders_room(noise: Noise, start: dt.date) -> None:
    period = Period(5, start, 14)
    compared = 0
    for life in build_people(period, noise, range(80)):
        order = life.resident.order
        assert order is not None
        mine = sorted(
            (w.condition.id, round(w.start_s * 1e6), round(min(w.end_s, FAR_S) * 1e6))
            for w in order_windows(order, period.start_s, period.end_s)
        )
        theirs = sorted(
            (o.condition_id, o.start_us, min(o.end_us, round(FAR_S * 1e6)))
            for o in expand_order(order, round(period.start_s * 1e6), round(period.end_s * 1e6))
        )
        assert mine == theirs
        compared += len(mine)
    assert compared > 700
