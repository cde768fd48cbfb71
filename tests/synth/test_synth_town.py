from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np

from milepost.synth.routes import cut_route, find_route, length_m
from milepost.synth.town import build_home, build_town, river_y, streets_geojson, town_plane


def test_every_place_can_be_reached_along_streets_only() -> None:
    town = build_town(3)
    rng = np.random.default_rng(0)
    streets = {frozenset(edge) for edge in town.edges}
    crossing = {tuple(node): i for i, node in enumerate(town.nodes)}
    for _ in range(40):
        home = build_home(town, rng, "home")
        for spot in (town.spots["work"][0], town.spots["office"][0], town.spots["visit"][5]):
            way = find_route(town, home, spot)
            assert tuple(way[0]) == (home.x, home.y)
            assert tuple(way[-1]) == (spot.x, spot.y)
            passed = [crossing[tuple(point)] for point in way if tuple(point) in crossing]
            assert passed
            assert passed[0] in home.ends
            assert passed[-1] == spot.ends[0]
            assert all(frozenset(pair) in streets for pair in pairwise(passed))


def test_a_way_is_the_shortest_by_another_algorithm() -> None:
    town = build_town(3)
    weights = {}
    for a, near in enumerate(town.neighbours):
        for b, metres in near:
            weights[a, b] = metres
    root = town.spots["work"][0].ends[0]
    best = [math.inf] * len(town.nodes)
    best[root] = 0.0
    for _ in range(len(town.nodes)):  # Bellman and Ford: slow, obvious
        changed = False
        for (a, b), metres in weights.items():
            if best[a] + metres < best[b] - 1e-9:
                best[b], changed = best[a] + metres, True
        if not changed:
            break
    find_route(town, town.spots["shop"][0], town.spots["work"][0])
    assert np.allclose(town.trees[root][0], best)


def test_the_river_is_crossed_at_bridges_only() -> None:
    town = build_town(4)
    kinds = set()
    for (a, b), kind in zip(town.edges, town.kinds, strict=True):
        sides = [town.nodes[n][1] > river_y(town.nodes[n][0]) for n in (a, b)]
        if sides[0] != sides[1]:
            kinds.add(kind)
    assert kinds == {"bridge"}
    assert town.kinds.count("bridge") == 3


def test_streets_are_geojson_in_open_water_and_marked_synthetic() -> None:
    collection = json.loads(json.dumps(streets_geojson(build_town(3))))
    assert {feature["properties"]["kind"] for feature in collection["features"]} == {
        "street",
        "ring_road",
        "bridge",
        "river",
    }
    assert all(feature["properties"]["synthetic"] for feature in collection["features"])
    points = [p for feature in collection["features"] for p in feature["geometry"]["coordinates"]]
    lon, lat = np.array(points).T
    # The southern North Sea, north of Norfolk: no land in this box.
    assert lon.min() > 1.0
    assert lon.max() < 2.4
    assert lat.min() > 53.4
    assert lat.max() < 55.0


def test_towns_lie_apart() -> None:
    centres = [town_plane(i) for i in range(14)]
    for i, a in enumerate(centres):
        for b in centres[i + 1 :]:
            east, north = a.metres(np.array([b.lon]), np.array([b.lat]))
            assert np.hypot(east, north)[0] > 10_000


def test_cutting_a_way_keeps_its_start_and_length() -> None:
    way = np.array([[0.0, 0.0], [0.0, 100.0], [50.0, 100.0]])
    assert length_m(cut_route(way, 120.0)) == 120.0
    assert cut_route(way, 120.0)[-1].tolist() == [20.0, 100.0]
    assert length_m(cut_route(way, 900.0)) == 150.0
