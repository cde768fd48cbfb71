"""Section 8: tampers, power, movement, faults, and alcohol. ``battery`` and ``silence`` hold the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.reference.basis import Bases, Basis
from milepost.compliance.reference.finding import Finding, evidence_ref
from milepost.compliance.reference.intervals import SECOND_US
from milepost.compliance.reference.signals import Event, Fitting, PersonSignals, Signal
from milepost.orders.model import ConditionKind
from milepost.tracks.record import DeviceEventKind as Event_

BEGINS_AND_ENDS = (
    (FindingKind.STRAP_TAMPER, Event_.STRAP_TAMPER, Event_.STRAP_RESTORED),
    (FindingKind.CASE_TAMPER, Event_.CASE_TAMPER, Event_.CASE_RESTORED),
    (FindingKind.POWER_OFF, Event_.POWER_OFF, Event_.POWER_ON),
    (FindingKind.UNIT_MOVED, Event_.UNIT_MOVED, Event_.UNIT_STILL),
    (FindingKind.DEVICE_FAULT, Event_.DEVICE_FAULT, Event_.FAULT_CLEARED),
)
ALCOHOL = (Event_.ALCOHOL, Event_.ALCOHOL_INTERFERENCE)


@dataclass(slots=True)
class Lasting:
    """A device finding that has begun; ``signals`` are its evidence so far."""

    kind: FindingKind
    fitting: Fitting
    basis: Basis
    start: int
    signals: list[Signal] = field(default_factory=list)

    def add(self, signal: Signal) -> None:
        """One signal is one piece of evidence, even where it says two things (an event with a reading)."""
        if not any(known is signal for known in self.signals):
            self.signals.append(signal)

    def ends_with(self, signal: Signal) -> Finding:
        self.add(signal)
        return self.finding(signal.time, "closed")

    def never_ended(self, end: int) -> Finding:
        """Still open; or closed by the end of the activation: the device has come off."""
        if self.fitting.end <= end:
            return self.finding(self.fitting.end, "closed")
        return self.finding(end, "open")

    def finding(self, end: int, status: str) -> Finding:
        obligation = self.basis.obligation
        return Finding(
            person_id=self.fitting.person,
            activation_id=self.fitting.id,
            order_id=self.basis.order_id,
            order_version=self.basis.order_version,
            condition_id=obligation.condition_id if obligation else "",
            kind=self.kind,
            status=status,
            obligation_start_utc=obligation.start_us if obligation else None,
            obligation_end_utc=obligation.end_us if obligation else None,
            start_utc=self.start,
            end_utc=end,
            seconds=(end - self.start) / SECOND_US,
            start_earliest_utc=self.start,
            end_latest_utc=end,
            coverage=None,
            obligation_coverage=None,
            certainty=round(self.basis.table.evidence.device_event_certainty, 3),
            witness="device",
            evidence_count=len(self.signals),
            first_evidence=evidence_ref(self.signals[0]) if self.signals else "",
            last_evidence=evidence_ref(self.signals[-1]) if self.signals else "",
            table=self.basis.table,
        )


def device_events(person: PersonSignals, bases: Bases, end: int) -> list[Finding]:
    findings = []
    for fitting in person.fittings:
        events = [e for e in person.events if e.fitting == fitting]
        for kind, begins, ends in BEGINS_AND_ENDS:
            findings += from_event_to_event(kind, begins, ends, events, bases, end)
        findings += alcohol(events, bases)
    return findings


def from_event_to_event(
    kind: FindingKind, begins: Event_, ends: Event_, events: list[Event], bases: Bases, end: int
) -> list[Finding]:
    """From the event that begins it to the one that ends it, on one device on one person."""
    findings = []
    now: Lasting | None = None
    for event in events:
        if event.kind == begins and now is not None:
            now.add(event)
        elif event.kind == begins:
            basis = bases.at(event.fitting.person, event.time)
            if basis is not None:
                now = Lasting(kind, event.fitting, basis, event.time, [event])
        elif event.kind == ends and now is not None:
            findings.append(now.ends_with(event))
            now = None
    if now is not None:
        findings.append(now.never_ended(end))
    return findings


def alcohol(events: list[Event], bases: Bases) -> list[Finding]:
    """A reading or interference under an alcohol condition; all of one instant are one finding."""
    instants: dict[int, list[Event]] = {}
    for event in events:
        if event.kind in ALCOHOL:
            instants.setdefault(event.time, []).append(event)
    findings = []
    for time, together in instants.items():
        fitting = together[0].fitting
        basis = bases.under(ConditionKind.ALCOHOL, fitting.person, time)
        if basis is not None:
            lasting = Lasting(FindingKind.ALCOHOL, fitting, basis, time, list(together))
            findings.append(lasting.finding(time, "closed"))
    return findings
