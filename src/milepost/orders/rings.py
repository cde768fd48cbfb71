"""The rings of a polygon kept as numbers side by side: a tuple for each corner only for whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np

type Ring = tuple[tuple[float, float], ...]
"""(lon, lat) of each corner in degrees, the first not repeated."""


class Rings(Sequence[Ring]):
    """The outside of a polygon and its holes, as a sequence of rings.

    ``corners``: float64 of shape (n, 2), longitude and latitude in degrees, ring after ring, never to be written.
    ``ends``: the number of corners up to the end of each ring.
    """

    __slots__ = ("corners", "ends")

    def __init__(self, corners: np.ndarray, ends: tuple[int, ...]) -> None:
        self.corners = corners
        self.ends = ends

    @classmethod
    def of(cls, rings: Iterable[Sequence[tuple[float, float]]]) -> Rings:
        """The same rings, from tuples."""
        if isinstance(rings, cls):
            return rings
        corners: list[tuple[float, float]] = []
        ends: list[int] = []
        for ring in rings:
            corners.extend(ring)
            ends.append(len(corners))
        return cls(np.array(corners, dtype=np.float64).reshape(-1, 2) + 0.0, tuple(ends))  # -0.0 is 0.0

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, index: int) -> Ring: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Ring, ...]: ...
    def __getitem__(self, index: int | slice) -> Ring | tuple[Ring, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(len(self.ends))[index])
        i = range(len(self.ends))[index]
        begin = self.ends[i - 1] if i else 0
        return tuple((lon, lat) for lon, lat in self.corners[begin : self.ends[i]].tolist())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Rings):
            return self is other or (self.ends == other.ends and np.array_equal(self.corners, other.corners))
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.ends, self.corners.tobytes()))

    def __repr__(self) -> str:
        return f"Rings.of({tuple(self)!r})"


NO_RINGS = Rings(np.zeros((0, 2)), ())
