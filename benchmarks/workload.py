"""The work that every engine does: curfews and exclusion zones over a weekend with a clock change.

Everyone wears one tag that reports once a minute from Friday 27 March 2026 12:00 UTC (clocks in London
go forward on Sunday at 01:00 UTC, so a Saturday night's curfew is an hour short). Each has a curfew at
home (a circle) and one exclusion zone (a polygon of 20 to 200 points).

The work, stated once for all engines:

- A fix is inside or outside by plain geometry.
- A *run* is a maximal series of following fixes of one device on one side. It holds from its first fix to
  its last. Every run has two fixes or more: what a single stray fix shows is where engines rightly differ.
- Curfew: the runs outside are clipped to each curfew window; within one window, those with no run
  inside between them are one **absence**, from the start of the first to the end of the last.
- Zone: runs inside with no run outside between them are one **zone entry**.
- Stretches without length do not count.

Fixes are kept a metre away from every circle's edge, so that each engine may measure distance in its
own way (plane, sphere, ellipsoid) and still has one right answer. All is synthetic and lies at sea.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from shapely import Polygon, contains_xy

from benchmarks import plain_reference
from benchmarks.machine import DATA

MINUTES = 2_880
BEGIN = dt.datetime(2026, 3, 27, 12, tzinfo=dt.UTC)
LONDON = ZoneInfo("Europe/London")
HOURS = (("19:00", "07:00"), ("20:00", "06:00"), ("21:00", "07:00"), ("18:30", "06:30"))
CLEAR_M = 1.0
"""Nearer to a circle's edge than this there is no fix."""
VERSION = 2
"""Part of the folder's name: raise it when the data change."""


@dataclass(slots=True)
class Work:
    """The tables of one size. Times are microseconds UTC, positions degrees x 10^7.

    ``fixes``: device_id, recorded_at_utc, source, lon_e7, lat_e7, precision_m, quality, by device and time.
    ``circles``: device, lon, lat (degrees), radius_m. ``polygons``: device, lon and lat as lists, the
    first point not repeated. ``windows``: device, start_us, end_us of each curfew night.
    """

    folder: Path
    fixes: pa.Table
    circles: pa.Table
    polygons: pa.Table
    windows: pa.Table

    @property
    def devices(self) -> int:
        return self.circles.num_rows

    def first(self, devices: int) -> Work:
        """The same work for some devices only. ``folder`` still holds the orders of all."""
        import pyarrow.compute as pc

        rows = devices * MINUTES
        return Work(
            self.folder,
            self.fixes.slice(0, rows),
            self.circles.slice(0, devices),
            self.polygons.slice(0, devices),
            self.windows.filter(pc.less(self.windows["device"], devices)),
        )

    @property
    def reference(self) -> pa.Table:
        return pq.read_table(self.folder / "reference.parquet")


def folder_of(devices: int) -> Path:
    return DATA / f"side-by-side-v{VERSION}-{devices}"


def load(folder: Path) -> Work:
    names = ("fixes", "circles", "polygons", "windows")
    return Work(folder, *(pq.read_table(folder / f"{name}.parquet").combine_chunks() for name in names))


