"""Whatever the bytes: a reader gives rows and problems, or says that the file is unreadable."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from milepost.problems import UnreadableFile
from milepost.tracks.detect import FORMATS
from milepost.tracks.formats import geojson, mfjson, osmand, overland, owntracks, traccar
from milepost.tracks.formats.messages import Collected
from milepost.tracks.formats.settle import Context
from milepost.tracks.read import iter_signals, read_signals
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals
from milepost.tracks.write import write_arrow, write_parquet

HERE = Path(__file__).with_name("fixtures")
EXAMPLES = {
    "csv": [HERE / "signals.csv", HERE / "presence.csv", HERE / "device_events.csv"],
    "plt": [HERE / "001/Trajectory/20261001100000.plt", HERE / "ozi.plt"],
    "gpx": [HERE / "track.gpx", HERE / "track10.gpx"],
    "kml": [HERE / "track.kml"],
    "geojson": [HERE / "points.geojson"],
    "mfjson": [HERE / "moving.mfjson"],
    "owntracks": [HERE / "owntracks.ndjson", HERE / "owntracks.rec", HERE / "recorder-api.json"],
    "traccar": [HERE / "traccar.json"],
    "osmand": [HERE / "osmand.txt", HERE / "osmand.json"],
    "overland": [HERE / "overland.json"],
    "google": [HERE / "records.json", HERE / "timeline.json", HERE / "location-history.json"],
    "datainsights": [HERE / "datainsights.json"],
    "athena": [HERE / "athena.json"],
}
N_EXAMPLES = int(os.environ.get("MILEPOST_EXAMPLES", "40"))
"""Set it to 20000 for a night's run."""
QUIET = settings(max_examples=N_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
STRANGE = st.sampled_from(
    [
        "\x00",
        "a\x00b",
        "\ud800",
        "\uff11",
        10**400,
        2**63,
        1e308,
        float("inf"),
        float("nan"),
        [],
        {"a": []},
        True,
    ]
)


def check(signals: Signals) -> None:
    assert signals.n_rows_read == signals.n_rows + signals.problems.n_errors
    for table, schema in (
        (signals.fixes, FIXES),
        (signals.presence, PRESENCE),
        (signals.device_events, DEVICE_EVENTS),
    ):
        assert table.schema.equals(schema)
        table.validate(full=True)
        for field in schema:
            if not field.nullable:
                assert table[field.name].null_count == 0
    assert all(problem.message and problem.remedy for problem in signals.problems.problems)


def try_to_read(data: bytes, format: str | None, suffix: str = ".csv") -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fuzzed{suffix}"
        path.write_bytes(data)
        with contextlib.suppress(UnreadableFile):
            check(read_signals(path, format=format))
        try:
            parts = list(iter_signals(path, format=format, rows=2))
        except UnreadableFile:
            return
        read = sum(part.n_rows_read for part in parts)
        kept = sum(part.n_rows for part in parts)
        assert read == kept + (parts[-1].problems.n_errors if parts else 0)


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """A good file with some bytes changed, cut out, put in twice, or cut off."""
    edited = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(edited) - 1, 0)))
        size = draw(st.integers(0, 40))
        match draw(st.sampled_from(["change", "cut", "double", "end", "put"])):
            case "change" if edited:
                edited[at] = draw(st.integers(0, 255))
            case "cut":
                del edited[at : at + size]
            case "double":
                edited[at:at] = edited[at : at + size]
            case "end":
                del edited[-size:]
            case _:
                words = [
                    b"1e400",
                    b"-1",
                    b"null",
                    b"NaN",
                    b'"',
                    b"\n",
                    b",",
                    b"99999999999999999999",
                    b"{",
                    b"[",
                    b"\0",
                ]
                edited[at:at] = draw(st.sampled_from(words))
    return bytes(edited)


@pytest.mark.parametrize("format", FORMATS)
@QUIET
@given(data=st.binary(max_size=400))
def test_random_bytes(format: str, data: bytes) -> None:
    try_to_read(data, format)


