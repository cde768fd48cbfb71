"""Which answers an instrument reads, found by letting it run over a table that notes what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from milepost.risk.data_files import load
from milepost.risk.fields import field_table
from milepost.risk.instruments import instruments
from milepost.risk.ogrs4 import SETS
from milepost.risk.ogrs4_features import ITEMS, STATIC
from milepost.risk.options import STATED
from milepost.risk.rows import Array, Rows

SHARED = "ogrs4 features"
"""Made for all three predictors at once: what one of them reads is found from its own terms instead."""
BLOCKED = "blocked "


class _Noting(Rows):
    """One empty row that notes the fields that are read and the instruments that are asked."""

    def __init__(self) -> None:
        super().__init__({}, 1)
        self.read: set[str] = set()
        self.asked: set[str] = set()
        self._silent = False

    def __getitem__(self, name: str) -> Array:
        if not self._silent and name in field_table():
            self.read.add(name)
        return super().__getitem__(name)

    def keep[Made](self, name: str, make: Callable[[], Made]) -> Made:
        if name.startswith(BLOCKED):
            self.asked.add(name.removeprefix(BLOCKED))
        if name != SHARED:
            return super().keep(name, make)
        before, self._silent = self._silent, True
        try:
            return super().keep(name, make)
        finally:
            self._silent = before


@cache
def _traced(key: str) -> tuple[frozenset[str], frozenset[str]]:
    """Fields read by the instrument itself, and the other instruments that it asks."""
    rows = _Noting()
    instrument = instruments()[key]
    with np.errstate(all="ignore"):
        instrument.compute(rows, STATED)
        for check in (*instrument.checks, *instrument.dynamic_checks):
            check.mask(rows)
        for version in (version for name, version in SETS if name == key):
            for term in load(instrument.files[0])[key][version]["terms"]:
                feature = STATIC.get(term) or ITEMS[term][1]
                fresh = _Noting()
                feature(fresh)
                rows.read |= fresh.read
    return frozenset(rows.read), frozenset(rows.asked & set(instruments())) - {key}


@cache
def read_by(key: str) -> tuple[str, ...]:
    """Names of the fields that the instrument or its parts read, in the order of the fields."""
    read, parts = _traced(key)
    for part in parts:
        read |= set(read_by(part))
    return tuple(name for name in field_table() if name in read)


def used_by(key: str) -> tuple[str, ...]:
    """Keys of the instruments that it is made of, in the order of the instruments."""
    return tuple(name for name in instruments() if name in _traced(key)[1])
