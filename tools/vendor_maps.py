"""Writes ``src/milepost/service/maps/static/vendor/maps`` again: the map libraries, as their authors ship them.

``python tools/vendor_maps.py`` needs ``npm`` and a package registry. Only the files that pages load are
kept, with their licences (``pmtiles`` ships none: the text in its folder here is written by hand and kept).
Pointers to source maps are cut off, for the maps are not kept. ``VENDORED.toml``
names each file with its SHA-256; a test fails while a file differs from it. To move to a newer version,
change ``PACKAGES``, run this, and run the tests of the map.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src/milepost/service/maps/static/vendor/maps"
SOURCE_MAP = re.compile(rb"\n?(//|/\*)# sourceMappingURL=[^\n]*\n?")
HEAD = "# Written by tools/vendor_maps.py. Do not edit by hand.\n"


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    licence: str
    files: dict[str, str]
    """Path inside the package to the name it gets here."""


PACKAGES = (
    Package(
        "maplibre-gl",
        "6.17.0",
        "BSD-3-Clause",
        {
            "dist/maplibre-gl.mjs": "maplibre-gl.mjs",
            "dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
            "dist/maplibre-gl.css": "maplibre-gl.css",
            "LICENSE.txt": "LICENCE.txt",
        },
    ),
    Package("pmtiles", "4.5.0", "BSD-3-Clause", {"dist/pmtiles.js": "pmtiles.js"}),
)


def unpack(package: Package, folder: Path) -> dict[str, bytes]:
    """The wanted files of a package by their names here. Raises if npm or a file is missing."""
    subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    files = {}
    with tarfile.open(folder / f"{package.name}-{package.version}.tgz") as archive:
        for inside, name in package.files.items():
            member = archive.extractfile(f"package/{inside}")
            if member is None:
                raise FileNotFoundError(f"{package.name} {package.version} has no file {inside}")
            files[name] = SOURCE_MAP.sub(b"\n", member.read())
    return files


def manifest_of(package: Package, files: dict[str, bytes]) -> str:
    lines = [
        "\n[[package]]",
        f'name = "{package.name}"',
        f'version = "{package.version}"',
        f'licence = "{package.licence}"',
        "[package.sha256]",
    ]
    lines += [f'"{name}" = "{hashlib.sha256(content).hexdigest()}"' for name, content in files.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    manifest = HEAD
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            files = unpack(package, Path(folder))
        target = FOLDER / package.name
        target.mkdir(parents=True, exist_ok=True)
        kept = target / "LICENCE.txt"
        if kept.exists():
            files.setdefault(kept.name, kept.read_bytes())
        for name, content in files.items():
            (target / name).write_bytes(content)
        manifest += manifest_of(package, files)
        sys.stdout.write(f"{package.name} {package.version}: {len(files)} files\n")
    (FOLDER / "VENDORED.toml").write_text(manifest, encoding="utf-8")


if __name__ == "__main__":
    main()
