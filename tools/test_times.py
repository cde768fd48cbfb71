"""Where the minutes of the tests go, in seconds of processor time: a busy machine tells the same as a quiet one.

    python tools/test_times.py [pytest arguments]        make test-times

Runs pytest (of today's arguments, or ``-n 2 -m "not slow"``) and prints, for each folder of tests, the seconds of its
set-up, its tests and the processes they started; what each worker cost before its first test; the dearest fixtures
and the dearest tests. The work of a PostgreSQL server is not in it.

As a plugin (``-p tools.test_times``) it writes one line of JSON for each test into the folder that
``MILEPOST_TEST_TIMES`` names.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import pytest

VARIABLE = "MILEPOST_TEST_TIMES"
PHASES = ("setup", "call", "teardown")


def children_s() -> float:
    """Processor seconds of the processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Times:
    """Writes what each test and each fixture of one worker cost."""

    def __init__(self, folder: Path, worker: str) -> None:
        self.file = (folder / f"{worker}.jsonl").open("w", buffering=1)
        self.worker = worker
        self.inner_s: list[float] = []

    def write(self, **line: Any) -> None:
        self.file.write(json.dumps(line) + "\n")

    def pytest_collection_finish(self) -> None:
        self.write(kind="worker", name=self.worker, own_s=process_time())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        yield from self._phase("setup", item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        yield from self._phase("call", item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        yield from self._phase("teardown", item)

    def _phase(self, phase: str, item: pytest.Item) -> Iterator[None]:
        own_s, other_s = process_time(), children_s()
        try:
            return (yield)
        finally:
            self.write(
                kind=phase, name=item.nodeid, own_s=process_time() - own_s, children_s=children_s() - other_s
            )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """A fixture's own seconds, without those of the fixtures that it asked for while it was made."""
        began_s = process_time()
        self.inner_s.append(0.0)
        try:
            return (yield)
        finally:
            whole_s = process_time() - began_s
            own_s = whole_s - self.inner_s.pop()
            if self.inner_s:
                self.inner_s[-1] += whole_s
            self.write(kind="fixture", name=f"{fixturedef.argname} ({fixturedef.scope})", own_s=own_s)

    def pytest_sessionfinish(self) -> None:
        self.write(kind="whole", name=self.worker, own_s=process_time(), children_s=children_s())
        self.file.close()


def pytest_configure(config: pytest.Config) -> None:
    if folder := os.environ.get(VARIABLE):
        config.pluginmanager.register(Times(Path(folder), os.environ.get("PYTEST_XDIST_WORKER", "main")))


def folder_of(test: str) -> str:
    """``tests/service/orders/test_load.py::test_x`` is in ``service/orders``."""
    parts = test.split("::")[0].split("/")[1:-1]
    return "/".join(parts[:2]) or "."


def read(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]


def table(lines: list[dict[str, Any]], show: int = 40) -> Iterator[str]:
    folders: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    tests: dict[str, float] = defaultdict(float)
    fixtures: dict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for line in lines:
        kind, name, own_s, other_s = line["kind"], line["name"], line["own_s"], line.get("children_s", 0.0)
        if kind in PHASES:
            row = folders[folder_of(name)]
            row["call" if kind == "call" else "around"] += own_s
            row["children"] += other_s
            row["tests"] += kind == "call"
            tests[name] += own_s + other_s
        elif kind == "fixture":
            spent, times = fixtures[name]
            fixtures[name] = (spent + own_s, times + 1)
    yield f"{'folder':32}{'tests':>7}{'set-up':>9}{'tests s':>9}{'started':>9}{'sum s':>9}"
    whole = 0.0
    for name, row in sorted(folders.items(), key=lambda item: -_sum(item[1])):
        whole += _sum(row)
        yield (
            f"{name:32}{row['tests']:7.0f}{row['around']:9.1f}{row['call']:9.1f}{row['children']:9.1f}"
            f"{_sum(row):9.1f}"
        )
    before = {line["name"]: line["own_s"] for line in lines if line["kind"] == "worker"}
    yield f"{'all tests':66}{whole:9.1f}"
    yield f"{'workers before their first test: ' + str(len(before)):66}{sum(before.values()):9.1f}"
    yield f"\n{'fixture':50}{'times':>8}{'sum s':>9}"
    for name, (spent, times) in sorted(fixtures.items(), key=lambda item: -item[1][0])[:show]:
        yield f"{name:50}{times:8}{spent:9.1f}"
    yield f"\n{'sum s':>8}  the dearest tests"
    for name, spent in sorted(tests.items(), key=lambda item: -item[1])[:show]:
        yield f"{spent:8.1f}  {name}"


def _sum(row: dict[str, float]) -> float:
    return row["around"] + row["call"] + row["children"]


def main() -> int:
    folder = Path(os.environ.get(VARIABLE) or tempfile.mkdtemp(prefix="milepost-times-"))
    folder.mkdir(parents=True, exist_ok=True)
    arguments = sys.argv[1:] or ["-n", "2", "-m", "not slow", "-q"]
    command = [sys.executable, "-m", "pytest", "-p", "tools.test_times", *arguments]
    code = subprocess.run(command, env={**os.environ, VARIABLE: str(folder)}, check=False).returncode
    sys.stdout.write("\n".join(table(read(folder))) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