def ensure(devices: int, seed: int = 1) -> Path:
    """The folder with the data of a size and their reference answer; made once, then kept."""
    folder = folder_of(devices)
    if not (folder / "reference.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        work = make(devices, seed, folder)
        for name in ("fixes", "circles", "polygons", "windows"):
            pq.write_table(getattr(work, name), folder / f"{name}.parquet", compression="zstd")
        (folder / "orders.json").write_text(json.dumps(order_file(work)))
        pq.write_table(plain_reference.answer(work), folder / "reference.parquet")
    return folder


def make(devices: int, seed: int, folder: Path) -> Work:
    """Draws homes, zones, lives and fixes. The same numbers give the same data."""
    rng = np.random.default_rng([seed, devices])
    lon = 1.2 + rng.uniform(0, 0.5, devices)
    lat = 53.6 + rng.uniform(0, 0.5, devices)
    radius_m = rng.choice([60.0, 75.0, 100.0, 150.0], devices)
    rings = [_ring(rng, lon[d], lat[d]) for d in range(devices)]
    begin_us = int(BEGIN.timestamp() * 1_000_000)
    minutes = np.arange(MINUTES)
    t, lon_e7, lat_e7, sigma = [], [], [], []
    for d in range(devices):
        x, y, noise_m = _life(rng, rings[d][2], minutes)
        x, y = _clear_of_edge(x, y, radius_m[d])
        east, north = metres_per_degree(lat[d])
        t.append(begin_us + (minutes * 60 + int(rng.integers(60))) * 1_000_000)
        home = x**2 + y**2 < radius_m[d] ** 2
        lons, lats = lon[d] + x / east, lat[d] + y / north
        zone = contains_xy(Polygon(np.column_stack(rings[d][:2])), lons, lats)
        steady = _without_strays(home, zone)
        lon_e7.append(np.rint(lons[steady] * 1e7).astype(np.int32))
        lat_e7.append(np.rint(lats[steady] * 1e7).astype(np.int32))
        sigma.append(noise_m)
    n = devices * MINUTES
    codes = np.repeat(np.arange(devices, dtype=np.int32), MINUTES)
    names = pa.array([f"D{d:06d}" for d in range(devices)])
    fixes = pa.table(
        {
            "device_id": pa.DictionaryArray.from_arrays(pa.array(codes), names),
            "recorded_at_utc": pa.array(np.concatenate(t), pa.timestamp("us", tz="UTC")),
            "source": pa.array(np.ones(n, np.uint8)),
            "lon_e7": pa.array(np.concatenate(lon_e7)),
            "lat_e7": pa.array(np.concatenate(lat_e7)),
            "precision_m": pa.array(np.repeat(np.array(sigma, np.float32) * np.float32(2.448), MINUTES)),
            "quality": pa.array(np.zeros(n, np.uint16)),
        }
    )
    numbers = pa.array(np.arange(devices, dtype=np.int32))
    circles = pa.table({"device": numbers, "lon": lon, "lat": lat, "radius_m": radius_m})
    polygons = pa.table(
        {"device": numbers, "lon": [r[0].tolist() for r in rings], "lat": [r[1].tolist() for r in rings]}
    )
    return Work(folder, fixes, circles, polygons, _windows(devices))


def metres_per_degree(lat: float) -> tuple[float, float]:
    """East and north on the WGS 84 ellipsoid (EPSG:7030 semi-major axis and flattening)."""
    a, e2 = 6378137.0, 0.0066943799901413165
    w = 1 - e2 * math.sin(math.radians(lat)) ** 2
    return (
        a / math.sqrt(w) * math.cos(math.radians(lat)) * math.pi / 180,
        a * (1 - e2) / w**1.5 * math.pi / 180,
    )


def hours_of(device: int) -> tuple[str, str]:
    return HOURS[device % len(HOURS)]


def _windows(devices: int) -> pa.Table:
    rows = []
    for d in range(devices):
        begin, end = hours_of(d)
        for day in (dt.date(2026, 3, 27), dt.date(2026, 3, 28)):
            start = dt.datetime.combine(day, dt.time.fromisoformat(begin), LONDON)
            stop = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.fromisoformat(end), LONDON)
            rows.append((d, int(start.timestamp() * 1e6), int(stop.timestamp() * 1e6)))
    device, start_us, end_us = np.array(rows, np.int64).T
    return pa.table({"device": device.astype(np.int32), "start_us": start_us, "end_us": end_us})


def _ring(
    rng: np.random.Generator, lon: float, lat: float
) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """A star-shaped polygon one to three kilometres from home, in degrees, and its centre in metres."""
    n = int(rng.integers(20, 201))
    angle = np.sort(rng.uniform(0, 2 * np.pi, n))
    reach = rng.uniform(250, 900) * (1 + 0.35 * rng.uniform(-1, 1, n))
    away, towards = rng.uniform(1_000, 3_000), rng.uniform(0, 2 * np.pi)
    centre = float(away * np.cos(towards)), float(away * np.sin(towards))
    east, north = metres_per_degree(lat)
    return (
        lon + (centre[0] + reach * np.cos(angle)) / east,
        lat + (centre[1] + reach * np.sin(angle)) / north,
        centre,
    )


