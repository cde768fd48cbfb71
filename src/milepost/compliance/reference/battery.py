"""Section 8: low and dead batteries."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.reference.basis import Bases
from milepost.compliance.reference.contacts import is_contact
from milepost.compliance.reference.device_findings import Lasting
from milepost.compliance.reference.finding import Finding
from milepost.compliance.reference.intervals import us
from milepost.compliance.reference.signals import Event, Fitting, Fix, PersonSignals
from milepost.compliance.rule_tables import BatteryRule
from milepost.tracks.record import DeviceEventKind as Event_


@dataclass(frozen=True, slots=True)
class Report:
    """What a device said of its battery: a reading, or an event (``percent`` is None)."""

    signal: Fix | Event
    percent: float | None

    @property
    def time(self) -> int:
        return self.signal.time

    def is_event(self, kind: Event_) -> bool:
        return self.percent is None and isinstance(self.signal, Event) and self.signal.kind == kind

    def is_low(self, rule: BatteryRule) -> bool:
        return self.is_event(Event_.BATTERY_LOW) or (
            self.percent is not None and self.percent <= rule.low_pct
        )

    def is_ok(self, rule: BatteryRule) -> bool:
        return self.is_event(Event_.BATTERY_OK) or (self.percent is not None and self.percent >= rule.ok_pct)

    def reads_dead(self, rule: BatteryRule) -> bool:
        return self.percent is not None and self.percent <= rule.dead_pct


@dataclass(slots=True)
class Dead:
    """A dead battery: from its first report to the next contact (None: there is none)."""

    lasting: Lasting
    next_contact: Fix | None

    def lasts_at(self, time: int) -> bool:
        return self.next_contact is None or time < self.next_contact.time


def batteries(person: PersonSignals, bases: Bases, end: int) -> list[Finding]:
    findings = []
    for fitting in person.fittings:
        reports = reports_of(person, fitting)
        contacts = [fix for fix in person.fixes if fix.fitting == fitting and is_contact(fix)]
        dead = dead_batteries(reports, contacts, bases, end)
        findings += [close(d, end) for d in dead]
        findings += low_batteries(reports, dead, bases, end)
    return findings


def reports_of(person: PersonSignals, fitting: Fitting) -> list[Report]:
    """In time order; at the same time readings of fixes, readings of events, then the events."""
    fixes = [f for f in person.fixes if f.fitting == fitting and f.battery_pct is not None]
    events = [e for e in person.events if e.fitting == fitting]
    reports = [Report(f, f.battery_pct) for f in fixes]
    reports += [Report(e, e.value) for e in events if e.unit == "%" and e.value is not None]
    reports += [Report(e, None) for e in events]
    return sorted(reports, key=lambda report: report.time)


def dead_batteries(reports: list[Report], contacts: list[Fix], bases: Bases, end: int) -> list[Dead]:
    found: list[Dead] = []
    for report in reports:
        basis = bases.at(report.signal.fitting.person, report.time)
        if basis is None:
            continue
        rule = basis.table.evidence.battery
        says_dead = report.is_event(Event_.BATTERY_DEAD)
        if found and found[-1].lasts_at(report.time):
            if says_dead or report.reads_dead(found[-1].lasting.basis.table.evidence.battery):
                found[-1].lasting.add(report.signal)
            continue
        next_contact = next((c for c in contacts if c.time > report.time), None)
        silent_until = min(end, report.signal.fitting.end) if next_contact is None else next_contact.time
        goes_silent = silent_until - report.time > us(basis.table.evidence.gap_s)
        if says_dead or (report.reads_dead(rule) and goes_silent):
            fitting = report.signal.fitting
            lasting = Lasting(FindingKind.BATTERY_DEAD, fitting, basis, report.time, [report.signal])
            found.append(Dead(lasting, next_contact))
    return found


def close(dead: Dead, end: int) -> Finding:
    if dead.next_contact is None:
        return dead.lasting.never_ended(end)
    return dead.lasting.ends_with(dead.next_contact)


def low_batteries(reports: list[Report], dead: list[Dead], bases: Bases, end: int) -> list[Finding]:
    """A dead battery ends a low one, and while it is dead it is not also low."""
    findings = []
    now: Lasting | None = None
    for report in reports:
        is_dead = any(d.lasting.start <= report.time and d.lasts_at(report.time) for d in dead)
        starts_dead = any(d.lasting.signals[0] is report.signal for d in dead)
        if now is not None:
            rule = now.basis.table.evidence.battery
            if starts_dead or report.is_event(Event_.BATTERY_DEAD) or report.is_ok(rule):
                findings.append(now.ends_with(report.signal))
                now = None
            elif report.is_low(rule):
                now.add(report.signal)
        elif not is_dead:
            basis = bases.at(report.signal.fitting.person, report.time)
            if basis is not None and report.is_low(basis.table.evidence.battery):
                now = Lasting(
                    FindingKind.BATTERY_LOW, report.signal.fitting, basis, report.time, [report.signal]
                )
    if now is not None:
        findings.append(now.never_ended(end))
    return findings
