"""Many messages at once: the same rows and problems as one by one, each linked to its message."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from milepost.problems import Problem
from milepost.tracks.formats import ndjson, osmand, owntracks, traccar
from milepost.tracks.message_limits import MessageLimits
from milepost.tracks.messages import Message, ParsedMany, parse_many
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals

ONE_BY_ONE = {"osmand": osmand, "owntracks": owntracks, "traccar": traccar, "ndjson": ndjson}
EXAMPLES = int(os.environ.get("MILEPOST_EXAMPLES", "100"))
AT_S = 1_790_848_800  # 2026-10-01T10:00:00Z
AT_US = AT_S * 1_000_000
QUERY = f"id=T-1&timestamp={AT_S}&lat=51.5&lon=-0.12&speed=1.5&bearing=360&accuracy=8&batt=77&altitude=-3.5"


def message(said: Any, format: str = "osmand", device_id: str | None = None, **more: Any) -> Message:
    raw = (
        said
        if isinstance(said, bytes)
        else said.encode()
        if isinstance(said, str)
        else json.dumps(said).encode()
    )
    return Message(raw, format, device_id, more.pop("received_at_us", AT_US + 2_000_000), **more)  # type: ignore[arg-type]


def fix(**more: Any) -> dict[str, Any]:
    said = {
        "type": "fix",
        "device_id": "T-1",
        "recorded_at_utc": "2026-10-01T10:00:00Z",
        "lat": 51.5,
        "lon": -0.12,
    }
    return {**said, **more}


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    return table.cast(
        pa.schema([f.with_type(pa.string()) if f.name == "device_id" else f for f in table.schema])
    ).to_pylist()


def alone(one: Message) -> Signals:
    received = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=one.received_at_us)
    return ONE_BY_ONE[one.format].parse_message(one.raw, device_id=one.device_id, received_at_utc=received)  # type: ignore[attr-defined]


def assert_linked(many: ParsedMany) -> None:
    """Every row belongs to one message, in order, and is in a table of exactly the record's shape."""
    for name, schema in (("fixes", FIXES), ("presence", PRESENCE), ("device_events", DEVICE_EVENTS)):
        table = getattr(many.signals, name)
        assert table.schema.equals(schema)
        table.validate(full=True)
        taken = [i for parsed in many.messages for i in getattr(parsed, name)]
        assert taken == list(range(table.num_rows))
        for parsed in many.messages:
            for i in getattr(parsed, name):
                assert table["payload_ref"][i].as_py() == parsed.payload_ref
    assert many.signals.n_rows_read == sum(parsed.n_rows_read for parsed in many.messages)
    assert many.signals.problems.n_errors == sum(parsed.n_refused for parsed in many.messages)


def assert_same_as_alone(messages: list[Message]) -> None:
    many = parse_many(messages)
    for one, parsed in zip(messages, many.messages, strict=True):
        if not one.raw.strip():
            continue
        single = alone(one)
        assert list(parsed.problems) == single.problems.problems
        assert parsed.n_rows_read == single.n_rows_read
        for name in ("fixes", "presence", "device_events"):
            rows = getattr(parsed, name)
            table = getattr(many.signals, name).slice(rows.start, len(rows))
            assert repr(rows_of(table)) == repr(rows_of(getattr(single, name)))


