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
    """``tracks`` x AT_HAND fixes, row by row, the state of tracks and streams, and the checkpoints."""

    tracks: int
    streams: int
    hot: np.ndarray = field(init=False)
    """Array of ROW: what is known of one fix lies together, for a step touches one fix of each of many tracks."""
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
        self.hot = np.zeros(size, ROW)
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
        n = self.hot_n[full]
        gone = np.where(n > SPILL, np.maximum(SPILL, -(-(n - SPILL) // k.LADDER_STEP) * k.LADDER_STEP), 0)
        gone = np.minimum(gone, n // k.LADDER_STEP * k.LADDER_STEP)
        for amount in np.unique(gone[gone > 0]).tolist():
            self._spill(full[gone == amount], amount, streams_of)

    def _spill(self, tracks: np.ndarray, gone: int, streams_of: tuple[np.ndarray, np.ndarray]) -> None:
        """Moves so many of the oldest fixes of each of these tracks into its history."""
        hot = self.hot.view(np.uint8).reshape(self.tracks, -1)
        bytes_gone = gone * ROW.itemsize
        for track in tracks.tolist():
            self.history[track].append(hot[track, :bytes_gone].copy().view(ROW))
        hot[tracks, :-bytes_gone] = hot[tracks, bytes_gone:]
        strength = self.strength.reshape(self.tracks, -1)
        strength[tracks, :-gone] = strength[tracks, gone:]
        self.hot_n[tracks] -= gone
        self.hot_gone[tracks] += gone
        first, n = streams_of[0][tracks], streams_of[1][tracks] - streams_of[0][tracks]
        streams = np.repeat(first - np.cumsum(n) + n, n) + np.arange(n.sum())
        rungs, down = AT_HAND // k.LADDER_STEP, gone // k.LADDER_STEP
        for ladder, width, which in (
            (self.ladder_track, k.LAD_TRACK, tracks),
            (self.ladder_stream, k.LAD_STREAM, streams),
        ):
            own = ladder.reshape(-1, width * rungs)
            own[which, : width * (rungs - down)] = own[which, width * down :]

    def rows_of(self, track: int) -> np.ndarray:
        """All that is kept of a track's fixes, in order; structured array of ROW."""
        base, n = track * AT_HAND, int(self.hot_n[track])
        return joined([*self.history[track], self.hot[base : base + n]])

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


def joined(blocks: list[np.ndarray]) -> np.ndarray:
    """Blocks of ROW as one; ``np.concatenate`` would ask of each whether its fields fit."""
    rows = np.empty(sum(map(len, blocks)), ROW)
    at = 0
    for block in blocks:
        rows[at : at + len(block)] = block
        at += len(block)
    return rows


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
