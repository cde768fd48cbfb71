"""In a folder every file is read or named; packed files are read as what they hold."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from milepost.problems import UnreadableFile
from milepost.tracks.read import find_files, iter_signals, read_signals
from milepost.tracks.record import Signals

CSV = "device_id,recorded_at_utc,lat,lon\nT1,2026-10-01T10:00:00Z,51.5,-0.1\n"


def said(signals: Signals, severity: str) -> dict[str, str]:
    return {p.source: p.message for p in signals.problems.problems if p.severity == severity}


@pytest.fixture
def folder(tmp_path: Path, fixtures: Path) -> Path:
    inside = tmp_path / "signals"
    inside.mkdir()
    (inside / "a.csv").write_text(CSV)
    (inside / "b.csv.gz").write_bytes(gzip.compress(CSV.replace("T1,", "T2,").encode()))
    (inside / "c.rec").write_bytes((fixtures / "owntracks.rec").read_bytes())
    (inside / "d.dat").write_text(CSV.replace("T1,", "T3,"))
    (inside / "README.md").write_text("# Signals\n\nOf October, as the vendor gave them.\n")
    (inside / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\x0d")
    (inside / ".hidden.csv").write_text(CSV)
    (inside / "labels.txt").write_text("Start Time\tEnd Time\tTransportation Mode\n")
    return inside


def test_every_file_is_read_or_named(folder: Path) -> None:
    signals = read_signals(folder)
    assert set(signals.fixes["device_id"].to_pylist()) == {"T1", "T2", "T3", "ph"}
    warnings = said(signals, "warning")
    assert warnings["README.md"].startswith("The file was not read: No column for position")
    assert warnings["map.png"] == "The file was not read: This is not text"
    values = [p.value for p in signals.problems.problems if p.source == str(folder)]
    assert values == [".hidden.csv", "labels.txt"]
    assert set(said(signals, "error")) == {"c.rec"}, "the bad line of the good file"
    assert signals.n_rows_read == signals.n_rows + signals.problems.n_errors


def test_in_batches_the_same(folder: Path) -> None:
    batches = list(iter_signals(folder, rows=1))
    whole = read_signals(folder)
    assert sum(batch.fixes.num_rows for batch in batches) == whole.fixes.num_rows
    assert said(batches[-1], "warning") == said(whole, "warning")
    assert (
        sum(b.n_rows_read for b in batches) == sum(b.n_rows for b in batches) + batches[-1].problems.n_errors
    )


def test_a_signal_file_that_cannot_be_read_stays_an_error(folder: Path) -> None:
    (folder / "e.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    (folder / "f.json").write_text("{}")
    assert {"e.csv", "f.json"} <= set(said(read_signals(folder), "error"))


def test_a_file_given_by_name_is_an_error_whatever_it_is_called(folder: Path) -> None:
    signals = read_signals([folder / "a.csv", folder / "README.md"])
    assert set(said(signals, "error")) == {"README.md"}


def test_a_folder_without_signals(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("Hello")
    (tmp_path / "two.md").write_text("Hello, hello")
    with pytest.raises(UnreadableFile, match=r"No signal file was found here"):
        read_signals(tmp_path)
    with pytest.raises(UnreadableFile, match=r"No signal file was found here"):
        list(iter_signals(tmp_path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile, match=r"No signal file was found here"):
        find_files(tmp_path / "empty")


def test_gzip_is_known_by_its_bytes_and_folders_keep_their_meaning(tmp_path: Path, fixtures: Path) -> None:
    packed = tmp_path / "rec" / "jane" / "phone" / "2026-10.rec.gz"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(gzip.compress((fixtures / "owntracks.rec").read_bytes()))
    assert read_signals(packed).fixes["device_id"].to_pylist() == ["jane/phone"]
    nameless = tmp_path / "download"
    nameless.write_bytes(gzip.compress(CSV.encode()) + gzip.compress(b"T9,2026-10-01T10:00:00Z,51.5,-0.1\n"))
    assert read_signals(nameless).fixes["device_id"].to_pylist() == ["T1", "T9"], "two members are one file"


def many_rows(n: int = 3000) -> bytes:
    rows = (
        f"T1,2026-10-01T10:00:00Z,51.{i * 7919 % 9973:04d},-0.{i * 104729 % 9967:04d}\n" for i in range(n)
    )
    return ("device_id,recorded_at_utc,lat,lon\n" + "".join(rows)).encode()


def test_gzip_that_is_cut_off_gives_what_came_before_and_says_so(tmp_path: Path) -> None:
    whole = many_rows()
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(whole)[:-2000])
    signals = read_signals(path)
    assert 100 < signals.fixes.num_rows < 3000
    expected = read_signals(_plain(tmp_path, whole)).fixes.slice(0, signals.fixes.num_rows)
    columns = ["device_id", "lat_e7", "lon_e7"]
    assert signals.fixes.select(columns).to_pylist() == expected.select(columns).to_pylist(), (
        "no digit was lost"
    )
    assert said(signals, "error") == {"a.csv.gz": "The gzip file is cut off; what came before was read"}
    assert signals.n_rows_read == signals.n_rows + 1
    batches = list(iter_signals(path, rows=100))
    assert sum(b.fixes.num_rows for b in batches) == signals.fixes.num_rows


def _plain(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "plain.csv"
    path.write_bytes(data)
    return path


def test_gzip_that_is_damaged_is_refused(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(many_rows(10)))
    data[-6] ^= 1  # its checksum
    path = tmp_path / "a.csv.gz"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match="damaged"):
        read_signals(path)
    path.write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(UnreadableFile, match="cut off"):
        read_signals(path)


def test_gzip_made_to_fill_a_disk_is_not_unpacked_further(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"device_id,recorded_at_utc,lat,lon\n" + b"," * (24 << 20)))
    assert path.stat().st_size < 100_000
    with pytest.raises(UnreadableFile, match="far more than its size"):
        read_signals(path)
