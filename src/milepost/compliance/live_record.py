"""The live engine's record of findings: what is current, what replaced what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from milepost.compliance.finding_kinds import Family, described
from milepost.compliance.plan import LONG_OBLIGATION_US, _local_midnight_after
from milepost.compliance.rule_tables import RuleSet

Row = dict[str, Any]
FOLLOW_US = 300_000_000
"""While signals come, a breach that goes on is judged again after this long at the latest: pages say how long it has
lasted. Five minutes: in a country of 28,000 tags a few judgements a second."""


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
    """Current findings by person, with their revisions.

    Args:
        zone_of: the time zone of the duty that a finding is about; None where it is not known.
    """

    def __init__(self, rules: RuleSet, zone_of: Callable[[Row], str | None] = lambda row: None) -> None:
        self._zone_of = zone_of
        longest_s = [max(t.evidence.gap_s, t.evidence.hold_s) for t in rules.tables]
        self._gap_us = int(max(longest_s, default=0.0) * 1e6)
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
        return any(
            row["status"] == "open" and described(row["kind"]).over_when_heard
            for row in self._rows.get(person, [])
        )

    def ends_of(self, person: str) -> list[int]:
        """When the parts end in which the person has findings: their coverage is final then."""
        return [self.settles_us(row) for row in self._rows.get(person, []) if row["obligation_end_utc"]]

    def settles_us(self, row: Row) -> int:
        """When the coverage of a finding's obligation is final, microseconds UTC: at its end; of a long one, once the
        local day in which the finding ends is over and so is the longest gap that could still reach into it."""
        end: int | None = row["obligation_end_utc"]
        if end is None:
            return int(row["end_utc"])
        if end - row["obligation_start_utc"] <= LONG_OBLIGATION_US:
            return end
        zone = self._zone_of(row)
        if zone is None:
            return min(end, _local_midnight_after(row["end_utc"], "UTC") + 86_400_000_000)
        return min(end, _local_midnight_after(row["end_utc"], zone) + self._gap_us)

    def has_open(self, person: str, order_id: str, condition_id: str, obligation_start_us: int) -> bool:
        """Whether a breach of that obligation is known that goes on."""
        wanted = (order_id, condition_id, obligation_start_us)
        return any(
            (row["order_id"], row["condition_id"], row["obligation_start_utc"]) == wanted
            for row in self._rows.get(person, [])
            if row["status"] == "open" and not described(row["kind"]).of_device
        )

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
            new, told = _numbered(old, new)
            changes.extend(told)
            if new:
                self._rows[person] = new
            else:
                self._rows.pop(person, None)
            if person in number:
                self._remember(number[person], new, now_us)
        return changes

    def rows_of(self, person: str) -> list[Row]:
        return self._rows.get(person, [])

    def forget(self, person: str, number: int | None) -> None:
        """The person is judged elsewhere from now on. ``number``: theirs here, if they have one."""
        self._rows.pop(person, None)
        if number is not None:
            self._look.pop(number, None)
            self._in_play.pop(number, None)

    def take_over(self, other: Record, person: str, theirs: int | None, ours: int | None) -> None:
        """What another record holds of a person, who has that number there and this one here."""
        if rows := other.rows_of(person):
            self._rows[person] = rows
        if theirs is not None and ours is not None:
            for mine, their in ((self._look, other._look), (self._in_play, other._in_play)):
                if theirs in their:
                    mine[ours] = their[theirs]

    def _remember(self, person: int, rows: list[Row], now_us: int) -> None:
        open_places = [r for r in rows if r["status"] == "open" and not described(r["kind"]).of_device]
        if open_places:
            self._look[person] = now_us + min(FOLLOW_US, *(self._until_next_level(r) for r in open_places))
        else:
            self._look.pop(person, None)
        until = [max(r["end_latest_utc"], self.settles_us(r) if r["obligation_end_utc"] else 0) for r in rows]
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


def compare(old: Iterable[Row], new: Iterable[Row]) -> list[Change]:
    """What has to be recorded so that findings once told become those that hold now.

    Args:
        old: the findings that stand, as last recorded (for example read back from a database), of any
            number of people: not the superseded or withdrawn ones, and only those that the new judgement
            speaks of (``live_begin.within_reach``). Needed of each: ``finding_id``, ``revision``,
            ``supersedes``, ``person_id``, ``order_id``, ``condition_id``, ``kind``, and, as integers of
            microseconds UTC or None, ``obligation_start_utc``, ``start_utc``, ``end_utc``.
        new: the same people's findings now, as rows of the findings table; revision numbers in them are
            not read.

    Returns:
        Changes whose findings carry the revision after the one they replace, and its id. The order of the
        rows given does not matter, nothing given is altered, and findings that are the same in both give
        no change: after a crash, comparing again what the database says with what the engine says gives
        just what is missing. A finding may come to be again what it was two revisions ago; it then has
        its old id with a higher revision.
    """
    return _numbered(list(old), list(new))[1]


def _numbered(old: list[Row], new: list[Row]) -> tuple[list[Row], list[Change]]:
    """Copies of the new rows with their revisions, and what changed.

    Findings of the same condition and obligation are matched; what is left over is new or withdrawn.
    """
    same = {row["finding_id"]: row for row in old}
    now = {row["finding_id"]: row for row in sorted(new, key=_in_time)}
    left: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(same.values(), key=_in_time):
        if row["finding_id"] not in now:
            left.setdefault(_family(row), []).append(row)
    numbered: dict[str, Row] = {}
    changes: list[Change] = []
    for finding_id, row in now.items():  # rows alike to the last digit are one finding
        known, before = same.get(finding_id), None
        if known is None and (family := left.get(_family(row))):
            before = min(family, key=lambda o: (*_likeness(o, row), o["finding_id"]))
            family.remove(before)
        revision, supersedes = 1, ""
        if known is not None:
            revision, supersedes = known["revision"], known["supersedes"]
        elif before is not None:
            revision, supersedes = before["revision"] + 1, before["finding_id"]
        numbered[finding_id] = {**row, "revision": revision, "supersedes": supersedes}
        if known is None:
            changes.append(Change("revised" if before else "new", numbered[finding_id], before))
    gone = [row for family in left.values() for row in family]
    changes.extend(Change("withdrawn", row) for row in sorted(gone, key=_in_time))
    return [numbered[row["finding_id"]] for row in new], changes


def _likeness(old: Row, new: Row) -> tuple[bool, int]:
    """How well a new finding follows an old one: overlapping first, then nearest start."""
    overlaps = old["start_utc"] <= new["end_utc"] and new["start_utc"] <= old["end_utc"]
    return (not overlaps, abs(old["start_utc"] - new["start_utc"]))


def _family(row: Row) -> tuple[Any, ...]:
    family = described(row["kind"]).family
    kind = family.value if family is Family.ABSENCE else row["kind"]
    return (row["person_id"], row["order_id"], row["condition_id"], row["obligation_start_utc"], kind)


def _in_time(row: Row) -> tuple[str, int, int, str]:
    return (row["person_id"], row["start_utc"], row["end_utc"], row["finding_id"])
