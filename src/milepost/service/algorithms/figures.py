"""What a predictor's evaluation says: what matters in words, and all of it flattened to lines of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MOST_LINES = 80
MAIN: dict[str, str | Promise] = {
    "brier": _("Brier score (lower is better)"),
    "auc": _("AUC (0.5 is chance, 1 is perfect order)"),
    "calibration_slope": _("Calibration slope (1 is ideal)"),
    "observed_minus_expected": _("What happened, less what was said"),
    "integrated_calibration_index": _("Typical distance between said and happened"),
}
"""Figures of the evaluation that are shown first, in words."""


def main_figures(facts: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Name, value and interval of each of the main figures that the evaluation has."""
    overall = (facts.get("evaluation") or {}).get("overall") or {}
    found = []
    if overall.get("n"):
        found.append((gettext("People it was tested on, not seen in training"), f"{overall['n']:,}", ""))
        found.append((gettext("Of them, had the outcome"), f"{overall['events']:,}", ""))
    for key, words in MAIN.items():
        held = overall.get(key) or {}
        if isinstance(held.get("value"), int | float):
            low, high = held.get("low"), held.get("high")
            known = low is not None and high is not None
            likely = (
                gettext("%(low)s to %(high)s") % {"low": f"{low:.3f}", "high": f"{high:.3f}"} if known else ""
            )
            found.append((str(words), f"{held['value']:.3f}", likely))
        if key == "brier" and isinstance(overall.get("base_rate_brier"), int | float):
            found.append(
                (
                    gettext("Brier score of giving everyone the average"),
                    f"{overall['base_rate_brier']:.3f}",
                    "",
                )
            )
    return found


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
