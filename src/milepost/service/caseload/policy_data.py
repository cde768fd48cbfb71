"""The app's numbers and lists that are policy, from the data files beside this module."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from milepost.risk.workload import Setting
from milepost.service.kit.policy_data import PolicyFile, Strict, Titled, read_policy_file

HERE = Path(__file__).parent


class Until(Titled):
    """One choice of how long. Either ``hours`` from now, or a clock time so many weekdays ahead."""

    hours: float | None = None
    weekdays: int = 0
    at: dt.time | None = None


class Why(Titled):
    """Why something is put off. ``explain``: it has to be said in words too."""

    explain: bool = False


class PutOff(Strict):
    """Hours by class of urgency."""

    source: str
    longest_hours: dict[str, float]
    longest_when_late_hours: dict[str, float]
    until: tuple[Until, ...]
    reason: tuple[Why, ...]


class CapacityNumbers(Strict):
    full_percentage: int
    source: str


class CaseloadPolicy(PolicyFile):
    put_off: PutOff
    capacity: CapacityNumbers


class TierPoints(PolicyFile):
    """Which older tier's points a new tier borrows, and which column an order counts in."""

    borrowed: dict[str, str]
    setting: dict[str, Setting]


@cache
def caseload_policy() -> CaseloadPolicy:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(HERE / "caseload_policy.toml", CaseloadPolicy)


@cache
def tier_points() -> TierPoints:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(HERE / "tier_points.toml", TierPoints)


def longest_put_off(urgency: str, *, late: bool = False) -> dt.timedelta | None:
    """None: a reason of this class cannot be put off. ``late``: its time has passed."""
    put_off = caseload_policy().put_off
    hours = (put_off.longest_when_late_hours if late else put_off.longest_hours).get(urgency)
    return None if hours is None else dt.timedelta(hours=hours)


def put_off_choices() -> tuple[Until, ...]:
    return caseload_policy().put_off.until


def put_off_reasons() -> tuple[Why, ...]:
    return caseload_policy().put_off.reason


def put_off_reason(code: str) -> Why | None:
    return next((why for why in put_off_reasons() if why.code == code), None)


def full_percentage() -> int:
    return caseload_policy().capacity.full_percentage
