"""The fast engine against the slow reference on generated cases: findings, coverage, totals, all of it."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from strategies import Case, assert_same, cases

from milepost.compliance import compiled, kernel
from milepost.compliance.batch import evaluate
from milepost.compliance.reference import evaluate_slowly

EXAMPLES = int(os.environ.get("MILEPOST_EXAMPLES", "150"))
"""Set it to 20000 for a night's run."""

generated = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@generated
@given(case=cases())
def test_the_fast_engine_says_what_the_reference_says(case: Case) -> None:
    slow = case.judged_by(evaluate_slowly)
    fast = case.judged_by(lambda *args, **more: evaluate(*args, **more, kernel=kernel))
    assert_same(fast, slow)


@generated
@given(case=cases())
def test_compiled_and_plain_are_the_same_machine(case: Case) -> None:
    plain = case.judged_by(lambda *args, **more: evaluate(*args, **more, kernel=kernel))
    fast = case.judged_by(lambda *args, **more: evaluate(*args, **more, kernel=compiled.load()))
    for name in ("findings", "coverage", "timeline", "totals"):
        assert getattr(fast, name).equals(getattr(plain, name)), name
