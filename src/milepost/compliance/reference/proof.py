"""Section 11, *Evidence of an absence, entry or exit*, and section 10: how sure?"""

from __future__ import annotations

from dataclasses import dataclass

from milepost.compliance.reference.coverage import Moment
from milepost.compliance.reference.home_unit import Hold
from milepost.compliance.reference.intervals import Stretch
from milepost.compliance.reference.sides import Classed
from milepost.compliance.reference.signals import Signal, order_of_presence
from milepost.compliance.reference.spells import effective_number
from milepost.compliance.reference.witnesses import Knowledge
from milepost.compliance.results import Label
from milepost.compliance.rule_tables import Evidence


@dataclass(frozen=True, slots=True)
class Proof:
    """The signals that show a finding, in time order, who said so, and how sure it is."""

    signals: list[Signal]
    witness: str
    certainty: float


def breach_contacts(knowledge: Knowledge) -> list[Classed]:
    """Contacts of the breach class that lie in a breach-side spell."""
    spells = [s for s in knowledge.spells if s.side == "breach"]
    return [
        c
        for c in knowledge.classed
        if c.side == "breach" and any(s.first <= c.time <= s.last for s in spells)
    ]


def contacts_between(knowledge: Knowledge, start: int, end: int) -> list[Classed]:
    """Those in [start, end]; if there is none, the last one before."""
    contacts = breach_contacts(knowledge)
    between = [c for c in contacts if start <= c.time <= end]
    return between or [c for c in contacts if c.time < start][-1:]


def home_unit_events(knowledge: Knowledge, start: int, end: int) -> list[Hold]:
    """Events that say the breach side in [start, end], and the one before if in force at the start."""
    says_inside = knowledge.breach == Label.INSIDE
    found = []
    for holds in knowledge.home_units.values():
        for hold in holds:
            within = start <= hold.start <= end
            in_force = hold.start < start < hold.end and hold.label != Label.NO_DATA
            if hold.event.in_range == says_inside and (within or in_force):
                found.append(hold)
    return sorted(found, key=lambda h: order_of_presence(h.event))


def strength_of(contacts: list[Classed], evidence: Evidence) -> float:
    """Section 10: the mean distance in sigmas, squared and halved, for so many as are independent."""
    mean = sum(c.away_m / c.sigma_m for c in contacts) / len(contacts)
    return mean**2 / 2 * effective_number([c.time for c in contacts], evidence.breach)


def witness_of(broken: list[Stretch[Moment]], breach: Label) -> str:
    by_fixes = any(s.what.said.fixes == breach for s in broken)
    by_home_unit = any(s.what.said.home_unit == breach for s in broken)
    if not by_home_unit:
        return "fixes"
    return "both" if by_fixes else "home_unit"


def proof_of_breach(
    knowledge: Knowledge, broken: list[Stretch[Moment]], start: int, end: int, evidence: Evidence
) -> Proof:
    """For absences, entries, exits and attendance; ``broken`` is the finding's broken time."""
    fixes = contacts_between(knowledge, start, end)
    in_time = [c for c in fixes if c.time >= start]
    heard = home_unit_events(knowledge, start, end)
    signals: list[Signal] = [c.contact.fix for c in in_time]
    signals += [hold.event for hold in heard]
    if not signals:
        signals = [c.contact.fix for c in fixes]
    signals.sort(key=lambda signal: signal.time)

    witness = witness_of(broken, knowledge.breach)
    by_home_unit = evidence.presence.certainty
    # A time that the home unit made long does not say how long the fixes speak.
    seconds = (end - start) / 1_000_000 if witness == "fixes" else 0.0
    by_fixes = evidence.certainty_of(strength_of(fixes, evidence), seconds) if fixes else 0.0
    certainty = {
        "fixes": by_fixes,
        "home_unit": by_home_unit,
        "both": max(by_fixes, by_home_unit),
    }[witness]
    return Proof(signals, witness, round(certainty, 3))


def proof_of_conflict(knowledge: Knowledge, start: int, end: int) -> Proof:
    """The contacts and events in its time, whatever they say; if none, the last before it."""
    everything: list[Signal] = [c.fix for c in knowledge.contacts]
    heard = [hold.event for holds in knowledge.home_units.values() for hold in holds]
    heard.sort(key=order_of_presence)
    everything += heard
    everything.sort(key=lambda signal: signal.time)
    signals = [s for s in everything if start <= s.time <= end]
    return Proof(signals or [s for s in everything if s.time < start][-1:], "both", 0.5)