def _life(
    rng: np.random.Generator, zone: tuple[float, float], minutes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Two days as metres from home: at home but for some ways there and back, at any hour; noise on all."""
    times, xs, ys = [0.0], [0.0], [0.0]
    for leave in np.sort(rng.uniform(0, MINUTES, rng.poisson(8))):
        if leave <= times[-1]:
            continue
        if rng.random() < 0.35:
            x, y = zone[0] + rng.normal(0, 250), zone[1] + rng.normal(0, 250)
        else:
            x, y = rng.normal(0, 2_500, 2)
        way, stay = rng.uniform(8, 25), rng.uniform(2, 200)
        times += [leave, leave + way, leave + way + stay, leave + 2 * way + stay]
        xs += [0.0, x, x, 0.0]
        ys += [0.0, y, y, 0.0]
    noise_m = float(rng.uniform(4, 30))
    x = np.interp(minutes, times, xs) + rng.normal(0, noise_m, len(minutes))
    y = np.interp(minutes, times, ys) + rng.normal(0, noise_m, len(minutes))
    return x, y, noise_m


def _clear_of_edge(x: np.ndarray, y: np.ndarray, radius_m: float) -> tuple[np.ndarray, np.ndarray]:
    r = np.hypot(x, y)
    near = np.abs(r - radius_m) < CLEAR_M
    factor = np.where(near, (radius_m + 1.5 * CLEAR_M) / np.maximum(r, 1.0), 1.0)
    return x * factor, y * factor


def _without_strays(*sides: np.ndarray) -> np.ndarray:
    """Which fix to stay at in each minute, so that nobody is on any side for a single fix."""
    at = np.arange(len(sides[0]))
    while True:
        stray = np.zeros(len(at), bool)
        for side in sides:
            now = side[at]
            changes = np.concatenate([[True], now[1:] != now[:-1], [True]])
            stray |= changes[:-1] & changes[1:]
        if not stray.any():
            return at
        first = int(stray.argmax())
        at[first] = at[first - 1] if first else at[1]


def order_file(work: Work) -> dict[str, object]:
    """The same duties as a Milepost order file: one curfew and one exclusion zone each."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    since = "2026-03-01T00:00:00Z"
    people, activations, orders = [], [], []
    for circle, ring in zip(work.circles.to_pylist(), work.polygons.to_pylist(), strict=True):
        d = circle["device"]
        begin, end = hours_of(d)
        person = f"P{d:06d}"
        schedule = [
            {"from_day": days[i], "from_time": begin, "until_day": days[(i + 1) % 7], "until_time": end}
            for i in range(7)
        ]
        points = [list(p) for p in zip(ring["lon"], ring["lat"], strict=True)]
        conditions = [
            {
                "id": f"{person}-curfew", "kind": "curfew", "from": since, "place": f"{person}-home",
                "schedule": schedule,
            },
            {
                "id": f"{person}-zone", "kind": "exclusion_zone", "from": since,
                "geometry": {"type": "Polygon", "coordinates": [[*points, points[0]]]},
            },
        ]  # fmt: skip
        place = {"id": f"{person}-home", "circle": {k: circle[k] for k in ("lon", "lat", "radius_m")}}
        people.append({"id": person, "synthetic": True})
        activations.append(
            {"id": f"A{d:06d}", "device_id": f"D{d:06d}", "person_id": person, "from_utc": since}
        )
        version = {"version": 1, "effective_from_utc": since, "places": [place], "conditions": conditions}
        orders.append(
            {"id": f"O{d:06d}", "person_id": person, "regime": "community_order", "versions": [version]}
        )
    return {"milepost": 1, "people": people, "activations": activations, "orders": orders}
