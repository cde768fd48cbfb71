"""Section 4: what do the contacts show together?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Literal

from milepost.compliance.reference.contacts import Contact
from milepost.compliance.reference.geometry import short_way
from milepost.compliance.reference.intervals import SECOND_US, us
from milepost.compliance.reference.sides import Classed, away_from_kept_m, reach_m
from milepost.compliance.results import Label
from milepost.compliance.rule_tables import Breach, Evidence
from milepost.orders.obligations import Target

APART = ("apart", "breach")
USUAL = 5
"""Intervals from which a device's own schedule is learned."""


@dataclass(slots=True)
class Spell:
    """One thing is shown from a first to a last contact."""

    side: Literal["breach", "kept", "explained"]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A silence. ``after`` and ``before`` are the contacts at its ends; None: the evaluation's own ends."""

    start: int
    end: int
    after: Contact | None
    before: Contact | None

    def holds(self, time: int) -> bool:
        """Does a signal at this time lie in the gap: later than one contact, earlier than the other?"""
        return (self.after is None or time > self.after.time) and (
            self.before is None or time < self.before.time
        )


def effective_number(times: list[int], breach: Breach) -> float:
    """How many independent contacts so many are worth, whose errors stay related for ``related_s``."""
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return 1 + sum(1 - math.exp(-step / us(breach.related_s)) for step in steps)


def strength_together(
    run: list[Classed], target: Target, claim: Label, breach: Breach
) -> tuple[float, float]:
    """Metres of the contacts together beyond the kept side, and how hard that is to explain from it."""
    weights = [1 / c.sigma_m**2 for c in run]
    total = sum(weights)
    first = run[0].contact.fix.lon  # the mean goes the short way round the globe
    lon = (
        first
        + sum(w * short_way(c.contact.fix.lon - first) for w, c in zip(weights, run, strict=True)) / total
    )
    lat = sum(w * c.contact.fix.lat for w, c in zip(weights, run, strict=True)) / total
    mean_m = sum(w * c.away_m for w, c in zip(weights, run, strict=True)) / total
    far_m = min(away_from_kept_m(target, lon, lat, claim), mean_m)
    variance = len(run) / (total * effective_number([c.time for c in run], breach))
    return far_m, far_m**2 / (2 * variance)


def leaves_no_way_back(earlier: Classed | None, later: Classed, evidence: Evidence) -> bool:
    """Is the time between two strong contacts that follow each other too short to have been on the kept side?"""
    if earlier is None or earlier.side != "breach" or later.side != "breach":
        return False
    way_m = sum(c.away_m - reach_m(evidence.breach.probability, c.sigma_m) for c in (earlier, later))
    time = later.time - earlier.time
    speed_mps = evidence.there_and_back_mps if time <= us(evidence.hold_s) else evidence.max_speed_mps
    return time / SECOND_US * speed_mps < way_m


def held_times(contacts: Iterable[Classed], evidence: Evidence) -> list[tuple[int, int]]:
    """Times between strong contacts that leave no way to the kept side and back."""
    strong = [c for c in contacts if c.contact.strong]
    pairs = itertools.pairwise(strong)
    return [(a.time, b.time) for a, b in pairs if leaves_no_way_back(a, b, evidence)]


def first_sure(run: list[Classed], evidence: Evidence) -> int:
    """The first contact of the breach class from which on no two follow each other by more than ``hold_s``, unless
    there was no way back between them."""
    sure = [c for c in run if c.side == "breach"]
    first = sure[0].time
    for earlier, later in itertools.pairwise(sure):
        follow = run.index(later) == run.index(earlier) + 1
        held = follow and leaves_no_way_back(earlier, later, evidence)
        if later.time - earlier.time > us(evidence.hold_s) and not held:
            first = later.time
    return first


def shows_breach(run: list[Classed], target: Target, claim: Label, evidence: Evidence) -> bool:
    """Can the contacts together not be explained from anywhere on the kept side?"""
    breach = evidence.breach
    apart = sum(c.side in APART for c in run)
    if (
        run[-1].side != "breach"
        or len(run) < breach.fixes
        or run[-1].time - first_sure(run, evidence) < us(breach.seconds)
        or apart < breach.share * len(run)
    ):
        return False
    far_m, strength = strength_together(run, target, claim, breach)
    return far_m > breach.buffer_m and strength >= math.log(breach.looks / breach.budget)


