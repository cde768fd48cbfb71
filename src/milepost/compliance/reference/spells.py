"""Section 4: when does the state change?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from milepost.compliance.reference.contacts import Contact
from milepost.compliance.reference.intervals import us
from milepost.compliance.reference.sides import Class, Classed
from milepost.compliance.rule_tables import Evidence


@dataclass(slots=True)
class Spell:
    """One state is confirmed from the first to the last contact of that class."""

    side: Class
    first: int
    last: int


@dataclass(slots=True)
class Run:
    """Contacts that may yet become a change of state."""

    side: Class
    first: int
    last: int
    count: int


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


def spells_of(contacts: Iterable[Classed], evidence: Evidence) -> list[Spell]:
    spells: list[Spell] = []
    run: Run | None = None
    hold = us(evidence.hold_s)
    for contact in contacts:
        t, side = contact.time, contact.side
        spell = spells[-1] if spells else None
        if side == "unclear":
            continue
        if spell is not None and side == spell.side:
            if run is not None or t - spell.last > hold:
                spells.append(Spell(side, t, t))
            else:
                spell.last = t
            run = None
            continue
        if run is None or run.side != side or t - run.last > hold:
            run = Run(side, t, t, 1)
        else:
            run.count += 1
            run.last = t
        needed = evidence.breach if side == "breach" else evidence.kept
        if run.count >= needed.fixes and t - run.first >= us(needed.seconds):
            spells.append(Spell(side, run.first, t))
            run = None
    return spells


def gaps_of(contacts: list[Contact], evidence: Evidence, start: int, end: int) -> list[Gap]:
    """Silences longer than ``gap_s``; with no contact at all, from the beginning to the end."""
    ends: list[tuple[int, Contact | None]] = [(start, None)]
    ends += [(contact.time, contact) for contact in contacts]
    ends += [(end, None)]
    return [
        Gap(earlier, later, after, before)
        for (earlier, after), (later, before) in itertools.pairwise(ends)
        if later - earlier > us(evidence.gap_s)
    ]
