"""Lives, reports and errors put together: orders and signals as the engine reads them, and the truth."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from benchmarks.noise.errors import HONEST_FACTOR, Errors, draw_errors
from benchmarks.noise.people import (
    CELLS,
    STEP_S,
    ZONE_AWAY_M,
    ZONE_HALF_M,
    Lives,
    draw_lives,
    in_curfew,
)
from benchmarks.noise.sampling import Times, draw_times, kept_of
from benchmarks.workload import metres_per_degree
from milepost.orders.model import Activation, OrderFile
from milepost.tracks.record import FIXES, PRESENCE, Quality, Signals, Source

BEGIN = dt.datetime(2026, 2, 2, 12, tzinfo=dt.UTC)
BEGIN_US = int(BEGIN.timestamp()) * 1_000_000
END_US = BEGIN_US + CELLS * STEP_S * 1_000_000
UNIT_REACH_M, UNIT_LATE_S, UNIT_BEAT_S = 15.0, 300.0, 900.0
"""How far a home unit hears, how late it says that the tag is gone, how often it repeats itself."""
DAYS_OF_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is added to the plain errors, and how the device speaks of it."""

    name: str
    multipath: bool = True
    drift: str = "honest"  # "none", "honest" or "lying"
    missing: float = 0.0
    stated: str = "as it is"  # "not at all", or "a quarter"
    honest: bool = True
    """Whether the device owns, on the whole, to the errors that it makes."""


SCENARIOS = (
    Scenario("quiet", multipath=False, drift="none"),
    Scenario("multipath", drift="none"),
    Scenario("honest"),
    Scenario("honest, 20 % missing", missing=0.2),
    Scenario("honest, 50 % missing", missing=0.5),
    Scenario("lying drift", drift="lying", honest=False),
    Scenario("no precision stated", stated="not at all", honest=False),
    Scenario("precision overstated by 4", stated="a quarter", honest=False),
)


@dataclass(frozen=True, slots=True)
class Violation:
    """One stretch in which a duty was truly not kept. Microseconds UTC."""

    start: float
    end: float
    hard: bool


