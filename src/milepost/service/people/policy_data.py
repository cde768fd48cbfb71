"""The app's numbers that are policy, from ``access_policy.toml``."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from milepost.service.kit.policy_data import PolicyFile, WholeNumber, read_policy_file


class AccessPolicy(PolicyFile):
    exceptional_access: WholeNumber
    reason_at_least: WholeNumber
    review_within: WholeNumber
    search_shows_at_most: WholeNumber
    search_page: WholeNumber
    pick_shows_at_most: WholeNumber


@cache
def access_policy() -> AccessPolicy:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("access_policy.toml"), AccessPolicy)


def exceptional_access_lasts() -> dt.timedelta:
    return dt.timedelta(hours=access_policy().exceptional_access.value)


def review_within() -> dt.timedelta:
    return dt.timedelta(days=access_policy().review_within.value)


def reason_at_least() -> int:
    """Characters that a reason must have."""
    return access_policy().reason_at_least.value


def search_shows_at_most() -> int:
    return access_policy().search_shows_at_most.value


def search_page() -> int:
    return access_policy().search_page.value


def pick_shows_at_most() -> int:
    """People that a box lists while somebody types."""
    return access_policy().pick_shows_at_most.value
