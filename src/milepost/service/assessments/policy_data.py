"""The app's numbers and lists that are policy, from ``assessment_policy.toml``."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Literal

from milepost.service.kit.policy_data import PolicyFile, Strict, Titled, read_policy_file


class Sourced(Strict):
    source: str


class Countersign(Sourced):
    serious_harm: frozenset[str]
    judgement_changed_after_scores: bool


class OverrideNumbers(Sourced):
    countersign_directions: frozenset[Literal["up", "down"]]
    explanation_at_least: int


class Reassess(Sourced):
    """Days, by the tier that was signed."""

    soon_days: int
    first_days: int
    days_by_tier: dict[str, int]


class Contest(Sourced):
    answer_within_days: int
    answered_by_somebody_else: bool


class OverrideReason(Titled):
    directions: tuple[Literal["up", "down"], ...]


class ReassessEvent(Titled):
    """Something that brings the next assessment forward, to so many days after it."""

    days: int
    source: str


class AssessmentPolicy(PolicyFile):
    countersign: Countersign
    override: OverrideNumbers
    reassess: Reassess
    contest: Contest
    event: list[ReassessEvent]
    override_reason: list[OverrideReason]


@cache
def policy() -> AssessmentPolicy:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("assessment_policy.toml"), AssessmentPolicy)


@cache
def override_reasons() -> dict[str, OverrideReason]:
    return {reason.code: reason for reason in policy().override_reason}


@cache
def events() -> dict[str, ReassessEvent]:
    return {event.code: event for event in policy().event}


def next_due(tier: str, assessed_on: dt.date) -> dt.date:
    return assessed_on + dt.timedelta(days=policy().reassess.days_by_tier[tier])


def first_due(known_from: dt.date) -> dt.date:
    """Until when somebody who came to the service that day should have their first assessment."""
    return known_from + dt.timedelta(days=policy().reassess.first_days)


def soon_days() -> int:
    return policy().reassess.soon_days


def contest_due(raised_on: dt.date) -> dt.date:
    return raised_on + dt.timedelta(days=contest_days())


def contest_days() -> int:
    return policy().contest.answer_within_days


def levels_to_countersign() -> frozenset[str]:
    """Levels of the risk of serious harm that a second person must look at."""
    return policy().countersign.serious_harm


def directions_to_countersign() -> frozenset[str]:
    return policy().override.countersign_directions


def explanation_at_least() -> int:
    """Characters that the explanation of an override must have."""
    return policy().override.explanation_at_least
