"""What the kernel says of a plan and its signals, as arrays: made in ``facts``, read by everything after it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.columns import Columns
from milepost.compliance.presence import UnitStream


@dataclass(slots=True)
class Group:
    """Some tracks with the rows they read: one contiguous slice of ``columns`` a track."""

    columns: Columns
    strength: np.ndarray
    tracks: list[int]
    activation: list[str]
    """By number of track the activation whose rows it reads; empty where a track reads those of several."""


@dataclass(slots=True)
class Facts:
    """What the kernel found. Arrays named ``trk_``, ``str_`` are by track and stream of the plan."""

    begin_us: int
    until_us: int
    groups: list[Group]
    trk_group: np.ndarray
    trk_i0: np.ndarray
    trk_i1: np.ndarray
    gap_t0: np.ndarray
    gap_t1: np.ndarray
    gap_i: np.ndarray
    gap_cause: np.ndarray
    trk_gap0: np.ndarray
    trk_gap1: np.ndarray
    sp_t0: np.ndarray
    sp_t1: np.ndarray
    sp_state: np.ndarray
    str_out0: np.ndarray
    str_out1: np.ndarray
    str_presence: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    str_units: dict[int, list[UnitStream]] = field(default_factory=dict)
    seg_t: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    seg_label: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int8))
    seg_cause: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int8))
    seg_g: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int8))
    seg_h: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int8))
    str_seg0: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    str_seg1: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    coverage: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    exactness: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    """Of each coverage part the strong contacts, and those too inexact for the place."""
    absences: np.ndarray = field(default_factory=lambda: np.zeros((0, k.A_WIDTH), np.int64))
