"""Puts people in the order in which they need somebody, and says for each what placed them there.

The order is: urgency class, set by an event or a deadline; then time left, to the minute; then, among those that are
still level, the tier; then who has waited longer; then the reference, so that the order is always the same. A person
with no reason is not on the list, whatever their tier. Source of every number: ``rank_rule.toml``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from milepost.supervision.rank_rule import HOUR, RankRule

Told = Literal["class", "time", "tier", "waited", "reference"]
"""What tells a row from the next, in the order in which it is asked."""
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing about one person that needs somebody. Times are aware, UTC.

    ``key`` is unique among a person's reasons of a kind. ``text`` is the code of a sentence and ``facts`` its
    parameters: the library has no language. ``source`` names the record it was read from, ``link`` where the next
    thing is done. ``state`` differs once the fact does: what was put off then comes back.
    """

    kind: str
    key: str
    text: str
    link: str
    source: str
    due_utc: dt.datetime | None = None
    since_utc: dt.datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    state: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One person: their reference, their tier (None: not known) and everything that needs somebody."""

    person: str
    tier: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A reason with the class that the rule gives it at this moment. ``class_index`` 0 is the most urgent."""

    reason: Reason
    urgency: str
    class_index: int

    @property
    def due(self) -> dt.datetime:
        """To the minute; far off where no time is set."""
        due = self.reason.due_utc
        return NEVER if due is None else due.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Row:
    """One person's place. ``reasons`` has the most pressing first: it decided the place. ``above_next`` says what
    told this row from the next; None for the last."""

    place: int
    case: Case
    reasons: tuple[Placed, ...]
    above_next: Told | None

    @property
    def top(self) -> Placed:
        return self.reasons[0]


def urgency_of(reason: Reason, rule: RankRule, now_utc: dt.datetime) -> str | None:
    """The class of a reason now; None where its deadline is too far off to be on the list.

    Raises:
        KeyError: the rule has no such kind.
        ValueError: a deadline without a time.
    """
    kind = rule.kind(reason.kind)
    found = [kind.urgency] if kind.urgency else []
    if reason.due_utc is None:
        if kind.set_by == "deadline":
            raise ValueError(f"{reason.kind} {reason.key}: a deadline needs a time")
    else:
        left = reason.due_utc - now_utc
        found += [step.urgency for step in kind.due if left <= step.left_hours * HOUR]
    return min(found, key=rule.class_index, default=None)


def placed(reasons: Iterable[Reason], rule: RankRule, now_utc: dt.datetime) -> tuple[Placed, ...]:
    """Those that are on the list now, the most pressing first."""
    found = [
        Placed(reason, urgency, rule.class_index(urgency))
        for reason in reasons
        if (urgency := urgency_of(reason, rule, now_utc)) is not None
    ]
    found.sort(key=lambda p: (p.class_index, p.due, rule.kind_index(p.reason.kind), p.reason.key))
    return tuple(found)


Key = tuple[int, dt.datetime, int, dt.datetime, str]


def _key(case: Case, reasons: tuple[Placed, ...], rule: RankRule) -> Key:
    top = reasons[0]
    level = [p for p in reasons if (p.class_index, p.due) == (top.class_index, top.due)]
    waited_since = min(p.reason.since_utc or NEVER for p in level)
    return top.class_index, top.due, rule.tier_index(case.tier), waited_since, case.person


QUESTIONS: tuple[Told, ...] = ("class", "time", "tier", "waited", "reference")


def rank(cases: Iterable[Case], rule: RankRule, now_utc: dt.datetime) -> list[Row]:
    """The people who need somebody, in order. Whoever has no reason now is not among them.

    Raises:
        KeyError: a reason of a kind that the rule does not have.
        ValueError: a deadline without a time; or a person who is there twice.
    """
    known: list[tuple[Key, Case, tuple[Placed, ...]]] = []
    for case in cases:
        if reasons := placed(case.reasons, rule, now_utc):
            known.append((_key(case, reasons, rule), case, reasons))
    if len({case.person for _, case, _ in known}) != len(known):
        raise ValueError("a person is there twice: give all reasons of one person together")
    known.sort(key=lambda one: one[0])
    rows = []
    for n, (key, case, reasons) in enumerate(known):
        told: Told | None = None
        if n + 1 < len(known):
            after = known[n + 1][0]
            told = next(question for question, a, b in zip(QUESTIONS, key, after, strict=True) if a != b)
        rows.append(Row(n + 1, case, reasons, told))
    return rows
