"""The reference engine itself against a second, naive reading of the page, asked moment by moment."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import Any

from engines import Engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stories import rows_of
from strategies import SECOND_US, Case, assert_same, cases

from milepost.compliance.reference.causes import FLAT_OR_OFF, cause_of_gap
from milepost.compliance.reference.contacts import contacts_of
from milepost.compliance.reference.intervals import utc_date
from milepost.compliance.reference.sides import Classed, classes_of, reach_m
from milepost.compliance.reference.signals import PersonSignals, Presence, whose_signals
from milepost.compliance.reference.spells import gaps_of, spells_of
from milepost.compliance.results import Label
from milepost.compliance.rule_tables import Evidence
from milepost.orders.model import ConditionKind
from milepost.orders.obligations import Obligation

EXAMPLES = int(os.environ.get("MILEPOST_EXAMPLES", "150"))

many = settings(
    max_examples=EXAMPLES // 3,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)


class Naive:
    """What is known at one moment, worked out for that moment alone from spells, gaps and events.

    The spells are the reference engine's; what each of them must rest on is checked here (``check_spells``).
    """

    def __init__(
        self, case: Case, obligation: Obligation, person: PersonSignals, start: int, end: int
    ) -> None:
        table = case.rules.for_regime(obligation.regime, utc_date(obligation.start_us))
        self.evidence: Evidence = table.evidence
        self.obligation, self.person, self.start, self.end = obligation, person, start, end
        self.breach = Label.INSIDE if obligation.kind == ConditionKind.EXCLUSION_ZONE else Label.OUTSIDE
        self.kept = Label.OUTSIDE if self.breach == Label.INSIDE else Label.INSIDE
        contacts = contacts_of(person.fixes, self.evidence)
        self.contacts, self.times = contacts, [c.time for c in contacts]
        assert obligation.target is not None
        classed = classes_of(contacts, obligation.target, self.evidence, self.breach)
        self.classed = [c for c in classed if c.contact.strong]
        self.found = spells_of(classed, obligation.target, self.breach, self.evidence)
        labels = {"breach": self.breach, "kept": self.kept, "explained": Label.UNCERTAIN}
        self.spells = [(s.first, s.last, labels[s.side]) for s in self.found]
        self.streams: dict[str | None, list[Presence]] = defaultdict(list)
        for event in person.presence:
            place = event.fitting.place
            curfew = obligation.kind == ConditionKind.CURFEW
            if (place is None and curfew) or (place is not None and place in obligation.target.place_ids):
                self.streams[place].append(event)

    def check_spells(self) -> None:
        """A breach rests on positions at both ends and none too far apart; what fits with keeping is in none."""
        hold_us = self.evidence.hold_s * SECOND_US
        assert all(one.last <= next_.first for one, next_ in pairwise(self.found))
        for spell in self.found:
            within = [c for c in self.classed if spell.first <= c.time <= spell.last]
            shown = [c for c in within if spell.side in ("explained", c.side)]
            assert shown[0].time == spell.first
            for one, other in pairwise(shown):
                near = other.time - one.time <= hold_us
                assert (
                    near
                    or spell.side == "explained"
                    or (spell.side == "breach" and self.no_way_back(one, other))
                )
            if spell.side != "breach":
                continue
            assert shown[-1].time == spell.last
            inner = [c.side for c in within if spell.first < c.time < spell.last]
            in_a_row = 0
            for side in inner:
                in_a_row = in_a_row + 1 if side in ("explained", "kept") else 0
                assert in_a_row < self.evidence.explained.fixes

    def no_way_back(self, one: Classed, other: Classed) -> bool:
        """Too fast for anybody: from the one to the kept side and back to the other, errors counted in their favour."""
        if (one.side, other.side) != ("breach", "breach"):
            return False
        if any(one.time < c.time < other.time for c in self.classed):
            return False
        seconds = (other.time - one.time) / SECOND_US
        errors_m = reach_m(self.evidence.breach.probability, one.sigma_m + other.sigma_m)
        if seconds > self.evidence.hold_s:
            return one.away_m + other.away_m - errors_m > self.evidence.max_speed_mps * seconds
        return one.away_m + other.away_m - errors_m > self.evidence.there_and_back_mps * seconds

    def is_held(self, t: int) -> bool:
        """A breach holds over the gap at a moment."""
        in_breach = any(s.side == "breach" and s.first <= t < s.last for s in self.found)
        i = bisect_right([c.time for c in self.classed], t)
        return in_breach and 0 < i < len(self.classed) and self.no_way_back(*self.classed[i - 1 : i + 1])

    def from_fixes(self, t: int) -> Label:
        i = bisect_right(self.times, t)
        before = self.times[i - 1] if i else self.start
        after = self.times[i] if i < len(self.times) else self.end
        times = sorted({time for time in self.times if time <= before})
        own = sorted(([0] * 5 + [b - a for a, b in pairwise(times)])[-5:])
        usual_s = min(self.evidence.gap_times * own[2] / SECOND_US, self.evidence.hold_s)
        if (after - before) / SECOND_US > max(self.evidence.gap_s, usual_s) and not self.is_held(t):
            return Label.NO_DATA
        return next((label for first, last, label in self.spells if first <= t < last), Label.UNCERTAIN)

    def from_one_place(self, events: list[Presence], t: int) -> Label:
        past = [e for e in events if e.time <= t]
        coming = [e for e in events if e.time > t]
        if not past:
            return Label.NO_DATA
        until = coming[0].time if coming else self.end
        if (until - past[-1].time) / SECOND_US > self.evidence.presence.gap_s:
            return Label.NO_DATA
        if past[-1].in_range:
            told_late = bool(coming) and not coming[0].in_range
            lag = told_late and (until - t) / SECOND_US <= self.evidence.presence.lag_s
            return Label.UNCERTAIN if lag else Label.INSIDE
        last_in = max((i for i, e in enumerate(past) if e.in_range), default=-1)
        lost = past[last_in + 1].time
        back = next((e.time for e in coming if e.in_range), events[-1].time)
        short = (back - lost) / SECOND_US < self.evidence.presence.out_seconds
        return Label.UNCERTAIN if short else Label.OUTSIDE

    def cannot_be_heard(self, t: int) -> bool:
        gaps = gaps_of(self.contacts, self.evidence, self.start, self.end)
        here = next((g for g in gaps if g.start <= t < g.end), None)
        return here is not None and cause_of_gap(here, self.person, self.evidence) in FLAT_OR_OFF

    def from_home_units(self, t: int) -> Label:
        said = {place: self.from_one_place(events, t) for place, events in self.streams.items()}
        places = self.obligation.target.place_ids if self.obligation.target else ()
        if Label.INSIDE in said.values():
            return Label.INSIDE
        if Label.OUTSIDE in said.values():
            somewhere_else = len(places) > 1 and any(said.get(p) != Label.OUTSIDE for p in places)
            return Label.UNCERTAIN if somewhere_else else Label.OUTSIDE
        return max(said.values(), default=Label.NO_DATA)

    def at(self, t: int) -> str:
        fitted = any(a.is_tag and a.start <= t < a.end for a in self.person.fittings)
        if t < self.start or not fitted:
            return "no_data"
        words = {self.kept: "met", self.breach: "breached"}
        fixes, home_unit = self.from_fixes(t), self.from_home_units(t)
        if home_unit == Label.OUTSIDE and self.cannot_be_heard(t):
            home_unit = Label.NO_DATA
        both = {fixes, home_unit}
        sure = both & {Label.INSIDE, Label.OUTSIDE}
        if len(sure) == 2:
            return "conflict"
        if sure:
            return words[sure.pop()]
        return "uncertain" if Label.UNCERTAIN in both else "no_data"


def sampled(rows: list[dict[str, Any]]) -> list[int]:
    """Every second of a short timeline, 2,000 moments of a long one, and both sides of every cut."""
    first, last = rows[0]["start_utc"], rows[-1]["end_utc"]
    step = max(SECOND_US, (last - first) // 2_000 // SECOND_US * SECOND_US)
    cuts = [row["start_utc"] + k for row in rows for k in (-1, 0, 1)]
    return sorted({t for t in [*cuts, *range(first, last, step)] if first <= t < last})


@many
@given(case=cases())
def test_the_timeline_is_what_every_single_moment_says(engine: Engine, case: Case) -> None:
    results = case.judged_by(engine)
    read = whose_signals(case.order_file, case.signals, case.until_us, case.rules.learned)
    timelines = defaultdict(list)
    for row in rows_of(results.timeline):
        timelines[row["order_id"], row["condition_id"], row["obligation_start_utc"]].append(row)
    for obligation in case.obligations:
        rows = timelines.get((obligation.order_id, obligation.condition_id, obligation.start_us), [])
        if not rows or obligation.target is None:
            continue
        assert all(a["end_utc"] == b["start_utc"] for a, b in pairwise(rows))
        person = read.people[obligation.person_id]
        naive = Naive(case, obligation, person, results.period_start_us, results.period_end_us)
        naive.check_spells()
        edges = [row["start_utc"] for row in rows]
        for t in sampled(rows):
            row = rows[bisect_right(edges, t) - 1]
            assert row["label"] == naive.at(t), (t, row)


@many
@given(case=cases())
def test_the_seconds_of_the_coverage_add_up_to_those_judged(engine: Engine, case: Case) -> None:
    results = case.judged_by(engine)
    measured: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows_of(results.timeline):
        key = row["order_id"], row["condition_id"], row["obligation_start_utc"], row["label"]
        measured[key] += row["end_utc"] - row["start_utc"]
    covered: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows_of(results.coverage):
        names = ("met", "breached", "uncertain", "conflict", "no_data")
        assert abs(sum(row[f"{name}_s"] for name in names) - row["judged_s"]) < 1e-6
        causes = sum(
            value for name, value in row.items() if name.startswith("no_data_") and name != "no_data_s"
        )
        assert abs(causes - row["no_data_s"]) < 1e-6
        if row["status"] == "judged":
            assert row["judged_s"] == (row["judged_until_utc"] - row["part_start_utc"]) / SECOND_US
            assert abs(row["coverage"] - (1 - row["no_data_s"] / row["judged_s"])) <= 0.00005 + 1e-9
        for name in names:
            key = row["order_id"], row["condition_id"], row["obligation_start_utc"], name
            covered[key] += row[f"{name}_s"]
    for key in set(measured) | set(covered):
        assert abs(measured[key] / SECOND_US - covered[key]) < 1e-6, key


ABSENCES = (
    "late_return",
    "left_during",
    "out_at_start",
    "out_at_end",
    "absent_entire",
    "zone_entry",
    "zone_exit",
)


@many
@given(case=cases())
def test_every_finding_lies_in_its_obligation_and_in_the_period(engine: Engine, case: Case) -> None:
    results = case.judged_by(engine)
    for row in rows_of(results.findings):
        start, end = row["start_utc"], row["end_utc"]
        # Attendance is judged as a whole, though its hour began before the first signal.
        whole = row["kind"].startswith("attendance")
        first = row["obligation_start_utc"] if whole else results.period_start_us
        assert first <= start <= end <= results.period_end_us
        assert row["start_earliest_utc"] <= start
        assert end <= row["end_latest_utc"] <= results.period_end_us
        assert 0 <= row["seconds"] <= (end - start) / SECOND_US
        assert 0 < row["certainty"] <= 1
        assert row["level"] in ("note", "review", "urgent")
        if row["witness"] != "device":
            assert row["obligation_start_utc"] <= row["start_earliest_utc"]
            assert row["end_latest_utc"] <= row["obligation_end_utc"]
            assert row["evidence_count"] >= 1
            assert row["activation_id"]
        elif row["obligation_start_utc"] is not None:
            assert row["obligation_start_utc"] <= start < row["obligation_end_utc"]


@many
@given(case=cases(rule_set="eager"))
def test_the_findings_account_for_all_broken_time(engine: Engine, case: Case) -> None:
    """With no shortest finding, the seconds of the absences of an obligation are its broken seconds."""
    results = case.judged_by(engine)
    found: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows_of(results.findings):
        if row["kind"] in ABSENCES:
            found[row["order_id"], row["condition_id"], row["obligation_start_utc"]] += row["seconds"]
    broken: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows_of(results.coverage):
        if row["kind"] != "attendance":
            broken[row["order_id"], row["condition_id"], row["obligation_start_utc"]] += row["breached_s"]
    for key in set(found) | set(broken):
        assert abs(found[key] - broken[key]) < 1e-6, key


@many
@given(case=cases(), random=st.randoms(use_true_random=False))
def test_shuffling_and_repeating_the_input_changes_nothing(engine: Engine, case: Case, random: Any) -> None:
    once, again = case.judged_by(engine), case.shuffled(random).judged_by(engine)
    assert_same(once, again)
    assert once.findings.equals(again.findings)
    assert once.timeline.equals(again.timeline)
