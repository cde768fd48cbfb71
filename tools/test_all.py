"""`make test`: all tests, then the service's once more on PostgreSQL; both whatever the first says, and a sum at the end.

    python tools/test_all.py

Exit 1 if either half failed. What is skipped, each half says in lines that begin with SKIPPED.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import click

HALVES: Mapping[str, Sequence[str]] = {
    "all tests, the service on SQLite": (sys.executable, "-m", "pytest", "-n", "3", "-m", "not slow"),
    "the service on PostgreSQL": (sys.executable, "tools/test_on_postgresql.py"),
}


def main(halves: Mapping[str, Sequence[str]] = HALVES) -> int:
    """Runs each command in turn and sums up. 0 only if every one ended with 0."""
    ended: dict[str, tuple[int, float]] = {}
    for name, command in halves.items():
        click.echo(f"== {name} ==")
        begun_s = time.monotonic()
        code = subprocess.run(command, check=False).returncode
        ended[name] = code, time.monotonic() - begun_s
    click.echo("== make test: in sum ==")
    for name, (code, took_s) in ended.items():
        said = "passed" if code == 0 else f"FAILED (exit code {code}): see above"
        click.echo(f"{name}: {said}, {took_s / 60:.0f} minutes")
    return int(any(code for code, _ in ended.values()))


if __name__ == "__main__":
    sys.exit(main())
