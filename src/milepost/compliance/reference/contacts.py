"""Section 2: which fixes may prove something?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from milepost.compliance.reference.geometry import distance_m
from milepost.compliance.reference.intervals import SECOND_US
from milepost.compliance.reference.signals import Fix
from milepost.compliance.rule_tables import Evidence, SourceRule
from milepost.tracks.record import Quality

NO_POSITION = Quality.ZERO_ISLAND | Quality.NOT_VALID | Quality.SWAPPED_AXES


@dataclass(frozen=True, slots=True)
class Contact:
    """A fix that says the tag is alive; ``strong`` if it may also prove where."""

    fix: Fix
    strong: bool

    @property
    def time(self) -> int:
        return self.fix.time


def is_contact(fix: Fix) -> bool:
    return not fix.flags & NO_POSITION


def source_rule(fix: Fix, evidence: Evidence) -> SourceRule | None:
    """None: the table does not name the source, which then may not confirm."""
    return next((rule for name, rule in evidence.sources.items() if name == fix.source.name), None)


def precision_of(fix: Fix, evidence: Evidence) -> float:
    """The 95 % radius in metres that is believed (first paragraph of section 3)."""
    rule = source_rule(fix, evidence)
    assert rule is not None
    said = rule.assumed_precision_m if fix.precision_m is None else fix.precision_m
    return max(said, rule.precision_floor_m)


def may_confirm(fix: Fix, evidence: Evidence) -> bool:
    rule = source_rule(fix, evidence)
    return rule is not None and rule.may_confirm and not fix.flags & Quality.MOCK


def is_too_fast(anchor: Fix, fix: Fix, evidence: Evidence) -> bool:
    away_m = distance_m(anchor.lon, anchor.lat, fix.lon, fix.lat)
    doubt_m = precision_of(anchor, evidence) + precision_of(fix, evidence)
    return away_m - doubt_m > evidence.max_speed_mps * (fix.time - anchor.time) / SECOND_US


def contacts_of(fixes: Iterable[Fix], evidence: Evidence) -> list[Contact]:
    """The contacts of one person's stream, in order, each weak or strong."""
    contacts: list[Contact] = []
    anchor: Fix | None = None
    refusals = 0
    for fix in fixes:
        if not is_contact(fix):
            continue
        if not may_confirm(fix, evidence):
            contacts.append(Contact(fix, strong=False))
            continue
        escapes = refusals >= evidence.speed_escape_fixes - 1
        if anchor is not None and not escapes and is_too_fast(anchor, fix, evidence):
            refusals += 1
            contacts.append(Contact(fix, strong=False))
            continue
        anchor, refusals = fix, 0
        contacts.append(Contact(fix, strong=True))
    return contacts
