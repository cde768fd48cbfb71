"""The way from a signal to the screen while strangers do their worst: slow clients and bombs beside the load.

At pages and at ingest at once: clients that send half a head, drip a body, never read; and messages that are small and
ask for much (Arrow that unpacks to a gigabyte, a wall of brackets, half a million wrong rows). Each that is cut off
comes again at once.
"""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.machine import noise_probe
from benchmarks.report import Report, Table, spread
from benchmarks.service_lab import Lab, databases
from benchmarks.service_live import TAGS, TARGET_S, one_run, row_of

SLOW_CLIENTS = 40
BOMB_EVERY_S = 1.0


def bombs() -> dict[str, tuple[str, bytes]]:
    """By name: the address, and the message."""
    import pyarrow as pa

    rows = 9_000
    table = pa.table({
        "device_id": pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 105_000])),
        "recorded_at_utc": pa.array([1_773_500_000_000_000 + i for i in range(rows)], pa.timestamp("us", "UTC")),
        "lon_e7": pa.array([17_000_000] * rows, pa.int32()), "lat_e7": pa.array([537_000_000] * rows, pa.int32()),
    })  # fmt: skip
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table)
    return {
        "Arrow": ("/ingest/arrow", out.getvalue()),
        "brackets": ("/ingest/owntracks", b"[" * 900_000),
        "wrong rows": ("/ingest/ndjson", b"1\n" * 500_000),
    }


def slow_client(port: int, kind: str, until_s: float, told: Counter[str]) -> None:
    """One that is slow in one way, again and again. Counts what it was told, or that it was cut off."""
    begins = {
        "half a head": b"GET /monitoring/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
        "slow body": b"POST /ingest/osmand HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000\r\n\r\n",
        "slow reader": b"GET /static/milepost/milepost.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50,
    }
    while time.monotonic() < until_s:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
                line.sendall(begins[kind])
                while time.monotonic() < until_s:
                    time.sleep(1)
                    if kind != "slow reader":
                        line.sendall(b"x")
        except OSError:
            told[f"{kind}: cut off"] += 1


def bomber(port: int, token: str, until_s: float, told: Counter[str]) -> None:
    from benchmarks.service_http import Door

    prepared = bombs()
    while time.monotonic() < until_s:
        for name, (path, body) in prepared.items():
            door = Door(port, token)
            try:
                told[f"{name}: {door.post(path, body, timeout_s=60)}"] += 1
            except OSError as error:
                told[f"{name}: {type(error).__name__}"] += 1
            door.close()
            time.sleep(BOMB_EVERY_S)


def attack(port: int, ingest_port: int, token: str, seconds: float) -> dict[str, int]:
    told: Counter[str] = Counter()
    until_s = time.monotonic() + seconds
    kinds = ("half a head", "slow body", "slow reader")
    threads = [
        threading.Thread(
            target=slow_client, args=((port, ingest_port)[n % 2], kinds[n % len(kinds)], until_s, told)
        )
        for n in range(SLOW_CLIENTS)
    ]
    threads.append(threading.Thread(target=bomber, args=(ingest_port, token, until_s, told)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(told)


@contextmanager
def under_attack(service: Lab, keys: dict[str, Any], seconds: float, told: dict[str, int]) -> Iterator[None]:
    values = {
        "port": service.port, "ingest_port": service.ingest_port, "token": keys["token"], "seconds": seconds
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.service_attack", json.dumps(values)],
        env=service.env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(5)  # it has begun before the first signal
    try:
        yield
    finally:
        told |= json.loads(process.communicate(timeout=seconds + 120)[0])


def run(quick: bool) -> Report:
    tags, seconds, breaches = (4_000, 45.0, 40) if quick else (TAGS, 240.0, 400)
    report = Report(title="From the signal to the officer's screen, under attack")
    columns = [
        "database", "workers", "fixes a second", "deciding signals", "on the board after, ms: p50 / p95 / p99 / most",
        "written after, ms: p99", "single post, ms: p50 / p99", f"{TARGET_S:.0f} s at p99",
    ]  # fmt: skip
    table = Table(title=f"{tags:,} tags, {SLOW_CLIENTS} slow clients, a bomb a second", columns=columns)
    noise = [noise_probe()]
    for database in databases():
        told: dict[str, int] = {}
        done = one_run(
            database, tags, seconds, 1, breaches,
            beside=lambda service, keys, told=told: under_attack(service, keys, seconds + 15, told),  # type: ignore[misc]
        )  # fmt: skip
        table.rows.append(row_of(done))
        noise.append(noise_probe())
        accepted = done["sent"]["single"] + done["sent"]["batched"]
        if done["missing"]:
            report.wrong.append(f"{database}: {len(done['missing'])} alerts were never raised")
        if done["fixes"] < accepted:
            report.wrong.append(
                f"{database}: {accepted - done['fixes']} acknowledged positions are not stored"
            )
        if failed := {name: n for name, n in told.items() if name.endswith((": 500", ": 200"))}:
            report.wrong.append(f"{database}: bombs were answered {failed}")
        report.notes.append(
            f"{database}: what the attackers were told: {dict(sorted(told.items()))}; answers to the load that were not "
            f"200: {done['errors'] or 'none'}; pages of the board: {done['statuses']}"
        )
        report.data[database] = done | {"told": told}
    report.tables.append(table)
    report.notes.append(f"Noise: a fixed piece of work took {spread(noise)} s.")
    return report


if __name__ == "__main__":
    sys.stdout.write(json.dumps(attack(**json.loads(sys.argv[1]))) + "\n")
