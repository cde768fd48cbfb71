"""``today_policy.toml``, read once."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from milepost.service.kit.policy_data import PolicyFile, Strict, read_policy_file


class SecondDecision(Strict):
    within_hours: float


class DeviceTrouble(Strict):
    kinds: tuple[str, ...]


class TodayPolicy(PolicyFile):
    second_decision: SecondDecision
    device_trouble: DeviceTrouble


@cache
def _policy() -> TodayPolicy:
    return read_policy_file(Path(__file__).parent / "today_policy.toml", TodayPolicy)


def second_decision_within() -> dt.timedelta:
    return dt.timedelta(hours=_policy().second_decision.within_hours)


def device_trouble_kinds() -> tuple[str, ...]:
    return _policy().device_trouble.kinds
