"""The app's numbers that are policy, from ``access_policy.toml``: each with source, date and owner."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _read() -> dict[str, Any]:
    text = files("milepost.service.people").joinpath("access_policy.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def exceptional_access_lasts() -> dt.timedelta:
    return dt.timedelta(hours=_read()["exceptional_access"]["value"])


def review_within() -> dt.timedelta:
    return dt.timedelta(days=_read()["review_within"]["value"])


def reason_at_least() -> int:
    """Characters that a reason must have."""
    return int(_read()["reason_at_least"]["value"])


def search_shows_at_most() -> int:
    return int(_read()["search_shows_at_most"]["value"])


def search_page() -> int:
    return int(_read()["search_page"]["value"])
