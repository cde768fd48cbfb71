"""Section 9: why is there a gap? The first cause that holds."""

from __future__ import annotations

from milepost.compliance.reference.contacts import is_contact
from milepost.compliance.reference.signals import Event, Fitting, PersonSignals
from milepost.compliance.reference.spells import Gap
from milepost.compliance.results import NoDataCause
from milepost.compliance.rule_tables import Evidence
from milepost.tracks.record import DeviceEventKind as Kind

BATTERY_OR_POWER = (Kind.BATTERY_LOW, Kind.BATTERY_DEAD, Kind.BATTERY_OK, Kind.POWER_OFF, Kind.POWER_ON)
FLAT_OR_OFF = (NoDataCause.BATTERY, NoDataCause.POWER)


def cause_of_gap(gap: Gap, person: PersonSignals, evidence: Evidence) -> NoDataCause:
    """The first cause that holds, from the signals of the tags fitted at some time in the gap."""
    tags = [f for f in person.fittings if f.is_tag and f.start < gap.end and f.end > gap.start]
    before = [e for e in events_of(person, tags) if is_before(gap, e.time)]
    within = [e for e in events_of(person, tags) if gap.holds(e.time)]

    if (
        last_reading_is_dead(gap, person, tags, evidence)
        or any(e.kind == Kind.BATTERY_DEAD for e in within)
        or [e.kind for e in before if e.kind in BATTERY_OR_POWER][-1:] == [Kind.BATTERY_DEAD]
    ):
        return NoDataCause.BATTERY
    if stays(Kind.POWER_OFF, Kind.POWER_ON, before, within):
        return NoDataCause.POWER
    if stays(Kind.DEVICE_FAULT, Kind.FAULT_CLEARED, before, within):
        return NoDataCause.FAULT
    spoke = any(gap.holds(f.time) and not is_contact(f) and f.fitting in tags for f in person.fixes)
    return NoDataCause.NO_POSITION if within or spoke else NoDataCause.NO_SIGNAL


def is_before(gap: Gap, time: int) -> bool:
    """Not later than the last contact before the gap."""
    return gap.after is not None and time <= gap.after.time


def events_of(person: PersonSignals, fittings: list[Fitting]) -> list[Event]:
    return [e for e in person.events if e.fitting in fittings]


def last_reading_is_dead(gap: Gap, person: PersonSignals, tags: list[Fitting], evidence: Evidence) -> bool:
    readings = [pct for time, pct in battery_readings(person, tags) if is_before(gap, time)]
    return bool(readings) and readings[-1] <= evidence.battery.dead_pct


def battery_readings(person: PersonSignals, tags: list[Fitting]) -> list[tuple[int, float]]:
    """(time, per cent) from every fix and from every event whose unit is ``%``, in time order."""
    found = [(f.time, f.battery_pct) for f in person.fixes if f.fitting in tags and f.battery_pct is not None]
    found += [(e.time, e.value) for e in events_of(person, tags) if e.unit == "%" and e.value is not None]
    return sorted(found, key=lambda reading: reading[0])


def stays(begins: Kind, ends: Kind, before: list[Event], within: list[Event]) -> bool:
    """Such an event lies in the gap, or one of before it had not been ended by the same device."""
    lasting: dict[str, bool] = {}
    for event in before:
        if event.kind in (begins, ends):
            lasting[event.device] = event.kind == begins
    return any(lasting.values()) or any(event.kind == begins for event in within)
