"""Runs the service's tests on PostgreSQL, where a server answers; says loudly where none does.

    python tools/test_on_postgresql.py [pytest arguments]

The server: MILEPOST_TEST_POSTGRES, or postgres://postgres@127.0.0.1:5432/milepost. Django makes and drops its
own databases, named test_milepost*.
"""

from __future__ import annotations

import os
import subprocess
import sys

import click
import psycopg

DEFAULT = "postgres://postgres@127.0.0.1:5432/milepost"
WITHOUT_A_DATABASE = ("demo", "maps", "screens", "serving", "web")
"""Folders of tests/service that ask nothing of a database, or start a whole service on one of its own."""
NOT_HERE = "not browser and not mqtt and not any_database"
"""Tests that would say the same again on another database."""
ONE_IN = "8"
"""Of tests that carry ``by_sample`` one case in so many runs, unless MILEPOST_TEST_SAMPLE says otherwise."""


def main() -> int:
    url = os.environ.get("MILEPOST_TEST_POSTGRES", DEFAULT)
    try:
        psycopg.connect(url.rsplit("/", 1)[0] + "/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        click.echo(f"SKIPPED [1] tests/service: PostgreSQL does not answer at {url.rsplit('@', 1)[-1]}")
        return 0
    one_in = os.environ.get("MILEPOST_TEST_SAMPLE", ONE_IN)
    click.echo(f"== the service's tests on PostgreSQL; of pages and doors one case in {one_in} ==")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.sampling",
        "tests/service",
        "-q",
        "-m",
        NOT_HERE,
        *(f"--ignore=tests/service/{folder}" for folder in WITHOUT_A_DATABASE),
        *(sys.argv[1:] or ["-n", "3", "--dist", "worksteal"]),
    ]
    env = {**os.environ, "DATABASE_URL": url, "MILEPOST_TEST_SAMPLE": one_in}
    return subprocess.run(command, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
