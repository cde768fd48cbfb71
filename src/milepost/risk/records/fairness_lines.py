"""A fairness report (its JSON) as lines of a record. It is told as it was found; what it lacks is not made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from milepost.problems import Problem, UnreadableFile
from milepost.risk.records.predictor_facts import lines

SAID = ("findings", "words", "summary")
"""Where a report says its findings in words."""


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
    for name in SAID:
        said = report.get(name)
        if isinstance(said, list) and said:
            return tuple(_sentence(one) for one in said)
    return tuple(lines(dict(report), "fairness"))


def _sentence(one: object) -> str:
    if isinstance(one, Mapping):
        for name in ("words", "text", "sentence", "message"):
            if one.get(name):
                return str(one[name])
        return "; ".join(lines(one, "finding"))
    return str(one)
