"""Section 8: ``no_contact``, a tag that was fitted and not heard of at all."""

from __future__ import annotations

import itertools

from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.reference.basis import Bases
from milepost.compliance.reference.contacts import is_contact
from milepost.compliance.reference.device_findings import Lasting
from milepost.compliance.reference.finding import Finding
from milepost.compliance.reference.intervals import intersection, union, us
from milepost.compliance.reference.signals import Fitting, PersonSignals, Signal


def silences(person: PersonSignals, bases: Bases, start: int, end: int) -> list[Finding]:
    """Counted while a tag is fitted and an order is in force, within the evaluation."""
    tags = [f for f in person.fittings if f.kind == "tag"]
    fitted = union((f.start, f.end) for f in tags)
    findings = []
    for begin, finish in intersection(fitted, bases.times_in_force(person.person)):
        window = max(begin, start), min(finish, end)
        if window[0] < window[1]:
            findings += silences_in(person, tags, bases, *window, still_open=finish > end)
    return findings


def silences_in(
    person: PersonSignals, tags: list[Fitting], bases: Bases, begin: int, finish: int, still_open: bool
) -> list[Finding]:
    heard = [s for s in signs_of_life(person) if begin <= s.time <= finish]
    times = sorted({begin, finish, *(s.time for s in heard)})
    findings = []
    for earlier, later in itertools.pairwise(times):
        basis = bases.at(person.person, earlier)
        if basis is None or later - earlier <= us(basis.table.evidence.no_contact_after_s):
            continue
        last = [s for s in heard if s.time == earlier][-1:]
        next_ = [s for s in heard if s.time == later][:1]
        worn = [f for f in tags if f.start <= earlier < f.end]
        fitting = min(worn, key=lambda f: (-f.start, f.id))
        lasting = Lasting(FindingKind.NO_CONTACT, fitting, basis, earlier, last + next_)
        is_open = still_open and later == finish and not next_
        findings.append(lasting.finding(later, "open" if is_open else "closed"))
    return findings


def signs_of_life(person: PersonSignals) -> list[Signal]:
    """Contacts, events of tags, and home units in range; at one time in this order."""
    signs: list[Signal] = [fix for fix in person.fixes if is_contact(fix)]
    signs += [event for event in person.events if event.fitting.is_tag]
    signs += [heard for heard in person.presence if heard.in_range]
    return sorted(signs, key=lambda signal: signal.time)
