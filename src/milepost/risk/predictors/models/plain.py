"""Fitted models as plain numbers: scored with NumPy, kept as JSON. Nothing here ever runs code from a file.

Every model gives log-odds for a matrix of encoded features, shape (rows, inputs), NaN where missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from milepost.risk.rows import Array


class Fitted(Protocol):
    """A fitted model. ``as_dict`` holds ``form`` and what ``load_model`` needs."""

    def log_odds(self, inputs: Array) -> Array: ...

    def as_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Intercept and weights over standardised inputs, missing ones filled, over log(1 + input), and over flags of
    missing inputs.

    ``fill``, ``mean``, ``scale``, ``weight``, ``log_weight`` and ``missing_weight`` have one number for each input.
    """

    intercept: float
    fill: list[float]
    mean: list[float]
    scale: list[float]
    weight: list[float]
    log_weight: list[float]
    missing_weight: list[float]

    def log_odds(self, inputs: Array) -> Array:
        missing = np.isnan(inputs)
        filled = np.where(missing, self.fill, inputs)
        standard = (filled - np.array(self.mean)) / np.array(self.scale)
        result: Array = self.intercept + standard @ np.array(self.weight)
        result += np.log1p(np.maximum(filled, 0)) @ np.array(self.log_weight)
        return result + missing @ np.array(self.missing_weight)

    def as_dict(self) -> dict[str, Any]:
        return {"form": "linear", **asdict(self)}


@dataclass(frozen=True, slots=True)
class Tables:
    """A sum of steps: each part looks up one input between its edges. Exactly explainable, part by part.

    ``parts``: ``input`` (its number), ``edges`` (ascending; a value at an edge is above it), ``values`` (one more
    than edges), ``missing``. ``scale`` turns the sum into log-odds: 1, or what a point of a scorecard is worth.
    """

    intercept: float
    scale: float
    parts: list[dict[str, Any]]

    def sums(self, inputs: Array) -> Array:
        """The plain sum of the parts, shape (rows,): points, for a scorecard."""
        total: Array = np.zeros(len(inputs))
        for part in self.parts:
            column = inputs[:, part["input"]]
            at = np.searchsorted(np.array(part["edges"], float), column, side="right")
            step = np.array(part["values"], float)[np.minimum(at, len(part["values"]) - 1)]
            total += np.where(np.isnan(column), part["missing"], step)
        return total

    def log_odds(self, inputs: Array) -> Array:
        return self.intercept + self.scale * self.sums(inputs)

    def as_dict(self) -> dict[str, Any]:
        return {"form": "tables", **asdict(self)}


@dataclass(frozen=True, slots=True)
class Trees:
    """A sum of decision trees. The nodes of all trees stand in one row of arrays; ``roots`` says where each begins.

    At a node with ``input`` >= 0 a value up to ``threshold`` goes to ``left``, a greater one to ``right``, a
    missing one to the left where ``missing_left``. At a leaf ``input`` is -1 and ``value`` is its log-odds.
    """

    intercept: float
    roots: list[int]
    input: list[int]
    threshold: list[float]
    missing_left: list[bool]
    left: list[int]
    right: list[int]
    value: list[float]

    def log_odds(self, inputs: Array) -> Array:
        which, cut = np.array(self.input), np.array(self.threshold)
        missing_left, value = np.array(self.missing_left), np.array(self.value)
        left, right = np.array(self.left), np.array(self.right)
        rows = np.arange(len(inputs))
        total: Array = np.full(len(inputs), self.intercept)
        for root in self.roots:
            at = np.full(len(inputs), root)
            while (inner := which[at] >= 0).any():
                x = inputs[rows, np.maximum(which[at], 0)]
                goes_left = np.where(np.isnan(x), missing_left[at], x <= cut[at])
                at = np.where(inner, np.where(goes_left, left[at], right[at]), at)
            total += value[at]
        return total

    def as_dict(self) -> dict[str, Any]:
        return {"form": "trees", **asdict(self)}


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the log-odds of other models."""

    members: list[Fitted]

    def log_odds(self, inputs: Array) -> Array:
        result: Array = np.mean([member.log_odds(inputs) for member in self.members], axis=0)
        return result

    def as_dict(self) -> dict[str, Any]:
        return {"form": "mean", "members": [member.as_dict() for member in self.members]}


def load_model(held: Mapping[str, Any]) -> Fitted:
    """A model from its plain numbers. Raises ``ValueError`` for a form that is not known."""
    numbers = {key: value for key, value in held.items() if key != "form"}
    if held["form"] == "mean":
        return Mean([load_model(member) for member in numbers["members"]])
    forms: dict[str, Any] = {"linear": Linear, "tables": Tables, "trees": Trees}
    if held["form"] not in forms:
        raise ValueError(
            f"There is no model of the form {held['form']!r}. There are: {', '.join(forms)}, mean."
        )
    model: Fitted = forms[held["form"]](**numbers)
    return model
