"""What one incident rests on: signals read, the engine asked again, each finding explained.

Nothing here is stored and nothing is decided: numbers are worked out anew from the signals, so that the page can
never say more than they do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from milepost.compliance.batch import evaluate
from milepost.compliance.display_contacts import PersonSignals, signals_of_person
from milepost.compliance.explain import Explanation, explain_finding
from milepost.compliance.homes import homes_if_learned
from milepost.compliance.plain_times import as_us
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.clock import FAR_FUTURE_US
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.orders.schedules import expand
from milepost.service import clock
from milepost.service.monitoring.grouping import OWED_FOR_DAYS_US
from milepost.service.monitoring.policy_data import board_numbers
from milepost.service.orders.engine_file import order_file_of
from milepost.service.people.models import Person
from milepost.service.signals.worn import signals_while_worn
from milepost.service.web.language import LANGUAGE
from milepost.times import MINUTE_US, to_us
from milepost.tracks.record import Signals

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that was read for an incident. Times in microseconds UTC."""

    order_file: OrderFile
    signals: Signals
    own: PersonSignals
    obligations: list[Obligation]
    timeline: list[Row]
    """Rows of ``results.TIMELINE`` of the conditions concerned, times in microseconds."""
    explanations: dict[str, Explanation]
    from_us: int
    until_us: int


class _Had(NamedTuple):
    """A device while it was theirs."""

    device_id: str
    from_us: int
    until_us: int


def period_of(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """From when until when signals are read: the findings, their whole night where they have one, and a bit around."""
    numbers = board_numbers().incident
    from_us = min(_first(row) for row in rows) - numbers.signals_before_minutes * MINUTE_US
    until_us = max(_last(row) for row in rows) + numbers.signals_after_minutes * MINUTE_US
    return from_us, min(until_us, max(clock.now_us(), from_us + MINUTE_US))


def _night(row: Mapping[str, Any]) -> tuple[int, int] | None:
    start, end = row["obligation_start_utc"], row["obligation_end_utc"]
    return (start, end) if start is not None and end - start <= OWED_FOR_DAYS_US else None


def _first(row: Mapping[str, Any]) -> int:
    night = _night(row)
    return int(min(row["start_earliest_utc"] or row["start_utc"], night[0] if night else row["start_utc"]))


def _last(row: Mapping[str, Any]) -> int:
    night = _night(row)
    return int(max(row["end_latest_utc"] or row["end_utc"], night[1] if night else row["end_utc"]))


def gather(
    person: Person, rows: Sequence[Row], rules: RuleSet, order_file: OrderFile | None = None
) -> Material | None:
    """Reads and explains. None where there are no findings to explain.

    Raises:
        LookupError: no published rule table covers the regime, or the lake that has the days' signals is not there.
    """
    if not rows:
        return None
    order_file = order_file or order_file_of([person])
    from_us, until_us = period_of(rows)
    signals = signals_while_worn(_held(order_file), from_us, until_us)
    obligations = expand(order_file, from_us, until_us)
    results = evaluate(order_file, obligations, signals, rules, begin_us=from_us, until_us=until_us)
    own = signals_of_person(
        signals,
        order_file.activations,
        person.reference,
        from_us=from_us,
        until_us=until_us,
        learned=rules.learned,
        homes=homes_if_learned(order_file, rules.learned),
    )
    return Material(
        order_file=order_file,
        signals=signals,
        own=own,
        obligations=obligations,
        timeline=_concerned(results.timeline, rows, from_us),
        explanations={
            row["finding_id"]: explain_finding(
                row,
                order_file=order_file,
                obligations=obligations,
                signals=own,
                rules=rules,
                language=LANGUAGE,
            )
            for row in rows
        },
        from_us=from_us,
        until_us=until_us,
    )


def _held(order_file: OrderFile) -> list[_Had]:
    return [
        _Had(a.device_id, to_us(a.from_utc), to_us(a.until_utc) if a.until_utc else FAR_FUTURE_US)
        for a in order_file.activations
    ]


def _concerned(timeline: pa.Table, rows: Sequence[Row], from_us: int) -> list[Row]:
    """Stretches of the obligations that the findings are about; only of the night, where it is one.

    Nothing from before the signals that were read: a zone is owed all day, and what was not asked for must not
    be drawn as silence.
    """
    wanted = {(row["order_id"], row["condition_id"], row["obligation_start_utc"]) for row in rows}
    found = []
    for row in timeline.to_pylist():
        for name in ("obligation_start_utc", "start_utc", "end_utc"):
            row[name] = as_us(row[name])
        concerned = (row["order_id"], row["condition_id"], row["obligation_start_utc"]) in wanted
        if concerned and row["end_utc"] > from_us:
            found.append({**row, "start_utc": max(row["start_utc"], from_us)})
    return sorted(found, key=lambda row: (row["order_id"], row["condition_id"], row["start_utc"]))
