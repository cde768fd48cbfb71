"""The app's numbers and lists that are policy, from ``assessment_policy.toml``: each with source, date and owner."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_policy() -> dict[str, Any]:
    path = files("milepost.service.assessments").joinpath("assessment_policy.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class OverrideReason:
    code: str
    words: str
    directions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReassessEvent:
    """Something that brings the next assessment forward, to so many days after it."""

    code: str
    words: str
    days: int


@cache
def override_reasons() -> dict[str, OverrideReason]:
    return {
        raw["code"]: OverrideReason(raw["code"], raw["words"], tuple(raw["directions"]))
        for raw in read_policy()["override_reason"]
    }


@cache
def events() -> dict[str, ReassessEvent]:
    return {
        raw["code"]: ReassessEvent(raw["code"], raw["words"], raw["days"]) for raw in read_policy()["event"]
    }


def next_due(tier: str, assessed_on: dt.date) -> dt.date:
    return assessed_on + dt.timedelta(days=read_policy()["reassess"]["days_by_tier"][tier])


def first_due(known_from: dt.date) -> dt.date:
    """Until when somebody who came to the service that day should have their first assessment."""
    return known_from + dt.timedelta(days=read_policy()["reassess"]["first_days"])


def soon_days() -> int:
    return int(read_policy()["reassess"]["soon_days"])


def contest_due(raised_on: dt.date) -> dt.date:
    return raised_on + dt.timedelta(days=contest_days())


def contest_days() -> int:
    return int(read_policy()["contest"]["answer_within_days"])


def levels_to_countersign() -> frozenset[str]:
    """Levels of the risk of serious harm that a second person must look at."""
    return frozenset(read_policy()["countersign"]["serious_harm"])


def directions_to_countersign() -> frozenset[str]:
    return frozenset(read_policy()["override"]["countersign_directions"])


def explanation_at_least() -> int:
    """Characters that the explanation of an override must have."""
    return int(read_policy()["override"]["explanation_at_least"])
