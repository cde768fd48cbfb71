"""A developer's loop: the tests of one app or one room, in under a minute on two cores.

    python tools/test_app.py NAME [pytest arguments]        make test-app APP=NAME

Runs the folders ``tests/NAME`` and ``tests/service/NAME``; of the tests that go over every page, the
cases of the app's own pages (found by where its views are defined); and none that need a browser or minutes. Made-up
cases are a fifth as many as in ``make test``, unless MILEPOST_EXAMPLES says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parents[1]
OVER_ALL = (
    "tests/service/walk/test_walk.py",
    "tests/service/security/test_headers.py",
    "tests/service/security/test_requests.py",
)
"""Tests with a case for each page: ``name`` is a view's."""
VARIABLE = "MILEPOST_TEST_APP"
NOT_IN_A_LOOP = "not slow and not browser and not whole_process"
FEWER_EXAMPLES = "60"


def folders_of(name: str) -> list[Path]:
    return [path for path in (ROOT / "tests" / name, ROOT / "tests" / "service" / name) if path.is_dir()]


def choices() -> list[str]:
    both = [*(ROOT / "tests").iterdir(), *(ROOT / "tests" / "service").iterdir()]
    return sorted({p.name for p in both if p.is_dir() and any(p.glob("test_*.py"))})


def of_another_app(item: pytest.Item, app: str) -> bool:
    """A case of a page that another app defines, or a test over all that is of no page at all."""
    from tests.service.walk.test_walk import VIEWS

    if item.nodeid.split("::")[0] not in OVER_ALL or app in item.nodeid.split("::")[0].split("/"):
        return False
    name = getattr(item, "callspec", None) and item.callspec.params.get("name")
    view = VIEWS.get(name)
    return not getattr(view, "__module__", "").startswith(f"milepost.service.{app}.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if app := os.environ.get(VARIABLE):
        others = {item for item in items if of_another_app(item, app)}
        items[:] = [item for item in items if item not in others]
        config.hook.pytest_deselected(items=others)


def main() -> int:
    name, *more = sys.argv[1:] or [""]
    folders = folders_of(name) if name else []
    if not folders:
        click.echo(f"APP={name}: no such app or room. Choose one of: {', '.join(choices())}", err=True)
        return 2
    paths = [str(path.relative_to(ROOT)) for path in folders]
    upstairs = (ROOT / "src" / "milepost" / "service" / name).is_dir()
    paths += [path for path in OVER_ALL if upstairs and not path.startswith(tuple(f"{p}/" for p in paths))]
    command = [sys.executable, "-m", "pytest", "-q", "-m", NOT_IN_A_LOOP, *paths]
    command += ["-p", "tools.test_app"] if upstairs else []
    command += more or ["-n", "2", "--dist", "worksteal"]
    env = {"MILEPOST_EXAMPLES": FEWER_EXAMPLES, **os.environ, VARIABLE: name if upstairs else ""}
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
