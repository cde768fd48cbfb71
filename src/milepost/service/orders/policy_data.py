"""The app's numbers that are policy, from the data files beside this module: each with source, date and owner."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

FAR_OFF = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
"""``Person.monitored_until_utc`` while a device is on."""


@cache
def read_policy(name: str) -> dict[str, Any]:
    """One data file of this app, such as ``device_policy``."""
    text = files("milepost.service.orders").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def sight_after_removal() -> dt.timedelta:
    """How long monitoring officers still see a record after the last device came off."""
    return dt.timedelta(days=read_policy("device_policy")["monitored_after_removal"]["value"])


def sight_before_fitting() -> dt.timedelta:
    """How long after approval monitoring officers see a record on which no device is fitted yet."""
    return dt.timedelta(days=read_policy("device_policy")["monitored_before_fitting"]["value"])