@dataclass(slots=True)
class World:
    """One seed: everything that scenarios share."""

    seed: int
    lives: Lives
    times: Times
    errors: Errors
    lat: np.ndarray  # of each home, degrees
    lon: np.ndarray
    orders: OrderFile

    def broken(self, condition: str) -> np.ndarray:
        """(person, cell) in which "curfew" or "zone" is truly broken."""
        if condition == "zone":
            return self.lives.in_zone()
        return self.lives.outside_home() & in_curfew()

    def owed(self, condition: str) -> np.ndarray:
        if condition == "zone":
            return np.repeat(self.lives.has_zone[:, None], CELLS, axis=1)
        return np.repeat(in_curfew()[None, :], len(self.lives), axis=0)

    def violations(self) -> dict[tuple[str, str], list[Violation]]:
        """By person and condition, as the order names them."""
        found: dict[tuple[str, str], list[Violation]] = {}
        for condition in ("curfew", "zone"):
            for i, row in enumerate(self.broken(condition)):
                edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
                of = found.setdefault((name_of(i), f"{name_of(i)}-{condition}"), [])
                for a, b in zip(edges[::2], edges[1::2], strict=True):
                    hard = bool(self.lives.hard[i, a:b].mean() > 0.5)
                    start, end = (BEGIN_US + float(c) * STEP_S * 1e6 for c in (a, b))
                    of.append(Violation(start, end, hard))
        return found

    def signals(self, scenario: Scenario) -> Signals:
        x, y = self.true_position()
        e, n = self.errors, len(self.times.t)
        stated = e.stated_m.copy()
        layers = [e.plain]
        if scenario.multipath:
            layers += [e.bursts, e.tails]
            owned = np.where(e.bursts.owned, HONEST_FACTOR * e.bursts.size, 0)
            stated = np.maximum(stated, owned)
        if scenario.drift != "none":
            layers.append(e.drift)
            adrift = e.drift.size > 0
            owned = np.maximum(stated, HONEST_FACTOR * e.drift.size)
            stated = np.where(adrift, e.lie_m if scenario.drift == "lying" else owned, stated)
        if scenario.stated == "a quarter":
            stated /= 4
        x, y = x + sum(layer.x for layer in layers), y + sum(layer.y for layer in layers)
        nothing = scenario.stated == "not at all"
        precision = np.full(n, np.nan) if nothing else stated
        kept = np.flatnonzero(kept_of(self.seed, self.times, scenario.missing))
        return self._signals(x, y, precision, kept)

    def true_position(self) -> tuple[np.ndarray, np.ndarray]:
        """Metres east and north of home at each fix, between the cells in proportion."""
        i, c = self.times.person, self.times.cell
        part = self.times.t / STEP_S - c
        nxt = np.minimum(c + 1, CELLS - 1)
        u, v = (a[i, c] * (1 - part) + a[i, nxt] * part for a in (self.lives.u, self.lives.v))
        return turned(u, v, self.lives.turn[i])

    def home_units(self) -> pa.Table:
        """What a home unit at the centre of each home reports: changes (that it is gone late), and heartbeats."""
        heard = np.hypot(self.lives.u, self.lives.v) <= UNIT_REACH_M
        rows: list[tuple[int, float, bool, bool]] = []
        for i, row in enumerate(heard):
            changes = np.concatenate([[0], np.flatnonzero(np.diff(row)) + 1, [CELLS]])
            for a, b in itertools.pairwise(changes.tolist()):
                start, end = float(a * STEP_S), float(b * STEP_S)
                if not row[a] and a:
                    start += UNIT_LATE_S
                beats = np.arange(start, end + (UNIT_LATE_S if row[a] else 0), UNIT_BEAT_S)
                rows += [(i, t, bool(row[a]), n > 0) for n, t in enumerate(beats.tolist())]
        return presence_table([f"U{name_of(j)}" for j in range(len(self.lives))], rows)

    def orders_with_units(self) -> OrderFile:
        """The same orders, with the home units that ``home_units`` speaks for."""
        since = BEGIN - dt.timedelta(days=30)
        units = [
            Activation(
                id=f"U{a.id}", device_id=f"U{a.person_id}", person_id=a.person_id, from_utc=since,
                device_kind="home_unit", place="home",
            )
            for a in self.orders.activations
        ]  # fmt: skip
        return self.orders.model_copy(update={"activations": [*self.orders.activations, *units]})

    def _signals(self, x: np.ndarray, y: np.ndarray, precision: np.ndarray, kept: np.ndarray) -> Signals:
        i = self.times.person
        per_degree = np.array([metres_per_degree(lat) for lat in self.lat])
        lat = self.lat[i] + y / per_degree[i, 1]
        lon = self.lon[i] + x / per_degree[i, 0]
        t = BEGIN_US + (self.times.t * 1e6).astype(np.int64)
        names = [f"D{name_of(j)}" for j in range(len(self.lives))]
        return Signals(fixes=fixes_table(names, *(a[kept] for a in (i, t, lon, lat, precision))))


def name_of(i: int) -> str:
    return f"P{i:05d}"


def turned(u: np.ndarray, v: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From a person's own axes to east and north."""
    return u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)


def make_world(seed: int, people: int = 60) -> World:
    lives = draw_lives(seed, people)
    times = draw_times(seed, lives)
    rng = np.random.default_rng([seed, 5])
    lat, lon = 53.6 + rng.uniform(0, 0.5, people), 1.2 + rng.uniform(0, 0.5, people)
    zones = [zone_ring(lives, i, lat[i], lon[i]) if lives.has_zone[i] else None for i in range(people)]
    orders = order_file(lat, lon, lives.radius_m, zones)
    return World(seed, lives, times, draw_errors(seed, lives, times), lat, lon, orders)


def zone_ring(lives: Lives, i: int, lat: float, lon: float) -> list[list[float]]:
    east, north = metres_per_degree(lat)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * ZONE_HALF_M
    x, y = turned(corners[:, 0] + ZONE_AWAY_M, corners[:, 1], lives.turn[i])
    return [[float(lon + a / east), float(lat + b / north)] for a, b in zip(x, y, strict=True)]


