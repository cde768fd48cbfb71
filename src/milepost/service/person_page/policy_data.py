"""The app's numbers, from its two data files: each with source, date and owner."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext as _


@cache
def _read(name: str) -> dict[str, Any]:
    text = files("milepost.service.person_page").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def trail_number(name: str) -> int:
    """A number of ``trail_policy.toml``, in the unit that stands there."""
    return int(_read("trail_policy")[name]["value"])


def week_number(name: str) -> float:
    """A number of ``week_words.toml``."""
    return float(_read("week_words")[name]["value"])


def purposes() -> dict[str, str]:
    """Code to words."""
    return {one["code"]: _(one["title"]) for one in _read("trail_policy")["purpose"]}
