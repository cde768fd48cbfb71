"""What a benchmark gives back, printed and written as Markdown and JSON."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.machine import OUT


@dataclass(slots=True)
class Table:
    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """Tables and notes of one benchmark. ``wrong``: answers that were not right; any makes the run fail."""

    title: str
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def show(report: Report, console: Console) -> None:
    console.rule(report.title)
    for table in report.tables:
        drawn = RichTable(*table.columns, title=table.title, title_justify="left")
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)
    for note in report.notes:
        console.print(f"- {note}", highlight=False, markup=False)
    for line in report.wrong:
        console.print(f"WRONG: {line}", style="bold red", markup=False)


def markdown(report: Report) -> str:
    lines = [f"## {report.title}", ""]
    for table in report.tables:
        lines += [f"### {table.title}", "", "| " + " | ".join(table.columns) + " |"]
        lines += ["|" + "---|" * len(table.columns)]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table.rows]
        lines.append("")
    lines += [f"- {note}" for note in report.notes]
    lines += [f"- **WRONG:** {line}" for line in report.wrong]
    return "\n".join([*lines, ""])


def write(reports: list[Report], machine: dict[str, Any], versions: dict[str, str], quick: bool) -> None:
    """``out/report.md`` and ``out/report.json``."""
    OUT.mkdir(parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="minutes")
    head = [
        "# Benchmarks",
        "",
        f"- {now}{', quick run' if quick else ''}",
        "- " + ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in machine.items()),
        "- " + ", ".join(f"{k} {v}" for k, v in versions.items()),
        "",
    ]
    (OUT / "report.md").write_text("\n".join(head) + "\n".join(markdown(r) for r in reports))
    content = {"at_utc": now, "quick": quick, "machine": machine, "versions": versions}
    (OUT / "report.json").write_text(
        json.dumps(content | {"reports": [asdict(r) for r in reports]}, indent=1)
    )


def spread(values: list[float], digits: int = 2) -> str:
    """Median with the smallest and largest: ``0.41 (0.40-0.55)``."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    if len(ordered) == 1:
        return f"{median:.{digits}f}"
    return f"{median:.{digits}f} ({ordered[0]:.{digits}f}–{ordered[-1]:.{digits}f})"
