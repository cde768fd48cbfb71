"""Single positions as fast as answers come, each tag with a token of its own or all with a gateway's, while the engine
judges them and a board is open; in the loop of ingest, and as Django's views answer.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from benchmarks.report import Report, Table
from benchmarks.service_http import cpu_seconds
from benchmarks.service_lab import Lab, lab
from benchmarks.service_live import caught_up

TARGETS = {"sqlite": 4_000, "postgresql": 4_700}
"""Posts a second over 500 connections, a token for each tag."""
RUNS = (("each", 24, False), ("each", 500, False), ("gateway", 24, False), ("gateway", 500, False),
        ("each", 24, True), ("each", 500, True))  # fmt: skip
"""Whose token, how many connections, and whether Django answers."""
SIZES = {"quick": (4_000, 6.0, 3.0), "full": (28_000, 30.0, 15.0)}
"""Tags, seconds of a run, and of the first, after which every tag is known."""
COLUMNS = ["database", "answered by", "token of", "connections", "posts a second", "a post, ms: p50 / p99",
           "CPU ms a post: ingest, PostgreSQL, engine and pages, sender", "target"]  # fmt: skip


def posts(database: str, quick: bool, report: Report) -> Table:
    """A row for each of ``RUNS``; what was acknowledged and is not there is said in ``report.wrong``."""
    tags, seconds, warm_s = SIZES["quick" if quick else "full"]
    table = Table(title=f"Single posts of {tags:,} tags, engine and board beside them, {seconds:.0f} s each",
                  columns=COLUMNS)  # fmt: skip
    with lab(database) as service:
        service.env["MILEPOST_INGEST_LIMITS"] = str(_without_a_gateways_rate(service.folder))
        worn = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
        service.step("people", first=0, n=tags, worn_since=worn.isoformat())
        keys = service.step("doors")
        files = {"each": service.folder / "each", "gateway": service.folder / "gateway"}
        service.step("tokens", tags=tags, file=str(files["each"]))
        files["gateway"].write_text(keys["token"], encoding="utf-8")
        service.step("optimise")
        service.start_web()
        service.start_worker()
        caught_up(service, 1)
        board = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.service_watcher",
             json.dumps({"port": service.port, "cookie": keys["cookie"]})],
            env=service.env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        one_run(service, files["each"], tags, 500, warm_s, by_django=False)  # each tag is known from now on
        for whose, connections, by_django in RUNS:
            before = service.step("counts")["fixes"]
            done = one_run(service, files[whose], tags, connections, seconds, by_django=by_django)
            stored = service.step("counts")["fixes"] - before
            a_second = done["acknowledged"] / done["seconds"]
            target = "-"
            if (whose, connections, by_django) == ("each", 500, False):
                target = f"{TARGETS[database]:,}: {'met' if a_second >= TARGETS[database] else 'MISSED'}"
            table.rows.append([
                database, "Django" if by_django else "the loop", whose, str(connections), f"{a_second:,.0f}",
                f"{done['took_ms'][0]:.0f} / {done['took_ms'][1]:.0f}",
                ", ".join(f"{done['cpu_ms'][name]:.2f}" for name in ("ingest", "postgres", "others", "sender")), target,
            ])  # fmt: skip
            if stored < done["acknowledged"]:
                lost = done["acknowledged"] - stored
                report.wrong.append(f"{database} {whose} {connections}: {lost} acknowledged, not stored")
            if done["errors"] or done["unanswered"]:
                report.notes.append(
                    f"{database} {whose} {connections}: {done['errors']}, {done['unanswered']} unanswered"
                )
        board.communicate("", timeout=60)
    return table


def one_run(
    service: Lab, tokens: Path, tags: int, connections: int, seconds: float, *, by_django: bool
) -> dict[str, Any]:
    said = {
        "port": service.ingest_port, "tokens": str(tokens), "tags": tags, "connections": connections,
        "seconds": seconds, "by_django": by_django,
    }  # fmt: skip
    groups = {"ingest": [pid for pid, kind in service.web_pids().items() if kind == "ingest"],
              "postgres": _postgres(), "others": [pid for pid, kind in service.web_pids().items() if kind != "ingest"]
              + [p.pid for name, p in service.processes.items() if name != "web"]}  # fmt: skip
    before = {name: sum(cpu_seconds(pids).values()) for name, pids in groups.items()}
    done = json.loads(service.run("-m", "benchmarks.service_sender", json.dumps(said)))
    a_post = 1000 / max(done["acknowledged"], 1)
    done["cpu_ms"] = {
        name: (sum(cpu_seconds(pids).values()) - before[name]) * a_post for name, pids in groups.items()
    }
    done["cpu_ms"]["sender"] = done["cpu_s"] * a_post
    return done


def _postgres() -> list[int]:
    found = subprocess.run(["pgrep", "-x", "postgres"], capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in found.split()]


def _without_a_gateways_rate(folder: Path) -> Path:
    """The limits that ship, but a gateway may send as often as it can."""
    from milepost.service.signals.policy_data import DEFAULT_FILE

    text = DEFAULT_FILE.read_text(encoding="utf-8")
    rate = tomllib.loads(text)["rate"]
    for name in ("gateway_per_s", "gateway_burst", "device_per_s", "device_burst"):
        text = text.replace(f"{name} = {rate[name]}", f"{name} = 1000000")
    file = folder / "limits.toml"
    file.write_text(text, encoding="utf-8")
    return file
