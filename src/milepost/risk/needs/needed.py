"""Which instruments read which answers: found by watching them, so that it cannot go out of date."""

from __future__ import annotations

from functools import cache

import numpy as np

from milepost.risk.fields import field_table
from milepost.risk.instruments import instruments
from milepost.risk.options import STATED
from milepost.risk.rows import Array, Rows


class _Watched(Rows):
    """Rows that remember which answers they were asked for. One man, one woman, nothing answered."""

    def __init__(self) -> None:
        super().__init__({"sex": np.array([0.0, 1.0])}, 2)
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> Array:
        self.seen.add(name)
        return super().__getitem__(name)


@cache
def fields_read() -> dict[str, frozenset[str]]:
    """By instrument: the fields that its score, its checks or its explanation read."""
    found = {}
    with np.errstate(all="ignore"):
        for key, instrument in instruments().items():
            rows = _Watched()
            scored = instrument.compute(rows, STATED)
            instrument.blocked(rows)
            instrument.no_dynamic(rows)
            named = {term.field for row in range(rows.n) for term in scored.terms(row) if term.field}
            found[key] = frozenset((rows.seen | named) & set(field_table()))
    return found


def instruments_reading(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Keys of the instruments that read any of the fields, in the order they are shown."""
    return tuple(key for key, read in fields_read().items() if read & set(fields))
