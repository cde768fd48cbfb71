"""The right answer, in plain Python: one fix after the other, as ``workload`` states the work.

Written as the state machine of the page "How the engine decides" (sections 4 and 7), not as the runs
that the SQL engines use, and with its own geometry, so that an error in the one does not repeat in the
other. It imports no engine.
"""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from benchmarks.intervals import ABSENCE, ZONE_ENTRY, table_of_rows

if TYPE_CHECKING:
    from benchmarks.workload import Work

Row = tuple[int, int, int, int, int]
Spell = tuple[int, int, bool]


def answer(work: Work, processes: int = 2) -> pa.Table:
    """Every interval of a workload. Slow on purpose: about a million fixes in a few seconds."""
    chunk = 64
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        parts = pool.map(_answer_some, _chunks(work, chunk))
        return table_of_rows([row for part in parts for row in part])


def _chunks(work: Work, size: int) -> Any:
    """Plain lists for some devices at a time."""
    codes = work.fixes.column("device_id").chunk(0).indices.to_numpy()
    ends = [int(i) + 1 for i in (codes[1:] != codes[:-1]).nonzero()[0]] + [len(codes)]
    circles, polygons = work.circles.to_pylist(), work.polygons.to_pylist()
    windows: dict[int, list[tuple[int, int]]] = {}
    for w in work.windows.to_pylist():
        windows.setdefault(w["device"], []).append((w["start_us"], w["end_us"]))
    start = 0
    for first in range(0, work.devices, size):
        some = []
        for d in range(first, min(first + size, work.devices)):
            part = work.fixes.slice(start, ends[d] - start)
            start = ends[d]
            columns = [
                part.column("recorded_at_utc").cast(pa.int64()).to_pylist(),
                *(part.column(name).to_pylist() for name in ("lon_e7", "lat_e7")),
            ]
            some.append((d, columns, circles[d], polygons[d], windows[d]))
        yield some


def _answer_some(some: list[Any]) -> list[Row]:
    rows: list[Row] = []
    for device, (times, lons, lats), circle, ring, windows in some:
        out = spells(times, [not i for i in _in_circle(lons, lats, circle)])
        for start, end in windows:
            rows += [(device, ABSENCE, start, a, b) for a, b in broken_stretches(out, start, end)]
        entered = spells(times, _in_polygon(lons, lats, ring))
        rows += [(device, ZONE_ENTRY, 0, a, b) for a, b in broken_stretches(entered, times[0], times[-1] + 1)]
    return rows


def spells(times: list[int], breach: list[bool]) -> list[Spell]:
    """Confirmed spells (first, last, breach side?), two following fixes on a side confirming it."""
    found: list[Spell] = []
    state: bool | None = None
    first = last = 0
    pending: bool | None = None
    pending_first = 0
    for t, side in zip(times, breach, strict=True):
        if side == state:
            if pending is not None:
                found.append((first, last, state))
                first = t
                pending = None
            last = t
        elif pending is None or pending != side:
            pending, pending_first = side, t
        else:
            if state is not None:
                found.append((first, last, state))
            state, first, last, pending = side, pending_first, t, None
    if state is not None:
        found.append((first, last, state))
    return found


def broken_stretches(of: list[Spell], start: int, end: int) -> list[tuple[int, int]]:
    """Breach time within [start, end), joined where no kept time lies between."""
    found: list[tuple[int, int]] = []
    kept_since = True
    for first, last, breach in of:
        a, b = max(first, start), min(last, end)
        if a >= b:
            continue
        if not breach:
            kept_since = True
        elif kept_since:
            found.append((a, b))
            kept_since = False
        else:
            found[-1] = (found[-1][0], b)
    return found


def _in_circle(lons: list[int], lats: list[int], circle: dict[str, float]) -> list[bool]:
    """On the ellipsoid's osculating plane at the middle latitude between the fix and the centre."""
    a, e2 = 6378137.0, 0.0066943799901413165
    lon0, lat0, radius = circle["lon"], circle["lat"], circle["radius_m"]
    w = 1 - e2 * math.sin(math.radians(lat0)) ** 2
    meridian = a * (1 - e2) / w**1.5
    prime = a / math.sqrt(w)
    far = math.degrees(2 * radius / 6.3e6)
    inside = []
    for lon_e7, lat_e7 in zip(lons, lats, strict=True):
        dlat = lat_e7 * 1e-7 - lat0
        if dlat > far or dlat < -far:
            inside.append(False)
            continue
        y = math.radians(dlat) * meridian
        x = math.radians(lon_e7 * 1e-7 - lon0) * prime * math.cos(math.radians(lat0 + dlat / 2))
        inside.append(x * x + y * y <= radius * radius)
    return inside


def _in_polygon(lons: list[int], lats: list[int], ring: dict[str, list[float]]) -> list[bool]:
    """Even-odd rule (a ray to the east), edges straight in degrees (RFC 7946, section 3.1.1)."""
    xs, ys = ring["lon"], ring["lat"]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    edges = list(zip(xs, ys, xs[1:] + xs[:1], ys[1:] + ys[:1], strict=True))
    inside = []
    for lon_e7, lat_e7 in zip(lons, lats, strict=True):
        x, y = lon_e7 * 1e-7, lat_e7 * 1e-7
        odd = False
        if west <= x <= east and south <= y <= north:
            for xa, ya, xb, yb in edges:
                if (ya > y) != (yb > y) and x < xa + (y - ya) / (yb - ya) * (xb - xa):
                    odd = not odd
        inside.append(odd)
    return inside
