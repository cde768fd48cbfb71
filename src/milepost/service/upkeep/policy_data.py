"""The retention schedule as data (retention.toml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from pydantic import Field

from milepost.service.kit.policy_data import PolicyFile, Strict, read_policy_file


class Rule(Strict):
    """One kind of record and how long it is kept. ``days`` -1: never deleted by the service."""

    what: str
    days: int
    since: str = Field(alias="from")
    why: str


class Schedule(PolicyFile):
    rule: list[Rule]

    def days(self, what: str) -> int:
        """-1 where the schedule has no such rule: what nobody wrote a period for is kept."""
        return next((rule.days for rule in self.rule if rule.what == what), -1)


@cache
def schedule() -> Schedule:
    """Raises UnreadableFile naming the place that is wrong."""
    own = str(getattr(settings, "RETENTION", "") or "")
    return read_policy_file(Path(own) if own else Path(__file__).parent / "retention.toml", Schedule)
