"""The way along the streets from one spot to another."""

from __future__ import annotations

import heapq
import math

import numpy as np

from milepost.synth.plane import Floats
from milepost.synth.town import Spot, Town


def shortest_tree(town: Town, root: int) -> tuple[list[float], list[int]]:
    """For every crossing, weighted metres to ``root`` and the next crossing on the way (Dijkstra 1959).

    Kept on the town: most ways lead to one of few workplaces, shops and offices.
    """
    if root in town.trees:
        return town.trees[root]
    distance = [math.inf] * len(town.nodes)
    towards = [-1] * len(town.nodes)
    distance[root] = 0.0
    queue = [(0.0, root)]
    while queue:
        so_far, node = heapq.heappop(queue)
        if so_far > distance[node]:
            continue
        for there, metres in town.neighbours[node]:
            if so_far + metres < distance[there]:
                distance[there] = so_far + metres
                towards[there] = node
                heapq.heappush(queue, (so_far + metres, there))
    town.trees[root] = (distance, towards)
    return distance, towards


def find_route(town: Town, start: Spot, end: Spot) -> Floats:
    """The way from ``start`` to ``end`` as points (n, 2), metres. Both may lie anywhere on a street."""
    if start == end:
        return np.array([[start.x, start.y]])
    if start.ends == end.ends and start.ends[0] != start.ends[1]:
        return _points(start, [], end)
    if end.ends[0] != end.ends[1] and start.ends[0] == start.ends[1]:
        return find_route(town, end, start)[::-1]
    best: tuple[float, list[int]] = (math.inf, [])
    for root in dict.fromkeys(end.ends):
        distance, towards = shortest_tree(town, root)
        last = math.dist(end.foot, town.nodes[root])
        for node in dict.fromkeys(start.ends):
            metres = math.dist(start.foot, town.nodes[node]) + distance[node] + last
            if metres < best[0]:
                best = (metres, _walk(towards, node))
    return _points(start, [tuple(town.nodes[node]) for node in best[1]], end)


def length_m(points: Floats) -> float:
    """Metres along the points."""
    return float(np.hypot(*np.diff(points, axis=0).T).sum()) if len(points) > 1 else 0.0


def cut_route(points: Floats, metres: float) -> Floats:
    """The first ``metres`` of a way (all of it, if it is shorter)."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    metres = min(metres, float(along[-1]))
    kept = points[along < metres]
    last = [np.interp(metres, along, points[:, 0]), np.interp(metres, along, points[:, 1])]
    return np.vstack([kept, last])


def _walk(towards: list[int], node: int) -> list[int]:
    way = [node]
    while towards[node] >= 0:
        node = towards[node]
        way.append(node)
    return way


def _points(start: Spot, between: list[tuple[float, ...]], end: Spot) -> Floats:
    points = [(start.x, start.y), start.foot, *between, end.foot, (end.x, end.y)]
    kept = [points[0]]
    for point in points[1:]:
        if math.dist(point, kept[-1]) > 1e-6:
            kept.append(point)
    return np.array(kept, dtype=np.float64)
