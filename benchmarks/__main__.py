"""``python -m benchmarks [--quick] [--only NAME]...``: runs every benchmark and writes the report."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
from types import ModuleType

import click
from rich.console import Console

import benchmarks
from benchmarks import machine
from benchmarks.report import Report, show, write

FIRST = ("side_by_side", "end_to_end", "cold_start", "accuracy")
"""The order of the report; benchmarks not named here follow by name."""


def discover() -> dict[str, ModuleType]:
    """The modules of this package that have ``run(quick: bool) -> Report``."""
    names = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith("_")]
    found = {name: importlib.import_module(f"benchmarks.{name}") for name in names if name != "worker"}
    found = {name: module for name, module in found.items() if callable(getattr(module, "run", None))}
    return dict(
        sorted(found.items(), key=lambda i: (FIRST.index(i[0]) if i[0] in FIRST else len(FIRST), i[0]))
    )


@click.command()
@click.option("--quick", is_flag=True, help="Smaller sizes, fewer repeats: under three minutes.")
@click.option("--only", multiple=True, help="Run only this benchmark. May be repeated.")
def main(quick: bool, only: tuple[str, ...]) -> None:
    """Measures Milepost beside its peers. Exit code 1 if any answer was wrong; never for being slow."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    found = discover()
    unknown = set(only) - set(found)
    if unknown:
        raise click.UsageError(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(found)}.")
    begun = machine.describe()
    reports: list[Report] = []
    for name, module in found.items():
        if only and name not in only:
            continue
        start = time.perf_counter()
        report: Report = module.run(quick)
        report.data["benchmark_seconds"] = round(time.perf_counter() - start, 1)
        show(report, console)
        reports.append(report)
        write(reports, begun, machine.versions(), quick)
    console.print("Written: benchmarks/out/report.md and report.json")
    sys.exit(1 if any(report.wrong for report in reports) else 0)


if __name__ == "__main__":
    main()
