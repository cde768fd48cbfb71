"""How many positions a second the service takes in, durably, over HTTP: the whole way, through its own server.

    python -m benchmarks.ingest                                   SQLite in a folder of its own
    DATABASE_URL=postgres://... python -m benchmarks.ingest       PostgreSQL

Starts the service, sends from processes of its own on the same machine (they cost it time), counts only what was
acknowledged, and checks that as many rows are in the database. Not one of the tables of ``make bench``: it needs
a server that nobody else loads.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.service_lab import free_port

GATEWAY_LIMITS = "gateway_per_s = 2000\ngateway_burst = 4000"
NO_LIMITS = "gateway_per_s = 1000000\ngateway_burst = 1000000"
ROWS_A_BATCH = 1000


def line(device: int, second: int) -> bytes:
    said = {
        "type": "fix", "device_id": f"tag-{device}", "recorded_at_epoch_us": (1_773_500_000 + second) * 1_000_000,
        "lat": 53.7 + device * 1e-5, "lon": 1.7 + second * 1e-6, "precision_m": 8.5, "source": "GPS", "speed_mps": 1.2,
        "heading_deg": 271.0, "battery_pct": 83,
    }  # fmt: skip
    return json.dumps(said).encode()


def send(args: tuple[int, str, str, int, float]) -> tuple[int, int, list[float]]:
    """One client: (requests acknowledged, rows acknowledged, milliseconds of each)."""
    number, token, kind, port, seconds = args
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    until, n, rows, took = time.monotonic() + seconds, 0, 0, []
    while time.monotonic() < until:
        if kind == "osmand":
            when = 1_773_500_000 + n
            place = f"lat=53.7&lon={1.7 + n * 1e-6}&accuracy=8&speed=2&bearing=271&batt=83"
            body = f"id=tag-{number}&timestamp={when}&{place}".encode()
        elif kind == "ndjson":
            body = b"\n".join(line(number * 10_000 + i, n) for i in range(ROWS_A_BATCH))
        else:
            body = arrow_batch(number, n)
        started = time.perf_counter()
        connection.request("POST", f"/ingest/{kind}", body, headers)
        response = connection.getresponse()
        told = json.loads(response.read())
        took.append((time.perf_counter() - started) * 1000)
        if response.status != 200:
            raise SystemExit(f"{response.status} {str(told)[:300]}")
        rows += told["accepted"]
        n += 1
    return n, rows, took


def arrow_batch(number: int, n: int) -> bytes:
    import io

    import numpy as np
    import pyarrow as pa

    from milepost.tracks.record import FIXES

    size = ROWS_A_BATCH
    when = np.full(size, (1_773_500_000 + n) * 1_000_000, dtype=np.int64)
    values = {
        "device_id": pa.array([f"arrow-{number * 10_000 + i}" for i in range(size)]).dictionary_encode(),
        "recorded_at_utc": pa.array(when).cast(pa.timestamp("us", "UTC")),
        "source": pa.array(np.ones(size, dtype=np.uint8)),
        "lon_e7": pa.array(np.full(size, 17_000_000 + n, dtype=np.int32)),
        "lat_e7": pa.array(np.full(size, 537_000_000, dtype=np.int32)),
        "precision_m": pa.array(np.full(size, 8.5, dtype=np.float32)),
        "quality": pa.array(np.zeros(size, dtype=np.uint16)),
    }
    columns = [values.get(f.name, pa.nulls(size, f.type)) for f in FIXES]
    table = pa.Table.from_arrays(columns, schema=FIXES)
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--kinds", default="osmand,ndjson,arrow")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    limits = folder / "limits.toml"
    ours = Path(__file__).parents[1] / "src/milepost/service/signals/ingest_limits.toml"
    limits.write_text(ours.read_text().replace(GATEWAY_LIMITS, NO_LIMITS))
    env = {
        **os.environ, "MILEPOST_DEMO": "yes", "MILEPOST_DATA": str(folder), "MILEPOST_INGEST_LIMITS": str(limits),
        "MILEPOST_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "milepost.service.settings",
    }  # fmt: skip
    manage = [sys.executable, "-m", "milepost", "manage"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], env=env, check=True)
    token = subprocess.run(
        [*manage, "make_token", "load", "--prefix", "", "--why", "The only sender here"],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "milepost", "serve", "--port", str(free_port()), "--ingest-port", str(port),
         "--ingest-workers", str(options.workers)], env=env,
    )  # fmt: skip
    try:
        wait_for(port)
        for kind in options.kinds.split(","):  # what is imported at the first request is not measured
            send((99, token, kind, port, 0.5))
        for kind in options.kinds.split(","):
            clients = options.clients if kind == "osmand" else 4
            work = [(i, token, kind, port, options.seconds) for i in range(clients)]
            cpu_before = cpu_s(server.pid)
            with multiprocessing.get_context("spawn").Pool(clients) as pool:
                done = pool.map(send, work, chunksize=1)
            rows, took = sum(d[1] for d in done), sorted(ms for d in done for ms in d[2])
            print(  # noqa: T201
                f"{kind}: {sum(d[0] for d in done) / options.seconds:,.0f} requests/s, "
                f"{rows / options.seconds:,.0f} positions/s acknowledged; {len(took)} requests, median "
                f"{took[len(took) // 2]:.1f} ms, 99 % {took[len(took) * 99 // 100]:.1f} ms"
                f"; the server used {(cpu_s(server.pid) - cpu_before) / options.seconds:.2f} of a core",
                flush=True,
            )
        count = (
            "from milepost.service.signals.models import Fix, Delivery as D;"
            "print('rows', Fix.objects.count(), 'transactions', D.objects.count())"
        )
        subprocess.run([*manage, "shell", "-v", "0", "-c", count], env=env, check=True)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def cpu_s(master: int) -> float:
    """Seconds of CPU that the server's processes have used (Linux)."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    ticks = 0
    for pid in [str(master), *workers]:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the service did not start")


if __name__ == "__main__":
    main()
