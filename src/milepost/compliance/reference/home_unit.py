"""Section 5: what the home unit says."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.compliance.reference.intervals import us
from milepost.compliance.reference.signals import PersonSignals, Presence
from milepost.compliance.results import Label
from milepost.compliance.rule_tables import Evidence
from milepost.orders.model import ConditionKind
from milepost.orders.obligations import Obligation


@dataclass(frozen=True, slots=True)
class Hold:
    """An event and the label that it gives until the next one."""

    event: Presence
    start: int
    end: int
    label: Label
    lag_from: int
    """From here on the unit may only not have said yet that it no longer hears the tag."""

    def label_at(self, time: int) -> Label:
        return self.label if time < self.lag_from else Label.UNCERTAIN


def holds_of(events: list[Presence], evidence: Evidence, end: int) -> list[Hold]:
    """What one home unit place says, from its first event to the end of the evaluation."""
    holds = []
    for i, event in enumerate(events):
        until = events[i + 1].time if i + 1 < len(events) else end
        if until - event.time > us(evidence.presence.gap_s):
            label = Label.NO_DATA
        elif event.in_range:
            label = Label.INSIDE
        elif time_out_of_range(events, i) < us(evidence.presence.out_seconds):
            label = Label.UNCERTAIN
        else:
            label = Label.OUTSIDE
        lag_from = until
        if label == Label.INSIDE and i + 1 < len(events) and not events[i + 1].in_range:
            lag_from = max(event.time, until - us(evidence.presence.lag_s))
        holds.append(Hold(event, event.time, until, label, lag_from))
    return holds


def time_out_of_range(events: list[Presence], i: int) -> int:
    """From the first OUT_OF_RANGE around event i to the next IN_RANGE, or to the last event."""
    first = i
    while first > 0 and not events[first - 1].in_range:
        first -= 1
    back = next((event for event in events[i:] if event.in_range), events[-1])
    return back.time - events[first].time


def speaks_for(place: str | None, obligation: Obligation) -> bool:
    if place is None:
        return obligation.kind == ConditionKind.CURFEW
    return obligation.target is not None and place in obligation.target.place_ids


def witnesses_for(
    obligation: Obligation, person: PersonSignals, evidence: Evidence, end: int
) -> dict[str | None, list[Hold]]:
    """What each home unit place that speaks for this target says."""
    return {
        place: holds_of(events, evidence, end)
        for place, events in person.home_unit_streams().items()
        if speaks_for(place, obligation)
    }


def label_from_home_units(said: dict[str | None, list[Hold]], obligation: Obligation, time: int) -> Label:
    now = {
        place: next((h.label_at(time) for h in holds if h.start <= time < h.end), Label.NO_DATA)
        for place, holds in said.items()
    }
    labels = set(now.values())
    places = obligation.target.place_ids if obligation.target is not None else ()
    if Label.INSIDE in labels:
        return Label.INSIDE
    if Label.OUTSIDE in labels:
        # Not at the one place is not yet away from all the places where the person may be.
        away_from_all = len(places) <= 1 or all(now.get(place) == Label.OUTSIDE for place in places)
        return Label.OUTSIDE if away_from_all else Label.UNCERTAIN
    return Label.UNCERTAIN if Label.UNCERTAIN in labels else Label.NO_DATA
