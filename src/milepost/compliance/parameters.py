"""A rule table's evidence rules as the row of numbers that the kernel reads."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.rule_tables import Evidence
from milepost.tracks.record import Source

SIGMA_PER_95_RADIUS = 1 / math.sqrt(-2 * math.log(0.05))
"""A round two-dimensional normal error of standard deviation sigma holds 95 % of fixes within
sigma x sqrt(-2 ln 0.05) = 2.448 sigma (Rayleigh distribution)."""


def row_of(evidence: Evidence) -> np.ndarray:
    """Float64 array of ``kernel.P_WIDTH``; times in microseconds, lengths in metres."""
    row = np.zeros(k.P_WIDTH)
    row[k.P_GAP] = evidence.gap_s * 1e6
    row[k.P_HOLD] = evidence.hold_s * 1e6
    for side, z, buffer, fixes, seconds in (
        (evidence.breach, k.P_BREACH_Z_PER_M, k.P_BREACH_BUFFER, k.P_BREACH_FIXES, k.P_BREACH_US),
        (evidence.kept, k.P_KEPT_Z_PER_M, k.P_KEPT_BUFFER, k.P_KEPT_FIXES, k.P_KEPT_US),
    ):
        row[z] = NormalDist().inv_cdf(side.probability) * SIGMA_PER_95_RADIUS
        row[buffer] = side.buffer_m
        row[fixes] = side.fixes
        row[seconds] = side.seconds * 1e6
    row[k.P_MAX_SPEED] = evidence.max_speed_mps / 1e6
    row[k.P_ESCAPE] = evidence.speed_escape_fixes
    row[k.P_EDGE] = evidence.edge_s * 1e6
    row[k.P_FINDING_MIN] = evidence.finding_min_s * 1e6
    row[k.P_CONFLICT_MIN] = evidence.conflict_min_s * 1e6
    for name, rule in evidence.sources.items():
        base = k.P_SOURCES + 3 * Source[name]
        row[base : base + 3] = (rule.may_confirm, rule.assumed_precision_m, rule.precision_floor_m)
    return row
