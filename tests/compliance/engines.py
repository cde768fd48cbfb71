"""The engines that must all pass the same tests. Each has the signature of ``evaluate_slowly``."""

from __future__ import annotations

from typing import Any, Protocol

from milepost.compliance import compiled, kernel
from milepost.compliance.batch import evaluate
from milepost.compliance.reference import evaluate_slowly
from milepost.compliance.results import Results
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.tracks.record import Signals


class Engine(Protocol):
    def __call__(
        self,
        order_file: OrderFile,
        obligations: list[Obligation],
        signals: Signals,
        rules: RuleSet,
        *,
        until_us: int | None = None,
    ) -> Results: ...


def plain(*args: Any, **more: Any) -> Results:
    """The fast engine, its kernel run as plain Python."""
    return evaluate(*args, **more, kernel=kernel)


def fast(*args: Any, **more: Any) -> Results:
    """The fast engine, compiled."""
    return evaluate(*args, **more, kernel=compiled.load())


ENGINES: dict[str, Engine] = {"reference": evaluate_slowly, "plain": plain, "compiled": fast}
