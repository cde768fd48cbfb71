"""The live engine's record of findings: what is current, what replaced what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from milepost.compliance.plan import LONG_OBLIGATION_US, _local_midnight_after
from milepost.compliance.results import FindingKind
from milepost.compliance.rule_tables import RuleSet

Row = dict[str, Any]
ABSENCES = {"late_return", "left_during", "out_at_start", "out_at_end", "absent_entire"}
FROM_PLACES = {kind.value for kind in FindingKind} - {
    "strap_tamper", "case_tamper", "power_off", "unit_moved", "battery_low", "battery_dead", "device_fault",
    "no_contact", "alcohol",
}  # fmt: skip
SILENT = {"no_contact", "battery_dead"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the record.

    ``new``: a finding that was not there; ``revised``: it replaces ``previous``, whose id it names in
    ``supersedes``; ``withdrawn``: later signals show that there was none (``finding`` is the last state).
    """

    what: Literal["new", "revised", "withdrawn"]
    finding: Row
    previous: Row | None = None


class Record:
    """Current findings by person, with their revisions."""

    def __init__(self, rules: RuleSet) -> None:
        self._tables = {t.name: t for t in rules.tables}
        self._rows: dict[str, list[Row]] = {}
        self._look: dict[int, int] = {}
        self._in_play: dict[int, int] = {}

    def people(self) -> set[str]:
        return set(self._rows)

    def current(self) -> list[Row]:
        """All current findings, ordered like the findings table."""
        return [row for person in sorted(self._rows) for row in self._rows[person]]

    def look_at(self, persons: np.ndarray) -> np.ndarray:
        """When a breach that goes on must next be judged: at once, or when it reaches a next level."""
        if not self._look:
            return np.zeros(len(persons), np.int64)
        return np.array([self._look.get(p, 0) for p in persons.tolist()], np.int64)

    def in_play_until(self, persons: np.ndarray) -> np.ndarray:
        """Until when a late signal may change a finding of the person."""
        if not self._in_play:
            return np.full(len(persons), -1, np.int64)
        return np.array([self._in_play.get(p, -1) for p in persons.tolist()], np.int64)

    def wants_every_signal(self, person: str) -> bool:
        return any(row["status"] == "open" and row["kind"] in SILENT for row in self._rows.get(person, []))

    def ends_of(self, person: str) -> list[int]:
        """When the parts end in which the person has findings: their coverage is final then."""
        return [self._part_end(row) for row in self._rows.get(person, []) if row["obligation_end_utc"]]

    def _part_end(self, row: Row) -> int:
        end: int = row["obligation_end_utc"]
        if end - row["obligation_start_utc"] <= LONG_OBLIGATION_US:
            return end
        return min(end, _local_midnight_after(row["end_utc"], "UTC") + 86_400_000_000)

    def replace(
        self, people: Iterable[str], rows: list[Row], number: dict[str, int], now_us: int
    ) -> list[Change]:
        """Puts the newly judged findings of some people in place of the old; returns what changed."""
        by_person: dict[str, list[Row]] = {}
        for row in rows:
            by_person.setdefault(row["person_id"], []).append(row)
        changes: list[Change] = []
        for person in people:
            old, new = self._rows.get(person, []), by_person.get(person, [])
            changes.extend(_compare(old, new))
            if new:
                self._rows[person] = new
            else:
                self._rows.pop(person, None)
            if person in number:
                self._remember(number[person], new, now_us)
        return changes

    def _remember(self, person: int, rows: list[Row], now_us: int) -> None:
        open_places = [r for r in rows if r["status"] == "open" and r["kind"] in FROM_PLACES]
        if open_places:
            self._look[person] = min(now_us + self._until_next_level(r) for r in open_places)
        else:
            self._look.pop(person, None)
        until = [max(r["end_latest_utc"], self._part_end(r) if r["obligation_end_utc"] else 0) for r in rows]
        if until:
            self._in_play[person] = max(until)
        else:
            self._in_play.pop(person, None)

    def _until_next_level(self, row: Row) -> int:
        minutes = row["seconds"] / 60
        steps = [
            response.from_minutes
            for response in self._tables[row["rule_table"]].response
            if row["kind"] in response.findings and response.from_minutes > minutes
        ]
        return int((min(steps) - minutes) * 60e6) if steps else 1 << 60


def _likeness(old: Row, new: Row) -> tuple[bool, int]:
    """How well a new finding follows an old one: overlapping first, then nearest start."""
    overlaps = old["start_utc"] <= new["end_utc"] and new["start_utc"] <= old["end_utc"]
    return (not overlaps, abs(old["start_utc"] - new["start_utc"]))


def _family(row: Row) -> tuple[Any, ...]:
    kind = "absence" if row["kind"] in ABSENCES else row["kind"]
    return (row["order_id"], row["condition_id"], row["obligation_start_utc"], kind)


def _compare(old: list[Row], new: list[Row]) -> list[Change]:
    """Matches findings of the same condition and obligation; what is left over is new or withdrawn."""
    same = {row["finding_id"]: row for row in old}
    left = [row for row in old if row["finding_id"] not in {r["finding_id"] for r in new}]
    changes: list[Change] = []
    for row in new:
        known = same.get(row["finding_id"])
        if known is not None:
            row["revision"], row["supersedes"] = known["revision"], known["supersedes"]
            continue
        before = min(
            (o for o in left if _family(o) == _family(row)), key=lambda o: _likeness(o, row), default=None
        )
        if before is None:
            changes.append(Change("new", row))
            continue
        left.remove(before)
        row["revision"], row["supersedes"] = before["revision"] + 1, before["finding_id"]
        changes.append(Change("revised", row, before))
    changes.extend(Change("withdrawn", row) for row in left)
    return changes
