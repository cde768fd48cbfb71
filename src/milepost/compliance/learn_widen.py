"""The last word on what was learned has the rule itself: it is run over the nights that a home unit bore witness to.

Quantiles of single errors do not say what the rule makes of them: it looks at positions together, and errors that last
for half an hour do not cancel. So every night is judged with what was learned and without its home unit. While a home
unit heard the tag, whoever is called away is wronged. The rows that let this happen are widened until few enough are.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import numpy as np

from milepost.compliance.batch import evaluate
from milepost.compliance.columns import Columns, columns_of
from milepost.compliance.finding_kinds import Family, described
from milepost.compliance.learn_witness import DAY_US, LearningRules, Witnessed
from milepost.compliance.learned_errors import ErrorRow, LearnedErrors
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import OrderFile
from milepost.orders.schedules import expand
from milepost.policy_files import TableHead
from milepost.tracks.record import Signals, Source

MOSTLY = 0.5
"""A finding wrongs somebody if a home unit heard the tag at more than this share of its positions."""


@dataclass(frozen=True, slots=True)
class Wronged:
    """Nights of one device each, and those in which somebody whom the home unit heard was called away."""

    nights: int
    before: int
    """With the rows as the errors alone ask for them."""
    after: int


def widened(
    rows: list[ErrorRow], seen: Witnessed, order_file: OrderFile, signals: Signals, rules: RuleSet, learning: LearningRules
) -> tuple[list[ErrorRow], Wronged]:  # fmt: skip
    """The rows, made as wide as the rule needs, and what it made of the nights. Where widening cannot bring it so far, the
    narrowest rows that wrong fewest.

    Raises:
        LookupError: no published rule table covers a regime on a date.
    """
    alone = Signals(fixes=signals.fixes)
    witnesses = _Witnesses(seen, columns_of(signals.fixes))
    allowed = learning.rule.wronged_nights * witnesses.nights
    before: int | None = None
    best, fewest = rows, witnesses.nights + 1
    for _step in range(learning.rule.steps + 1):
        table = _table(rows)
        results = evaluate(order_file, expand, alone, RuleSet(rules.tables, [table]), timeline_of=set())
        nights, of_rows = _wronged(results.findings.to_pylist(), order_file, seen, witnesses, table)
        before = nights if before is None else before
        if nights < fewest:
            best, fewest = rows, nights
        if nights <= allowed:
            break
        least = learning.rule.share_of_row * sum(of_rows.values())
        rows = [
            _wider(row, learning.rule.step) if of_rows[number] > least else row
            for number, row in enumerate(rows)
        ]
    return best, Wronged(witnesses.nights, before or 0, fewest)


def _table(rows: list[ErrorRow]) -> LearnedErrors:
    head = TableHead(
        id="on-trial", version=1, owner="", effective_from=dt.date(1970, 1, 1), source_document=""
    )
    return LearnedErrors(table=head, error=rows)


def _wider(row: ErrorRow, step: float) -> ErrorRow:
    factor = row.factor if row.none_stated else round(row.factor * step, 2)
    return row.model_copy(update={"factor": factor, "floor_m": round(row.floor_m * step, 1)})


class _Witnesses:
    """Fixes of each device by time, all of them and those that a home unit bears witness to."""

    def __init__(self, seen: Witnessed, columns: Columns) -> None:
        by_unit = np.flatnonzero(seen.by_unit)
        self.rows = by_unit[np.lexsort((seen.t[by_unit], seen.device[by_unit]))]
        self.t, self.device = seen.t[self.rows], seen.device[self.rows]
        self.number = {device: i for i, device in enumerate(seen.devices)}
        night = seen.night[self.rows]
        self.nights = len(np.unique(night * len(seen.devices) + self.device))
        order = np.lexsort((columns.t, columns.device))
        self.all_t, self.all_device = columns.t[order], columns.device[order]
        self.all_number = {device: i for i, device in enumerate(columns.devices)}

    def between(self, device: str, start: int, end: int) -> np.ndarray:
        """Rows of the witnessed errors; none, if the home unit did not hear the tag most of the time."""
        found = self.rows[_span(self.t, self.device, self.number.get(device, -1), start, end)]
        whole = _span(self.all_t, self.all_device, self.all_number.get(device, -1), start, end)
        return found if len(found) > MOSTLY * (whole.stop - whole.start) else found[:0]


def _span(t: np.ndarray, device: np.ndarray, number: int, start: int, end: int) -> slice:
    a, b = np.searchsorted(device, (number, number + 1))
    i, j = np.searchsorted(t[a:b], (start, end + 1))
    return slice(int(a + i), int(a + j))


def _wronged(
    findings: list[dict[str, object]], order_file: OrderFile, seen: Witnessed, witnesses: _Witnesses, table: LearnedErrors
) -> tuple[int, Counter[int]]:  # fmt: skip
    """Nights in which somebody was wronged, and how many of the positions that did it each row holds."""
    worn: dict[str, set[str]] = {}
    for activation in order_file.activations:
        worn.setdefault(activation.person_id, set()).add(activation.device_id)
    nights: set[tuple[str, int]] = set()
    of_rows: Counter[int] = Counter()
    for finding in findings:
        if described(str(finding["kind"])).family is not Family.ABSENCE:
            continue
        start, end = (_us(finding[name]) for name in ("start_utc", "end_utc"))
        for device in worn.get(str(finding["person_id"]), ()):
            rows = witnesses.between(device, start, end)
            if len(rows):
                nights.add((device, (start - DAY_US // 2) // DAY_US))
            for row in rows.tolist():
                stated = None if np.isnan(seen.stated_m[row]) else float(seen.stated_m[row])
                about = table.row_for(Source(int(seen.source[row])).name, seen.models.get(device), stated)
                if about is not None:
                    of_rows[next(i for i, r in enumerate(table.error) if r is about)] += 1
    return len(nights), of_rows


def _us(time: object) -> int:
    assert isinstance(time, dt.datetime)
    return (time - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
