"""Where the tag was silent, and why: sections 4 and 9 of "How the engine decides", for showing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.compliance.explain_case import Case
from milepost.compliance.explain_evidence import silences
from milepost.compliance.results import NoDataCause
from milepost.compliance.rule_tables import Evidence

BATTERY_EVENTS = ("battery_low", "battery_dead", "battery_ok", "power_off", "power_on", "charging")


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a position, [start_us, end_us], with the cause that holds first."""

    start_us: int
    end_us: int
    cause: str


def gaps_of(case: Case, start_us: int, end_us: int) -> list[Gap]:
    """Silences longer than the device's own schedule lets them be, that overlap the time given."""
    return [
        Gap(before, after, cause_of(case, before, after))
        for before, after in silences(case)
        if before < end_us and after > start_us
    ]


def cause_of(case: Case, before_us: int, after_us: int) -> str:
    """Why nothing is known between two contacts (``NoDataCause`` in lower case)."""
    assert case.table is not None
    readings = [
        f.battery_pct for f in case.signals.fixes if f.time_us <= before_us and f.battery_pct is not None
    ]
    events = [(e["time_us"], e["kind"]) for e in case.signals.events]
    return cause_between(case.table.evidence, readings[-1] if readings else None, events, before_us, after_us)


def cause_between(
    evidence: Evidence,
    battery_pct: float | None,
    events: Sequence[tuple[int, str]],
    before_us: int,
    after_us: int,
) -> str:
    """As ``cause_of``. ``battery_pct``: the last reading before; ``events``: time (microseconds UTC) and kind of the
    device's events, in order of time."""
    power = [kind for us, kind in events if us <= before_us and kind in BATTERY_EVENTS]
    during = [kind for us, kind in events if before_us < us < after_us]
    empty = battery_pct is not None and battery_pct <= evidence.battery.dead_pct
    if empty or "battery_dead" in during or power[-1:] == ["battery_dead"]:
        return NoDataCause.BATTERY.name.lower()
    for cause, off, on in (
        (NoDataCause.POWER, "power_off", "power_on"),
        (NoDataCause.FAULT, "device_fault", "fault_cleared"),
    ):
        so_far = [kind for us, kind in events if us <= before_us and kind in (off, on)]
        if off in during or so_far[-1:] == [off]:
            return cause.name.lower()
    return (NoDataCause.NO_POSITION if during else NoDataCause.NO_SIGNAL).name.lower()
