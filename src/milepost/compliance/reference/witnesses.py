"""Section 6: two witnesses. And the timeline of labels that sections 7 and 9 count on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from milepost.compliance.reference.causes import FLAT_OR_OFF, cause_of_gap
from milepost.compliance.reference.contacts import Contact, contacts_of
from milepost.compliance.reference.home_unit import Hold, label_from_home_units, witnesses_for
from milepost.compliance.reference.intervals import Stretch, merge_equal
from milepost.compliance.reference.sides import Classed, classes_of
from milepost.compliance.reference.signals import PersonSignals
from milepost.compliance.reference.spells import Gap, Spell, gaps_of, held_times, spells_of
from milepost.compliance.results import Label
from milepost.compliance.rule_tables import Evidence
from milepost.orders.model import ConditionKind
from milepost.orders.obligations import Obligation

OPPOSITE = {Label.INSIDE: Label.OUTSIDE, Label.OUTSIDE: Label.INSIDE}


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a moment: by the fixes, by the home unit, and taken together."""

    label: Label
    fixes: Label
    home_unit: Label


@dataclass(slots=True)
class Knowledge:
    """Everything the evidence says about one person and one target, over the whole evaluation."""

    breach: Label
    contacts: list[Contact]
    classed: list[Classed]
    spells: list[Spell]
    gaps: list[Gap]
    silent: list[Gap]
    """Gaps in which the tag was flat or off."""
    held: list[tuple[int, int]]
    """Times between contacts that leave no way to the kept side and back."""
    home_units: dict[str | None, list[Hold]]
    said: list[Stretch[Said]]

    @property
    def kept(self) -> Label:
        return OPPOSITE[self.breach]


def two_witnesses(fixes: Label, home_unit: Label) -> Label:
    if fixes == Label.EXPLAINED:
        fixes = Label.UNCERTAIN
    if fixes == home_unit:
        return fixes
    if fixes == Label.NO_DATA:
        return home_unit
    if home_unit == Label.NO_DATA:
        return fixes
    if fixes == Label.UNCERTAIN:
        return home_unit
    if home_unit == Label.UNCERTAIN:
        return fixes
    return Label.CONFLICT


def breach_side(obligation: Obligation) -> Label:
    return Label.INSIDE if obligation.kind == ConditionKind.EXCLUSION_ZONE else Label.OUTSIDE


def cannot_be_heard(knowledge: Knowledge, time: int) -> bool:
    """Section 5: a tag known to be flat or off."""
    return any(gap.start <= time < gap.end for gap in knowledge.silent)


def label_from_fixes(knowledge: Knowledge, time: int) -> Label:
    spell = next((s for s in knowledge.spells if s.first <= time < s.last), None)
    is_gap = any(gap.start <= time < gap.end for gap in knowledge.gaps)
    is_held = spell is not None and spell.side == "breach" and is_within(knowledge.held, time)
    if is_gap and not is_held:
        return Label.NO_DATA
    if spell is not None:
        sides = {"breach": knowledge.breach, "kept": knowledge.kept, "explained": Label.EXPLAINED}
        return sides[spell.side]
    return Label.UNCERTAIN


def is_within(spans: list[tuple[int, int]], time: int) -> bool:
    return any(start <= time < end for start, end in spans)


def what_is_known(
    obligation: Obligation, person: PersonSignals, evidence: Evidence, start: int, end: int
) -> Knowledge:
    """The labels from the start to the end of the evaluation. A duty without a place has no sides:
    while the tag is heard, a trail is kept and the others are uncertain."""
    breach = breach_side(obligation)
    contacts = contacts_of(person.fixes, evidence)
    classed = classes_of(contacts, obligation.target, evidence, breach) if obligation.target else []
    gaps = gaps_of(contacts, evidence, start, end)
    knowledge = Knowledge(
        breach,
        contacts,
        classed,
        spells_of(classed, obligation.target, breach, evidence) if obligation.target else [],
        gaps,
        [gap for gap in gaps if cause_of_gap(gap, person, evidence) in FLAT_OR_OFF],
        held_times(classed, evidence),
        witnesses_for(obligation, person, evidence, end) if obligation.target else {},
        [],
    )
    cuts = {start, end}
    cuts |= {t for f in person.fittings if f.is_tag for t in (f.start, f.end)}
    cuts |= {t for gap in knowledge.gaps for t in (gap.start, gap.end)}
    cuts |= {t for spell in knowledge.spells for t in (spell.first, spell.last)}
    cuts |= {
        t for holds in knowledge.home_units.values() for h in holds for t in (h.start, h.lag_from, h.end)
    }
    times = sorted(t for t in cuts if start <= t <= end)
    for earlier, later in itertools.pairwise(times):
        said = what_is_said(knowledge, obligation, person, earlier)
        knowledge.said.append(Stretch(earlier, later, said))
    knowledge.said = merge_equal(knowledge.said)
    return knowledge


def what_is_said(knowledge: Knowledge, obligation: Obligation, person: PersonSignals, time: int) -> Said:
    if not person.is_tag_fitted(time):
        return Said(Label.NO_DATA, Label.NO_DATA, Label.NO_DATA)
    fixes = label_from_fixes(knowledge, time)
    if obligation.target is None:
        heard_on_trail = obligation.kind == ConditionKind.TRAIL and fixes != Label.NO_DATA
        return Said(knowledge.kept if heard_on_trail else fixes, fixes, Label.NO_DATA)
    home_unit = label_from_home_units(knowledge.home_units, obligation, time)
    if home_unit == Label.OUTSIDE and cannot_be_heard(knowledge, time):
        home_unit = Label.NO_DATA
    return Said(two_witnesses(fixes, home_unit), fixes, home_unit)
