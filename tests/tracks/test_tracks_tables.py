"""Tables as people have them: a device's own "not valid", usual names, no header, decimal commas, degrees and
minutes, columns that nobody reads; the same in CSV, Parquet and Arrow."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import shapely

from milepost.problems import Problem, UnreadableFile
from milepost.tracks.formats import ndjson
from milepost.tracks.formats.dms import parse_dms
from milepost.tracks.read import iter_signals, read_signals
from milepost.tracks.record import Quality, Signals
from milepost.tracks.write import write_fixes

ReadText = Callable[..., Signals]
HEADER = "device_id,recorded_at_utc,lat,lon"
ROW = "T1,2026-10-01T10:00:00Z,51.5,-0.1"
WRITERS = {"a.csv": None, "a.parquet": pq.write_table, "a.arrow": feather.write_feather}


def write(table: dict[str, list[object]], path: Path) -> Path:
    if path.suffix == ".csv":
        lines = [",".join(table), *(",".join(map(str, row)) for row in zip(*table.values(), strict=True))]
        path.write_text("\n".join(lines) + "\n")
    else:
        WRITERS[path.name](pa.table(table), path)  # type: ignore[misc]
    return path


def places(signals: Signals) -> list[tuple[int, int]]:
    return [(row["lat_e7"], row["lon_e7"]) for row in signals.fixes.to_pylist()]


def told(signals: Signals, message: str) -> Problem:
    [problem] = [p for p in signals.problems.problems if p.message.startswith(message)]
    return problem


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("no", "yes"), [("0", "1"), ("false", "true"), ("No", "Yes"), ("V", "A")])
def test_what_the_device_calls_not_valid_is_flagged(tmp_path: Path, name: str, no: str, yes: str) -> None:
    table: dict[str, list[object]] = {
        "device_id": ["T1"] * 3, "recorded_at_utc": [f"2026-10-01T10:0{i}:00Z" for i in range(3)],
        "lat": [51.5] * 3, "lon": [-0.1] * 3, "valid": [no, yes, no],
    }  # fmt: skip
    quality = read_signals(write(table, tmp_path / name)).fixes["quality"].to_pylist()
    assert [bool(q & Quality.NOT_VALID) for q in quality] == [True, False, True]


def test_not_valid_in_the_other_formats(read_text: ReadText) -> None:
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-0.1, 51.5]},
               "properties": {"device_id": "T", "recorded_at_utc": "2026-10-01T10:00:00Z", "valid": False}}  # fmt: skip
    line = {"type": "fix", "device_id": "T", "recorded_at_utc": "2026-10-01T10:00:00Z", "lat": 51.5, "lon": -0.1,
            "valid": False}  # fmt: skip
    traccar = {
        "uniqueId": "T",
        "fixTime": "2026-10-01T10:00:00Z",
        "latitude": 51.5,
        "longitude": -0.1,
        "valid": 0,
    }
    phone = {"device_id": "T", "location": {"timestamp": "2026-10-01T10:00:00Z", "valid": False,
                                            "coords": {"latitude": 51.5, "longitude": -0.1}}}  # fmt: skip
    gpx = ('<gpx><trk><trkseg><trkpt lat="51.5" lon="-0.1"><time>2026-10-01T10:00:00Z</time><extensions>'
           "<valid>false</valid></extensions></trkpt></trkseg></trk></gpx>")  # fmt: skip
    kml = (
        '<kml><Placemark><TimeStamp><when>2026-10-01T10:00:00Z</when></TimeStamp><ExtendedData><Data name="valid">'
        "<value>0</value></Data></ExtendedData><Point><coordinates>-0.1,51.5</coordinates></Point></Placemark></kml>"
    )
    texts = [json.dumps(feature), json.dumps(traccar), json.dumps(phone), gpx, kml]
    found = [read_text(text, "download") for text in texts] + [ndjson.parse_message(json.dumps(line))]
    for signals in found:
        [fix] = signals.fixes.to_pylist()
        assert fix["quality"] & Quality.NOT_VALID, fix["payload_ref"]
        assert not signals.problems.n_errors


def test_a_phone_that_says_that_an_app_made_the_position_up(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER},mock\n{ROW},true\n")
    assert signals.fixes["quality"].to_pylist()[0] & Quality.MOCK


def test_a_valid_that_is_neither_yes_nor_no_is_told_and_the_row_is_used(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER},valid\n{ROW},1\n{ROW},perhaps\n")
    assert signals.fixes.num_rows == 2
    assert told(signals, "This value is not known").row == 3


@pytest.mark.parametrize("name", WRITERS)
def test_columns_that_are_not_read_are_named_once(tmp_path: Path, name: str) -> None:
    table: dict[str, list[object]] = {
        "device_id": ["T1"], "recorded_at_utc": ["2026-10-01T10:00:00Z"], "lat": [51.5], "lon": [-0.1],
        "speed": [3.0], "driver": ["x"],
    }  # fmt: skip
    path = write(table, tmp_path / name)
    problem = told(read_signals(path), "Columns that were not read")
    assert (problem.value, problem.severity) == ("speed, driver", "warning")
    assert "speed_kmh" in problem.remedy
    *_, last = iter_signals(path, rows=1)
    assert told(last, "Columns that were not read").value == "speed, driver"
    known = read_signals(path, columns={"speed_kmh": "speed", "payload_ref": "driver"})
    assert not known.problems.problems


def test_usual_names_are_understood_with_one_message_that_gives_the_columns_line(read_text: ReadText) -> None:
    text = "DeviceId,timestamp,latitude,lng,accuracy\n" + "".join(
        f"T1,2026-10-01T10:00:00Z,51.5,-0.{i},10\n" for i in (1, 2)
    )
    signals = read_text(text)
    assert places(signals) == [(515000000, -1000000), (515000000, -2000000)]
    assert signals.fixes["precision_m"][0].as_py() > 16, "a phone's accuracy is the radius of 68 %"
    [problem] = signals.problems.problems
    line = problem.remedy.split("'")[1]
    again = read_text(text, columns=line)
    assert again.fixes.equals(signals.fixes)
    assert not again.problems.problems, "whoever says it is told nothing"


@pytest.mark.parametrize("time", ["time", "datetime", "Time UTC", "gps_time", "fixTime"])
@pytest.mark.parametrize("lon", ["lng", "long", "longitude", "lon"])
def test_each_usual_name(read_text: ReadText, time: str, lon: str) -> None:
    signals = read_text(f"imei,{time},lat,{lon}\nT1,2026-10-01T10:00:00Z,51.5,-0.1\n")
    assert places(signals) == [(515000000, -1000000)]


def test_milepost_names_come_before_usual_ones(read_text: ReadText) -> None:
    signals = read_text(
        "device,device_id,recorded_at_utc,time,lat,lon\nX,T1,2026-10-01T10:00:00Z,soon,51.5,-0.1\n"
    )
    assert signals.fixes["device_id"].to_pylist() == ["T1"]
    assert told(signals, "Columns that were not read").value == "device, time"


def test_what_is_missing_is_asked_for_in_the_line(read_text: ReadText) -> None:
    with pytest.raises(UnreadableFile) as raised:
        read_text("when,y,x,time\n1,2,3,2026-10-01T10:00:00Z\n")
    assert "--columns 'device_id=...,recorded_at_utc=time,lat=...,lon=...'" in raised.value.problem.remedy


def test_a_table_without_a_header(read_text: ReadText) -> None:
    text = f"{ROW}\nT1,2026-10-01T10:01:00Z,here,-0.1\nT1,2026-10-01T10:02:00Z,51.6,-0.1\n"
    with pytest.raises(UnreadableFile) as raised:
        read_text(text)
    line = raised.value.problem.remedy.split("'")[1]
    assert line == "device_id=1,recorded_at_utc=2,lat=3,lon=4"
    signals = read_text(text, columns=line)
    assert places(signals) == [(515000000, -1000000), (516000000, -1000000)]
    assert [(p.row, p.field) for p in signals.problems.problems] == [(2, "lat")]
    with_header = read_text(f"a,b,c,d\n{text}", columns=line)
    assert places(with_header) == places(signals)
    assert told(with_header, "The first line was taken for a header").value == "a, b, c, d"


@pytest.mark.parametrize("first", ["", "sep=;\n", '"sep=;"\r\n'])
def test_decimal_commas_and_the_line_that_says_the_delimiter(read_text: ReadText, first: str) -> None:
    text = f"{first}device_id;recorded_at_utc;lat;lon;precision_m;altitude_m\n" + "".join(
        f"T1;2026-10-01T10:0{i}:00Z;{lat};-0,1278;7,5;12\n"
        for i, lat in enumerate(("51,5074", "north", "51,5075"))
    )
    signals = read_text(text)
    assert places(signals) == [(515074000, -1278000), (515075000, -1278000)]
    assert (signals.fixes["precision_m"][0].as_py(), signals.fixes["altitude_m"][0].as_py()) == (7.5, 12)
    bad = 3 + bool(first)
    assert [(p.row, p.field) for p in signals.problems.problems if p.severity == "error"] == [(bad, "lat")]
    assert told(signals, "Numbers are written with a decimal comma")


def test_a_thousand_with_a_comma_is_not_made_one_and_a_bit(read_text: ReadText) -> None:
    signals = read_text(
        'device_id,recorded_at_utc,lat,lon,altitude_m\nT1,2026-10-01T10:00:00Z,51.5,-0.1,"1,234"\n'
    )
    assert signals.fixes["altitude_m"].to_pylist() == [None]
    assert told(signals, "This is not a number").field == "altitude_m"


@pytest.mark.parametrize(
    ("text", "axis", "degrees"),
    [
        ("51°30'26.5\"N", "lat", 51.50736111111111),
        ("51° 30′ 26.5″ N", "lat", 51.50736111111111),
        ("51 30.441 N", "lat", 51.50735),
        ("N 51 30.441", "lat", 51.50735),
        ("0°7'40\"W", "lon", -0.12777777777777777),
        ("-0°7'40\"", "lon", -0.12777777777777777),
        ("33:51:36 S", "lat", -33.86),
        ("51.5074N", "lat", 51.5074),
        ("51,5074° N", "lat", 51.5074),
    ],
)
def test_degrees_minutes_and_seconds(text: str, axis: str, degrees: float) -> None:
    assert parse_dms(text, axis) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "axis"),
    [("0°7'40\"W", "lat"), ("51°30'N", "lon"), ("51 75 N", "lat"), ("51 30 60 N", "lat"), ("51.5 30 N", "lat"),
     ("-51°S", "lat"), ("N51N", "lat"), ("51.5", "lat"), ("", "lat"), ("north", "lat"), ("51 30 26 12 N", "lat")],
)  # fmt: skip
def test_what_is_no_coordinate_of_the_axis(text: str, axis: str) -> None:
    assert parse_dms(text, axis) is None


def test_degrees_and_minutes_in_a_table(read_text: ReadText) -> None:
    lines = ["51°30'26.5\"N,0°7'40\"W", "0°7'40\"W,51°30'26.5\"N", "51.5,-0.1", "51 30.441 N,0 7.5 W"]
    text = f"{HEADER}\n" + "".join(f"T1,2026-10-01T10:0{i}:00Z,{line}\n" for i, line in enumerate(lines))
    signals = read_text(text)
    assert places(signals) == [(515073611, -1277778), (515000000, -1000000), (515073500, -1250000)]
    assert [p.row for p in signals.problems.problems if p.severity == "error"] == [3], "axes exchanged"


@pytest.mark.parametrize("name", WRITERS)
def test_a_device_column_of_another_name(tmp_path: Path, name: str) -> None:
    table: dict[str, list[object]] = {
        "Tag": ["T1"],
        "When": ["2026-10-01T10:00:00Z"],
        "Y": [51.5],
        "X": [-0.1],
    }
    path = write(table, tmp_path / name)
    columns = "device_id=Tag,recorded_at_utc=When,lat=Y,lon=X"
    assert read_signals(path, columns=columns).fixes["device_id"].to_pylist() == ["T1"]
    [batch] = iter_signals(path, columns=columns)
    assert batch.fixes["device_id"].to_pylist() == ["T1"]


@pytest.mark.parametrize("name", WRITERS)
def test_one_column_of_two_meanings(tmp_path: Path, name: str) -> None:
    table: dict[str, list[object]] = {
        "device_id": ["T1"],
        "T": ["2026-10-01T10:00:00Z"],
        "lat": [51.5],
        "lon": [-0.1],
    }
    path = write(table, tmp_path / name)
    [fix] = read_signals(path, columns="recorded_at_utc=T,received_at_utc=T").fixes.to_pylist()
    assert fix["recorded_at_utc"] == fix["received_at_utc"]
    with pytest.raises(UnreadableFile, match="both latitude and longitude"):
        read_signals(path, columns="lat=lat,lon=lat")


def test_a_damaged_page_of_parquet_is_refused_and_no_other_place(tmp_path: Path) -> None:
    n = 100
    path = tmp_path / "a.parquet"
    lat = [51.5 + i / 1e5 for i in range(n)]
    table = pa.table(
        {
            "device_id": ["T1"] * n,
            "recorded_at_utc": ["2026-10-01T10:00:00Z"] * n,
            "lat": lat,
            "lon": [-0.1] * n,
        }
    )
    pq.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)
    damaged = bytearray(path.read_bytes())
    damaged[damaged.find(struct.pack("<d", lat[50])) + 4] ^= 0xFF
    path.write_bytes(damaged)
    with pytest.raises(UnreadableFile, match=r"integrity|CRC"):
        read_signals(path)
    with pytest.raises(UnreadableFile, match=r"integrity|CRC"):
        list(iter_signals(path, rows=10))


def test_parquet_that_milepost_writes_has_checksums(tmp_path: Path, read_text: ReadText) -> None:
    path = tmp_path / "a.parquet"
    write_fixes(
        read_text(f"{HEADER}\n" + "".join(f"T1,2026-10-01T10:00:00Z,51.{i},-0.1\n" for i in range(99))).fixes,
        path,
    )
    good = path.read_bytes()
    column = pq.ParquetFile(path).metadata.row_group(0).column(6)
    assert column.path_in_schema == "lat_e7"
    damaged = bytearray(good)
    damaged[column.data_page_offset + column.total_compressed_size - 1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(UnreadableFile):
        read_signals(path)


def geoparquet(path: Path, crs: object = "none", encoding: str = "WKB") -> Path:
    shapes = [shapely.Point(-0.1, 51.5), shapely.LineString([(0, 0), (1, 1)]), shapely.Point(-0.1, 51.6)]
    geometry = (
        pa.array([shapely.to_wkb(s) for s in shapes], pa.binary())
        if encoding == "WKB"
        else pa.array([{"x": -0.1, "y": 51.5}, {"x": None, "y": None}, {"x": -0.1, "y": 51.6}])
    )
    column = {"encoding": encoding, "geometry_types": [], **({} if crs == "none" else {"crs": crs})}
    said = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    times = [f"2026-10-01T10:0{i}:00Z" for i in range(3)]
    table = pa.table({"device_id": ["T1"] * 3, "recorded_at_utc": times, "geometry": geometry})
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(said).encode()}), path)
    return path


@pytest.mark.parametrize("encoding", ["WKB", "point"])
@pytest.mark.parametrize("crs", ["none", None, {"id": {"authority": "EPSG", "code": 4326}}])
def test_geoparquet(tmp_path: Path, crs: object, encoding: str) -> None:
    path = geoparquet(tmp_path / "a.geoparquet", crs, encoding)
    signals = read_signals(path)
    assert places(signals) == [(515000000, -1000000), (516000000, -1000000)]
    assert [(p.row, p.field) for p in signals.problems.problems] == [(2, "lat")], "a line is no position"
    assert sum(batch.fixes.num_rows for batch in iter_signals(path, rows=1)) == 2


def test_geoparquet_of_another_reference_system_is_refused(tmp_path: Path) -> None:
    path = geoparquet(
        tmp_path / "a.geoparquet", {"id": {"authority": "EPSG", "code": 27700}, "name": "OSGB36"}
    )
    with pytest.raises(UnreadableFile, match=r"not WGS 84 \[OSGB36\]"):
        read_signals(path)


def test_geoparquet_written_and_read_again(tmp_path: Path, fixtures: Path) -> None:
    fixes = read_signals(fixtures / "signals.csv").fixes
    write_fixes(fixes, tmp_path / "a.geoparquet")
    again = read_signals(tmp_path / "a.geoparquet")
    assert again.fixes.to_pylist() == fixes.to_pylist()
    assert not again.problems.problems
    geometry = shapely.from_wkb(pq.read_table(tmp_path / "a.geoparquet")["geometry"].to_pylist())
    assert [p.y for p in geometry] == [row["lat_e7"] / 1e7 for row in fixes.to_pylist()]
    write_fixes(fixes.slice(0, 0), tmp_path / "empty.geoparquet")
    assert read_signals(tmp_path / "empty.geoparquet").n_rows_read == 0
