"""The report as one HTML file that loads nothing, and as Markdown."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from milepost.risk.fairness.result import FairnessReport
from milepost.risk.fairness.sentences import as_dict, attribute_words, sentence
from milepost.risk.fairness.view import curves, hidden_words, sorted_findings, views


def to_html(report: FairnessReport, *, written: dt.datetime | None = None) -> str:
    """A whole page; printable; no script, no request."""
    style = resources.files(__package__).joinpath("templates", "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template().render(
        **_context(report, written), style=Markup(style),
        csp=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )  # fmt: skip


def to_markdown(report: FairnessReport, *, written: dt.datetime | None = None) -> str:
    """The same words and tables; the pictures are left out."""
    held = _context(report, written)
    lines = [f"# Fairness: {report.title}", "", *held["about"], ""]
    for heading, sentences in held["findings"]:
        lines += [f"## {heading}", "", *(f"- {text}" for text in sentences), ""]
    for heading, shown, lines_of in held["parts"]:
        lines += [f"## By {heading}", ""]
        for view in shown:
            lines += [f"### {view.title}", "", view.summary, ""]
            lines += [
                "| Group | People | Value | Likely between | Beside the others |",
                "|---|---:|---:|---|---|",
            ]
            for row in view.rows:
                cells = [held["hidden"], "", "", ""] if row.hidden else [row.people, row.value, row.interval, row.verdict]  # fmt: skip  # noqa: E501
                lines.append(f"| {_cell(row.label)} | {' | '.join(cells)} |")
            lines.append("")
        for curve in lines_of:
            lines += [
                f"### Predicted and happened: {curve.label}",
                "",
                "| Predicted | Happened | Likely between |",
            ]
            lines += ["|---:|---:|---|", *(f"| {' | '.join(row)} |" for row in curve.rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def write_report(report: FairnessReport, path: Path) -> None:
    """HTML, Markdown or JSON, by suffix; whole or not at all.

    Raises ``ValueError`` for another suffix, ``OSError`` where it cannot be written.
    """
    import json

    kinds = {
        ".html": lambda: to_html(report),
        ".md": lambda: to_markdown(report),
        ".json": lambda: json.dumps(as_dict(report), indent=1, ensure_ascii=False),
    }
    if path.suffix.lower() not in kinds:
        raise ValueError(f"{path.name}: the suffix must be .html, .md or .json.")
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(kinds[path.suffix.lower()](), encoding="utf-8")
    unfinished.replace(path)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _context(report: FairnessReport, written: dt.datetime | None) -> dict[str, Any]:
    out, perhaps, open_, rest = sorted_findings(report)
    headings = (
        ("What stands out", out), ("What perhaps differs", perhaps),
        ("What to know before you conclude anything", rest), ("What we cannot tell, and what is the same", open_),
    )  # fmt: skip
    told = [(name, [sentence(report, f) for f in held]) for name, held in headings if held]
    if not out:
        told.insert(
            0, ("What stands out", ["Nothing stands out from chance. That is not proof that all is equal."])
        )
    sets = list(dict.fromkeys(g.by for g in report.groups if g.by))
    parts = [(attribute_words(by), views(report, by), curves(report, by)) for by in sets]
    when = (written or dt.datetime.now(dt.UTC)).strftime("%Y-%m-%d %H:%M UTC")
    about = [
        f"{report.rows:,} rows about {report.people:,} people."
        if report.people
        else f"{report.rows:,} rows.",
        f"Counted as selected: {report.selected_means}.",
    ]
    if "observed_rate" in report.measures:
        about.append(f"Counted as outcome: {report.outcome_means}.")
    if report.outcome_is_not:
        about.append(report.outcome_is_not)
    if report.rows_left_out:
        about.append(f"{report.rows_left_out:,} rows were left out because a value could not be read.")
    about.append(
        f"Intervals hold the true value about {report.confidence:.0%} of the time ({report.bootstrap_draws:,} bootstrap "
        f"draws of people). Groups of fewer than {report.minimum_people} people are not shown, nor what would give "
        f"them away. Settings version {report.settings_version}, data {report.settings_hash}. Written {when}."
    )
    return {
        "report": report, "about": about, "findings": told, "parts": [p for p in parts if p[1] or p[2]],
        "hidden": hidden_words(report), "safe": Markup,
    }  # fmt: skip


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("milepost.risk.fairness"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html.j2")
