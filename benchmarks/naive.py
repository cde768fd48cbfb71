"""Three simpler ways to find violations, to hold the engine against on the same data.

**Point in polygon**: every position recorded outside during a curfew window (or inside an exclusion zone)
is an absence; following ones are one. What most first versions do, and what a spatial query gives.
With ``filtered`` only GPS positions count, those at latitude and longitude zero are left out, and so are
those recorded after they were received.

**Transition-only geofencing**, as live trackers do it: positions are taken in the order of arrival; one
that is older than the latest is ignored; an event is raised only when the side changes, and only if the
calendar holds at that moment (Traccar, ``GeofenceEventHandler``: ``isLatestPosition``, the difference of
the geofence lists, ``calendar.checkMoment``; Tile38's ``FENCE DETECT enter,exit`` likewise sees only
transitions). An absence lasts from an exit raised in a window to the next entry, or to the window's end.
Who was out when the window began raises nothing.

**Three in a row**: at least three following positions that lie beyond the boundary by more than the radius
that the device states, the first and last at least 180 s apart. Any other position ends the row. A
position without a stated radius is taken at its word. Three lines of code, and hard to beat.

All are given the true wearer of each device and the right windows, so that only the reading of positions
differs. All is in plain geometry on the ellipsoid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import shapely

from benchmarks.workload import metres_per_degree
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation, Target
from milepost.tracks.record import Source

Intervals = dict[tuple[str, str], list[tuple[float, float]]]
"""(person, condition) to (start, end), microseconds UTC."""


@dataclass(slots=True)
class Fixes:
    """One person's positions: times in microseconds UTC, degrees."""

    t: np.ndarray
    received: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    source: np.ndarray
    precision_m: np.ndarray

    def take(self, rows: np.ndarray) -> Fixes:
        return Fixes(*(getattr(self, f.name)[rows] for f in fields(self)))


def fixes_by_person(table: pa.Table, orders: OrderFile) -> dict[str, Fixes]:
    """The positions of each person, by the device that they wore at the time."""
    column = table["device_id"].combine_chunks()
    names = {name: code for code, name in enumerate(column.dictionary.to_pylist())}
    code = column.indices.to_numpy()
    t = table["recorded_at_utc"].cast(pa.int64()).to_numpy()
    received = table["received_at_utc"].cast(pa.int64()).to_numpy()
    lon, lat = (table[c].to_numpy() * 1e-7 for c in ("lon_e7", "lat_e7"))
    precision_m = table["precision_m"].to_numpy(zero_copy_only=False)
    everything = Fixes(t, received, lon, lat, table["source"].to_numpy(), precision_m)
    rows: dict[str, list[np.ndarray]] = {}
    for a in orders.activations:
        if a.device_id not in names:
            continue
        start = a.from_utc.timestamp() * 1e6
        end = a.until_utc.timestamp() * 1e6 if a.until_utc else np.inf
        worn = np.flatnonzero(code == names[a.device_id])
        rows.setdefault(a.person_id, []).append(worn[(t[worn] >= start) & (t[worn] < end)])
    return {person: everything.take(np.concatenate(parts)) for person, parts in rows.items()}


