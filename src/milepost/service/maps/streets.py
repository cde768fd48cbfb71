"""The streets under a map: read once, joined into long lines, packed once, sent often."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

SHORE_DEGREES = 0.0035
"""How far the ground of a synthetic town reaches beyond its streets: it lies in open water. Display only."""
CELL_DEGREES = 0.005
LINES = ("LineString", "MultiLineString")


@dataclass(frozen=True, slots=True)
class Streets:
    plain: bytes
    packed: bytes
    etag: str


def load_streets(path: Path) -> Streets:
    """A GeoJSON file of streets, ready to send. Raises ``OSError``, or ``ValueError`` if it is not GeoJSON."""
    state = path.stat()
    return _load(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _load(path: Path, changed_ns: int, size: int) -> Streets:
    """``changed_ns`` and ``size`` make a changed file a new one."""
    drawn = json.dumps(joined(json.loads(path.read_bytes())), separators=(",", ":")).encode()
    return Streets(drawn, gzip.compress(drawn, 6, mtime=0), f'"{hashlib.sha256(drawn).hexdigest()[:20]}"')


def joined(collection: dict[str, Any]) -> dict[str, Any]:
    """Pieces of one street as one line, so that its name can be written along it; and ground for islands."""
    by_street: dict[tuple[str, str], list[Any]] = {}
    others, synthetic = [], []
    for feature in collection.get("features") or []:
        properties, geometry = feature.get("properties") or {}, feature.get("geometry") or {}
        if geometry.get("type") not in LINES:
            others.append(feature)
            continue
        line = shape(geometry)
        street = str(properties.get("kind") or "street"), str(properties.get("name") or "")
        by_street.setdefault(street, []).append(line)
        if properties.get("synthetic"):
            synthetic.append(line)
    ground = [_feature("ground", "", _ground(synthetic))] if synthetic else []
    lines = [
        _feature(kind, name, shapely.line_merge(shapely.multilinestrings(shapely.get_parts(pieces))))
        for (kind, name), pieces in by_street.items()
    ]
    return {"type": "FeatureCollection", "features": [*ground, *others, *lines]}


def _ground(lines: list[Any]) -> Any:
    """Around the streets of a town that lies in the sea, wide enough to walk on, round at the corners."""
    cells = np.unique(np.floor(shapely.get_coordinates(lines) / CELL_DEGREES), axis=0) * CELL_DEGREES
    west, south = cells.T
    squares = shapely.box(west, south, west + CELL_DEGREES, south + CELL_DEGREES)
    wide = shapely.buffer(shapely.union_all(squares), SHORE_DEGREES * 2, quad_segs=8)
    return shapely.simplify(shapely.buffer(wide, -SHORE_DEGREES, quad_segs=8), 0.0001)


def _feature(kind: str, name: str, geometry: Any) -> dict[str, Any]:
    rounded = shapely.transform(geometry, lambda degrees: np.round(degrees, 6))
    return {"type": "Feature", "properties": {"kind": kind, "name": name}, "geometry": mapping(rounded)}
