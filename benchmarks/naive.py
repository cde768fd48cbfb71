"""Two simpler ways to find violations, to hold the engine against on the same data.

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

Both are given the true wearer of each device and the right windows, so that only the reading of positions
differs. All is in plain geometry on the ellipsoid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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

    def take(self, rows: np.ndarray) -> Fixes:
        return Fixes(self.t[rows], self.received[rows], self.lon[rows], self.lat[rows], self.source[rows])


def fixes_by_person(table: pa.Table, orders: OrderFile) -> dict[str, Fixes]:
    """The positions of each person, by the device that they wore at the time."""
    column = table["device_id"].combine_chunks()
    names = {name: code for code, name in enumerate(column.dictionary.to_pylist())}
    code = column.indices.to_numpy()
    t = table["recorded_at_utc"].cast(pa.int64()).to_numpy()
    received = table["received_at_utc"].cast(pa.int64()).to_numpy()
    lon, lat = (table[c].to_numpy() * 1e-7 for c in ("lon_e7", "lat_e7"))
    everything = Fixes(t, received, lon, lat, table["source"].to_numpy())
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


def _judged(
    fixes: dict[str, Fixes], obligations: list[Obligation]
) -> Iterator[tuple[Obligation, Fixes, np.ndarray]]:
    """Each duty with a place, the person's positions, and which of them are on the breach side."""
    sides: dict[tuple[str, int], np.ndarray] = {}
    for duty in obligations:
        own = fixes.get(duty.person_id)
        if own is None or duty.target is None or duty.duty not in ("be_inside", "be_outside"):
            continue
        key = (duty.person_id, id(duty.target))
        if key not in sides:
            sides[key] = is_inside(duty.target, own.lon, own.lat)
        yield duty, own, ~sides[key] if duty.duty == "be_inside" else sides[key]


def point_in_polygon(fixes: dict[str, Fixes], obligations: list[Obligation], *, filtered: bool) -> Intervals:
    """Runs of positions on the breach side within each window; a single one is a violation of no length."""
    if filtered:
        fixes = {person: f.take(_plausible(f)) for person, f in fixes.items()}
    fixes = {person: f.take(np.argsort(f.t, kind="stable")) for person, f in fixes.items()}
    found: Intervals = {}
    for duty, own, breach in _judged(fixes, obligations):
        i, j = np.searchsorted(own.t, (duty.start_us, duty.end_us))
        edges = np.diff(np.concatenate([[0], breach[i:j].astype(np.int8), [0]]))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
        times = own.t[i:j]
        found.setdefault((duty.person_id, duty.condition_id), []).extend(
            zip(times[starts].tolist(), times[ends].tolist(), strict=True)
        )
    return found


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
    for duty, own, breach in _judged(taken, obligations):
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
