"""A date and a time of day in columns of their own are one time; a column has one meaning of a kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from milepost.problems import UnreadableFile
from milepost.tracks.formats.columns import parse_columns
from milepost.tracks.record import Signals

ReadText = Callable[..., Signals]
REST = "lat,lon\nT1,{},51.5,-0.1\n"
LONDON = "recorded_at_local=Day+Hour,time_zone=Europe/London,time_format=%d/%m/%Y %H:%M"


def times(signals: Signals) -> list[str]:
    return [value.as_py().isoformat() for value in signals.fixes.column("recorded_at_utc")]


@pytest.mark.parametrize(
    ("header", "values", "said"),
    [
        ("date,time", "2026-03-02,10:00:00", "taken as UTC"),
        ("Date,Time", "2026-03-02,10:00", "taken as UTC"),
        ("time,date", "10:00:00Z,2026-03-02", None),
        ("UTC DATE,UTC TIME", "2026/03/02,10:00:00", None),
        ("date,time", "2026-03-02,2026-03-02T10:00:00Z", None),
        ("date,time", "2026-03-02 10:00:00Z,10:00:00", None),
        ("date,time", "2026-03-02,1772445600", "bare number"),
    ],
)
def test_usual_columns_are_joined(read_text: ReadText, header: str, values: str, said: str | None) -> None:
    signals = read_text(f"device_id,{header},{REST.format(values)}", "a.csv")
    assert times(signals) == ["2026-03-02T10:00:00+00:00"]
    naive = [p.message for p in signals.problems.problems if p.field == "recorded_at_utc"]
    assert bool(naive) == bool(said)
    line = next(p.remedy for p in signals.problems.problems if "usual names" in p.message)
    assert "recorded_at_utc=" in line
    assert "+" in line


def test_a_map_joins_two_columns_and_the_time_zone_counts(read_text: ReadText) -> None:
    text = f"device_id,Day,Hour,{REST.format('02/07/2026,10:00')}"
    assert times(read_text(text, "a.csv", columns=LONDON)) == ["2026-07-02T09:00:00+00:00"]
    bare = "T1,2026-07-02,10:00:00Z,51.5,-0.1\n"
    assert times(read_text(bare, "b.csv", columns="device_id=1,recorded_at_utc=2+3,lat=4,lon=5"))


def test_half_of_a_date_and_time_is_no_time(read_text: ReadText) -> None:
    signals = read_text(f"device_id,date,time,{REST.format('2026-03-02,')}", "a.csv")
    assert (signals.fixes.num_rows, signals.problems.n_errors) == (0, 1)


def test_a_whole_time_comes_before_a_pair(read_text: ReadText) -> None:
    text = f"device_id,date,time,timestamp,{REST.format('1999-01-01,00:00:00,2026-03-02T10:00:00Z')}"
    assert times(read_text(text, "a.csv")) == ["2026-03-02T10:00:00+00:00"]


@pytest.mark.parametrize(
    ("columns", "remedy"),
    [
        ("lat=P,lon=P", "both latitude and longitude"),
        ("lat=P,lat_e7=P", "cannot be lat and lat_e7"),
        ("speed_kmh=V,speed_mps=V", "cannot be speed_kmh and speed_mps"),
        ("recorded_at_utc=T,recorded_at_epoch_s=T", "cannot be recorded_at_utc and recorded_at_epoch_s"),
        ("lat=A,lat=B", "named twice"),
    ],
)
def test_a_column_of_two_meanings_gets_the_remedy_that_fits(columns: str, remedy: str) -> None:
    with pytest.raises(UnreadableFile, match=remedy):
        parse_columns(columns)
    assert parse_columns("recorded_at_utc=T,received_at_utc=T").columns


def test_a_name_taken_for_another_field_is_named_in_the_remedy(read_text: ReadText) -> None:
    text = f"device_id,recorded_at_utc,{REST.format('2026-03-02T10:00:00Z')}"
    with pytest.raises(
        UnreadableFile, match=r"lat is named speed_mps there\. If it is both, say lat=lat too"
    ):
        read_text(text, "a.csv", columns="speed_mps=lat")
    both = read_text(text, "a.csv", columns="speed_mps=lat,lat=lat")
    assert both.fixes.column("speed_mps")[0].as_py() == 51.5
