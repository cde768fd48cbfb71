"""From sides to intervals in numpy: shared by the engines that have no window functions of their own."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchmarks.intervals import ABSENCE, ZONE_ENTRY, table_of


def runs_of(
    device: np.ndarray, t: np.ndarray, breach: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Runs on the breach side as (device, first_us, last_us, group): those of one group have no kept run
    between them. Rows are by device and time. Only runs of two fixes or more."""
    new = np.empty(len(t), bool)
    new[0] = True
    new[1:] = (device[1:] != device[:-1]) | (breach[1:] != breach[:-1])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(t)) - 1
    long = last > first
    first, last = first[long], last[long]
    d, side = device[first], breach[first]
    change = np.empty(len(d), bool)
    if len(d):
        change[0] = True
        change[1:] = (d[1:] != d[:-1]) | (side[1:] != side[:-1])
    group = np.cumsum(change)
    return d[side], t[first][side], t[last][side], group[side], side


def _joined(
    device: np.ndarray, window: np.ndarray, group: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, ...]:
    """One row for each (device, window, group): rows are in that order already."""
    if not len(a):
        return device, window, a, b
    new = np.ones(len(a), bool)
    new[1:] = (group[1:] != group[:-1]) | (window[1:] != window[:-1])
    at = np.flatnonzero(new)
    return device[at], window[at], a[at], np.maximum.reduceat(b, at)


def intervals(
    device: np.ndarray,
    t: np.ndarray,
    in_circle: np.ndarray,
    in_polygon: np.ndarray,
    windows: pa.Table,
) -> pa.Table:
    """Absences and zone entries from the two sides of every fix."""
    parts: list[tuple] = []
    w_device, w_start, w_end = (windows[c].to_numpy() for c in ("device", "start_us", "end_us"))
    d, a, b, group, _ = runs_of(device, t, ~in_circle)
    for i in range(2):  # each device has two windows, in order
        start, end = w_start[i::2][d], w_end[i::2][d]
        a_in, b_in = np.maximum(a, start), np.minimum(b, end)
        keep = a_in < b_in
        parts.append((ABSENCE, *_joined(d[keep], start[keep], group[keep], a_in[keep], b_in[keep])))
    assert (w_device[::2] == w_device[1::2]).all()
    d, a, b, group, _ = runs_of(device, t, in_polygon)
    parts.append((ZONE_ENTRY, *_joined(d, np.zeros(len(d), np.int64), group, a, b)))
    kind = np.concatenate([np.full(len(p[1]), p[0]) for p in parts])
    return table_of(
        np.concatenate([p[1] for p in parts]),
        kind,
        *(np.concatenate([p[i] for p in parts]) for i in (2, 3, 4)),
    )
