"""What a predictor's evaluation says, flattened to lines of a table; and its drift, where it was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from milepost.risk.predictors.registry import Entry

MOST_LINES = 80


def figures(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and value of every figure of the evaluation and the calibration, at most so many."""
    found = [*_lines(facts.get("evaluation") or {}), *_lines(facts.get("calibration") or {})]
    return found[:MOST_LINES]


def _lines(held: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(held, dict):
        for key, value in held.items():
            yield from _lines(value, f"{name}: {key}" if name else str(key))
    elif isinstance(held, list) and len(held) == 2 and all(isinstance(v, int | float) for v in held):
        yield name.replace("_", " "), f"{held[0]:.4g} – {held[1]:.4g}"
    elif isinstance(held, float):
        yield name.replace("_", " "), f"{held:.4g}"
    elif isinstance(held, int | str) and held != "":
        yield name.replace("_", " "), str(held)


def drift_of(entry: Entry) -> dict[str, Any] | None:
    """The last measured drift, kept beside the entry as ``drift.json``; None: never measured, or not to be read."""
    try:
        held = json.loads((entry.folder / "drift.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return held if isinstance(held, dict) and isinstance(held.get("alarms"), list) else None
