"""The comparison that the engines are held together by must itself see a difference."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from engines import Engine
from scenarios import scenario
from strategies import assert_same

from milepost.compliance.results import Results


def changed(results: Results, table: str, column: str, value: Any) -> Results:
    """The same results with one value of the first row replaced."""
    old: pa.Table = getattr(results, table)
    rows = old.to_pylist()
    rows[0][column] = value
    tables = {name: getattr(results, name) for name in ("findings", "coverage", "timeline", "totals")}
    tables[table] = pa.Table.from_pylist(rows, schema=old.schema)
    return Results(**tables, period_start_us=results.period_start_us, period_end_us=results.period_end_us)


@pytest.fixture
def results(engine: Engine) -> Results:
    night = scenario().curfew().fixes("18:50-19:20 in, 19:21-20:05 out, 20:06-07:10+1 in")
    return night.judged_by(engine).results


def test_the_same_is_the_same(results: Results) -> None:
    assert_same(results, results)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("findings", "kind", "late_return"),
        ("findings", "finding_id", "F-0000000000000000"),
        ("findings", "certainty", 0.9),
        ("findings", "coverage", None),
        ("findings", "evidence_count", 44),
        ("findings", "last_evidence", "D1@2026-03-02T20:04:00Z/gps"),
        ("coverage", "met_s", 40_439.0),
        ("coverage", "status", "cannot_be_evaluated"),
        ("totals", "minutes", 45.0),
        ("totals", "next_level", "urgent"),
    ],
)
def test_one_changed_value_is_seen(results: Results, table: str, column: str, value: Any) -> None:
    with pytest.raises(AssertionError):
        assert_same(results, changed(results, table, column, value))


def test_a_missing_row_is_seen(results: Results) -> None:
    fewer = Results(results.findings[:0], results.coverage, results.timeline, results.totals)
    fewer.period_start_us, fewer.period_end_us = results.period_start_us, results.period_end_us
    with pytest.raises(AssertionError):
        assert_same(results, fewer)


def test_the_last_digit_of_a_rounded_number_may_differ(results: Results) -> None:
    """And with it the id, which names exactly that content."""
    nearly = changed(results, "findings", "certainty", 0.9955)
    assert_same(results, changed(nearly, "findings", "finding_id", "F-0000000000000000"))
