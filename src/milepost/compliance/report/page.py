"""One HTML file with everything in it: no request, no font, no framework, readable without JavaScript."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from milepost.compliance import plain_times, plain_words
from milepost.compliance.buckets import part_of
from milepost.compliance.report.people import person_views
from milepost.compliance.report.quality import counts_in_order, flag_counts, problems_shown, unjudged
from milepost.compliance.report.rows import Row, by_seriousness, most_serious_people
from milepost.compliance.report.week import SIGNS
from milepost.compliance.results import Results
from milepost.compliance.rule_tables import LEVELS, RuleSet, read_rules
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.problems import ProblemList
from milepost.tracks.record import Signals

RESULT_NAMES = ("findings", "coverage", "timeline", "totals")
ROWS_OPEN = 12
"""Tables of evidence up to this long stand open; longer ones open on request and in print."""


def write_report(
    results: Results,
    order_file: OrderFile,
    obligations: list[Obligation],
    signals: Signals,
    problems: ProblemList,
    out_path: Path,
    *,
    title: str,
    streets_geojson: dict[str, Any] | None = None,
    synthetic: bool,
    max_people: int = 50,
    rules: RuleSet | None = None,
    data_files: Iterable[str] | None = None,
) -> None:
    """Writes the report, whole or not at all.

    Args:
        results: tables of ``compliance.results``; times in UTC.
        signals: the record the results rest on, for evidence, maps and counts.
        streets_geojson: lines to draw under the maps (RFC 7946, WGS 84 degrees), or None.
        max_people: how many people are told in full, those with the most serious findings first.
        rules: the tables the results were judged by; None: the illustrative ones.
        data_files: names of the files that hold the full results; None: those found beside the page.

    Raises:
        OSError: the file cannot be written.
    """
    page = render(
        results,
        order_file,
        obligations,
        signals,
        problems,
        title=title,
        streets=streets_geojson,
        synthetic=synthetic,
        max_people=max_people,
        rules=rules or read_rules(),
        data_files=tuple(files_beside(out_path) if data_files is None else data_files),
    )
    unfinished = out_path.with_name(f".{out_path.name}.unfinished")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(out_path)


def files_beside(out_path: Path) -> list[str]:
    """Result files that stand in the same folder as the page."""
    names = (f"{name}.{ending}" for name in RESULT_NAMES for ending in ("csv", "parquet"))
    return [name for name in names if (out_path.parent / name).exists()]


def render(
    results: Results,
    order_file: OrderFile,
    obligations: list[Obligation],
    signals: Signals,
    problems: ProblemList,
    *,
    title: str,
    streets: dict[str, Any] | None,
    synthetic: bool,
    max_people: int,
    rules: RuleSet,
    data_files: tuple[str, ...],
) -> str:
    """The page as text."""
    known = {person.id for person in order_file.people} | {o.person_id for o in obligations}
    everyone = known | set(results.findings["person_id"].unique().to_pylist())
    shown = most_serious_people(results.findings, everyone, max_people)
    people = person_views(
        shown, results, part_of(order_file, set(shown)), obligations, signals, rules, streets
    )
    levels = {row["values"]: row["counts"] for row in results.findings["level"].value_counts().to_pylist()}
    not_judged, not_judged_left_out = unjudged(results.coverage, obligations)
    zones = Counter(o.timezone for o in obligations).most_common(1)
    worklist = sorted(_work(people), key=lambda item: by_seriousness(item["row"]))
    style, script = _asset("style.css"), _asset("page.js")
    return _environment().get_template("page.html.j2").render(
        title=title,
        synthetic=synthetic,
        style=Markup(style),
        script=Markup(script),
        csp=content_security_policy(style, script),
        written=dt.datetime.now(dt.UTC).replace(microsecond=0),
        results=results,
        timezone=zones[0][0] if zones else "UTC",
        people=people,
        people_total=len(everyone),
        obligations_total=len(obligations),
        levels={level: levels.get(level, 0) for level in reversed(LEVELS)},
        findings_total=results.findings.num_rows,
        coverage=_overall_coverage(results),
        worklist=[item for item in worklist if item["row"]["level"] != LEVELS[0]],
        notes=[item for item in worklist if item["row"]["level"] == LEVELS[0]],
        worklist_left_out=results.findings.num_rows - len(worklist),
        data_files=data_files,
        flags=flag_counts(signals),
        counts=counts_in_order(results.counts),
        problems=problems_shown(problems),
        not_judged=not_judged,
        not_judged_left_out=not_judged_left_out,
        tables=[table.table for table in rules.tables if table.name in _tables_used(results)],
    )  # fmt: skip


def content_security_policy(style: str, script: str) -> str:
    """Nothing may be loaded; only this style and this script may run."""
    return (
        f"default-src 'none'; style-src '{sha256_source(style)}'; script-src '{sha256_source(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def sha256_source(text: str) -> str:
    """A CSP hash source of the text between the tags (W3C Content Security Policy Level 3)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _work(people: Iterable[Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for person in people:
        items += [{"person": person, "row": f.row, "finding": f} for f in person.findings]
        items += [{"person": person, "row": row, "finding": None} for row in person.others]
    return items


def _overall_coverage(results: Results) -> float | None:
    judged = pc.sum(results.coverage["judged_s"]).as_py() or 0
    return 1 - (pc.sum(results.coverage["no_data_s"]).as_py() or 0) / judged if judged else None


def _tables_used(results: Results) -> set[str]:
    return {
        name
        for table in (results.findings, results.coverage)
        for name in table["rule_table"].unique().to_pylist()
    }


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def finding_timezone(row: Row, person: Any) -> str:
    """The time zone to show a finding in: its explanation's where it has one."""
    told = next((f.told.case.timezone for f in person.findings if f.row is row), None)
    return told or next((f.told.case.timezone for f in person.findings), "UTC")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("milepost.compliance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        times=plain_times,
        wording=plain_words,
        finding_timezone=finding_timezone,
        rows_open=ROWS_OPEN,
        signs=SIGNS,
        level_signs={"urgent": "▲", "review": "◆", "note": "○"},
    )
    return environment
