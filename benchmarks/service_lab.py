"""A whole service on this machine, for the benchmarks and the fault tests: a database, `milepost serve`, engine workers.

Each lab has a database of its own (a new file, or a new PostgreSQL database that is dropped at the end) and
real processes started as an operator starts them. What needs Django runs in a process of its own
(``benchmarks.service_step``), so that one benchmark can use both databases.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
POSTGRES = os.environ.get("MILEPOST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
WEB_PROCESSES, WEB_THREADS = 2, 16


def databases() -> list[str]:
    """The kinds that answer here."""
    return ["sqlite", *(["postgresql"] if _postgres_answers() else [])]


def _postgres_answers() -> bool:
    import psycopg

    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Lab:
    """One service. Use ``lab(...)`` as a context."""

    def __init__(
        self, database: str, folder: Path, env: dict[str, str] | None = None, *, create: bool = True
    ) -> None:
        self.database = database
        self.folder = folder
        self.port, self.ingest_port = free_port(), free_port()
        self.name = f"milepost_lab_{os.getpid()}_{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "milepost.service.settings",
            "MILEPOST_DEMO": "yes",
            "MILEPOST_DATA": str(folder),
            "MILEPOST_LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(HERE.parent),
            **(env or {}),
        }
        self.env.pop("DATABASE_URL", None)
        if database == "postgresql":
            self.env["DATABASE_URL"] = POSTGRES.rsplit("/", 1)[0] + f"/{self.name}"
            if create:
                self._on_server(f'CREATE DATABASE "{self.name}"')

    def _on_server(self, sql: str) -> None:
        import psycopg

        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(sql.encode())

    def run(self, *arguments: str) -> str:
        """A command of Python with the service's environment; its output."""
        done = subprocess.run(
            [sys.executable, *arguments], env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stderr[-2000:]}")
        return done.stdout

    def migrate(self) -> None:
        self.run("-m", "milepost", "manage", "migrate", "-v", "0")

    def step(self, name: str, **values: Any) -> Any:
        """One of the functions of ``service_step``, in a process of its own; what it returns."""
        said = self.run("-m", "benchmarks.service_step", name, json.dumps(values))
        return json.loads(said.splitlines()[-1])

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, *command], env=self.env, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self.processes[name] = process
        return process

    def start_web(self, processes: int = WEB_PROCESSES, threads: int = WEB_THREADS) -> None:
        self.start("web", *self.web_command(processes, threads))
        self.wait_until_ready()

    def web_command(self, processes: int = WEB_PROCESSES, threads: int = WEB_THREADS) -> list[str]:
        """Pages at ``port``; ingest, in one process of its own, at ``ingest_port``, and through the pages' port."""
        return [
            "-m", "milepost", "serve", "--port", str(self.port), "--workers", str(processes),
            "--threads", str(threads), "--ingest-port", str(self.ingest_port),
        ]  # fmt: skip

    def web_pids(self) -> dict[int, str]:
        """The processes that answer, by their id: "pages", "ingest" or "front" (which only minds the others)."""
        front = self.processes["web"].pid
        found = subprocess.run(
            ["pgrep", "-a", "-P", str(front)], capture_output=True, text=True, check=False
        ).stdout
        rows = [line.split(" ", 1) for line in found.splitlines()]
        return {front: "front"} | {
            int(pid): "ingest" if " ingest " in command else "pages" for pid, command in rows
        }

    def wait_until_ready(self, seconds: float = 180) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(self.url("/health/ready"), timeout=30):
                    return
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def start_worker(self, number: int = 1) -> None:
        self.start(f"worker-{number}", "-m", "milepost", "work", "--name", f"worker-{number}")

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self, name: str, *, kill: bool = False) -> None:
        process = self.processes.pop(name, None)
        if process is None or process.poll() is not None:
            return
        # Killed with its children: a master's workers would answer for a moment after it.
        os.killpg(process.pid, signal.SIGKILL) if kill else process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        for name in list(self.processes):
            self.stop(name)
        if self.database == "postgresql":
            self._on_server(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


@contextmanager
def lab(database: str, env: dict[str, str] | None = None, keep: bool = False) -> Iterator[Lab]:
    """A migrated, empty service; its processes and data are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="milepost-lab-"))
    made = Lab(database, folder, env)
    try:
        made.migrate()
        yield made
    finally:
        made.close()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
