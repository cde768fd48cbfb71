"""Runs generative tests with many more cases than everyday, and says how many it had.

    python tools/many_examples.py 20000 tests/tracks tests/compliance/test_engine_agrees.py::test_...

It overrides what a test says of ``max_examples`` and leaves out every test that is not generative. A failing case is
printed by Hypothesis: keep it as an ``@example`` of its test. The engine's tests take hours: give them a night.
"""

from __future__ import annotations

import sys
from typing import Any

import click
import pytest
from hypothesis import settings


class ManyExamples:
    """A plugin of pytest: of the tests collected only the generative ones, with so many examples."""

    def __init__(self, examples: int) -> None:
        self.examples = examples
        self.ran: dict[str, int] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = []
        for item in items:
            test = getattr(item, "obj", None)
            test = getattr(test, "__func__", test)
            if getattr(test, "is_hypothesis_test", False):
                self._prepare(item.nodeid.split("[")[0], test)
                kept.append(item)
        items[:] = kept

    def _prepare(self, name: str, test: Any) -> None:
        if name in self.ran:
            return
        self.ran[name] = 0
        own = getattr(test, "_hypothesis_internal_use_settings", settings.default)
        test._hypothesis_internal_use_settings = settings(
            own, max_examples=self.examples, deadline=None, database=None, print_blob=True
        )
        inner = test.hypothesis.inner_test

        def counted(*arguments: Any, **named: Any) -> Any:
            self.ran[name] += 1
            return inner(*arguments, **named)

        test.hypothesis.inner_test = counted

    def pytest_terminal_summary(self) -> None:
        for name, count in self.ran.items():
            click.echo(f"{count} examples: {name}")


def main(arguments: list[str]) -> int:
    return int(pytest.main(["-q", *arguments[1:]], plugins=[ManyExamples(int(arguments[0]))]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
