"""Live gives batch's answer: late, repeated and shuffled signals in any steps, with the clock moving."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenarios import signals_of
from strategies import Case, cases
from test_engine_agrees import EXAMPLES

from milepost.compliance import kernel
from milepost.compliance.batch import evaluate
from milepost.compliance.live import LiveEngine
from milepost.compliance.results import Results

generated = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
REVISED = ("revision", "supersedes")


def batch(case: Case, begin_us: int, until_us: int) -> Results:
    return evaluate(
        case.order_file,
        case.obligations,
        case.signals,
        case.rules,
        begin_us=begin_us,
        until_us=until_us,
        kernel=kernel,
    )


def steps_of(case: Case, draw: Any) -> list[tuple[list[Any], list[Any], list[Any]]]:
    """All signals, some twice, nearly in order or not at all, cut into steps."""
    rows = [
        (r["recorded_at_utc"], i, r)
        for i, part in enumerate((case.fixes, case.presence, case.events))
        for r in part
    ]
    disorder = draw(st.sampled_from([0, 60, 3600, 86_400])) * 1_000_000
    random = draw(st.randoms(use_true_random=False))
    rows += [row for row in rows if random.random() < 0.05]
    rows.sort(key=lambda row: row[0] + random.random() * disorder)
    size = draw(st.sampled_from([1, 7, 40, 1000]))
    steps = []
    for start in range(0, len(rows), size):
        parts: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
        for _, part, row in rows[start : start + size]:
            parts[part].append(row)
        steps.append(parts)
    return steps


@generated
@given(case=cases(), data=st.data())
def test_live_ends_where_batch_does(case: Case, data: st.DataObject) -> None:
    whole = case.judged_by(lambda *args, **more: evaluate(*args, **more, kernel=kernel))
    begin_us, until_us = whole.period_start_us, whole.period_end_us
    live = LiveEngine(
        case.order_file,
        case.rules,
        lambda *_: case.obligations,
        begin_us=begin_us,
        horizon_us=max([o.end_us for o in case.obligations] + [until_us]) + 1,
        kernel=kernel,
    )
    fold: dict[str, dict[str, Any]] = {}

    def tell(changes: list[Any]) -> None:
        for change in changes:
            gone = change.previous or (change.finding if change.what == "withdrawn" else None)
            if gone is not None:
                del fold[gone["finding_id"]]
            if change.what != "withdrawn":
                fold[change.finding["finding_id"]] = change.finding

    for parts in steps_of(case, data.draw):
        known = [[r for r in part if r["recorded_at_utc"] <= until_us] for part in parts]
        tell(live.ingest(signals_of(*known)).changes)
    tell(live.settle(until_us).changes)

    found = live.findings()
    expected = batch(case, begin_us, until_us).findings
    assert found.drop_columns(REVISED).to_pylist() == expected.drop_columns(REVISED).to_pylist()
    assert set(fold) == set(found.column("finding_id").to_pylist())