class Watch:
    """Goes through the contacts of one stream, in order."""

    def __init__(self, target: Target, claim: Label, evidence: Evidence) -> None:
        self.target, self.claim, self.evidence = target, claim, evidence
        self.hold = us(evidence.hold_s)
        self.spells: list[Spell] = []
        self.now: Spell | None = None
        self.run: list[Classed] = []
        """Contacts that may yet show a breach."""
        self.explained: list[Classed] = []
        """Contacts in a row, up to now, that are explained from the kept side."""
        self.kept: list[Classed] = []
        """Contacts that may yet show keeping."""
        self.before: Classed | None = None
        """The strong contact before."""

    def begin(self, spell: Spell) -> None:
        """The spell before ends at its own last contact, or where the new one is dated back to."""
        if self.now is not None:
            self.now.last = min(self.now.last, spell.first)
        self.now = spell
        self.spells.append(spell)

    def see(self, contact: Classed) -> None:
        is_apart = contact.side in APART
        held = leaves_no_way_back(self.before, contact, self.evidence)
        self.before = contact
        if is_apart:
            self.explained, self.kept = [], []
            if self.now is not None and self.now.side == "breach":
                if held or contact.time - self.now.last <= self.hold:
                    if contact.side == "breach":
                        self.now.last = contact.time
                    return
                self.now = None
        else:
            self.explained.append(contact)
        if self.run and (
            len(self.explained) >= self.evidence.explained.fixes
            or (contact.time - self.run[-1].time > self.hold and not held)
        ):
            self.run = []
        in_breach = self.now is not None and self.now.side == "breach"
        if not in_breach and (is_apart or self.run):
            self.run.append(contact)
            if shows_breach(self.run, self.target, self.claim, self.evidence):
                self.begin(Spell("breach", first_sure(self.run, self.evidence), contact.time))
                self.run = []
        if not is_apart:
            self.see_explained(contact)
        if contact.side == "kept":
            self.see_kept(contact)

    def see_explained(self, contact: Classed) -> None:
        if self.now is None or self.now.side == "breach":
            if len(self.explained) >= self.evidence.explained.fixes:
                self.begin(Spell("explained", self.explained[0].time, contact.time))
        elif contact.time - self.now.last > self.hold:
            self.begin(Spell("explained", contact.time, contact.time))
        elif self.now.side == "explained":
            self.now.last = contact.time

    def see_kept(self, contact: Classed) -> None:
        t = contact.time
        if self.now is not None and self.now.side == "kept":
            if self.run:
                self.begin(Spell("kept", t, t))
                self.run = []
            self.now.last = t
            return
        if self.kept and t - self.kept[-1].time > self.hold:
            self.kept = []
        self.kept.append(contact)
        needed = self.evidence.kept
        if len(self.kept) >= needed.fixes and t - self.kept[0].time >= us(needed.seconds):
            self.begin(Spell("kept", self.kept[0].time, t))
            self.kept, self.run = [], []


def spells_of(contacts: Iterable[Classed], target: Target, claim: Label, evidence: Evidence) -> list[Spell]:
    watch = Watch(target, claim, evidence)
    for contact in contacts:
        if contact.contact.strong:
            watch.see(contact)
    return [s for s in watch.spells if s.first < s.last]


def longest_us(intervals: list[int], evidence: Evidence) -> float:
    """The longest time that is no gap, after these intervals between contacts: the device's own schedule counts."""
    last = [0] * USUAL + intervals
    learned = min(evidence.gap_times * median(last[-USUAL:]), us(evidence.hold_s))
    return max(us(evidence.gap_s), learned)


def gaps_of(contacts: list[Contact], evidence: Evidence, start: int, end: int) -> list[Gap]:
    """Silences that are too long; with no contact at all, from the beginning to the end."""
    gaps: list[Gap] = []
    intervals: list[int] = []
    after: Contact | None = None
    for before in [*contacts, None]:
        earlier = start if after is None else max(after.time, start)
        later = end if before is None else before.time
        if later - earlier > longest_us(intervals, evidence):
            gaps.append(Gap(earlier, later, after, before))
        if after is not None and later > after.time:
            intervals.append(later - after.time)
        after = before
    return gaps
