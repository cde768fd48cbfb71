"""A town that does not exist: streets, a river with bridges, homes, work, shops. It lies in open water.

The streets are a grid of about 6 by 5 km made irregular: crossings are moved, some streets are
missing, a river can be crossed at three bridges only, and a ring road is faster than the rest.
Everything is drawn from the seed. Positions are metres east and north of the town's centre.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from milepost.synth.plane import Floats, Plane

COLUMNS, ROWS, BLOCK_M = 31, 26, 200.0
SEA_LON, SEA_LAT = 1.2, 53.6
"""The first town's centre: the southern North Sea, so that nobody can live at a synthetic address."""
TOWNS_ACROSS, TOWN_STEP_LON, TOWN_STEP_LAT = 6, 0.20, 0.12
BRIDGE_COLUMNS = (6, 15, 24)
RING_MARGIN = 4
RING_WEIGHT = 0.65
"""A metre of ring road costs a driver this much of a metre of street."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place one can be at. It is reached from its foot on a street, which lies between two crossings."""

    name: str
    x: float
    y: float
    foot: tuple[float, float]
    ends: tuple[int, int]
    """The crossings at both ends of its street; the same one twice for a spot at a crossing."""


@dataclass(slots=True)
class Town:
    index: int
    plane: Plane
    nodes: Floats
    edges: list[tuple[int, int]]
    kinds: list[str]
    names: list[str]
    neighbours: list[list[tuple[int, float]]]
    """For each crossing: (crossing, weighted metres)."""
    spots: dict[str, list[Spot]] = field(default_factory=dict)
    """By kind: "work", "shop", "visit", "school", "office", "programme"."""
    trees: dict[int, tuple[list[float], list[int]]] = field(default_factory=dict)
    """Shortest-path trees found so far, see ``routes``."""


def river_y(x_m: Floats | float) -> Any:
    """Where the middle of the river lies, metres north of the centre."""
    return -250.0 + 350.0 * np.sin(np.asarray(x_m) / 1400.0)


def town_plane(index: int) -> Plane:
    """Where the town of this number lies: side by side, in rows of six, about 13 km apart."""
    row, column = divmod(index, TOWNS_ACROSS)
    return Plane(round(SEA_LON + column * TOWN_STEP_LON, 6), round(SEA_LAT + row * TOWN_STEP_LAT, 6))


def build_town(seed: int, index: int = 0) -> Town:
    """The streets and places of one town. The same seed and number give the same town."""
    rng = np.random.default_rng([seed, 101, index])
    columns, rows = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    nodes = np.column_stack(
        [
            (columns.ravel() - (COLUMNS - 1) / 2) * BLOCK_M,
            (rows.ravel() - (ROWS - 1) / 2) * BLOCK_M,
        ]
    )
    nodes += np.clip(rng.normal(0.0, 22.0, nodes.shape), -55.0, 55.0)
    north_of_river = nodes[:, 1] > river_y(nodes[:, 0])
    edges, kinds, names = [], [], []
    for row in range(ROWS):
        for column in range(COLUMNS):
            here = row * COLUMNS + column
            for there, name in _next_crossings(row, column):
                kind = _street_kind(row, column, there)
                crosses = bool(north_of_river[here] != north_of_river[there])
                if crosses:
                    if column not in BRIDGE_COLUMNS or there != here + COLUMNS:
                        continue
                    kind = "bridge"
                elif kind == "street" and rng.random() < 0.10:
                    continue
                edges.append((here, there))
                kinds.append(kind)
                names.append(name)
    town = Town(index, town_plane(index), nodes, edges, kinds, names, [[] for _ in nodes])
    for (a, b), kind in zip(edges, kinds, strict=True):
        metres = math.dist(nodes[a], nodes[b]) * (RING_WEIGHT if kind == "ring_road" else 1.0)
        town.neighbours[a].append((b, metres))
        town.neighbours[b].append((a, metres))
    _keep_connected(town)
    for kind, count in (
        ("work", 24),
        ("shop", 16),
        ("visit", 28),
        ("school", 2),
        ("office", 1),
        ("programme", 2),
    ):
        town.spots[kind] = [_spot_at_crossing(town, rng, f"{kind} {i + 1}") for i in range(count)]
    return town


