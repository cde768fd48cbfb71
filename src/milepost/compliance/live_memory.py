"""What the live engine keeps of signals: the newest fixes of each track at hand, the rest as history."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.columns import Columns
from milepost.compliance.facts import TrackState

AT_HAND = 128
"""Fixes kept at hand a track; two hours at one a minute. Later signals than that rerun the track."""
SPILL = AT_HAND // 2
SPREAD = 48
"""Tracks make room at so many different fillings, so that not all do in the same minute."""

ROW = np.dtype(
    [
        ("t", "i8"), ("sequence", "i8"), ("source", "u1"), ("lon_e7", "i4"), ("lat_e7", "i4"),
        ("precision_m", "f4"), ("quality", "u2"), ("device", "i4"), ("battery_pct", "f4"),
    ]
)  # fmt: skip
NAMES = ROW.names or ()


@dataclass(slots=True)
class Memory:
    """Arrays of ``tracks`` x AT_HAND fixes, flat, the state of tracks and streams, and the checkpoints."""

    tracks: int
    streams: int
    hot: dict[str, np.ndarray] = field(init=False)
    strength: np.ndarray = field(init=False)
    hot_n: np.ndarray = field(init=False)
    hot_gone: np.ndarray = field(init=False)
    low: np.ndarray = field(init=False)
    state: TrackState = field(init=False)
    ladder_track: np.ndarray = field(init=False)
    ladder_stream: np.ndarray = field(init=False)
    history: list[list[np.ndarray]] = field(init=False)

    def __post_init__(self) -> None:
        size = self.tracks * AT_HAND
        self.hot = {name: np.zeros(size, ROW[name]) for name in NAMES}
        self.strength = np.zeros(size, np.uint8)
        self.hot_n = np.zeros(self.tracks, np.int64)
        self.hot_gone = np.zeros(self.tracks, np.int64)
        self.low = np.zeros(self.tracks, np.int8)
        self.state = TrackState(self.tracks, self.streams)
        rungs = AT_HAND // k.LADDER_STEP
        self.ladder_track = np.zeros(k.LAD_TRACK * rungs * self.tracks)
        self.ladder_stream = np.zeros(k.LAD_STREAM * rungs * self.streams)
        self.history = [[] for _ in range(self.tracks)]

    def make_room(
        self, tracks: np.ndarray, wanted: np.ndarray, streams_of: tuple[np.ndarray, np.ndarray]
    ) -> None:
        """Moves the oldest fixes of tracks that would run over into their history."""
        # Tags report in step: without this spread all would run over in the same minute.
        full = tracks[self.hot_n[tracks] + wanted > AT_HAND - tracks % SPREAD]
        for track in full.tolist():
            base = track * AT_HAND
            n = int(self.hot_n[track])
            gone = max(SPILL, -(-(n - SPILL) // k.LADDER_STEP) * k.LADDER_STEP) if n > SPILL else 0
            gone = min(gone, n // k.LADDER_STEP * k.LADDER_STEP)
            if not gone:
                continue
            block = np.empty(gone, ROW)
            for name in NAMES:
                values = self.hot[name]
                block[name] = values[base : base + gone]
                values[base : base + n - gone] = values[base + gone : base + n].copy()
            self.strength[base : base + n - gone] = self.strength[base + gone : base + n].copy()
            self.history[track].append(block)
            self.hot_n[track] = n - gone
            self.hot_gone[track] += gone
            self._lower_ladder(
                track, gone // k.LADDER_STEP, int(streams_of[0][track]), int(streams_of[1][track])
            )

    def _lower_ladder(self, track: int, by: int, s0: int, s1: int) -> None:
        rungs = AT_HAND // k.LADDER_STEP
        for ladder, width, items in (
            (self.ladder_track, k.LAD_TRACK, range(track, track + 1)),
            (self.ladder_stream, k.LAD_STREAM, range(s0, s1)),
        ):
            for item in items:
                own = ladder[width * rungs * item : width * rungs * (item + 1)]
                own[: width * (rungs - by)] = own[width * by :].copy()

    def rows_of(self, track: int) -> np.ndarray:
        """All that is kept of a track's fixes, in order; structured array of ROW."""
        base, n = track * AT_HAND, int(self.hot_n[track])
        newest = np.empty(n, ROW)
        for name in NAMES:
            newest[name] = self.hot[name][base : base + n]
        return np.concatenate([*self.history[track], newest])

    def forget(self, track: int, before_us: int) -> None:
        """Drops history blocks that lie wholly before a time."""
        self.history[track] = [b for b in self.history[track] if len(b) and b["t"][-1] >= before_us]

    def replace(self, track: int, rows: np.ndarray) -> np.ndarray:
        """Puts all rows of a track anew, in order: all but the newest as history. Returns the newest, which
        have still to be run."""
        keep = len(rows) % k.LADDER_STEP + min(len(rows) // k.LADDER_STEP, 2) * k.LADDER_STEP
        keep = min(keep, len(rows), AT_HAND // 2)
        older, newest = rows[: len(rows) - keep], rows[len(rows) - keep :]
        self.history[track] = [older] if len(older) else []
        self.hot_gone[track] = len(older)
        self.hot_n[track] = 0
        return newest


def columns_of_rows(rows: np.ndarray, devices: list[str]) -> Columns:
    """Structured rows as the arrays of the batch engine."""
    return Columns(**{name: np.ascontiguousarray(rows[name]) for name in NAMES}, devices=devices)


def in_order(rows: np.ndarray) -> np.ndarray:
    """Row numbers in the order of section 1."""
    from milepost.compliance.worn import SAID_BY_THE_DEVICE

    keys = (
        rows["t"], rows["sequence"], rows["source"], rows["lon_e7"], rows["lat_e7"],
        np.nan_to_num(rows["precision_m"], nan=-1.0), rows["device"], rows["quality"] & SAID_BY_THE_DEVICE,
        np.nan_to_num(rows["battery_pct"], nan=-1.0),
    )  # fmt: skip
    return np.lexsort(keys[::-1])
