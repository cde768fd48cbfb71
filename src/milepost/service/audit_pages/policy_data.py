"""How often is worth a second look, from ``patterns.toml``; what is checked while a page waits, from ``sound.toml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from milepost.service.kit.policy_data import PolicyFile, Strict, WholeNumber, read_policy_file


class PeopleInADay(Strict):
    people_in_a_day_at_least: int


class AgainAndAgain(Strict):
    days_at_least: int


class PatternNumbers(PolicyFile):
    days_shown: int
    days_looked_back: int
    outside_team: PeopleInADay
    many_people: PeopleInADay
    again_and_again: AgainAndAgain


@cache
def pattern_numbers() -> PatternNumbers:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("patterns.toml"), PatternNumbers)


class CheckNumbers(PolicyFile):
    checked_now_at_most: WholeNumber


@cache
def _check_numbers() -> CheckNumbers:
    return read_policy_file(Path(__file__).with_name("sound.toml"), CheckNumbers)


def checked_now_at_most() -> int:
    """Entries. Raises ``UnreadableFile``, naming the field."""
    return _check_numbers().checked_now_at_most.value
