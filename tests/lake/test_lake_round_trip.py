"""What goes into the lake comes out: every value, every row, and exactly the rows asked for."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_signals import DAY0_US, HOUR_US, RECORDS, contents, fixes, rows, town
from lake_strategies import any_signals

from milepost.tracks.lake import NotALake, PositionLake
from milepost.tracks.lake_layout import bucket_of, stored_schema
from milepost.tracks.record import FIXES, Signals

DAY0 = dt.datetime(2026, 3, 14, tzinfo=dt.UTC)


@given(batches=st.lists(any_signals(), min_size=1, max_size=3))
@settings(max_examples=20, deadline=None)
def test_every_value_comes_back_bit_for_bit(batches: list[Signals]) -> None:
    """All the types can hold: years beyond 9999, NaN, -0.0, nulls, empty ids, repeated rows."""
    with tempfile.TemporaryDirectory() as folder:
        lake = PositionLake.create(folder, n_buckets=3)
        for n, batch in enumerate(batches):
            lake.append(batch, batch_id=str(n))
        read = lake.read()
        expected = {name: sum((contents(b)[name] for b in batches), Counter()) for name in RECORDS}
        assert contents(read) == expected
        assert read.n_rows_read == sum(b.n_rows for b in batches)
        streamed = {name: Counter() for name in RECORDS}
        for day, bucket, part in lake.iter_days_and_buckets():
            for name, found in contents(part).items():
                streamed[name] += found
                assert all(bucket_of(row[0], 3) == bucket for row in found)
                assert all(_filed_under(row[1]) == day for row in found)
        assert streamed == expected
        before = {name: set(bag) for name, bag in expected.items()}
        lake.compact()
        once = contents(lake.read())
        assert {name: set(bag) for name, bag in once.items()} == before
        assert all(n == 1 for bag in once.values() for n in bag.values())
        for name, record in RECORDS.items():
            found = getattr(lake.read(), name)
            assert found.schema == record
            assert [r[:2] for r in rows(found)] == sorted(
                (r[:2] for r in rows(found)), key=lambda r: (r[0].encode(), r[1])
            )


def _filed_under(time_us: int) -> dt.date:
    day = time_us // 86_400_000_000
    first, last = (dt.date.min - dt.date(1970, 1, 1)).days, (dt.date.max - dt.date(1970, 1, 1)).days
    return dt.date(1970, 1, 1) + dt.timedelta(days=min(max(day, first), last))


_BOUND = st.none() | st.integers(-3, 55).map(lambda h: DAY0 + dt.timedelta(hours=h))
_INTERVAL = st.tuples(
    st.sampled_from(["A", "B", "", "É", "absent"]),
    st.integers(DAY0_US - HOUR_US, DAY0_US + 50 * HOUR_US) | st.just(-(2**63)),
    st.none() | st.integers(DAY0_US - HOUR_US, DAY0_US + 50 * HOUR_US),
)


@given(
    batch=any_signals(),
    person=st.none() | st.lists(_INTERVAL, max_size=3),
    devices=st.none() | st.sets(st.sampled_from(["A", "B", "", "É", "absent"])),
    from_utc=_BOUND,
    until_utc=_BOUND,
    bbox=st.none()
    | st.sampled_from([(-1e-6, -1e-6, 1e-6, 1e-6), (1e-6, -5e-6, -1e-6, 5e-6), (-180, -90, 180, 90)]),
)
@settings(max_examples=40, deadline=None)
def test_reads_exactly_the_rows_asked_for(batch, person, devices, from_utc, until_utc, bbox) -> None:
    """Against a filter in plain Python."""
    with tempfile.TemporaryDirectory() as folder:
        lake = PositionLake.create(folder, n_buckets=3)
        lake.append(batch, batch_id="1")
        read = contents(
            lake.read(person=person, devices=devices, from_utc=from_utc, until_utc=until_utc, bbox=bbox)
        )
    from_us = None if from_utc is None else int(from_utc.timestamp()) * 1_000_000
    until_us = None if until_utc is None else int(until_utc.timestamp()) * 1_000_000

    def wanted(row: tuple, name: str) -> bool:
        device, time = row[0], row[1]
        if person is not None and not any(
            device == d and f <= time and (u is None or time < u) for d, f, u in person
        ):
            return False
        if devices is not None and device not in devices:
            return False
        if (from_us is not None and time < from_us) or (until_us is not None and time >= until_us):
            return False
        if bbox is None:
            return True
        if name != "fixes":
            return False
        lon, lat = row[FIXES.get_field_index("lon_e7")], row[FIXES.get_field_index("lat_e7")]
        west, south, east, north = (round(x * 10_000_000) for x in bbox)
        in_lon = west <= lon <= east if west <= east else lon >= west or lon <= east
        return in_lon and south <= lat <= north

    for name, bag in contents(batch).items():
        assert read[name] == Counter({row: n for row, n in bag.items() if wanted(row, name)})


def test_the_bucket_of_a_device_never_changes() -> None:
    """Written out: another value would hide every device stored so far. From GNU b2sum -l 64."""
    assert [bucket_of(d, 1_000_003) for d in ("", "TAG-000", "É")] == [800952, 552303, 75077]


def test_reading_one_device_opens_only_the_files_of_its_bucket_and_days(tmp_path, monkeypatch) -> None:
    lake = PositionLake.create(tmp_path / "lake", n_buckets=4)
    lake.append(town(), batch_id="1")
    for file in lake._tables["fixes"].files():
        if file.bucket != bucket_of("TAG-001", 4) or file.day != DAY0_US // 86_400_000_000:
            (tmp_path / "lake" / "fixes" / file.path).unlink()
    read = lake.read(
        devices=["TAG-001"], from_utc=DAY0, until_utc=DAY0 + dt.timedelta(days=1), bbox=(-180, -90, 180, 90)
    )
    assert read.fixes.num_rows == 24


def test_buckets_are_fixed_at_creation(tmp_path) -> None:
    PositionLake.create(tmp_path, n_buckets=7).append(town(), batch_id="1")
    assert PositionLake(tmp_path).n_buckets == 7
    assert PositionLake.create(tmp_path, n_buckets=7).read().n_rows == town().n_rows
    with pytest.raises(NotALake, match="7 buckets"):
        PositionLake.create(tmp_path, n_buckets=8)


def test_a_folder_without_a_lake_is_said_to_be_none(tmp_path) -> None:
    with pytest.raises(NotALake, match="lake init"):
        PositionLake(tmp_path / "nothing")


def test_a_time_without_zone_is_refused(tmp_path) -> None:
    lake = PositionLake.create(tmp_path)
    with pytest.raises(ValueError, match="no time zone"):
        lake.read(from_utc=dt.datetime(2026, 3, 14))  # noqa: DTZ001


def test_other_types_are_refused_before_anything_is_written(tmp_path) -> None:
    lake = PositionLake.create(tmp_path)
    with pytest.raises(ValueError, match="lon_e7"):
        lake.append(Signals(fixes=fixes("A", [0]).drop_columns(["lon_e7"])), batch_id="1")
    nulls = fixes("A", [0]).set_column(0, "device_id", pa.array([None], FIXES.field("device_id").type))
    with pytest.raises(ValueError, match=r"device_id.*null"):
        lake.append(Signals(fixes=nulls), batch_id="1")
    assert lake.info()["fixes"].version == 0


def test_another_reader_of_delta_lake_reads_the_same(tmp_path) -> None:
    """The schema in the log fits the files: delta-rs's own SQL engine reads every column."""
    lake = PositionLake.create(tmp_path, n_buckets=2)
    lake.append(town(), batch_id="1")
    lake.compact()
    for name, record in RECORDS.items():
        query = QueryBuilder().register("signals", DeltaTable(tmp_path / name))
        columns = ", ".join(record.names)
        found = pa.table(query.execute(f"select {columns} from signals where day >= '2026-01-01'").read_all())
        assert Counter(rows(found.cast(stored_schema(record)))) == contents(town())[name]
