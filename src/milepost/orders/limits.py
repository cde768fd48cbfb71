"""Dated limits from data files: what an order may say, since when, and who says so."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from milepost.orders.model import Regime


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. ``in_force_until`` is the first day on which it no longer holds; None: still in force."""

    rule: str
    regimes: tuple[Regime, ...]
    """Empty: every regime."""
    value: float
    unit: str
    in_force_from: dt.date
    in_force_until: dt.date | None
    source: str
    owner: str


@cache
def read_limits() -> tuple[Limit, ...]:
    """All limits of the files ``orders/limits/*.toml``."""
    limits: list[Limit] = []
    folder = files("milepost.orders").joinpath("limits")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        limits.extend(
            Limit(
                entry["rule"], tuple(Regime(name) for name in entry["regimes"]), float(entry["value"]),
                entry["unit"], entry["in_force_from"], entry.get("in_force_until"), entry["source"],
                entry.get("owner", raw["owner"]),
            )
            for entry in raw["limit"]
        )  # fmt: skip
    return tuple(limits)


def find_limit(rule: str, regime: Regime, on: dt.date) -> Limit | None:
    """The limit in force on a day; None if the rule does not apply to the regime or the day."""
    for limit in read_limits():
        if limit.rule != rule or (limit.regimes and regime not in limit.regimes):
            continue
        if limit.in_force_from <= on and (limit.in_force_until is None or on < limit.in_force_until):
            return limit
    return None
