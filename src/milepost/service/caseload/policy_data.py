"""The app's numbers and lists that are policy, from the data files beside this module: each with date and owner."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict

HERE = "milepost.service.caseload"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Titled(_Strict):
    code: str
    title: str
    title_cy: str

    def __str__(self) -> str:
        return self.title_cy if (get_language() or "").startswith("cy") else self.title


class Until(Titled):
    """One choice of how long. Either ``hours`` from now, or a clock time so many weekdays ahead."""

    hours: float | None = None
    weekdays: int = 0
    at: dt.time | None = None


class Why(Titled):
    """Why something is put off. ``explain``: it has to be said in words too."""

    explain: bool = False


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(HERE).joinpath(name).read_text(encoding="utf-8"))


def _policy() -> dict[str, Any]:
    return _read("caseload_policy.toml")


def longest_put_off(urgency: str, *, late: bool = False) -> dt.timedelta | None:
    """None: a reason of this class cannot be put off. ``late``: its time has passed."""
    hours = _policy()["put_off"]["longest_when_late_hours" if late else "longest_hours"].get(urgency)
    return None if hours is None else dt.timedelta(hours=hours)


@cache
def put_off_choices() -> tuple[Until, ...]:
    return tuple(Until.model_validate(row) for row in _policy()["put_off"]["until"])


@cache
def put_off_reasons() -> tuple[Why, ...]:
    return tuple(Why.model_validate(row) for row in _policy()["put_off"]["reason"])


def put_off_reason(code: str) -> Why | None:
    return next((why for why in put_off_reasons() if why.code == code), None)


def full_percentage() -> int:
    return int(_policy()["capacity"]["full_percentage"])


def tier_points() -> dict[str, Any]:
    """``tier_points.toml``, whole: which older tier's points a new tier borrows."""
    return _read("tier_points.toml")
