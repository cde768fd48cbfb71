"""Reasons for which a duty may be lifted, from ``absence_reasons.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from milepost.service.accounts.roles import Role
from milepost.service.orders.policy_data import read_policy


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    words: str
    evidence_required: bool
    authorised_by: frozenset[Role]
    in_advance: Literal["only", "after", "either"]
    second_person: bool


@cache
def read_reasons() -> dict[str, Reason]:
    return {
        raw["code"]: Reason(
            raw["code"],
            raw["words"],
            raw["evidence_required"],
            frozenset(Role(name) for name in raw["authorised_by"]),
            raw["in_advance"],
            raw["second_person"],
        )
        for raw in read_policy("absence_reasons")["reason"]
    }


def words_of(code: str) -> str:
    """The reason in words; the code itself where another table gave it."""
    reason = read_reasons().get(code)
    return reason.words if reason else code.replace("_", " ")


def suspension_needs_second() -> bool:
    """Whether suspending a whole order needs a second person, whatever the reason."""
    return bool(read_policy("absence_reasons")["suspension_needs_second_person"])
