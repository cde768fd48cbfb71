"""The app's numbers, from ``trail_policy.toml``, ``week_words.toml`` and ``picture_policy.toml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from milepost.service.kit.policy_data import Number, PolicyFile, Titled, WholeNumber, read_policy_file


class TrailPolicy(PolicyFile):
    """The units stand in the names."""

    window_hours: WholeNumber
    longest_hours: WholeNumber
    asked_for_minutes: WholeNumber
    reason_at_least: WholeNumber
    map_positions_at_most: WholeNumber
    table_page: WholeNumber
    last_night_from_hour: WholeNumber
    last_night_until_hour: WholeNumber
    stop_within_m: WholeNumber
    stop_at_least_minutes: WholeNumber
    purpose: list[Titled]


class WeekWords(PolicyFile):
    unknown_from_share_unseen: Number
    broken_from_seconds: Number


class PicturePolicy(PolicyFile):
    visit_minutes: WholeNumber
    changes_at_most: WholeNumber


@cache
def trail_policy() -> TrailPolicy:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("trail_policy.toml"), TrailPolicy)


@cache
def week_words() -> WeekWords:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("week_words.toml"), WeekWords)


@cache
def picture_policy() -> PicturePolicy:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("picture_policy.toml"), PicturePolicy)


def purposes() -> dict[str, str]:
    """Code to words."""
    return {one.code: str(one) for one in trail_policy().purpose}
