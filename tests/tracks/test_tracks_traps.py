"""Every trap of units, axes and clocks by its name: what goes wrong in real monitoring data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from milepost.problems import UnreadableFile
from milepost.tracks.formats import osmand, owntracks, traccar
from milepost.tracks.record import Quality, Signals

ReadText = Callable[..., Signals]

KNOT_MPS = 1852 / 3600
HEADER = "device_id,recorded_at_utc,lon,lat,precision_m,source"


def fix(signals: Signals, row: int = 0) -> dict[str, object]:
    return signals.fixes.slice(row, 1).to_pylist()[0]


def quality(signals: Signals, row: int = 0) -> Quality:
    return Quality(fix(signals, row)["quality"])


def when(signals: Signals, row: int = 0) -> str:
    return fix(signals, row)["recorded_at_utc"].isoformat()  # type: ignore[attr-defined]


def test_speed_in_knots_from_traccar() -> None:
    raw = {"deviceId": 1, "fixTime": "2026-10-01T10:00:00Z", "latitude": 51.5, "longitude": -0.1, "speed": 10}
    assert fix(traccar.parse_message(raw))["speed_mps"] == pytest.approx(10 * KNOT_MPS, rel=1e-6)


def test_speed_in_knots_from_an_osmand_query() -> None:
    signals = osmand.parse_message("id=S&timestamp=1790848800&lat=51.5&lon=-0.1&speed=10")
    assert fix(signals)["speed_mps"] == pytest.approx(10 * KNOT_MPS, rel=1e-6)


def test_speed_in_metres_per_second_from_osmand_json() -> None:
    assert fix(osmand.parse_message(osmand_json(speed=10)))["speed_mps"] == 10.0


def test_speed_in_kilometres_per_hour_from_owntracks() -> None:
    raw = {"_type": "location", "tid": "s", "tst": 1790848800, "lat": 51.5, "lon": -0.1, "vel": 36}
    assert fix(owntracks.parse_message(raw))["speed_mps"] == pytest.approx(10)


def test_speed_in_miles_per_hour_from_a_mapped_column(read_text: ReadText) -> None:
    text = "device_id,recorded_at_utc,lon,lat,Speed\nS,2026-10-01T10:00:00Z,-0.1,51.5,60\n"
    assert fix(read_text(text, columns="speed_mph=Speed"))["speed_mps"] == pytest.approx(26.8224)


def test_heading_in_radians_only_when_declared(read_text: ReadText) -> None:
    text = "device_id,recorded_at_utc,lon,lat,Dir\nS,2026-10-01T10:00:00Z,-0.1,51.5,1.5707963267948966\n"
    assert fix(read_text(text, columns="heading_rad=Dir"))["heading_deg"] == pytest.approx(90)
    assert fix(read_text(text, columns="heading_deg=Dir"))["heading_deg"] == pytest.approx(1.5707963)


def test_headings_that_look_like_radians_give_a_warning_and_stay(read_text: ReadText) -> None:
    rows = "".join(f"S,2026-10-01T10:{n:02}:00Z,-0.1,51.5,{n * 0.31}\n" for n in range(1, 21))
    signals = read_text(f"device_id,recorded_at_utc,lon,lat,heading_deg\n{rows}")
    assert [p.message for p in signals.problems.problems if "radians" in p.message]
    assert fix(signals, 19)["heading_deg"] == pytest.approx(6.2)


def test_headings_of_a_real_turn_give_no_warning(read_text: ReadText) -> None:
    rows = "".join(f"S,2026-10-01T10:{n:02}:00Z,-0.1,51.5,{n * 17}\n" for n in range(1, 21))
    assert not read_text(f"device_id,recorded_at_utc,lon,lat,heading_deg\n{rows}").problems


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "p.geojson",
            '{"type":"Feature","geometry":{"type":"Point","coordinates":[-0.1,51.5]},'
            '"properties":{"recorded_at_utc":"2026-10-01T10:00:00Z"}}',
        ),
        (
            "p.kml",
            "<kml><Placemark><TimeStamp><when>2026-10-01T10:00:00Z</when></TimeStamp>"
            "<Point><coordinates>-0.1,51.5</coordinates></Point></Placemark></kml>",
        ),
        ("p.plt", "Geolife trajectory\n\n\n\n\n0\n51.5,-0.1,0,100,0,2026-10-01,10:00:00\n"),
        ("p.txt", "id=S&timestamp=1790848800&location=51.5,-0.1\n"),
        (
            "p.mfjson",
            '{"type":"Feature","id":"S","temporalGeometry":{"type":"MovingPoint",'
            '"datetimes":["2026-10-01T10:00:00Z"],"coordinates":[[-0.1,51.5]]}}',
        ),
    ],
)
def test_axis_order_of_each_format(read_text: ReadText, name: str, text: str) -> None:
    """Longitude first in GeoJSON, KML and Moving Features; latitude first in PLT and OsmAnd."""
    row = fix(read_text(text, name))
    assert (row["lat_e7"], row["lon_e7"]) == (515_000_000, -1_000_000)


def test_latitude_beyond_ninety_says_that_axes_look_swapped(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\nS,2026-10-01T10:00:00Z,39.9,116.3,5,GPS\n")
    assert signals.fixes.num_rows == 0
    assert "look swapped" in signals.problems.problems[0].remedy


def test_one_exchanged_fix_among_others_is_flagged_and_stays_where_it_said(read_text: ReadText) -> None:
    rows = "".join(f"S,2026-10-01T10:{n:02}:00Z,-0.1,51.5,5,GPS\n" for n in range(5))
    signals = read_text(f"{HEADER}\n{rows}S,2026-10-01T10:06:00Z,51.5,-0.1,5,GPS\n")
    assert [quality(signals, n) for n in range(6)] == [Quality.NONE] * 5 + [Quality.SWAPPED_AXES]
    assert fix(signals, 5)["lat_e7"] == -1_000_000


def test_a_real_long_journey_is_not_taken_for_exchanged_axes(read_text: ReadText) -> None:
    rows = "".join(f"S,2026-10-01T10:{n:02}:00Z,-0.1,51.5,5,GPS\n" for n in range(5))
    signals = read_text(f"{HEADER}\n{rows}S,2026-10-02T10:06:00Z,116.3,39.9,5,GPS\n")
    assert quality(signals, 5) == Quality.NONE


def test_national_grid_metres_become_degrees_with_a_warning(read_text: ReadText) -> None:
    text = "device_id,recorded_at_utc,E,N\nS,2026-10-01T10:00:00Z,530624.974,178388.464\n"
    signals = read_text(text, columns="easting_m=E,northing_m=N")
    row = fix(signals)
    # Ordnance Survey, OSTN15 developer pack, test point TP09 (ETRS89)
    assert row["lat_e7"] == pytest.approx(514_893_656.5, abs=500)  # 500 = about 5 m
    assert row["lon_e7"] == pytest.approx(-1_199_255.7, abs=800)
    assert "good to 5 m" in signals.problems.problems[0].message


def test_an_easting_outside_the_grid_is_refused(read_text: ReadText) -> None:
    text = "device_id,recorded_at_utc,E,N\nS,2026-10-01T10:00:00Z,-0.1,51.5\n"
    signals = read_text(text, columns="easting_m=E,northing_m=N")
    assert signals.problems.n_errors == 1


def test_naive_time_in_a_utc_column_is_utc_with_a_warning(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\nS,2026-07-01T10:00:00,-0.1,51.5,5,GPS\n")
    assert when(signals) == "2026-07-01T10:00:00+00:00"
    assert "taken as UTC" in signals.problems.problems[0].message


def test_time_with_an_offset_is_converted(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\nS,2026-07-01T10:00:00+01:00,-0.1,51.5,5,GPS\n")
    assert when(signals) == "2026-07-01T09:00:00+00:00"
    assert not signals.problems


LOCAL = {"recorded_at_local": "At", "time_zone": "Europe/London"}


def local(read_text: ReadText, *times: str) -> Signals:
    rows = "".join(f"S,{time},-0.1,51.5\n" for time in times)
    return read_text(f"device_id,At,lon,lat\n{rows}", columns=LOCAL)


def test_local_time_in_summer_is_one_hour_ahead_of_utc(read_text: ReadText) -> None:
    signals = local(read_text, "2026-07-01T10:00:00")
    assert when(signals) == "2026-07-01T09:00:00+00:00"
    assert not signals.problems


def test_local_time_that_comes_twice_takes_the_first_with_a_warning(read_text: ReadText) -> None:
    signals = local(read_text, "2026-10-25T01:30:00")
    assert when(signals) == "2026-10-25T00:30:00+00:00"
    assert "comes twice" in signals.problems.problems[0].message


def test_local_times_that_go_back_are_the_second_hour(read_text: ReadText) -> None:
    signals = local(
        read_text,
        "2026-10-25T01:30:00",
        "2026-10-25T01:50:00",
        "2026-10-25T01:10:00",
        "2026-10-25T01:40:00",
        "2026-10-25T02:00:00",
    )
    assert [when(signals, n)[11:16] for n in range(5)] == ["00:30", "00:50", "01:10", "01:40", "02:00"]


def test_the_hour_that_comes_twice_is_read_from_its_end_where_rows_run_newest_first(
    read_text: ReadText,
) -> None:
    forwards = ["00:50", "01:10", "01:40", "01:05", "01:45", "02:10"]
    signals = local(read_text, *(f"2026-10-25T{wall}:00" for wall in reversed(forwards)))
    found = [when(signals, n)[8:16] for n in range(6)]
    assert found == ["25T02:10", "25T01:45", "25T01:05", "25T00:40", "25T00:10", "24T23:50"]


def test_the_hour_that_comes_twice_is_each_devices_own(read_text: ReadText) -> None:
    rows = "A,01:50,\nB,01:20,\nA,01:10,\nB,01:40,\nA,02:00,\nB,02:10,\n".replace(",\n", ":00,-0.1,51.5\n")
    rows = rows.replace(",0", ",2026-10-25T0")
    signals = read_text(f"device_id,At,lon,lat\n{rows}", columns=LOCAL)
    found = [when(signals, n)[11:16] for n in range(6)]
    assert found == ["00:50", "00:20", "01:10", "00:40", "02:00", "02:10"]


def test_local_time_that_never_was_is_refused(read_text: ReadText) -> None:
    signals = local(read_text, "2026-03-29T01:30:00", "2026-03-29T02:30:00")
    assert signals.fixes.num_rows == 1
    assert "does not exist" in signals.problems.problems[0].message


def test_a_local_column_needs_its_time_zone(read_text: ReadText) -> None:
    with pytest.raises(UnreadableFile, match="Europe/London"):
        read_text("device_id,At,lon,lat\n", columns={"recorded_at_local": "At"})


def test_week_rollover_is_corrected_and_flagged_against_the_time_received(read_text: ReadText) -> None:
    raw = datetime(2026, 10, 1, 10, tzinfo=UTC) - timedelta(weeks=1024)
    signals = read_text(
        f"{HEADER},received_at_utc\nS,{raw:%Y-%m-%dT%H:%M:%SZ},-0.1,51.5,5,GPS,2026-10-01T10:00:30Z\n"
    )
    assert when(signals) == "2026-10-01T10:00:00+00:00"
    assert quality(signals) == Quality.WEEK_ROLLOVER
    assert signals.problems.problems[0].value == "2007-02-15T10:00:00Z"


def test_week_rollover_is_corrected_against_the_other_fixes(read_text: ReadText) -> None:
    raw = datetime(2022, 10, 1, 10, 1, tzinfo=UTC) - timedelta(weeks=1024)
    assert raw < datetime(2004, 1, 1, tzinfo=UTC)
    rows = f"S,{raw:%Y-%m-%dT%H:%M:%SZ},-0.1,51.5,5,GPS\n"
    signals = read_text(f"{HEADER}\nS,2022-10-01T10:00:00Z,-0.1,51.5,5,GPS\n{rows}")
    assert when(signals, 1) == "2022-10-01T10:01:00+00:00"
    assert quality(signals, 1) == Quality.WEEK_ROLLOVER


def test_an_old_time_that_no_rollover_explains_is_kept_with_a_warning(read_text: ReadText) -> None:
    rows = "S,2026-10-01T10:00:00Z,-0.1,51.5,5,GPS\nS,2001-05-05T10:00:00Z,-0.1,51.5,5,GPS\n"
    signals = read_text(f"{HEADER}\n{rows}")
    assert when(signals, 1) == "2001-05-05T10:00:00+00:00"
    assert quality(signals, 1) == Quality.NONE
    assert "earlier than any tag" in signals.problems.problems[0].message


def test_an_honest_file_from_2008_is_left_alone(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\nS,2008-10-23T02:53:04Z,116.3,39.9,5,GPS\n")
    assert when(signals) == "2008-10-23T02:53:04+00:00"
    assert not signals.problems


@pytest.mark.parametrize("day", [date(2999, 12, 12), date(2040, 1, 1)])
def test_a_sentinel_date_is_no_time(read_text: ReadText, day: date) -> None:
    signals = read_text(
        f"{HEADER},received_at_utc\nS,{day}T00:00:00Z,-0.1,51.5,5,GPS,\nS,2026-10-01T10:00:00Z,-0.1,51.5,5,GPS,{day}T00:00:00Z\n"
    )
    assert signals.fixes.num_rows == 1
    assert fix(signals)["received_at_utc"] is None
    assert all("placeholder" in p.message for p in signals.problems.problems)


@pytest.mark.parametrize("value", ["0", "", "0.0"])
def test_precision_zero_or_missing_is_unknown_never_perfect(read_text: ReadText, value: str) -> None:
    signals = read_text(f"{HEADER}\nS,2026-10-01T10:00:00Z,-0.1,51.5,{value},GPS\n")
    assert fix(signals)["precision_m"] is None
    assert quality(signals) == Quality.UNKNOWN_PRECISION


def test_phone_accuracy_is_a_68_per_cent_radius_and_precision_a_95_per_cent_one() -> None:
    signals = osmand.parse_message(osmand_json(accuracy=10))
    assert fix(signals)["precision_m"] == pytest.approx(16.2147, rel=1e-4)


def test_negative_precision_marks_the_fix_not_valid(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\nS,2026-10-01T10:00:00Z,-0.1,51.5,-1,GPS\n")
    assert quality(signals) == Quality.NOT_VALID | Quality.UNKNOWN_PRECISION
    assert signals.problems.n_warnings == 1


def test_hdop_is_not_a_precision_unless_the_maker_says_how_many_metres(read_text: ReadText) -> None:
    text = "device_id,recorded_at_utc,lon,lat,hdop\nS,2026-10-01T10:00:00Z,-0.1,51.5,2\n"
    assert fix(read_text(text))["precision_m"] is None
    assert fix(read_text(text, columns={"hdop_metres": 5}))["precision_m"] == 10


@pytest.mark.parametrize(
    "stamp", ["1790848800", "1790848800000", "2026-10-01T10:00:00Z", "2026-10-01%2010:00:00", "1790848800.0"]
)
def test_osmand_timestamp_in_seconds_milliseconds_or_iso(stamp: str) -> None:
    assert (
        when(osmand.parse_message(f"id=S&timestamp={stamp}&lat=51.5&lon=-0.1")) == "2026-10-01T10:00:00+00:00"
    )


def test_mock_position_is_flagged() -> None:
    assert Quality.MOCK in quality(osmand.parse_message(osmand_json(mock=True)))
    assert Quality.MOCK in quality(osmand.parse_message("id=S&timestamp=1790848800&lat=51&lon=0.1&mock=true"))


def test_osmand_json_battery_ratio_becomes_per_cent() -> None:
    assert fix(osmand.parse_message(osmand_json(level=0.5)))["battery_pct"] == 50.0
    assert fix(osmand.parse_message(osmand_json(level=-1)))["battery_pct"] is None


def test_minus_one_is_how_phones_say_not_known() -> None:
    row = fix(osmand.parse_message(osmand_json(speed=-1, heading=-1)))
    assert row["speed_mps"] is None
    assert row["heading_deg"] is None


def test_zero_island_is_kept_and_flagged(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\nS,2026-10-01T10:00:00Z,0,0,5,GPS\n")
    assert quality(signals) == Quality.ZERO_ISLAND


def test_recorded_after_it_was_received_is_the_future(read_text: ReadText) -> None:
    text = f"{HEADER},received_at_utc\nS,2026-10-01T10:05:00Z,-0.1,51.5,5,GPS,2026-10-01T10:00:00Z\n"
    assert quality(read_text(text)) == Quality.FUTURE


def test_recorded_after_now_is_the_future(read_text: ReadText) -> None:
    text = f"{HEADER}\nS,2026-10-01T10:05:00Z,-0.1,51.5,5,GPS\n"
    assert quality(read_text(text, now_utc=datetime(2026, 10, 1, 10, tzinfo=UTC))) == Quality.FUTURE
    assert quality(read_text(text)) == Quality.NONE


def test_a_backlog_is_stale_and_evidence_all_the_same(read_text: ReadText) -> None:
    text = f"{HEADER},received_at_utc\nS,2026-10-01T10:00:00Z,-0.1,51.5,5,GPS,2026-10-01T12:00:00Z\n"
    assert quality(read_text(text)) == Quality.STALE


@pytest.mark.parametrize(
    ("unit", "value"), [("s", 1790848800), ("ms", 1790848800000), ("us", 1790848800000000)]
)
def test_epoch_columns_in_their_declared_unit(read_text: ReadText, unit: str, value: int) -> None:
    text = f"device_id,T,lon,lat\nS,{value},-0.1,51.5\n"
    assert when(read_text(text, columns={f"recorded_at_epoch_{unit}": "T"})) == "2026-10-01T10:00:00+00:00"


def osmand_json(**said: object) -> str:
    coords = {"latitude": 51.5, "longitude": -0.1}
    coords |= {name: said[name] for name in ("speed", "heading", "accuracy") if name in said}  # type: ignore[misc]
    location = {"timestamp": "2026-10-01T10:00:00Z", "coords": coords, "mock": said.get("mock", False)}
    location["battery"] = {"level": said.get("level", 1)}
    return json.dumps({"device_id": "S", "location": location})
