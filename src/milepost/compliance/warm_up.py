"""For processes that live long and judge one person at a time: the compiled kernel, loaded before anyone waits for it.

A week of one person takes the plain kernel a tenth of a second or more, and the compiled one a few milliseconds; but
loading takes seconds, so a command that judges a small file once is better off without (``compiled.WORTH_COMPILING``).
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from milepost.compliance import compiled
from milepost.compliance.batch import evaluate
from milepost.compliance.live_people import LivePeople
from milepost.compliance.rule_tables import read_rules
from milepost.orders.model import OrderFile
from milepost.orders.schedules import expand
from milepost.tracks.record import FIXES, Signals

NIGHT = dt.datetime(2026, 11, 16, 18, tzinfo=dt.UTC)
MINUTE_US = 60_000_000


def warm_up() -> None:
    """Loads the compiled kernel and has it judge a made-up night; then small inputs take it too."""
    begin_us = int(NIGHT.timestamp()) * 1_000_000
    signals, until_us = _out_for_an_hour(begin_us), begin_us + 120 * MINUTE_US
    evaluate(
        _orders(), expand, signals, read_rules(), begin_us=begin_us, until_us=until_us, timeline_of={"nobody"},
        kernel=compiled.load(),
    )  # fmt: skip
    compiled.stay_warm()


def warm_up_live() -> None:
    """Has a live engine take the made-up night, so that nobody's first signal waits until its passes are compiled: on a
    machine that never ran them that takes seconds; later they come from numba's cache."""
    begin_us = int(NIGHT.timestamp()) * 1_000_000
    signals, until_us = _out_for_an_hour(begin_us), begin_us + 120 * MINUTE_US
    live = LivePeople(read_rules(), history=lambda devices, from_us: Signals())
    live.put(_orders(), begin_us=begin_us, now_us=begin_us, settled=[])
    live.ingest(signals, now_us=until_us)


def _orders() -> OrderFile:
    """Somebody with a curfew and an exclusion zone: all passes of the kernel have something to do."""
    night = {"from_day": "mon", "from_time": "18:30", "until_day": "tue", "until_time": "07:00"}
    home = {"lon": 1.5, "lat": 53.6, "radius_m": 60}
    conditions = [
        {"id": "curfew", "kind": "curfew", "from": "2026-11-01", "place": "home", "schedule": [night]},
        {"id": "zone", "kind": "exclusion_zone", "from": "2026-11-01", "circle": home | {"lon": 1.52}},
    ]
    version = {
        "version": 1, "effective_from_utc": "2026-11-01T00:00:00Z", "conditions": conditions,
        "places": [{"id": "home", "circle": home}],
    }  # fmt: skip
    return OrderFile.model_validate({
        "milepost": 1,
        "people": [{"id": "nobody", "synthetic": True}],
        "activations": [
            {"id": "a", "device_id": "d", "person_id": "nobody", "from_utc": "2026-11-01T00:00:00Z"}
        ],
        "orders": [
            {"id": "o", "person_id": "nobody", "regime": "community_order", "versions": [version]}
        ],
    })  # fmt: skip


def _out_for_an_hour(begin_us: int) -> Signals:
    rows = [
        dict.fromkeys(FIXES.names) | {
            "device_id": "d", "recorded_at_utc": begin_us + n * MINUTE_US, "source": 1, "quality": 0,
            "lon_e7": 15_200_000 if 40 < n < 100 else 15_000_000, "lat_e7": 536_000_000, "precision_m": 8.0,
            "battery_pct": 100.0 - n,
        }
        for n in range(120)
    ]  # fmt: skip
    return Signals(fixes=pa.Table.from_pylist(rows, schema=FIXES))
