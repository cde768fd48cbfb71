"""The data files of this app: reasons, what each decision asks for, contact codes, how the board behaves.

Read once; a file that is wrong stops the service at its first use, with the place and the remedy.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Literal

from milepost.service.kit.policy_data import PolicyFile, Strict, Titled, read_policy_file
from milepost.service.monitoring.models import DecisionKind

HERE = Path(__file__).parent


class Reason(Titled):
    """Why: see decision_reasons.toml for what each value means."""

    decisions: list[DecisionKind]
    evidence: Literal["required", "asked", "none"]
    when: Literal["in_advance", "after", "either"]
    authorised_by: str
    source: str


class DecisionRule(Strict):
    """What one kind of decision asks for: see decision_policy.toml."""

    kind: DecisionKind
    second_person: Literal["always", "never", "from_minutes"]
    second_person_from_minutes: float = 0
    counts_toward_total: bool
    explanation_required: bool
    makes_absence: bool
    longest_absence_hours: float = 24
    findings: list[str]

    def needs_second(self, minutes: float) -> bool:
        """Whether a second person must confirm it, for findings that add up to ``minutes``."""
        if self.second_person == "from_minutes":
            return minutes >= self.second_person_from_minutes
        return self.second_person == "always"

    def fits(self, kinds: set[str]) -> bool:
        return "*" in self.findings or (bool(kinds) and kinds <= set(self.findings))


class Reasons(PolicyFile):
    reason: list[Reason]

    def of(self, kind: str) -> list[Reason]:
        return [r for r in self.reason if kind in r.decisions]

    def named(self, code: str) -> Reason | None:
        return next((r for r in self.reason if r.code == code), None)


class Together(Strict):
    """Which alerts may be decided many at once: see decision_policy.toml."""

    source: str
    decisions: list[DecisionKind]
    findings: list[str]
    at_least: int
    nights_back: int
    at_most: int


class DecisionPolicy(PolicyFile):
    decision: list[DecisionRule]
    together: Together

    def of(self, kind: str) -> DecisionRule:
        return next(rule for rule in self.decision if rule.kind == kind)


class ContactCodes(PolicyFile):
    channel: list[Titled]
    outcome: list[Titled]


class PageNumbers(Strict):
    rows: int
    look_again_rows: int
    decided_within_days: int
    refresh_without_script_s: int
    named_again_after_s: int


class StreamNumbers(Strict):
    look_every_ms: int
    shortest_s: float
    longest_s: float
    silent_at_most_s: float
    most_at_once: int
    most_of_one_user: int
    ask_again_s: int


class IncidentNumbers(Strict):
    signals_before_minutes: int
    signals_after_minutes: int
    map_before_minutes: int
    map_fixes_at_most: int
    similar_within_days: int
    similar_shown: int
    colleagues_listed: int


class SectionRows(Strict):
    now: int
    held: int
    second: int
    over: int


class CallBackNumbers(Strict):
    shown: int
    ahead_hours: float


class ShiftNumbers(Strict):
    begins: list[dt.time]
    rows: int
    ahead_hours: float


class BoardNumbers(PolicyFile):
    page: PageNumbers
    sections: SectionRows
    call_backs: CallBackNumbers
    shift: ShiftNumbers
    stream: StreamNumbers
    incident: IncidentNumbers


@cache
def reasons() -> Reasons:
    return read_policy_file(HERE / "decision_reasons.toml", Reasons)


@cache
def decision_policy() -> DecisionPolicy:
    return read_policy_file(HERE / "decision_policy.toml", DecisionPolicy)


@cache
def contact_codes() -> ContactCodes:
    return read_policy_file(HERE / "contact_codes.toml", ContactCodes)


@cache
def board_numbers() -> BoardNumbers:
    return read_policy_file(HERE / "board.toml", BoardNumbers)


class SecondDecision(Strict):
    within_hours: float


class DeviceTrouble(Strict):
    kinds: tuple[str, ...]


class TodayPolicy(PolicyFile):
    second_decision: SecondDecision
    device_trouble: DeviceTrouble


@cache
def today_policy() -> TodayPolicy:
    return read_policy_file(HERE / "today_policy.toml", TodayPolicy)


class ZoneWithoutPlan(PolicyFile):
    """What to do where no plan is recorded for the people whom a zone protects."""

    step: list[Titled]


@cache
def zone_without_plan() -> ZoneWithoutPlan:
    return read_policy_file(HERE / "zone_plan.toml", ZoneWithoutPlan)


def second_decision_within() -> dt.timedelta:
    return dt.timedelta(hours=today_policy().second_decision.within_hours)


def device_trouble_kinds() -> tuple[str, ...]:
    return today_policy().device_trouble.kinds
