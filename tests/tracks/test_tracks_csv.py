"""CSV: bad rows name their line, field and remedy; good rows go in; whatever the encoding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from milepost.problems import UnreadableFile
from milepost.tracks.read import iter_signals, read_signals
from milepost.tracks.record import Quality, Signals, Source

ReadText = Callable[..., Signals]

HEADER = "device_id,recorded_at_utc,lon,lat,precision_m,source"
GOOD = "S,2026-10-01T10:00:00Z,-0.1,51.5,5,GPS"


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ("S,2026-10-01T10:00:00Z,west,51.5,5,GPS", "lon", "not a number"),
        ("S,2026-10-01T10:00:00Z,-0.1,nan,5,GPS", "lat", "not a number"),
        ("S,2026-10-01T10:00:00Z,-0.1,inf,5,GPS", "lat", "not a number"),
        ("S,2026-10-01T10:00:00Z,-0.1,91.0,5,GPS", "lat", "beyond 90"),
        ("S,2026-10-01T10:00:00Z,181,51.5,5,GPS", "lon", "beyond 180"),
        ("S,2026-10-01T10:00:00Z,,51.5,5,GPS", "lon", "Half of the position"),
        ("S,2026-10-01T10:00:00Z,,,5,GPS", "lat", "no position"),
        (",2026-10-01T10:00:00Z,-0.1,51.5,5,GPS", "device_id", "No device"),
        ("  ,2026-10-01T10:00:00Z,-0.1,51.5,5,GPS", "device_id", "No device"),
        ("S,,-0.1,51.5,5,GPS", "recorded_at_utc", "No time"),
        ("S,yesterday,-0.1,51.5,5,GPS", "recorded_at_utc", "not a time"),
        ("S,2026-02-30T10:00:00Z,-0.1,51.5,5,GPS", "recorded_at_utc", "not a time"),
        ("S,01/10/2026 10:00,-0.1,51.5,5,GPS", "recorded_at_utc", "not a time"),
        ("S,2026-10-01T10:00:00Z,-0.1", None, "header's 6 values"),
        ("S,2026-10-01T10:00:00Z,-0.1,51.5,5,GPS,more", None, "header's 6 values"),
        ('"S,2026-10-01T10:00:00Z,-0.1,51.5,5,GPS', None, "quote"),
        ("S,2026-10-01T10:00:00Z,-0.1,51.5,5,G\0PS", None, "null byte"),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_are_read(
    read_text: ReadText, row: str, field: str | None, message: str
) -> None:
    signals = read_text(f"{HEADER}\n{GOOD}\n{row}\n{GOOD}\n")
    assert signals.fixes.num_rows == 2
    assert signals.problems.n_errors == 1
    (problem,) = signals.problems.problems
    assert (problem.row, problem.field) == (3, field)
    assert message in problem.message
    assert problem.remedy
    assert signals.fixes["payload_ref"].to_pylist() == ["signals.csv:2", "signals.csv:4"]


@pytest.mark.parametrize(
    "row", ["S,2026-10-01T10:00:00Z,-0.1,51.5,far,GPS", "S,2026-10-01T10:00:00Z,-0.1,51.5,5,PIGEON"]
)
def test_a_broken_optional_value_costs_a_warning_not_the_fix(read_text: ReadText, row: str) -> None:
    signals = read_text(f"{HEADER}\n{row}\n")
    assert signals.fixes.num_rows == 1
    assert signals.problems.n_errors == 0
    assert signals.problems.n_warnings == 1


def test_columns_in_any_order_and_case(read_text: ReadText) -> None:
    signals = read_text("Lat,LON,Source,Recorded_At_UTC,device_id\n51.5,-0.1,gps,2026-10-01T10:00:00Z,S\n")
    row = signals.fixes.to_pylist()[0]
    assert (row["lat_e7"], row["lon_e7"], row["source"]) == (515_000_000, -1_000_000, Source.GPS)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(read_text: ReadText, delimiter: str) -> None:
    assert read_text(f"{HEADER}\n{GOOD}\n".replace(",", delimiter)).fixes.num_rows == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends(read_text: ReadText, encoding: str, end: str) -> None:
    rows = [HEADER, GOOD.replace("S,", "Zoë,"), "", GOOD, "bad,row"]
    signals = read_text((end.join(rows) + end).encode(encoding))
    assert [row["device_id"] for row in signals.fixes.to_pylist()] == ["Zoë", "S"]
    assert [p.row for p in signals.problems.problems if p.severity == "error"] == [5]


def test_quoted_values(read_text: ReadText) -> None:
    signals = read_text(
        f'{HEADER}\n"S, the ""first""","2026-10-01T10:00:00Z","-0.1","51.5","5","GPS"\n{GOOD}\n'
    )
    assert [row["device_id"] for row in signals.fixes.to_pylist()] == ['S, the "first"', "S"]