def build_home(town: Town, rng: np.random.Generator, name: str) -> Spot:
    """A house beside a street, not on the ring road and not on a bridge."""
    while True:
        i = int(rng.integers(len(town.edges)))
        if town.kinds[i] == "street":
            break
    a, b = town.edges[i]
    along, side = rng.uniform(0.15, 0.85), float(rng.choice([-1.0, 1.0]))
    start, end = town.nodes[a], town.nodes[b]
    foot = start + along * (end - start)
    ahead = (end - start) / math.dist(start, end)
    away = side * rng.uniform(12.0, 24.0)
    x, y = float(foot[0] - ahead[1] * away), float(foot[1] + ahead[0] * away)
    return Spot(name, x, y, (float(foot[0]), float(foot[1])), (a, b))


def spot_at(town: Town, node: int, name: str) -> Spot:
    """The middle of a crossing."""
    x, y = float(town.nodes[node, 0]), float(town.nodes[node, 1])
    return Spot(name, x, y, (x, y), (node, node))


def streets_geojson(town: Town) -> dict[str, Any]:
    """The streets and the river as a GeoJSON FeatureCollection (RFC 7946), for drawing a map."""
    features = []
    for (a, b), kind, name in zip(town.edges, town.kinds, town.names, strict=True):
        line = [list(town.plane.lon_lat(*town.nodes[node])) for node in (a, b)]
        features.append(_line(line, kind, name))
    half = (COLUMNS - 1) / 2 * BLOCK_M + BLOCK_M
    xs = np.linspace(-half, half, 65)
    river = [list(town.plane.lon_lat(float(x), float(y))) for x, y in zip(xs, river_y(xs), strict=True)]
    features.append(_line(river, "river", "Synthetic River"))
    return {"type": "FeatureCollection", "features": features}


def _line(coordinates: list[list[float]], kind: str, name: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": kind, "name": name, "synthetic": True},
        "geometry": {"type": "LineString", "coordinates": coordinates},
    }


def _next_crossings(row: int, column: int) -> list[tuple[int, str]]:
    here = row * COLUMNS + column
    following = []
    if column + 1 < COLUMNS:
        following.append((here + 1, f"Synthetic Street {row + 1}"))
    if row + 1 < ROWS:
        following.append((here + COLUMNS, f"Synthetic Avenue {column + 1}"))
    return following


def _street_kind(row: int, column: int, there: int) -> str:
    low, right, top = RING_MARGIN, COLUMNS - 1 - RING_MARGIN, ROWS - 1 - RING_MARGIN
    row_there, column_there = divmod(there, COLUMNS)
    on_ring_row = row == row_there and row in (low, top) and low <= column < right
    on_ring_column = column == column_there and column in (low, right) and low <= row < top
    return "ring_road" if on_ring_row or on_ring_column else "street"


def _keep_connected(town: Town) -> None:
    """Leaves out streets that cannot be reached from the rest of the town."""
    seen, stack = set[int](), [ROWS // 2 * COLUMNS + BRIDGE_COLUMNS[1]]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(there for there, _ in town.neighbours[node])
    town.neighbours = [near if node in seen else [] for node, near in enumerate(town.neighbours)]
    kept = [i for i, (a, b) in enumerate(town.edges) if a in seen and b in seen]
    town.edges = [town.edges[i] for i in kept]
    town.kinds = [town.kinds[i] for i in kept]
    town.names = [town.names[i] for i in kept]


def _spot_at_crossing(town: Town, rng: np.random.Generator, name: str) -> Spot:
    a, _ = town.edges[int(rng.integers(len(town.edges)))]
    x, y = float(town.nodes[a, 0]), float(town.nodes[a, 1])
    angle, away = rng.uniform(0, 2 * math.pi), rng.uniform(15.0, 35.0)
    return Spot(name, x + away * math.cos(angle), y + away * math.sin(angle), (x, y), (a, a))