numbers = (
    st.sampled_from(["", "-1", "0", "-0.0", "360", "1e400", "nan", "51.5", "5e-8", "0.00000005", "12.34567895",
                     "abc", "+5", "1_0", " 7", "０", "91", "181", "100", "101", "1e-05", ".5", "5.", "1e5",
                     "-0", "-1e-60", "3.4e38", "0.00000015"])
    | st.floats(-200, 200).map(repr)
    | st.integers(-5, 400).map(str)
)  # fmt: skip
moments = st.sampled_from(
    [str(AT_S), str(AT_US // 1000), f"{AT_S}.25", "2026-10-01T10:00:00Z", "2026-10-01T11:00:00.1234567+01:00",
     "2026-10-01T10:00:00.5+00:00", "2026-10-01 10:00:00", "2026-10-01T10:00:00", "1999-12-31T00:00:00Z", "0", "-5",
     "2026-10-01T24:00:00Z", "2026-10-01T10:00:60Z", "2999-12-12T00:00:00Z", str(AT_S - 1024 * 7 * 86_400), "",
     str(AT_S - 7200), str(AT_S + 7200), "99999999999999999999"]
)  # fmt: skip
words = st.sampled_from(
    [
        "T-1",
        " T-1",
        "",
        "a\x00b",
        "é",
        "x" * 20,
        "true",
        "false",
        "sos,lowBattery",
        "tampering,",
        "GPS",
        "LBS",
    ]
)
values = numbers | moments | words
jsons = (
    st.none() | st.booleans() | st.integers(-5, 400) | st.floats(-200, 200) | values
    | st.sampled_from([[], {}, float("nan"), float("inf"), 10**30, "\ud800", -1, AT_S, AT_US])
)  # fmt: skip
query = st.fixed_dictionaries(
    {},
    optional={
        "id": words, "timestamp": moments, "lat": numbers, "lon": numbers, "speed": numbers, "bearing": numbers,
        "accuracy": numbers, "batt": numbers, "altitude": numbers, "hdop": numbers, "alarm": words, "valid": words,
        "mock": words, "cell": words,
    },
)  # fmt: skip


def with_some(good: dict[str, Any], names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    changes = st.dictionaries(st.sampled_from(names), jsons, max_size=3)
    return changes.map(lambda changed: {**good, **changed})


OWNTRACKS = {
    "_type": "location",
    "tst": AT_S,
    "lat": 51.5,
    "lon": -0.12,
    "acc": 12,
    "vel": 4,
    "cog": 90,
    "batt": 50,
}
LOCATION = {
    "timestamp": "2026-10-01T10:00:00.000Z",
    "coords": {"latitude": 51.5, "longitude": -0.12, "accuracy": 5},
}
POSITION = {"fixTime": "2026-10-01T10:00:00.000+00:00", "latitude": 51.5, "longitude": -0.1, "speed": 2.5, "uniqueId": "T-1",
            "attributes": {"batteryLevel": 55, "alarm": "lowBattery"}}  # fmt: skip
PRESENT = {
    "type": "presence",
    "device_id": "U-1",
    "recorded_at_utc": "2026-10-01T10:00:00Z",
    "state": "in_range",
}
EVENT = {
    "type": "device_event",
    "device_id": "T-1",
    "recorded_at_utc": "2026-10-01T10:00:00Z",
    "kind": "strap_tamper",
}
lines = st.one_of(
    with_some(fix(), [*FIXES.names, "lat", "lon", "type", "recorded_at_epoch_us", "other"]),
    with_some(PRESENT, [*PRESENCE.names, "type", "lat"]),
    with_some(EVENT, [*DEVICE_EVENTS.names, "type", "lon"]),
)
any_message = st.one_of(
    query.map(lambda said: message("&".join(f"{k}={v}" for k, v in said.items()).encode("utf-8", "replace"))),
    query.map(
        lambda said: message(
            (QUERY + "".join(f"&{k}={v}" for k, v in said.items())).encode("utf-8", "replace")
        )
    ),
    with_some(LOCATION, ["timestamp", "coords", "battery", "alarm", "mock"]).map(
        lambda said: message({"location": said, "id": "T-1"})
    ),
    with_some(OWNTRACKS, [*OWNTRACKS, "topic", "tid", "t", "alt"]).map(
        lambda said: message(said, "owntracks")
    ),
    with_some(POSITION, [*POSITION, "deviceTime", "serverTime", "course", "valid", "outdated"]).map(
        lambda said: message(said, "traccar")
    ),
    st.lists(lines, max_size=5).map(lambda some: message("\n".join(map(json.dumps, some)), "ndjson")),
    st.binary(max_size=30).map(message),
)


@settings(max_examples=EXAMPLES)
@given(st.lists(any_message, max_size=4))
@example([message(QUERY), message("lat=x"), message(QUERY)])
@example([message("\n".join(json.dumps(fix(lat=lat)) for lat in (51.5, 51.6, -0.12, 51.5)), "ndjson")])
@example([message("\n".join(json.dumps(fix(heading_deg=h / 2)) for h in range(13)), "ndjson")])
@example([message({**POSITION, "speed": "-0.0"}, "traccar")])
@example([message(f"{QUERY}&altitude=3.4e38")])
def test_many_at_once_are_what_each_is_alone(messages: list[Message]) -> None:
    assert_same_as_alone(messages)
    assert_linked(parse_many(messages))


@settings(max_examples=EXAMPLES)
@given(st.lists(st.floats(-90, 90) | st.floats(-1e-6, 1e-6), min_size=1, max_size=20), st.data())
def test_every_number_is_rounded_alike(lats: list[float], data: st.DataObject) -> None:
    said = "\n".join(
        json.dumps(fix(lat=lat, lon=data.draw(st.floats(-180, 180)), speed_mps=abs(lat))) for lat in lats
    )
    assert_same_as_alone([message(said, "ndjson"), message(said, "ndjson", received_at_us=AT_US + 123_456)])


def test_a_bad_message_costs_the_others_nothing_and_says_what_to_mend() -> None:
    many = parse_many([message(QUERY), message("id=T-1&lat=95&lon=100&timestamp=1790848800"), message(QUERY)])
    assert [parsed.n_taken for parsed in many.messages] == [1, 0, 1]
    assert [list(parsed.fixes) for parsed in many.messages] == [[0], [], [1]]
    [problem] = many.messages[1].problems
    assert (problem.row, problem.field) == (1, "lat")
    assert "90" in problem.remedy


def test_good_rows_of_a_message_go_in_beside_bad_ones() -> None:
    said = "\n".join(
        [json.dumps(fix()), "{", json.dumps(fix(type="other")), json.dumps(EVENT), json.dumps(PRESENT)]
    )
    many = parse_many([message(said, "ndjson")])
    [parsed] = many.messages
    assert (len(parsed.fixes), len(parsed.presence), len(parsed.device_events)) == (1, 1, 1)
    assert parsed.n_refused == 2
    assert [(p.row, p.field) for p in parsed.problems] == [(2, None), (3, "type")]
    assert_linked(many)


@pytest.mark.parametrize(
    ("said", "format"),
    [
        (QUERY, "osmand"),
        ({"location": LOCATION, "device_id": "T-1"}, "osmand"),
        ({**OWNTRACKS, "topic": "owntracks/jane/T-1"}, "owntracks"),
        (POSITION, "traccar"),
        (fix(), "ndjson"),
    ],
)
def test_a_token_speaks_for_its_own_device_only(said: Any, format: str) -> None:
    own, other = parse_many([message(said, format, "T-1"), message(said, format, "T-2")]).messages
    assert own.n_taken > 0
    assert own.n_refused == 0
    assert (other.n_taken, other.n_refused) == (0, own.n_taken)
    assert {(p.field, p.message) for p in other.problems} == {("device_id", "This token is for device T-2")}


def test_a_message_that_names_no_device_is_of_the_tokens() -> None:
    phone = message({**OWNTRACKS, "tid": "ab"}, "owntracks", "T-9")
    forwarded = message({**POSITION, "uniqueId": None, "deviceId": 4}, "traccar", "T-9")
    many = parse_many([phone, forwarded])
    assert {row["device_id"] for row in rows_of(many.signals.fixes)} == {"T-9"}
    assert not many.signals.problems


def test_what_is_too_large_is_refused_whole_and_what_is_too_long_by_name() -> None:
    limits = MessageLimits(
        max_bytes=400, max_rows=2, max_unpacked_bytes=10_000, max_id_characters=10, max_code_characters=5
    )
    three = b"\n".join([b"id=T&timestamp=1790848800&lat=1&lon=1"] * 3)
    many = parse_many(
        [message(b"x" * 401), message(three), message(b" \n"), message(QUERY.replace("T-1", "T" * 11)),
         message({**EVENT, "raw_code": "abcdefgh"}, "ndjson")],
        message_limits=limits,
    )  # fmt: skip
    assert [parsed.n_taken for parsed in many.messages] == [0, 0, 0, 0, 1]
    assert [parsed.problems[0].message for parsed in many.messages[:3]] == [
        "The message is larger than 400 bytes",
        "The message holds more than 2 rows",
        "The message is empty",
    ]
    assert many.messages[3].problems[0].field == "device_id"
    assert many.signals.device_events["raw_code"].to_pylist() == ["abcde"]
    assert many.messages[4].problems[0].severity == "warning"


def test_a_format_that_is_none_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="osmand, owntracks, traccar, overland, ndjson, arrow"):
        parse_many([message(QUERY, "csv")])


def stream(table: pa.Table, kind: str | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    table = table.replace_schema_metadata({b"kind": kind.encode()} if kind else None)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


UTC_US = pa.timestamp("us", "UTC")
PLACES = pa.table(
    {
        "device_id": ["T-1", "T-2", "T-1"],
        "recorded_at_utc": pa.array([AT_US] * 3, UTC_US),
        "lon_e7": pa.array([1, 2, 3], pa.int32()),
        "lat_e7": pa.array([515_000_000, 910_000_000, 3], pa.int32()),
    }
)
STATES = pa.table(
    {
        "device_id": ["U-1"],
        "recorded_at_utc": pa.array([AT_US], UTC_US),
        "state": pa.array([1], pa.uint8()),
        "heartbeat": [True],
    }
)


def test_arrow_streams_of_several_kinds_in_one_message() -> None:
    events = pa.table(
        {"device_id": ["T-1"], "recorded_at_utc": pa.array([AT_US], UTC_US), "kind": ["strap_tamper"]}
    )
    raw = stream(PLACES) + stream(STATES, "presence") + stream(events, "device_event")
    many = parse_many([message(QUERY), message(raw, "arrow"), message(QUERY)])
    parsed = many.messages[1]
    assert (len(parsed.fixes), len(parsed.presence), len(parsed.device_events)) == (2, 1, 1)
    assert [(p.row, p.field) for p in parsed.problems] == [(2, "lat")]
    assert many.signals.fixes["lat_e7"].to_pylist()[1:3] == [515_000_000, 3]
    assert many.signals.presence["heartbeat"].to_pylist() == [True]
    assert many.signals.fixes["received_at_utc"].null_count == 0
    assert_linked(many)


def test_arrow_rows_of_another_device_are_refused() -> None:
    [parsed] = parse_many([message(stream(PLACES), "arrow", "T-1")]).messages
    assert len(parsed.fixes) == 2
    assert [(p.row, p.field, p.message) for p in parsed.problems] == [
        (2, "device_id", "This token is for device T-1")
    ]


@pytest.mark.parametrize(
    ("table", "kind", "fields"),
    [
        (PLACES.drop_columns(["lat_e7"]), None, ["lat_e7"]),
        (PLACES.append_column("colour", pa.array(["a"] * 3)), None, ["colour"]),
        (PLACES.set_column(1, "recorded_at_utc", pa.array(["now"] * 3)), None, ["recorded_at_utc"]),
        (
            PLACES.set_column(1, "recorded_at_utc", pa.array([AT_US] * 3, pa.timestamp("us"))),
            None,
            ["recorded_at_utc"],
        ),
        (PLACES, "presence", ["state", "lon_e7", "lat_e7"]),
        (PLACES, "positions", ["kind"]),
        (PLACES.append_column("speed_mps", pa.array([[1.0]] * 3)), "fix", ["speed_mps"]),
    ],
)
def test_an_arrow_schema_that_does_not_fit_is_refused_by_field(
    table: pa.Table, kind: str | None, fields: list
) -> None:
    many = parse_many([message(stream(table, kind) + stream(STATES), "arrow")])
    [parsed] = many.messages
    assert [p.field for p in parsed.problems] == fields
    assert all(p.remedy for p in parsed.problems)
    assert (parsed.n_taken, len(parsed.presence)) == (1, 1)  # the good stream after it is read


def test_a_time_zone_that_is_no_text_refuses_the_stream() -> None:
    raw = stream(PLACES).replace(b"UTC\x00", b"U\x80C\x00")
    assert raw != stream(PLACES)
    many = parse_many([message(raw, "arrow"), message(QUERY)])
    assert [p.message for p in many.messages[0].problems] == ["This is not an Arrow IPC stream"]
    assert (many.messages[0].n_taken, many.messages[1].n_taken) == (0, 1)


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_bytes_that_are_no_arrow_never_crash(data: st.DataObject) -> None:
    good = bytearray(stream(PLACES) + stream(STATES))
    for _ in range(data.draw(st.integers(1, 5))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    raw = bytes(good[: data.draw(st.integers(0, len(good)))])
    many = parse_many([message(raw, "arrow"), message(QUERY)])
    assert many.messages[1].n_taken == 1
    assert all(isinstance(p, Problem) and p.remedy for p in many.messages[0].problems)
    many.signals.fixes.validate(full=True)
    many.signals.fixes.to_pylist()


@settings(max_examples=EXAMPLES)
@given(st.sampled_from([*ONE_BY_ONE, "arrow"]), st.binary(max_size=60), st.sampled_from([None, "T-1"]))
def test_any_bytes_in_any_format(format: str, raw: bytes, device_id: str | None) -> None:
    many = parse_many([message(raw, format, device_id), message(QUERY)])
    assert_linked(many)
    assert many.messages[1].n_taken == 1
