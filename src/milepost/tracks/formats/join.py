"""Several batches or files as one: the tables end to end, the device dictionary made one."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from milepost.problems import ProblemList
from milepost.tracks.record import Signals


def join_signals(parts: Sequence[Signals], problems: ProblemList | None = None) -> Signals:
    """One ``Signals`` of all ``parts``. With ``problems`` given, the parts reported there already."""
    if problems is None:
        problems = ProblemList()
        seen: set[int] = set()
        for part in parts:
            if id(part.problems) not in seen:
                problems.merge(part.problems)
                seen.add(id(part.problems))
    whole = Signals(problems=problems, n_rows_read=sum(part.n_rows_read for part in parts))
    whole.fixes = join_tables([part.fixes for part in parts], whole.fixes)
    whole.presence = join_tables([part.presence for part in parts], whole.presence)
    whole.device_events = join_tables([part.device_events for part in parts], whole.device_events)
    return whole


def join_tables(tables: Sequence[pa.Table], empty: pa.Table) -> pa.Table:
    full = [table for table in tables if table.num_rows]
    if not full:
        return empty
    if len(full) == 1:
        return full[0]
    return pa.concat_tables(full).unify_dictionaries()
