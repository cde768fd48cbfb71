"""Everything the page shows of one person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from milepost.compliance.display_contacts import rows_of_devices, signals_of_person
from milepost.compliance.explain import Explanation, explain_finding
from milepost.compliance.homes import homes_if_learned
from milepost.compliance.report.maps import MapView, map_of
from milepost.compliance.report.rows import Row, by_seriousness, of_people
from milepost.compliance.report.week import WeekView, week_views
from milepost.compliance.results import Results
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import Order, OrderFile
from milepost.orders.obligations import Obligation
from milepost.tracks.record import Signals

MOST_FINDINGS = 30
"""Findings of one person told in full; the others are listed in one line each. Display only."""


@dataclass(frozen=True, slots=True)
class FindingView:
    number: int
    row: Row
    told: Explanation
    map: MapView | None


@dataclass(frozen=True, slots=True)
class PersonView:
    number: int
    person_id: str
    name: str
    orders: tuple[Order, ...]
    devices: tuple[str, ...]
    levels: dict[str, int]
    coverage: float | None
    weeks: tuple[WeekView, ...]
    totals: tuple[Row, ...]
    findings: tuple[FindingView, ...]
    others: tuple[Row, ...]
    """Findings beyond ``MOST_FINDINGS``: listed, not told."""


def signals_of_people(signals: Signals, order_file: OrderFile, people: Iterable[str]) -> Signals:
    """Only what the devices of these people said: the rest of a large record is left where it is."""
    wanted = set(people)
    devices = {a.device_id for a in order_file.activations if a.person_id in wanted}
    return Signals(
        *(
            rows_of_devices(table, devices)
            for table in (signals.fixes, signals.presence, signals.device_events)
        )
    )


def person_views(
    people: list[str],
    results: Results,
    order_file: OrderFile,
    obligations: list[Obligation],
    signals: Signals,
    rules: RuleSet,
    streets: dict[str, Any] | None,
) -> list[PersonView]:
    """The people named, in that order, each with findings from the most serious down.

    ``order_file`` may hold these people alone: of others nothing is asked.
    """
    own = signals_of_people(signals, order_file, people)
    findings, coverage, timeline, totals = (
        _by_person(of_people(table, people))
        for table in (results.findings, results.coverage, results.timeline, results.totals)
    )
    owed: dict[str, list[Obligation]] = defaultdict(list)
    wanted = set(people)
    for obligation in obligations:
        if obligation.person_id in wanted:
            owed[obligation.person_id].append(obligation)
    names = {person.id: person.name or "" for person in order_file.people}
    views = []
    next_finding = 1
    homes = homes_if_learned(order_file, rules.learned)
    for number, person_id in enumerate(people, 1):
        ordered = sorted(findings[person_id], key=by_seriousness)
        targets = {
            (o.order_id, o.condition_id, o.start_us): o.target
            for o in owed[person_id]
            if o.target is not None
        }
        timezones = {(o.order_id, o.condition_id): o.timezone for o in owed[person_id]}
        heard = signals_of_person(own, order_file.activations, person_id, learned=rules.learned, homes=homes)
        told = []
        for row in ordered[:MOST_FINDINGS]:
            explanation = explain_finding(
                row, order_file=order_file, obligations=owed[person_id], signals=heard, rules=rules
            )
            told.append(FindingView(next_finding, row, explanation, map_of(explanation, streets)))
            next_finding += 1
        views.append(
            PersonView(
                number=number,
                person_id=person_id,
                name=names.get(person_id, ""),
                orders=tuple(order for order in order_file.orders if order.person_id == person_id),
                devices=tuple(a.device_id for a in order_file.activations if a.person_id == person_id),
                levels=dict(Counter(row["level"] for row in ordered)),
                coverage=coverage_of(coverage[person_id]),
                weeks=tuple(week_views(coverage[person_id], timeline[person_id], timezones, targets)),
                totals=tuple(totals[person_id]),
                findings=tuple(told),
                others=tuple(ordered[MOST_FINDINGS:]),
            )
        )
    return views


def coverage_of(rows: list[Row]) -> float | None:
    """The share of the seconds judged that are not without data; None if nothing was judged."""
    judged = sum(row["judged_s"] or 0 for row in rows)
    return 1 - sum(row["no_data_s"] or 0 for row in rows) / judged if judged else None


def _by_person(rows: list[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["person_id"]].append(row)
    return grouped