@QUIET
@given(
    data=st.binary(max_size=200),
    start=st.sampled_from([b"", b"PAR1", b"ARROW1", b"{", b"[", b"<gpx>", b"<kml>", b"\xff\xfe"]),
)
def test_random_bytes_with_the_format_found_out(data: bytes, start: bytes) -> None:
    try_to_read(start + data, None)


@pytest.mark.parametrize("format", EXAMPLES)
@QUIET
@given(data=st.data())
def test_mutated_good_files(format: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(EXAMPLES[format]))
    try_to_read(data.draw(mutated(path.read_bytes())), format, path.suffix)


@pytest.mark.parametrize("format", ["parquet", "arrow"])
@QUIET
@given(data=st.data())
def test_mutated_columnar_files(format: str, data: st.DataObject) -> None:
    fixes = read_signals(HERE / "signals.csv").fixes
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "good"
        (write_parquet if format == "parquet" else write_arrow)(fixes, path)
        good = path.read_bytes()
    try_to_read(data.draw(mutated(good)), format)


CELL = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "0",
            "-1",
            "1e400",
            "nan",
            "51.5",
            "S",
            "2026-10-01T10:00:00Z",
            "2999-12-12",
            '"',
            "in_range",
        ]
    ),
    st.text(max_size=12),
)


@QUIET
@given(rows=st.lists(st.lists(CELL, min_size=8, max_size=8), max_size=8))
def test_any_cells_under_a_good_header(rows: list[list[str]]) -> None:
    header = "device_id,recorded_at_utc,lon,lat,precision_m,source,event,sequence"
    text = "\n".join([header, *(",".join(row) for row in rows)])
    try_to_read(text.encode("utf-8", "replace"), "csv")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | STRANGE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["_type", "tst", "lat", "lon", "acc", "topic", "tid", "t", "event", "location", "coords", "timestamp",
     "latitude", "longitude", "fixTime", "deviceTime", "attributes", "alarm", "deviceId", "position", "id",
     "locations", "geometry", "coordinates", "properties", "data"]
)  # fmt: skip
TYPED = st.one_of(
    JSON, st.sampled_from(["location", "transition", "lwt", "2026-10-01T10:00:00Z", 51.5, 1790848800])
)


@pytest.mark.parametrize("reader", [osmand, overland, owntracks, traccar])
@QUIET
@given(message=st.dictionaries(NAMES, TYPED | st.dictionaries(NAMES, TYPED, max_size=5)))
@example(message={"_type": "location", "tst": 1790848800, "t": []})
def test_any_message_to_a_web_service(reader: object, message: dict[str, object]) -> None:
    check(reader.parse_message(message))  # type: ignore[attr-defined]


SHAPE_NAMES = st.sampled_from(
    ["type", "geometry", "coordinates", "properties", "features", "temporalGeometry", "temporalProperties",
     "datetimes", "times", "crs", "name", "id", "prisms", "sequences", "speed", "form", "values", "device_id"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["Feature", "FeatureCollection", "Point", "LineString", "MovingPoint", "S", "2026-10-01T10:00:00Z", "KMH"]
)
NUMBERS = st.sampled_from([-0.1, 51.5, 1790848800000])
LEAVES = (
    JSON | WORDS | st.lists(NUMBERS | WORDS, max_size=3) | st.lists(st.lists(NUMBERS, max_size=3), max_size=3)
)
SHAPES = st.recursive(
    st.dictionaries(SHAPE_NAMES, LEAVES, max_size=5),
    lambda inner: st.dictionaries(SHAPE_NAMES, LEAVES | inner | st.lists(inner, max_size=2), max_size=5),
    max_leaves=8,
)


@pytest.mark.parametrize("reader", [geojson, mfjson])
@QUIET
@given(shape=SHAPES)
def test_any_shape_of_json(reader: object, shape: dict[str, object]) -> None:
    with contextlib.suppress(UnreadableFile):
        check(reader.collect(shape, Collected("fuzzed", Context.of()), None, "S"))  # type: ignore[attr-defined]
