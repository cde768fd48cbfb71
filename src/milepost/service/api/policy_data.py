"""The bounds of the API and of webhooks, from ``api.toml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from milepost.service.kit.policy_data import PolicyFile, Strict, Titled, read_policy_file


class Pages(Strict):
    rows: int = Field(ge=1)
    rows_at_most: int = Field(ge=1)


class Windows(Strict):
    signals_days: int
    obligations_days: int
    coverage_days: int
    signal_rows: int
    signal_rows_at_most: int


class Coverage(Strict):
    look_back_days: int


class Risk(Strict):
    people_at_most: int = Field(ge=1)


class Orders(Strict):
    rows_at_most: int = Field(ge=1)


class Calls(Strict):
    per_s: float = Field(gt=0)
    burst: int = Field(ge=1)


class Tokens(Strict):
    days: list[int]
    note_use_every_s: int


class Repeats(Strict):
    kept_hours: int


class Webhooks(Strict):
    wait_s: list[float] = Field(min_length=1)
    jitter: float = Field(ge=0, lt=1)
    connect_s: float = Field(gt=0)
    read_s: float = Field(gt=0)
    claim_s: float = Field(gt=0)
    at_once: int = Field(ge=1)
    poll_s: float = Field(gt=0)
    kept_days: int = Field(ge=1)
    signature_age_s: int


class Numbers(PolicyFile):
    pages: Pages
    windows: Windows
    coverage: Coverage
    risk: Risk
    orders: Orders
    calls: Calls
    tokens: Tokens
    repeats: Repeats
    webhooks: Webhooks
    purpose: list[Titled]


@cache
def numbers() -> Numbers:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("api.toml"), Numbers)


def purposes() -> dict[str, str]:
    """Why somebody asks for a trail: code to words."""
    return {one.code: str(one) for one in numbers().purpose}
