"""A national day from files to findings: how long, beside only reading the file; memory; growth.

28,000 people report once a minute. Every step runs in a process of its own; the files are in the page
cache, so this measures the processor, not the disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.nation import PEOPLE, ensure_nation, ensure_orders
from benchmarks.report import Report, Table, spread

TARGET_S, TARGET_MB, TARGET_TIMES_READ = 10.0, 3072.0, 3.0
"""Orders, signals and judging of a national day; its peak of memory; signals and judging beside only reading."""
OTHERS = 10
"""So many times as many other people, with orders and without signals."""
DAY_TURNS = 2
"""Whole evaluations of the nation: each is long."""
READS = [("pyarrow", "needed"), ("pyarrow", "all"), ("polars", "needed"), ("polars", "all")]


def step(*arguments: str | Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.nation_step", *map(str, arguments)]
    said: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return said


def run(quick: bool) -> Report:
    report = Report("A national day, end to end")
    sizes = [1_000, 2_000] if quick else [PEOPLE // 4, PEOPLE // 2, PEOPLE]
    repeats = 1 if quick else 3
    folders = {people: ensure_nation(people) for people in sizes}
    whole = folders[sizes[-1]]
    reads: dict[tuple[str, str], list[dict[str, Any]]] = {read: [] for read in READS}
    days: dict[int, list[dict[str, Any]]] = {people: [] for people in sizes}
    both: list[dict[str, Any]] = []
    for turn in range(repeats):
        for read in READS:
            reads[read].append(step(read[0], whole, read[1]))
        if turn < DAY_TURNS:
            days[sizes[-1]].append(step("evaluate", whole))
            both.append(step("read", whole))
        if turn == 0:
            for people in sizes[:-1]:
                days[people].append(step("evaluate", folders[people]))
    rows = days[sizes[-1]][0]["rows"]
    for read, said in reads.items():
        if any(one["rows"] != rows for one in said):
            report.wrong.append(f"{read} did not read all rows")
    if len({(d["findings"], d["coverage_rows"]) for d in days[sizes[-1]]}) != 1:
        report.wrong.append("two evaluations of the same day differ")
    command = step("run", whole)
    if command["findings"] != days[sizes[-1]][0]["findings"]:
        report.wrong.append("the command found something else than the evaluation")
    table = _whole(rows, reads, days[sizes[-1]], both)
    table.rows.append(
        [f"milepost compliance run, {command['written_mb']:.0f} MB written", f"{command['seconds']:.2f}",
         f"{rows / command['seconds'] / 1e6:.1f}", f"{command['peak_mb']:.0f}"]
    )  # fmt: skip
    report.tables += [table, _growth(days)]
    _judge(report, reads, days[sizes[-1]], both, whole_nation=not quick)
    _others(report, quick)
    report.data |= {"command": command, "reads": {"/".join(k): v for k, v in reads.items()}, "days": days,
                    "both": both}  # fmt: skip
    return report


def _day_s(day: dict[str, Any]) -> float:
    """From the signal file to the findings; orders are read once, not once a day."""
    return float(day["parts"]["read signals"] + day["parts"]["evaluate"])


def _with_orders_s(days: list[dict[str, Any]], both: list[dict[str, Any]]) -> list[float]:
    """From both files, read at once, to the findings."""
    return [float(one["read_s"] + day["parts"]["evaluate"]) for day, one in zip(days, both, strict=True)]


def _whole(
    rows: int,
    reads: dict[tuple[str, str], list[dict[str, Any]]],
    days: list[dict[str, Any]],
    both: list[dict[str, Any]],
) -> Table:
    table = Table(
        f"{days[0]['people']:,} people, {rows / 1e6:.1f} million fixes",
        ["step", "seconds", "million fixes/s", "peak MB"],
    )
    for (reader, columns), said in reads.items():
        seconds = [one["seconds"] for one in said]
        table.rows.append(
            [f"only read, {reader}, {columns} columns", spread(seconds),
             f"{rows / median(seconds) / 1e6:.1f}", f"{max(one['peak_mb'] for one in said):.0f}"]
        )  # fmt: skip
    peak = f"{max(day['peak_mb'] for day in days):.0f}"
    for part in days[0]["parts"]:
        seconds = [day["parts"][part] for day in days]
        table.rows.append(
            [
                f"Milepost: {part}",
                spread(seconds),
                f"{rows / median(seconds) / 1e6:.1f}" if part == "evaluate" else "",
                "",
            ]
        )
    seconds = [_day_s(day) for day in days]
    table.rows.append(
        ["Milepost: read signals + evaluate", spread(seconds), f"{rows / median(seconds) / 1e6:.1f}", peak]
    )
    table.rows.append(
        ["Milepost: orders and signals at once", spread([one["read_s"] for one in both]), "",
         f"{max(one['peak_mb'] for one in both):.0f}"]
    )  # fmt: skip
    seconds = _with_orders_s(days, both)
    table.rows.append(
        ["Milepost: the same and evaluate", spread(seconds), f"{rows / median(seconds) / 1e6:.1f}", ""]
    )
    seconds = [day["seconds"] for day in days]
    table.rows.append(
        [
            "Milepost: everything one after the other, imports too",
            spread(seconds),
            f"{rows / median(seconds) / 1e6:.1f}",
            peak,
        ]
    )
    return table


def _growth(days: dict[int, list[dict[str, Any]]]) -> Table:
    table = Table(
        "Growth with the number of fixes (each person has their own zones)",
        ["people", "million fixes", "read signals + evaluate, s", "microseconds a fix", "peak MB"],
    )
    for people, runs in days.items():
        seconds = [_day_s(day) for day in runs]
        rows = runs[0]["rows"]
        table.rows.append(
            [f"{people:,}", f"{rows / 1e6:.2f}", spread(seconds), f"{median(seconds) / rows * 1e6:.3f}",
             f"{max(day['peak_mb'] for day in runs):.0f}"]
        )  # fmt: skip
    return table


def _judge(
    report: Report,
    reads: dict[tuple[str, str], list[dict[str, Any]]],
    days: list[dict[str, Any]],
    both: list[dict[str, Any]],
    whole_nation: bool,
) -> None:
    """Targets, met or missed: said, never failed."""
    seconds = median(_with_orders_s(days, both))
    peak = max(day["peak_mb"] for day in days)
    times = [_day_s(day) / one["seconds"] for day, one in zip(days, reads["pyarrow", "needed"], strict=False)]

    def said(ok: bool) -> str:
        return "met" if ok else "MISSED"

    if whole_nation:
        report.notes += [
            f"Target under {TARGET_S:.0f} s, orders + signals + evaluate: {seconds:.1f} s, "
            f"{said(seconds < TARGET_S)}.",
            f"Target under {TARGET_MB / 1024:.0f} GiB: {peak / 1024:.1f} GiB, {said(peak < TARGET_MB)}.",
        ]
    report.notes.append(
        f"Target at most {TARGET_TIMES_READ:.0f} times pyarrow reading the same columns: "
        f"{spread(times, 1)} times, {said(median(times) <= TARGET_TIMES_READ)}."
    )


def _others(report: Report, quick: bool) -> None:
    few = 1_000 if quick else PEOPLE // 4
    many = ensure_orders(few * (1 + OTHERS))
    said = step("others", ensure_nation(few), many, "2" if quick else "3")
    table = Table(
        f"Other people's zones: {said['rows'] / 1e6:.2f} million fixes beside {OTHERS} times as many other people",
        ["orders judged", "people", "evaluate, s"],
    )
    for name, seconds in said["seconds_of"].items():
        table.rows.append([name, f"{said['people'][name]:,}", spread(seconds)])
    of = said["seconds_of"]
    added = [b - o - a for a, b, o in zip(of["alone"], of["beside others"], of["others only"], strict=True)]
    table.rows.append(["beside others, less others only, less alone", "", spread(added)])
    report.tables.append(table)
    report.notes.append(
        "Other people have orders and zones but no fixes. Their own obligations cost what they cost alone; "
        "what remains is what their zones add to judging somebody else's fixes, which should be nothing."
    )
    report.data["others"] = said
