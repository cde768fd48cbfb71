"""Hypothesis strategies: any signals that the record's types can hold."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st
from lake_signals import DAY0_US, HOUR_US, table

from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals

_TIMES = st.one_of(
    st.integers(DAY0_US - 2 * HOUR_US, DAY0_US + 50 * HOUR_US),
    st.sampled_from([DAY0_US, DAY0_US - 1, 0, -1]),
    st.integers(-(2**63), 2**63 - 1),
)
_DEVICES = st.one_of(st.sampled_from(["A", "B", "", "É", "tag 1", "𝄞", "\ufffd"]), st.text(max_size=4))
_PLAIN = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.int32(): st.one_of(st.integers(-(2**31), 2**31 - 1), st.integers(-100, 100)),
    pa.uint8(): st.integers(0, 255),
    pa.uint16(): st.integers(0, 65535),
    pa.float32(): st.one_of(st.floats(width=32), st.sampled_from([0.0, -0.0])),
    pa.float64(): st.floats(),
    pa.string(): st.text(max_size=6),
    pa.bool_(): st.booleans(),
}


@st.composite
def tables(draw: st.DrawFn, schema: pa.Schema, max_rows: int = 12) -> pa.Table:
    """Any table of the schema: every value the types can hold, nulls where allowed, repeated rows."""
    n = draw(st.integers(0, max_rows))
    columns = {}
    for field in schema:
        if field.name == "device_id":
            one = _DEVICES
        elif pa.types.is_timestamp(field.type):
            one = _TIMES
        else:
            one = _PLAIN[field.type]
        columns[field.name] = draw(
            st.lists(st.none() | one if field.nullable else one, min_size=n, max_size=n)
        )
    made = table(schema, columns)
    if n and draw(st.booleans()):
        repeat = draw(st.lists(st.integers(0, n - 1), max_size=4))
        made = pa.concat_tables([made, made.take(np.array(repeat, dtype=np.int64))])
    return made


def any_signals() -> st.SearchStrategy[Signals]:
    return st.builds(
        Signals, fixes=tables(FIXES), presence=tables(PRESENCE, 5), device_events=tables(DEVICE_EVENTS, 5)
    )
