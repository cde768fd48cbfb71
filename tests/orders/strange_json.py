"""What JSON can hold that nobody expects, for the tests that put it anywhere in an order."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("MILEPOST_EXAMPLES", "200"))
"""Set it to 20000 for a night's run."""

STRANGE: list[Any] = [
    [],
    {},
    [[]],
    {"a": []},
    True,
    -0.0,
    float("inf"),
    float("-inf"),
    float("nan"),
    2**31,
    2**63,
    -(2**64),
    10**400,
    1e308,
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "a\udfffb",
    "१२:३०",
    "0,0",
    ",",
    "²",
    "1e400",
    "0001-01-01",
    "0001-01-01T00:00:00+05:00",
    "9999-12-31",
    "9999-12-31T23:59:59-05:00",
    "2025-02-30",
    "2025-03-01T24:00:00",
    "2025-03-01T10:00:00+99:00",
]
"""One of each kind that a reader may trip over: not hashable, not finite, too large, not storable."""

KINDS_OF_STRANGE: list[Any] = [[], {"a": []}, float("inf"), 10**400, "a\ud800", "0001-01-01T00:00:00+05:00"]
"""A few of them, for tests that try each in every place."""

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
strange = st.sampled_from(STRANGE)
garbage = st.recursive(
    plain | strange | st.just("2025-03-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def find_slots(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value that could hold something else."""
    slots: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        slots.append((value, key))
        slots.extend(find_slots(inner))
    return slots
