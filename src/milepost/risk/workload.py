"""Workload points of cases and reports, and the capacity they fill. Source: ``data/workload.toml``.

The values are the seed of 2021: a starting point for a local table, not today's figures.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from milepost.risk.data_files import load

FILE = "workload.toml"
Setting = Literal["community", "custody", "licence"]


def case_points(tier: str, setting: Setting, *, transition_to_adulthood: bool = False) -> int:
    """Points of one case, by the older tier such as ``B2``. Raises ``ValueError`` for a tier without points."""
    t = load(FILE)
    if tier not in t["tiers"]:
        raise ValueError(
            f"There are no workload points for tier {tier!r}; the new tiers A to G have none yet."
        )
    column: str = "transition_to_adulthood" if transition_to_adulthood else setting
    if column == "licence":
        column = "licence_points"
    points: int = t[column][t["tiers"].index(tier)]
    return points


def report_points(kind: str) -> int:
    """Points of a report. Raises ``KeyError`` for a kind that has none."""
    points: int = load(FILE)["reports"][kind]
    return points


def available_points(hours: float, reductions_hours: float = 0.0) -> int:
    """Points a practitioner has in a week of contracted hours less reductions, rounded down."""
    t = load(FILE)["capacity"]
    left = Decimal(str(hours)) - Decimal(str(reductions_hours))
    return math.floor(t["nominal_points"] * left / t["contracted_hours"])


def capacity_percentage(total_points: int, available: int) -> Decimal:
    """Used share in percent; the share is rounded half up to three decimals first."""
    share = (Decimal(total_points) / Decimal(available)).quantize(Decimal("0.001"), ROUND_HALF_UP)
    return share * 100
