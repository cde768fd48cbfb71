"""A fairness report (its JSON) as lines of a record. It is told as it was found; what it lacks is not made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from milepost.problems import Problem, UnreadableFile
from milepost.risk.records.predictor_facts import lines

ABOUT = ("title", "selected_means", "outcome_means", "outcome_is_not")
"""Where a report says what was counted."""
BY = {
    "eia_sex": ("sex", "gender"),
    "eia_race": ("ethnicity", "ethnic_group", "race"),
    "eia_age": ("age", "age_band"),
    "eia_religion": ("religion", "belief"),
    "eia_disability": ("disability",),
    "eia_sexual_orientation": ("sexual_orientation",),
    "eia_gender_reassignment": ("gender_reassignment",),
}
"""Names that a report may use for a protected characteristic, by the field of the equality assessment."""


def read_fairness(path: Path) -> dict[str, Any]:
    """Raises ``UnreadableFile`` if it is no JSON object."""
    remedy = "Give the file that milepost risk fairness --json wrote."
    try:
        held = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UnreadableFile(Problem(path.name, None, None, f"This is not JSON: {error}", remedy)) from None
    if not isinstance(held, dict):
        raise UnreadableFile(Problem(path.name, None, None, "This is not a JSON object", remedy))
    return held


def fairness_lines(report: Mapping[str, object] | None) -> tuple[str, ...]:
    """The findings in words where the report has them; else every figure of it."""
    if not report:
        return ()
    said = report.get("findings")
    if not isinstance(said, list):
        return tuple(lines(dict(report), "fairness"))
    about = [f"{str(report[name]).rstrip('.')}." for name in ABOUT if report.get(name)]
    people = report.get("people")
    counted = [f"{people:,} people."] if isinstance(people, int) else []
    made_up = (
        ["These people are made up: the figures say nothing of real ones."] if report.get("synthetic") else []
    )
    return (*about, *counted, *made_up, *(_sentence(one) for one in said))


def findings_by(report: Mapping[str, object] | None, field: str) -> tuple[str, ...]:
    """What was found of one protected characteristic, alone or with others."""
    names = set(BY.get(field, ()))
    said = (report or {}).get("findings")
    if not isinstance(said, list):
        return ()
    return tuple(
        _sentence(one) for one in said if isinstance(one, Mapping) and names & set(one.get("by") or ())
    )


def _sentence(one: object) -> str:
    if isinstance(one, Mapping):
        for name in ("words", "text", "sentence", "message"):
            if one.get(name):
                return str(one[name])
        return "; ".join(lines(one, "finding"))
    return str(one)