def order_file(
    lat: np.ndarray, lon: np.ndarray, radius_m: np.ndarray, zones: list[list[list[float]] | None]
) -> OrderFile:
    """A curfew at home from 19:00 to 07:00 each night, and the zone where there is one."""
    since = "2026-01-01T00:00:00Z"
    nights = [
        {"from_day": day, "from_time": "19:00", "until_day": DAYS_OF_WEEK[(k + 1) % 7], "until_time": "07:00"}
        for k, day in enumerate(DAYS_OF_WEEK)
    ]
    people, activations, orders = [], [], []
    for i in range(len(lat)):
        name = name_of(i)
        home = {"lon": float(lon[i]), "lat": float(lat[i]), "radius_m": float(radius_m[i])}
        conditions: list[dict[str, object]] = [
            {"id": f"{name}-curfew", "kind": "curfew", "from": since, "place": "home", "schedule": nights}
        ]
        ring = zones[i]
        if ring is not None:
            shape = {"type": "Polygon", "coordinates": [ring]}
            conditions.append(
                {"id": f"{name}-zone", "kind": "exclusion_zone", "from": since, "geometry": shape}
            )
        version = {
            "version": 1,
            "effective_from_utc": since,
            "places": [{"id": "home", "circle": home}],
            "conditions": conditions,
        }
        people.append({"id": name, "synthetic": True})
        activations.append({"id": f"A{name}", "device_id": f"D{name}", "person_id": name, "from_utc": since})
        orders.append(
            {"id": f"O{name}", "person_id": name, "regime": "community_order", "versions": [version]}
        )
    return OrderFile.model_validate(
        {"milepost": 1, "people": people, "activations": activations, "orders": orders}
    )


def presence_table(names: list[str], rows: list[tuple[int, float, bool, bool]]) -> pa.Table:
    """(home unit, seconds, hears the tag, only repeats it) as a table of the PRESENCE schema."""
    unit, seconds, heard, beat = (np.array(column) for column in zip(*rows, strict=True))
    times = pa.array(BEGIN_US + (seconds * 1e6).astype(np.int64), pa.timestamp("us", tz="UTC"))
    known = {
        "device_id": pa.DictionaryArray.from_arrays(pa.array(unit.astype(np.int32)), pa.array(names)),
        "recorded_at_utc": times,
        "received_at_utc": times,
        "state": pa.array(heard.astype(np.uint8)),
        "heartbeat": pa.array(beat),
        "quality": pa.array(np.zeros(len(rows), np.uint16)),
    }
    columns = [known.get(f.name, pa.nulls(len(rows), f.type)) for f in PRESENCE]
    return pa.Table.from_arrays(
        [c.cast(f.type) for c, f in zip(columns, PRESENCE, strict=True)], schema=PRESENCE
    )


def fixes_table(
    names: list[str], person: np.ndarray, t_us: np.ndarray, lon: np.ndarray, lat: np.ndarray, precision_m: np.ndarray
) -> pa.Table:  # fmt: skip
    """A table of the FIXES schema; precision NaN becomes unknown."""
    n = len(t_us)
    unknown = np.isnan(precision_m)
    times = pa.array(t_us, pa.timestamp("us", tz="UTC"))
    known = {
        "device_id": pa.DictionaryArray.from_arrays(pa.array(person.astype(np.int32)), pa.array(names)),
        "recorded_at_utc": times,
        "received_at_utc": times,
        "source": pa.array(np.full(n, int(Source.GPS), np.uint8)),
        "lon_e7": pa.array(np.rint(lon * 1e7).astype(np.int32)),
        "lat_e7": pa.array(np.rint(lat * 1e7).astype(np.int32)),
        "precision_m": pa.array(precision_m.astype(np.float32), mask=unknown),
        "quality": pa.array(np.where(unknown, int(Quality.UNKNOWN_PRECISION), 0).astype(np.uint16)),
    }
    columns = [known.get(f.name, pa.nulls(n, f.type)) for f in FIXES]
    return pa.Table.from_arrays([c.cast(f.type) for c, f in zip(columns, FIXES, strict=True)], schema=FIXES)
