"""Explains a finding of an earlier run from the run's own inputs."""

from __future__ import annotations

import datetime as dt
import difflib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from milepost.compliance.explain import Explanation, explain_finding
from milepost.compliance.rule_tables import read_rules
from milepost.compliance.run import Request, read_order_input, read_run
from milepost.compliance.times import to_us
from milepost.orders.schedules import expand
from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.tracks.ahead import flag_ahead
from milepost.tracks.read import iter_signals
from milepost.tracks.record import Signals, Source


def explain_from_run(finding_id: str, out: Path) -> Explanation:
    """Raises LookupError: no such finding. UnreadableFile: the folder is not a run's, or an input has gone."""
    try:
        summary, findings = read_run(out)
    except FileNotFoundError:
        raise UnreadableFile(
            Problem(
                str(out),
                None,
                None,
                "is not the folder of a run",
                "Name the folder that `milepost compliance run --out` wrote.",
            )
        ) from None
    rows = findings.filter(pc.equal(findings.column("finding_id"), finding_id)).to_pylist()
    if not rows:
        near = difflib.get_close_matches(finding_id, findings.column("finding_id").to_pylist(), 1)
        hint = f" Did you mean {near[0]}?" if near else " The ids are in findings.csv."
        raise LookupError(f"This run has no finding {finding_id}.{hint}")
    asked = summary["request"]
    request = Request(
        orders=Path(asked["orders"]),
        signals=[Path(p) for p in asked["signals"]],
        out=out,
        rules=Path(asked["rules"]),
        places=Path(asked["places"]) if asked["places"] else None,
        devices=Path(asked["devices"]) if asked.get("devices") else None,
    )
    for path in (request.orders, *request.signals, request.rules):
        if not path.exists():
            raise UnreadableFile(
                Problem(
                    str(path),
                    None,
                    None,
                    "was an input of this run and has gone",
                    "Put it back, or run again.",
                )
            )
    order_file = read_order_input(request, ProblemList())
    finding = rows[0]
    devices = {a.device_id for a in order_file.activations if a.person_id == finding["person_id"]}
    signals = _signals_of(devices, request, asked)
    return explain_finding(
        finding,
        order_file=order_file,
        obligations=expand(order_file, to_us(finding["start_utc"]), to_us(finding["end_utc"]) + 1),
        signals=signals,
        rules=read_rules(request.rules),
    )


def _signals_of(devices: set[str], request: Request, asked: dict[str, Any]) -> Signals:
    """Only this person's signals are kept, however large the input is."""
    wanted = pa.array(sorted(devices), pa.string())
    kept = Signals()
    source = Source[asked["source"]] if asked["source"] else None
    clock = asked.get("clock_utc")
    clock_us = None if clock is None else to_us(dt.datetime.fromisoformat(clock))
    for read in iter_signals(request.signals, columns=asked["columns"], source_is=source):
        batch = flag_ahead(read, clock_us)
        for name in ("fixes", "presence", "device_events"):
            table: pa.Table = getattr(batch, name)
            own = table.filter(pc.is_in(table.column("device_id").cast(pa.string()), value_set=wanted))
            setattr(kept, name, pa.concat_tables([getattr(kept, name), own], promote_options="default"))
    return kept
