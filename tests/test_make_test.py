"""`make test` says everything it found: a failure of the first half hides nothing of the second."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "tools" / "test_all.py"
spec = importlib.util.spec_from_file_location("tool_test_all", SCRIPT)
assert spec is not None
assert spec.loader is not None
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


def half(code: int, said: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import sys; print('{said}', flush=True); sys.exit({code})")


@pytest.mark.parametrize(("first", "second", "code"), [(0, 0, 0), (3, 0, 1), (0, 3, 1), (3, 3, 1)])
def test_both_halves_run_and_a_failure_of_either_is_one(
    capfd: pytest.CaptureFixture[str], first: int, second: int, code: int
) -> None:
    assert tool.main({"one": half(first, "ran one"), "two": half(second, "SKIPPED [1] two")}) == code
    said = capfd.readouterr().out
    assert "ran one" in said
    assert "\nSKIPPED [1] two" in said
    assert said.count("passed") == (first == 0) + (second == 0)
    assert said.count("FAILED") == (first != 0) + (second != 0)


def test_make_test_runs_it() -> None:
    made = (SCRIPT.parent.parent / "Makefile").read_text(encoding="utf-8")
    assert "python tools/test_all.py" in made.split("\ntest:")[1].split("\n\n")[0]
    assert list(tool.HALVES) == ["all tests, the service on SQLite", "the service on PostgreSQL"]
