"""Which of several live engines gets which signals, and which signals wait for the clock."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from milepost.compliance.columns import Columns, columns_of, device_codes
from milepost.compliance.kernel import FUTURE

Routes = dict[str, int | tuple[int, ...]]
"""The engine of each device, by number; several where people of several engines wore it."""


def by_clock(table: pa.Table, now_us: int) -> tuple[pa.Table, pa.Table]:
    """What was recorded by now, and what later. What says itself that its clock is wrong is not kept back."""
    if not table.num_rows:
        return table, table
    times = table.column("recorded_at_utc").cast(pa.int64()).to_numpy()
    later = times > now_us
    if not later.any():
        return table, table.slice(0, 0)
    by_now = table.filter(pa.array(~later))
    if "quality" in table.column_names:
        later &= (table.column("quality").fill_null(0).to_numpy().astype(np.int64) & FUTURE) == 0
    return by_now, table.filter(pa.array(later))


def _numbers_of(names: list[str], route: Routes) -> tuple[np.ndarray, list[int]]:
    """For each name the engine's number, -1 for none, -2 for several; and the numbers met."""
    found = [route.get(name, -1) for name in names]
    several: set[int] = set()
    alone: list[int] = []
    for where in found:
        if where.__class__ is int:
            alone.append(where)
        else:
            several.update(where)  # type: ignore[arg-type]
            alone.append(-2)
    numbers = np.array(alone, np.int64)
    return numbers, sorted({*numbers[numbers >= 0].tolist(), *several})


def _rows_of_each(codes: np.ndarray, names: list[str], route: Routes) -> Iterable[tuple[int, np.ndarray]]:
    numbers, met = _numbers_of(names, route)
    of_row = numbers[codes]
    shared = np.flatnonzero(of_row == -2)
    order = np.argsort(of_row, kind="stable")
    bounds = np.searchsorted(of_row[order], [*met, np.iinfo(np.int64).max])
    for i, number in enumerate(met):
        end = np.searchsorted(of_row[order], number, "right")
        rows = order[bounds[i] : end]
        if len(shared):
            also = [
                r
                for r in shared.tolist()
                if number in route[names[codes[r]]]  # type: ignore[operator]
            ]
            rows = np.concatenate([rows, np.array(also, rows.dtype)])
        if len(rows):
            yield number, rows


def share_fixes(fixes: pa.Table, route: Routes) -> dict[int, Columns]:
    if not fixes.num_rows:
        return {}
    columns = columns_of(_few_names(fixes))
    shares = {}
    for number, rows in _rows_of_each(columns.device, columns.devices, route):
        own = columns.take(rows)
        used, own.device = np.unique(own.device, return_inverse=True)
        own.device = own.device.astype(np.int32)
        own.devices = [columns.devices[i] for i in used.tolist()]
        shares[number] = own
    return shares


def _few_names(table: pa.Table) -> pa.Table:
    """Without names of devices that are not in it: a small step may come with a nation's dictionary."""
    column = table.column("device_id")
    if not pa.types.is_dictionary(column.type):
        return table
    if sum(len(chunk.dictionary) for chunk in column.chunks) <= 2 * table.num_rows:
        return table
    i = table.column_names.index("device_id")
    return table.set_column(i, "device_id", column.cast(pa.string()).dictionary_encode())


def share_table(table: pa.Table, route: Routes) -> dict[int, pa.Table]:
    if not table.num_rows:
        return {}
    codes, names = device_codes(_few_names(table))
    return {number: table.take(pa.array(rows)) for number, rows in _rows_of_each(codes, names, route)}