@pytest.mark.parametrize(
    "columns",
    [
        "lat=Y,lon=X,device_id=Tag,recorded_at_utc=When",
        "recorded_at_utc=When,device_id=Tag,lon=X,lat=Y",
    ],
)
def test_a_quoted_delimiter_beside_plain_rows_under_a_map_in_another_order(
    read_text: ReadText, columns: str
) -> None:
    text = (
        "Tag,When,Note,Y,X\n"
        'T1,2026-03-02T19:00:00Z,"a, b",54.0,2.016\n'
        "T2,2026-03-02T19:05:00Z,plain,54.5,2.017\n"
        'T3,2026-03-02T19:10:00Z,"c"d,55.0,2.018\n'
    )
    fixes = read_text(text, columns=columns).fixes
    assert fixes["device_id"].to_pylist() == ["T1", "T2", "T3"]
    assert fixes["lat_e7"].to_pylist() == [540_000_000, 545_000_000, 550_000_000]
    assert fixes["lon_e7"].to_pylist() == [20_160_000, 20_170_000, 20_180_000]


def test_a_file_cut_off_in_its_last_line_keeps_the_rest(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\n{GOOD}\n{GOOD}\nS,2026-10-01T10:0")
    assert signals.fixes.num_rows == 2
    assert signals.problems.problems[0].row == 4


def test_no_newline_at_the_end_is_no_fault(read_text: ReadText) -> None:
    assert not read_text(f"{HEADER}\n{GOOD}").problems


@pytest.mark.parametrize(
    "data", [b"", b"\n\n  \n", b"\xef\xbb\xbf", bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + b"\0" * 50]
)
def test_nothing_readable_raises_with_the_reason(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "signals.csv"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile) as caught:
        read_signals(path)
    assert caught.value.problem.remedy


def test_a_header_without_rows_is_a_warning(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\n")
    assert signals.n_rows_read == 0
    assert "no rows" in signals.problems.problems[0].message


def test_a_header_nobody_knows_says_how_to_map_it(read_text: ReadText) -> None:
    with pytest.raises(UnreadableFile, match="column map"):
        read_text("Tag,When,X,Y\nS,2026-10-01T10:00:00Z,-0.1,51.5\n")


def test_a_column_map_that_names_a_missing_column_says_which(read_text: ReadText) -> None:
    with pytest.raises(UnreadableFile, match="Latitud"):
        read_text("Tag,When,X,Y\n", columns="device_id=Tag,recorded_at_utc=When,lat=Latitud,lon=X")


def test_one_table_may_hold_all_three_kinds(read_text: ReadText) -> None:
    signals = read_text(
        "device_id,recorded_at_utc,lon,lat,event,presence,raw_code\n"
        "S,2026-10-01T10:00:00Z,-0.1,51.5,,,\n"
        "S,2026-10-01T10:01:00Z,,,strap_tamper,,AL01\n"
        "H,2026-10-01T10:02:00Z,,,,in_range,\n"
        "S,2026-10-01T10:03:00Z,-0.1,51.5,power_off,,\n"
        "S,2026-10-01T10:04:00Z,,,,,\n"
    )
    assert (signals.fixes.num_rows, signals.presence.num_rows, signals.device_events.num_rows) == (2, 1, 2)
    assert signals.problems.n_errors == 1


def test_a_bad_position_does_not_cost_the_event_beside_it(read_text: ReadText) -> None:
    signals = read_text(
        "device_id,recorded_at_utc,lon,lat,event\nS,2026-10-01T10:00:00Z,-0.1,95,strap_tamper\n"
    )
    assert signals.device_events.num_rows == 1
    assert signals.problems.n_errors == 1


def test_many_bad_rows_are_counted_and_only_some_kept(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\n" + "S,never,-0.1,51.5,5,GPS\n" * 5000)
    assert signals.problems.n_errors == 5000
    assert len(signals.problems.problems) == 100


def test_a_bare_epoch_number_is_used_and_said(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER}\nS,1790848800,-0.1,51.5,5,GPS\nS,1790848800500,-0.1,51.5,5,GPS\n")
    times = [row["recorded_at_utc"].isoformat() for row in signals.fixes.to_pylist()]
    assert times == ["2026-10-01T10:00:00+00:00", "2026-10-01T10:00:00.500000+00:00"]
    assert signals.problems.n_warnings == 2


def test_a_time_format_may_be_declared(read_text: ReadText) -> None:
    columns = {"recorded_at_local": "At", "time_zone": "Europe/London", "time_format": "%d/%m/%Y %H:%M"}
    signals = read_text("device_id,At,lon,lat\nS,01/07/2026 10:00,-0.1,51.5\n", columns=columns)
    assert signals.fixes["recorded_at_utc"][0].as_py().isoformat() == "2026-07-01T09:00:00+00:00"


def test_batches_give_the_same_rows_as_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "signals.csv"
    rows = [
        f"S{n % 7},2026-10-01T10:{n % 60:02}:00Z,-0.1,{'x' if n % 50 == 0 else 51.5},5,GPS"
        for n in range(2000)
    ]
    path.write_text("\n".join([HEADER, *rows]))
    whole = read_signals(path)
    parts = list(iter_signals(path, rows=100))
    assert len(parts) > 5
    assert [row for part in parts for row in part.fixes.to_pylist()] == whole.fixes.to_pylist()
    assert parts[-1].problems.n_errors == whole.problems.n_errors == 40
    assert sum(part.n_rows_read for part in parts) == whole.n_rows_read == 2000
    assert [p.row for p in parts[-1].problems.problems] == [p.row for p in whole.problems.problems]


def test_flags_written_earlier_are_kept(read_text: ReadText) -> None:
    signals = read_text(f"{HEADER},quality\n{GOOD},{Quality.MOCK.value}\n")
    assert signals.fixes["quality"][0].as_py() == Quality.MOCK


def test_several_files_are_one_and_a_broken_one_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{GOOD}\n")
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{GOOD.replace('S,', 'T,')}\n")
    (tmp_path / "c.csv").write_bytes(b"\x00\x01\x02" * 99)
    signals = read_signals(tmp_path)
    assert [row["device_id"] for row in signals.fixes.to_pylist()] == ["S", "T"]
    assert signals.n_rows_read == signals.n_rows + signals.problems.n_errors
    dictionaries = {tuple(chunk.dictionary.to_pylist()) for chunk in signals.fixes["device_id"].chunks}
    assert len(dictionaries) == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        read_signals(tmp_path / "none.csv")


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"{HEADER}\n{GOOD}\n")
    told: list[tuple[int, int]] = []
    read_signals(tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] == 2 * len(f"{HEADER}\n{GOOD}\n")


def test_a_map_can_exchange_columns_that_were_swapped(read_text: ReadText) -> None:
    text = "device_id,recorded_at_utc,lat,lon\nS,2026-10-01T10:00:00Z,-0.1,51.5\n"
    row = read_text(text, columns="lat=lon,lon=lat").fixes.to_pylist()[0]
    assert (row["lat_e7"], row["lon_e7"]) == (515_000_000, -1_000_000)


def test_words_that_mean_something_else_beside_a_position_are_left_alone(read_text: ReadText) -> None:
    text = "device_id,recorded_at_utc,lat,lon,state,kind,hdop,precision_m\n"
    signals = read_text(f"{text}S,2026-10-01T10:00:00Z,51.5,-0.1,moving,car,1.2,8\n")
    assert (signals.fixes.num_rows, signals.n_rows, signals.problems.n_errors) == (1, 1, 0)
    assert signals.fixes["precision_m"][0].as_py() == 8


def test_two_columns_of_one_name_take_the_first(read_text: ReadText) -> None:
    signals = read_text("device_id,recorded_at_utc,lat,lon,lat\nS,2026-10-01T10:00:00Z,51.5,-0.1,7\n")
    assert signals.fixes["lat_e7"][0].as_py() == 515_000_000
