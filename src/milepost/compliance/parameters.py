"""A rule table's evidence rules as the row of numbers that the kernel reads."""

from __future__ import annotations

import math

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
    row[k.P_GAP_TIMES] = evidence.gap_times
    breach, kept = evidence.breach, evidence.kept
    row[k.P_BREACH_PROOF] = math.log(breach.looks / breach.budget)
    row[k.P_RELATED] = breach.related_s * 1e6
    row[k.P_SHARE] = breach.share
    for side, per_m, buffer, fixes, seconds in (
        (breach, k.P_BREACH_PER_M, k.P_BREACH_BUFFER, k.P_BREACH_FIXES, k.P_BREACH_US),
        (kept, k.P_KEPT_PER_M, k.P_KEPT_BUFFER, k.P_KEPT_FIXES, k.P_KEPT_US),
    ):
        # An error is larger than r sigma with probability exp(-r^2 / 2), whatever its direction.
        row[per_m] = math.sqrt(-2 * math.log(1 - side.probability)) * SIGMA_PER_95_RADIUS
        row[buffer] = side.buffer_m
        row[fixes] = side.fixes
        row[seconds] = side.seconds * 1e6
    row[k.P_EXPLAINED_PER_M] = evidence.explained.sigmas * SIGMA_PER_95_RADIUS
    row[k.P_EXPLAINED_FIXES] = evidence.explained.fixes
    row[k.P_MAX_SPEED] = evidence.max_speed_mps / 1e6
    row[k.P_THERE_AND_BACK] = evidence.there_and_back_mps / 1e6
    row[k.P_ESCAPE] = evidence.speed_escape_fixes
    row[k.P_EDGE] = evidence.edge_s * 1e6
    row[k.P_FINDING_MIN] = evidence.finding_min_s * 1e6
    row[k.P_CONFLICT_MIN] = evidence.conflict_min_s * 1e6
    for name, rule in evidence.sources.items():
        base = k.P_SOURCES + 3 * Source[name]
        row[base : base + 3] = (rule.may_confirm, rule.assumed_precision_m, rule.precision_floor_m)
    return row
