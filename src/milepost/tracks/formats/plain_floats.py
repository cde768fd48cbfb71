"""Floating point numbers as the record keeps them: a number or null, and a zero without a sign.

IEEE 754 knows two zeros and numbers that are none. They are equal or unequal to others in ways that no reader of a
record expects: two rows that say the same would have different bytes and a different hash, and the way by which a row
came (one by one, in columns, from a file in the record's own shape) would show in what is kept.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def plain_floats[Values: (pa.Array, pa.ChunkedArray)](values: Values) -> Values:
    """The same numbers with 0.0 for −0.0 and null for NaN; values of another type as they are.

    Also where −0.0 came about on the way: a tiny negative number that the record's 32 bits cannot hold.
    """
    if not pa.types.is_floating(values.type):
        return values
    if pc.any(pc.is_nan(values)).as_py():
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    return pc.add(values, pa.scalar(0.0, values.type))
