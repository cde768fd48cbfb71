"""Findings explained for the API: the sentences and the evidence, worked out again from the signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from milepost.compliance.display_contacts import signals_of_person
from milepost.compliance.explain import explain_finding
from milepost.compliance.homes import homes_if_learned
from milepost.orders.schedules import expand
from milepost.service.api.shapes import Told
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.monitoring.grouping import OWED_FOR_DAYS_US
from milepost.service.people.models import Person
from milepost.service.person_page.subject import Subject
from milepost.service.signals.worn import signals_while_worn
from milepost.service.web.language import LANGUAGE
from milepost.times import HOUR_US

AROUND_US = HOUR_US
"""Signals this long before and after say how it began and ended."""


class DriftSign(Told):
    """One sign that positions drifted rather than travelled. It proves nothing, and no finding depends on it."""

    sign: str = Field(
        description="near, no_way, slid, still, resting_pace, came_back, other_source or less_exact"
    )
    says: str
    figures: dict[str, float] = Field(
        description="Units are in the names: metres, seconds, metres a second, or counts"
    )


class Explained(Told):
    """One finding in words."""

    finding_id: str
    title: str
    sentences: list[str] = Field(description="The first three need no knowledge of the subject")
    drift: list[DriftSign] = Field(
        description="What looks like a drift of the receiver rather than travel; empty where nothing does"
    )
    against: list[dict[str, Any]] = Field(
        description="Signals that speak for the person: they fit with the condition being kept; as in evidence"
    )
    evidence: list[dict[str, Any]] = Field(
        description="Signals that bear on it, by time, with distances in metres"
    )


def explain(person: Person, rows: Sequence[Mapping[str, Any]]) -> list[Explained]:
    if not rows:
        return []
    subject = Subject(person)
    order_file = subject.order_file
    from_us = min(_first(row) for row in rows) - AROUND_US
    until_us = max(_last(row) for row in rows) + AROUND_US
    signals = signals_while_worn(subject.worn, from_us, until_us)
    learned = rules_in_force().learned
    own = signals_of_person(
        signals,
        order_file.activations,
        person.reference,
        from_us=from_us,
        until_us=until_us,
        learned=learned,
        homes=homes_if_learned(order_file, learned),
    )
    obligations = expand(order_file, from_us, until_us)
    told = [
        explain_finding(
            row,
            order_file=order_file,
            obligations=obligations,
            signals=own,
            rules=rules_in_force(),
            language=LANGUAGE,
        )
        for row in rows
    ]
    return [Explained.model_validate(one.as_dict()) for one in told]


def _night(row: Mapping[str, Any]) -> tuple[int, int] | None:
    start, end = row["obligation_start_utc"], row["obligation_end_utc"]
    return (start, end) if start is not None and end is not None and end - start <= OWED_FOR_DAYS_US else None


def _first(row: Mapping[str, Any]) -> int:
    night = _night(row)
    return int(min(row["start_earliest_utc"] or row["start_utc"], night[0] if night else row["start_utc"]))


def _last(row: Mapping[str, Any]) -> int:
    night = _night(row)
    return int(max(row["end_latest_utc"] or row["end_utc"], night[1] if night else row["end_utc"]))
