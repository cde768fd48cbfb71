"""Taking in and reading back: every row once, exactly as it came, in an order that hides nothing."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milepost.service.accounts.actors import Machine
from milepost.service.audit.models import Entry
from milepost.service.signals.inbox import BatchDiffers, take_in
from milepost.service.signals.models import Delivery, Fix, Sender
from milepost.service.signals.read import (
    Ids,
    cells_around,
    highest_ids,
    latest_fix,
    near,
    signals_of,
    signals_since,
)
from milepost.tracks.record import FIXES, Quality
from tests.service.signals.made import MINUTE_US, T0_US, fix, signals

pytestmark = pytest.mark.django_db
ME = Machine("ingest", "test")


def take(parsed, **more):
    values = {"received_us": T0_US + MINUTE_US, "digest": "0" * 64, "messages": 1, "by": ME} | more
    return take_in(parsed, **values)


def test_rows_come_back_as_they_came():
    whole = {
        "sequence": 7, "precision_m": 12.300000190734863, "speed_mps": 1.5, "heading_deg": 359.9000244140625,
        "altitude_m": -3.25, "battery_pct": 81.0, "quality": int(Quality.MOCK), "received_us": T0_US + 5,
    }  # fmt: skip
    given_ = signals(
        [fix(0, **whole), fix(1)],
        [
            {"recorded_us": T0_US, "tag_id": 'a,"b\n', "state": 0, "heartbeat": True},
            {"recorded_us": T0_US + 1},
        ],
        [{"recorded_us": T0_US, "kind": "alcohol", "value": 0.25, "unit": "%", "raw_code": "A;1"}],
    )
    take(given_)
    back = signals_of(["tag-1"], T0_US, T0_US + 2 * MINUTE_US)
    for name in ("fixes", "presence", "device_events"):
        table = getattr(back, name)
        assert table.schema == getattr(given_, name).schema
        wanted = getattr(given_, name).drop(["payload_ref", "received_at_utc"]).to_pylist()
        assert table.drop(["payload_ref", "received_at_utc"]).to_pylist() == wanted
    received = back.fixes.column("received_at_utc").cast(pa.int64()).to_pylist()
    assert received == [T0_US + 5, T0_US + MINUTE_US], "said by the row; else when we received it"
    assert back.fixes.column("payload_ref").to_pylist() == [
        f"fix:{pk}" for pk in Fix.objects.values_list("pk", flat=True)
    ]


def test_a_row_received_after_us_was_received_when_we_did():
    take(signals([fix(0, received_us=T0_US + 99 * MINUTE_US)]))
    assert Fix.objects.get().received_us == T0_US + MINUTE_US


def test_repeats_are_counted_and_another_position_at_the_same_time_is_kept():
    take(signals([fix(0), fix(1)]))
    taken = take(signals([fix(1), fix(2), fix(2), fix(1, lon=1.8)]))
    assert (taken.rows_new, taken.rows_repeated) == (2, 2)
    assert taken.new["fixes"].tolist() == [False, True, False, True]
    assert Fix.objects.count() == 4


def test_a_batch_key_takes_in_once():
    first = take(signals([fix(0)]), batch_key="gw:1", digest="a" * 64)
    again = take(signals([fix(0)]), batch_key="gw:1", digest="a" * 64)
    assert again.seen_before
    assert again.delivery.pk == first.delivery.pk
    assert Delivery.objects.count() == 1
    with pytest.raises(BatchDiffers), transaction.atomic():
        take(signals([fix(5)]), batch_key="gw:1", digest="b" * 64)
    assert Fix.objects.count() == 1


def test_the_batch_is_in_the_audit_log_without_positions():
    taken = take(signals([fix(0)]), digest="d" * 64)
    entry = Entry.objects.get(what="signals.batch")
    assert entry.operation == "collection"
    assert entry.details["digest"] == "d" * 64
    assert entry.details["delivery"] == taken.delivery.pk
    assert entry.details["rows_new"] == 1
    assert "1700" not in str(entry.details["ids"])


def test_all_or_nothing():
    class Stop(Exception):
        pass

    def stopped_after():
        with transaction.atomic():
            take(signals([fix(0)]))
            raise Stop

    with pytest.raises(Stop):
        stopped_after()
    assert not Fix.objects.exists()
    assert not Sender.objects.exists()
    assert not Entry.objects.exists()


def test_no_number_is_none():
    take(signals([fix(0, precision_m=math.nan, speed_mps=math.inf)]))
    row = Fix.objects.get()
    assert row.precision_m is None
    assert row.speed_mps is None


def test_reading_on_from_where_one_was():
    start = highest_ids()
    take(signals([fix(m) for m in range(5)], [{"recorded_us": T0_US}]))
    seen, reached = [], start
    while True:
        part, then = signals_since(*reached, limit=2)
        if then == reached:
            break
        seen += part.fixes.column("recorded_at_utc").cast(pa.int64()).to_pylist()
        reached = then
    assert seen == [T0_US + m * MINUTE_US for m in range(5)]
    assert reached == highest_ids()
    take(signals([fix(-1)]))
    late, _ = signals_since(*reached, limit=2)
    assert late.fixes.num_rows == 1, "what was recorded earlier and came later is next"


def test_only_the_devices_and_times_asked_for():
    take(signals([fix(0), fix(1), fix(2), fix(1, "tag-2"), fix(1, "tag-3")]))
    found = signals_of(["tag-1", "tag-3", "unheard-of"], T0_US + MINUTE_US, T0_US + 2 * MINUTE_US).fixes
    assert found.column("device_id").to_pylist() == ["tag-1", "tag-3"]
    assert signals_of([], T0_US, T0_US + MINUTE_US).n_rows == 0
    assert signals_of(["tag-1"], T0_US + MINUTE_US, T0_US).n_rows == 0


def test_the_last_place_is_not_one_from_the_future():
    take(signals([fix(0), fix(3), fix(9, quality=int(Quality.FUTURE)), fix(2, "tag-2")]))
    found = latest_fix(["tag-1", "tag-2", "unheard-of"])
    times = dict(
        zip(
            found["device_id"].to_pylist(), found["recorded_at_utc"].cast(pa.int64()).to_pylist(), strict=True
        )
    )
    assert times == {"tag-1": T0_US + 3 * MINUTE_US, "tag-2": T0_US + 2 * MINUTE_US}
    assert latest_fix(["unheard-of"]).schema == FIXES


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lon=st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 179.9999, -179.9999, 0.0])),
    lat=st.one_of(st.floats(-89, 89), st.sampled_from([0.0, 51.5, -0.00001])),
    radius_m=st.floats(1, 3000),
    bearing=st.floats(0, 2 * math.pi),
    share=st.floats(0, 1.5),
)
def test_near_looks_into_every_cell_that_can_hold_a_fix(lon, lat, radius_m, bearing, share):
    from milepost.service.signals.columns import cell_of
    from milepost.service.signals.read import EARTH_M, distance_m

    # A point at this bearing and distance (the direct formula on a sphere), rounded as it is stored.
    away, p1 = share * radius_m / EARTH_M, math.radians(lat)
    p2 = math.asin(math.sin(p1) * math.cos(away) + math.cos(p1) * math.sin(away) * math.cos(bearing))
    turn = math.atan2(
        math.sin(bearing) * math.sin(away) * math.cos(p1), math.cos(away) - math.sin(p1) * math.sin(p2)
    )
    lon2 = (lon + math.degrees(turn) + 540) % 360 - 180
    import numpy as np

    lon_e7, lat_e7 = np.array([round(lon2 * 1e7)]), np.array([round(math.degrees(p2) * 1e7)])
    if distance_m(lon_e7 / 1e7, lat_e7 / 1e7, lon, lat)[0] <= radius_m:
        assert int(cell_of(lon_e7, lat_e7)[0]) in cells_around(lon, lat, radius_m)


def test_near_gives_who_was_near_then():
    take(
        signals(
            [fix(0, "near"), fix(0, "far", lat=53.71), fix(60, "later"), fix(0, "east", lon=180.0, lat=0.0)]
        )
    )
    found = near(1.7, 53.7005, 100, T0_US - 1, T0_US + MINUTE_US)
    assert found["device_id"].to_pylist() == ["near"]
    across = near(-179.9999, 0.0, 100, T0_US, T0_US + MINUTE_US)
    assert across["device_id"].to_pylist() == ["east"]


def test_ids_start_at_nothing():
    assert isinstance(highest_ids(), Ids)
