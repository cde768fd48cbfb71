"""On a second database, tests of pages and doors run by sample.

Who may open a page, what it tells the browser and what a request without a token gets is decided above the database.
Tests of that carry ``by_sample``. Where ``MILEPOST_TEST_SAMPLE`` is a number above 1 (as in the run on PostgreSQL),
one in so many of their cases runs: always the same ones, chosen by name, so that a new page moves none of the others.
What depends on the database never carries the mark: locks, constraints, triggers, search, what is written. Every page
is opened there all the same, once with few records and once with more, by the test of its queries. Tests that ask for no
database at all are left out too, unless they carry ``postgres``: they open a server of their own.
"""

from __future__ import annotations

import os
import zlib
from typing import Any

import pytest

ONE_IN = int(os.environ.get("MILEPOST_TEST_SAMPLE", "1"))


DATABASES = {"db", "transactional_db", "live_server"}


def asks_a_database(item: pytest.Item) -> bool:
    asked = set(getattr(item, "fixturenames", ()))
    return any(item.get_closest_marker(mark) for mark in ("django_db", "postgres")) or bool(asked & DATABASES)


class Sample:
    def __init__(self) -> None:
        self.left_out = self.of = self.without = 0

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        marked = [item for item in items if item.get_closest_marker("by_sample")]
        left_out = {item for item in marked if zlib.crc32(item.nodeid.encode()) % ONE_IN}
        without = {item for item in items if not asks_a_database(item)}
        self.of, self.left_out, self.without = len(marked), len(left_out), len(without)
        items[:] = [item for item in items if item not in left_out | without]
        config.hook.pytest_deselected(items=left_out | without)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if (told := getattr(session.config, "workeroutput", None)) is not None:
            told["sample"] = (self.left_out, self.of, self.without)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended: each had collected all tests, so that one number stands for all of them."""
        known = (self.left_out, self.of, self.without)
        self.left_out, self.of, self.without = getattr(node, "workeroutput", {}).get("sample", known)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("BY SAMPLE")
        terminalreporter.line(
            f"{self.left_out} of {self.of} cases of pages and doors were left out here (one in {ONE_IN} runs), and "
            f"{self.without} tests that ask no database: the run on the embedded database has them all. See "
            "tests/sampling.py; MILEPOST_TEST_SAMPLE=1 runs all."
        )


def pytest_configure(config: pytest.Config) -> None:
    if ONE_IN > 1:
        config.pluginmanager.register(Sample())
