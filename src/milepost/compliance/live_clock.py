"""When someone has to be judged though nothing came: the live engine's clock."""

from __future__ import annotations

import heapq

import numpy as np

from milepost.compliance.plan import Plan
from milepost.compliance.rule_tables import RuleSet
from milepost.compliance.standing import InForce
from milepost.compliance.worn import Wearings

NEVER_LOW = 1e9


class Clock:
    """Times at which people are to be judged, and how long each has been silent."""

    def __init__(
        self, plan: Plan, wearings: Wearings, orders: dict[str, list[InForce]], rules: RuleSet, begin_us: int
    ) -> None:
        self._persons = plan.persons
        self._trk_person = np.array(plan.trk_person, np.int64)
        self._number = {person: i for i, person in enumerate(plan.persons)}
        evidence = [t.evidence for t in rules.tables]
        self._quiets_us = sorted({int(e.no_contact_after_s * 1e6) for e in evidence})
        self._gaps_us = sorted({int(e.gap_s * 1e6) for e in evidence})
        self._unit_gap_us = int(max(e.presence.gap_s for e in evidence) * 1e6)
        self._dead_pct = max(e.battery.dead_pct for e in evidence)
        n = len(plan.persons)
        self._heard = np.full(n, begin_us, np.int64)
        self._battery = np.full(len(plan.trk_person), NEVER_LOW)
        self._quiet_said = np.zeros(n, bool)
        self._dead_said = np.zeros(len(plan.trk_person), bool)
        self._unit_until: dict[str, int] = {}
        # What is certain to come: attendance that ends, activations and orders that begin or end.
        due = {(o.end_us, o.person_id) for o in plan.obligations if o.duty == "attend"}
        due |= {
            (t, w.person_id)
            for own in wearings.by_person.values()
            for w in own
            for t in (w.from_us, w.until_us)
        }
        due |= {(t, p) for p, own in orders.items() for o in own for t in (o.from_us, o.until_us)}
        # Silence is counted from fitting and from the order's start too.
        starts = {(t, p) for p, own in wearings.by_person.items() for t in (w.from_us for w in own)}
        starts |= {(o.from_us, p) for p, own in orders.items() for o in own}
        due |= {(t + quiet, p) for t, p in starts if t > begin_us for quiet in self._quiets_us}
        # A home unit goes on holding while nothing comes: look at the edges of what is owed there.
        self._edges: dict[str, list[int]] = {}
        for o in plan.obligations:
            self._edges.setdefault(o.person_id, []).extend((o.start_us, o.end_us))
        self._due = sorted(due)
        self._known = set(due)
        self._with_unit: set[str] = set()

    def begin_at(self, begins_us: np.ndarray) -> None:
        """Silence counts from each person's own begin, microseconds UTC; which may be yet to come."""
        self._heard[:] = begins_us

    def leave(self, person: str, tracks: range) -> None:
        """The person is no longer judged here: nothing more is told of their silences."""
        number = self._number.get(person)
        if number is not None:
            self._quiet_said[number] = True
        self._dead_said[tracks.start : tracks.stop] = True

    def wake(self, when_us: int, person: str) -> None:
        """Judge the person once the clock has passed that time."""
        if (when_us, person) not in self._known:
            self._known.add((when_us, person))
            heapq.heappush(self._due, (when_us, person))

    def heard(self, person: str, when_us: int) -> None:
        """A sign of life that is not a fix."""
        number = self._number.get(person)
        if number is not None and when_us > self._heard[number]:
            self._heard[number] = when_us
            self._quiet_said[number] = False

    def unit_spoke(self, person: str, when_us: int) -> None:
        """What a home unit says stops holding when it is silent for longer than its gap."""
        if person not in self._with_unit:
            self._with_unit.add(person)
            for edge in self._edges.get(person, []):
                self.wake(edge, person)
        self._unit_until[person] = max(self._unit_until.get(person, 0), when_us + self._unit_gap_us)
        self.wake(self._unit_until[person], person)

    def contacts(self, tracks: np.ndarray, last_t: np.ndarray, battery_pct: np.ndarray) -> None:
        """Tracks that had new fixes, their last contact and the battery of the newest row."""
        persons = self._trk_person[tracks]
        newer = last_t[tracks] > self._heard[persons]
        self._heard[persons[newer]] = last_t[tracks[newer]]
        self._quiet_said[persons[newer]] = False
        said = ~np.isnan(battery_pct)
        self._battery[tracks[said]] = battery_pct[said]
        self._dead_said[tracks] = False

    def due(self, now_us: int, last_t: np.ndarray) -> set[str]:
        """Who is to be judged now. Each time and each silence is told once."""
        people: set[str] = set()
        while self._due and self._due[0][0] < now_us:
            people.add(heapq.heappop(self._due)[1])
        quiet = ~self._quiet_said & (now_us - self._heard > self._quiets_us[0])
        self._quiet_said |= quiet
        for i in np.flatnonzero(quiet).tolist():
            self._tell(people, self._persons[i], int(self._heard[i]), self._quiets_us, now_us)
        silent = now_us - last_t > self._gaps_us[0]
        dead = ~self._dead_said & (self._battery <= self._dead_pct) & silent
        self._dead_said |= dead
        for track in np.flatnonzero(dead).tolist():
            person = self._persons[self._trk_person[track]]
            self._tell(people, person, int(last_t[track]), self._gaps_us, now_us)
        return people

    def _tell(self, people: set[str], person: str, since_us: int, limits_us: list[int], now_us: int) -> None:
        """Judge now, and again as each table's own limit passes."""
        people.add(person)
        for limit in limits_us:
            if since_us + limit >= now_us:
                self.wake(since_us + limit, person)