def is_inside(target: Target, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    inside = np.zeros(len(lon), bool)
    for shape in target.shapes:
        if shape.rings:
            polygon = shapely.Polygon(shape.rings[0], shape.rings[1:])
            shapely.prepare(polygon)
            inside |= shapely.contains_xy(polygon, lon, lat)
        else:
            east, north = metres_per_degree(shape.lat)
            inside |= np.hypot((lon - shape.lon) * east, (lat - shape.lat) * north) <= shape.radius_m
    return inside


def metres_inside(target: Target, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Distance to the boundary, negative outside; of several shapes the largest."""
    best = np.full(len(lon), -np.inf)
    for shape in target.shapes:
        east, north = metres_per_degree(shape.rings[0][0][1] if shape.rings else shape.lat)
        if shape.rings:
            rings = [np.array(ring) * (east, north) for ring in shape.rings]
            polygon = shapely.Polygon(rings[0], rings[1:])
            shapely.prepare(polygon)
            points = shapely.points(lon * east, lat * north)
            inside = shapely.contains(polygon, points)
            depth = shapely.distance(polygon.boundary, points) * np.where(inside, 1, -1)
        else:
            depth = shape.radius_m - np.hypot((lon - shape.lon) * east, (lat - shape.lat) * north)
        best = np.maximum(best, depth)
    return best


def _judged(
    fixes: dict[str, Fixes],
    obligations: list[Obligation],
    measure: Callable[[Target, np.ndarray, np.ndarray], np.ndarray] = is_inside,
) -> Iterator[tuple[Obligation, Fixes, np.ndarray]]:
    """Each duty with a place, the person's positions, and the measure of them (plainly: inside or not)."""
    sides: dict[tuple[str, int], np.ndarray] = {}
    for duty in obligations:
        own = fixes.get(duty.person_id)
        if own is None or duty.target is None or duty.duty not in ("be_inside", "be_outside"):
            continue
        key = (duty.person_id, id(duty.target))
        if key not in sides:
            sides[key] = measure(duty.target, own.lon, own.lat)
        yield duty, own, sides[key]


def _breach(duty: Obligation, inside: np.ndarray) -> np.ndarray:
    return ~inside if duty.duty == "be_inside" else inside


def point_in_polygon(fixes: dict[str, Fixes], obligations: list[Obligation], *, filtered: bool) -> Intervals:
    """Runs of positions on the breach side within each window; a single one is a violation of no length."""
    if filtered:
        fixes = {person: f.take(_plausible(f)) for person, f in fixes.items()}
    fixes = {person: f.take(np.argsort(f.t, kind="stable")) for person, f in fixes.items()}
    found: Intervals = {}
    for duty, own, inside in _judged(fixes, obligations):
        _, first, last = _rows_of(duty, own, _breach(duty, inside))
        _add(found, duty, own.t[first], own.t[last])
    return found


def three_in_a_row(fixes: dict[str, Fixes], obligations: list[Obligation]) -> Intervals:
    """Three or more following positions beyond the stated radius, over 180 s or more, within a window."""
    fixes = {person: f.take(np.argsort(f.t, kind="stable")) for person, f in fixes.items()}
    found: Intervals = {}
    for duty, own, inside_m in _judged(fixes, obligations, metres_inside):
        beyond_m = -inside_m if duty.duty == "be_inside" else inside_m
        count, first, last = _rows_of(duty, own, beyond_m > np.nan_to_num(own.precision_m))
        long = (count >= 3) & (own.t[last] - own.t[first] >= 180e6)
        _add(found, duty, own.t[first[long]], own.t[last[long]])
    return found


def _rows_of(duty: Obligation, own: Fixes, yes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The unbroken rows of positions that say yes within a window: how many, the first, the last."""
    i, j = np.searchsorted(own.t, (duty.start_us, duty.end_us))
    edges = np.diff(np.concatenate([[0], yes[i:j].astype(np.int8), [0]]))
    first, last = np.flatnonzero(edges == 1) + i, np.flatnonzero(edges == -1) - 1 + i
    return last - first + 1, first, last


def _add(found: Intervals, duty: Obligation, starts: np.ndarray, ends: np.ndarray) -> None:
    spans = found.setdefault((duty.person_id, duty.condition_id), [])
    spans.extend(zip(starts.tolist(), ends.tolist(), strict=True))


def _plausible(f: Fixes) -> np.ndarray:
    zero = (f.lon == 0) & (f.lat == 0)
    return np.flatnonzero((f.source == int(Source.GPS)) & ~zero & (f.t <= f.received))


def transitions_only(fixes: dict[str, Fixes], obligations: list[Obligation]) -> Intervals:
    """From each transition to the breach side within a window to the next transition back."""
    taken = {}
    for person, f in fixes.items():
        f = f.take(np.lexsort((f.t, f.received)))
        latest = np.maximum.accumulate(f.t)
        taken[person] = f.take(np.flatnonzero(f.t == latest))
    found: Intervals = {}
    for duty, own, inside in _judged(taken, obligations):
        breach = _breach(duty, inside)
        change = np.flatnonzero(breach[1:] != breach[:-1]) + 1
        if duty.duty == "be_outside" and len(breach) and breach[0]:
            change = np.concatenate([[0], change])  # the first position inside raises an entry
        at = own.t[change]
        within = (at >= duty.start_us) & (at < duty.end_us)
        raised = found.setdefault((duty.person_id, duty.condition_id), [])
        for n in np.flatnonzero(within & breach[change]):
            end = at[n + 1] if n + 1 < len(at) else own.t[-1]
            raised.append((float(at[n]), float(min(end, duty.end_us))))
    return found
