"""Tables as CSV: what Python's own writer makes of the same values, which is the oracle here."""

from __future__ import annotations

import csv
import io
import resource
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from milepost.compliance import write
from milepost.compliance.times import iso
from milepost.tracks.record import UTC_US

TEXTS = st.one_of(st.sampled_from(["", 'a "b"', "a,b", "a\nb", "\r", " é "]), st.text(max_size=5))
TEXTS = TEXTS.filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))
# To the year 9990, some to the second and some with a fraction.
TIMES = st.builds(int.__mul__, st.integers(-(10**10), 25 * 10**10), st.sampled_from([10**6, 10**5, 1]))
FLOATS = st.one_of(st.floats(allow_nan=False), st.floats(0, 1e9), st.integers(0, 10**16).map(float))
ROWS = st.lists(
    st.tuples(
        st.none() | TEXTS, st.none() | TIMES, st.none() | FLOATS, st.none() | st.integers(-9, 9), TEXTS
    ),
    max_size=9,
)
SCHEMA = pa.schema(
    [("who", pa.string()), ("at", UTC_US), ("x", pa.float64()), ("n", pa.int32()), ("a,b", pa.string())]
)


def written_by_python(rows: list[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(SCHEMA.names)
    writer.writerows((who, None if at is None else iso(at), x, n, ab) for who, at, x, n, ab in rows)
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv")


@given(rows=ROWS)
@example(rows=[("", -1, 9.999e-5, 0, ""), ("", 0, 1e-4, 0, ""), ("", 0, 1e9, 0, ""), ("", 0, -0.0, 0, "")])
@example(rows=[("", 0, 123456789012345.6, 0, ""), ("", 0, 1e16, 0, ""), ("", 0, float("inf"), 0, "")])
def test_a_table_as_csv_is_what_python_writes(folder: Path, rows: list[tuple[Any, ...]]) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    arrays = [
        pa.array(column, pa.int64()).cast(field.type) if field.name == "at" else pa.array(column, field.type)
        for column, field in zip(columns, SCHEMA, strict=True)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "ROWS_AT_ONCE", 4)  # so that some tables are written in pieces
        write.write_csv(pa.Table.from_arrays(arrays, schema=SCHEMA), folder / "table.csv")
    assert (folder / "table.csv").read_bytes() == written_by_python(rows)


def test_a_table_for_which_there_is_no_room_leaves_the_one_before_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "table.csv"
    write.write_csv(pa.table({"n": [1]}), path)
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
    try:
        with pytest.raises(OSError, match="too large"):
            write.write_csv(pa.table({"n": range(1000)}), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_bytes() == b"n\r\n1\r\n"
