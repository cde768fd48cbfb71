"""The number that is kept does not depend on the way by which it came: one by one, in columns, or as a file of our own."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from test_tracks_messages import (
    AT_S,
    EVENT,
    OWNTRACKS,
    POSITION,
    QUERY,
    assert_same_as_alone,
    fix,
    message,
    rows_of,
)

from milepost.tracks.messages import Message, parse_many
from milepost.tracks.read import read_signals
from milepost.tracks.record import FIXES, Signals
from milepost.tracks.write import write_fixes

NUMBERS = (
    "-0.0", "-0", "-0e5", "-1e-60", "-4e-324", "1e-60", "-1e-44", "-1", "3.4e38", "1e99", "16777217", "360", "-360",
    "0.00000005", "0.00000015", "-0.00000025", "89.99999995", "99.999999999",
)  # fmt: skip
"""Zeros with a sign, numbers that 32 bits turn into one, numbers they cannot hold, and halves of the last digit kept."""
FIELDS = (
    "lat", "lon", "speed_mps", "speed_knots", "heading_deg", "battery_pct", "battery_ratio", "altitude_m",
    "precision_m", "precision_68_m", "sequence",
)  # fmt: skip
MOMENTS = (
    "1790848800.0000005",
    "1790848800.0000015",
    "1790848800123456.5",
    "1790848800123457.5",
    "1.7908488e9",
)


SOME = ("-0.0", "-1e-60", "3.4e38")
"""Enough for the other formats, which name the same fields."""


def with_number(said: dict[str, Any], name: str, number: str) -> str:
    """JSON with a number spelt as it stands: ``json.dumps`` would write it its own way."""
    return json.dumps({**said, name: "@@"}).replace('"@@"', number)


def messages() -> list[Message]:
    made = [message(with_number(fix(), name, n), "ndjson") for name in FIELDS for n in NUMBERS]
    made += [message(with_number(EVENT, "value", n), "ndjson") for n in SOME]
    made += [message(f"{QUERY}&{name}={n}") for name in ("speed", "bearing", "altitude") for n in SOME]
    made += [message(with_number(OWNTRACKS, name, n), "owntracks") for name in ("vel", "alt") for n in SOME]
    made += [
        message(with_number(POSITION, name, n), "traccar") for name in ("speed", "altitude") for n in SOME
    ]
    bare = {name: value for name, value in fix().items() if name != "recorded_at_utc"}
    for unit in ("s", "ms", "us"):
        made += [message(with_number(bare, f"recorded_at_epoch_{unit}", n), "ndjson") for n in MOMENTS]
    return made


def numbers_kept(signals: Signals) -> list[float]:
    return [
        value
        for table in (signals.fixes, signals.device_events)
        for row in rows_of(table)
        for value in row.values()
        if isinstance(value, float)
    ]


def test_one_by_one_and_in_columns_give_the_same_number() -> None:
    assert_same_as_alone(messages())


def test_no_zero_with_a_sign_and_no_number_that_is_none_is_kept() -> None:
    kept = numbers_kept(parse_many(messages()).signals)
    assert len(kept) > 100
    assert 0.0 in kept
    assert not [value for value in kept if math.isnan(value) or (value == 0 and math.copysign(1, value) < 0)]


def test_nothing_sent_is_nothing_kept() -> None:
    many = parse_many([])
    assert many.messages == ()
    assert many.signals.fixes.schema.equals(FIXES)
    assert many.signals.n_rows == many.signals.n_rows_read == 0


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_file_in_our_own_shape_keeps_them_no_more_than_any_other(tmp_path: Path, ending: str) -> None:
    """The mark of our own writer spares the rows a look one by one; it is no proof of what stands in them."""
    given = {"speed_mps": [-0.0, math.nan, 1.5], "battery_pct": [math.nan, -0.0, None]}
    rows = [
        {"device_id": "T-1", "recorded_at_utc": (AT_S + i) * 1_000_000, "source": 1, "lon_e7": 0, "lat_e7": 0, "quality": 0}
        | {name: values[i] for name, values in given.items()}
        for i in range(3)
    ]  # fmt: skip
    path = tmp_path / f"fixes.{ending}"
    write_fixes(pa.Table.from_pylist(rows, schema=FIXES), path)
    read = read_signals(path).fixes
    assert repr(read["speed_mps"].to_pylist()) == "[0.0, None, 1.5]"
    assert repr(read["battery_pct"].to_pylist()) == "[None, 0.0, None]"
