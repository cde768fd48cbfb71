"""What a predictor's evaluation says, flattened to lines of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
