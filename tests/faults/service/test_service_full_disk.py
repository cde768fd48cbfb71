"""The embedded database on a disk that fills up: a plain refusal, nothing promised is lost, and it mends itself.

The disk is a small file system in memory, which only root may mount; elsewhere the largest size of a file is
limited for the server's processes instead, and raised again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import resource
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benchmarks.service_http import Door
from benchmarks.service_lab import Lab
from tests.faults.service.stories import HOME, batch
from tests.faults.service.test_service_kills import proof

ROWS = 300
DISK_BYTES = 32 * 1024 * 1024


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Whether ``folder`` is now a small disk of its own."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


class Disk:
    """``fill`` leaves no room; ``make_room`` gives it back."""

    def __init__(self, folder: Path, service: Lab, mounted: bool) -> None:
        self.folder, self.service, self.mounted = folder, service, mounted
        self.ballast = folder / "ballast"

    def fill(self) -> None:
        if self.mounted:
            with self.ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * 4096)
            return
        self._limit((self.folder / "milepost.sqlite3-wal").stat().st_size)

    def make_room(self) -> None:
        if self.mounted:
            self.ballast.unlink()
        else:
            self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for pid in self.service.web_pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def ready(service: Lab) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(service.url("/health/ready"), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def wait_for(happens: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happens():
            return True
        time.sleep(0.3)
    return False


@pytest.mark.slow
@pytest.mark.any_database
def test_a_full_disk_refuses_plainly_and_mends_itself(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    end = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    begin_us = int((end - dt.timedelta(hours=10)).timestamp()) * 1_000_000
    with small_disk(folder) as mounted:
        service = Lab("sqlite", folder, {"MILEPOST_LOG_LEVEL": "CRITICAL"})
        try:
            service.migrate()
            token = proof(service, "load", people=1, end=end.isoformat())["token"]
            service.start_web(processes=1, threads=4)
            assert ready(service)[0] == 200
            disk, door = Disk(folder, service, mounted), Door(service.port, token)
            promised: list[tuple[str, int]] = []

            def send(n: int) -> int:
                """Batch ``n`` of positions, a second apart."""
                times = [begin_us + (n * ROWS + row) * 1_000_000 for row in range(ROWS)]
                status, said = door.ask(
                    "POST", "/ingest/ndjson", batch("tag00", [(us, HOME) for us in times]).body
                )
                if status == 200:
                    promised.extend(("tag00", us) for us in times)
                else:
                    assert status == 503
                    assert "Nothing was kept" in json.loads(said)["problems"][0]["message"]
                    assert b"sqlite" not in said.lower()
                return status

            assert [send(n) for n in range(5)] == [200] * 5
            disk.fill()
            refused = next((n for n in range(5, 100) if send(n) == 503), None)
            assert refused is not None, "the disk was never full"
            assert send(refused) == 503
            if mounted:  # a limit on files is no full disk: only the writes tell
                status, said = ready(service)
                assert status == 503
                assert "disk" in json.loads(said)["reason"]
            disk.make_room()
            assert wait_for(lambda: send(refused) == 200), "it takes nothing although there is room"
            assert ready(service)[0] == 200
            assert send(refused + 1) == 200
            door.close()
            service.run("-m", "milepost", "audit", "verify")
            path = folder / "promised.json"
            path.write_text(json.dumps(sorted(set(promised))))
            done = proof(service, "check", end=end.isoformat(), people=1, acknowledged=str(path))
            lost = [one for one in done["wrong"] if "stored" in one]
            assert lost == []
            assert done["signals"] == (refused + 2) * ROWS
        finally:
            service.close()
            os.sync()
