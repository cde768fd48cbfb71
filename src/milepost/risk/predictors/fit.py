"""From a cohort to a predictor: encode, choose settings on folds, calibrate on what the folds held out, fit all."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from milepost.problems import Problem, UnreadableFile
from milepost.risk.predictors.calibrate import Calibration, calibrate
from milepost.risk.predictors.cohort import Cohort
from milepost.risk.predictors.models.encode import Encoder, learn_encoder, load_encoder
from milepost.risk.predictors.models.plain import Fitted, Mean, load_model
from milepost.risk.predictors.split import folds
from milepost.risk.predictors.study import Model
from milepost.risk.rows import Array
from milepost.risk.scored import sigmoid

INNER_FOLDS = 5
Fit = Callable[[Array, Array, dict[str, Any], int], Fitted]
KINDS = {
    "logistic": ("logistic", "fit", "GRID", "scikit-learn", "models"),
    "scorecard": ("scorecard", "fit", "GRID", "scikit-learn", "models"),
    "explainable": ("explainable", "fit", "GRID", "interpret-core", "challenger"),
    "boosting": ("boosting", "fit", "GRID", "scikit-learn", "models"),
    "catboost": ("boosting", "fit_catboost", "CATBOOST_GRID", "catboost", "challenger"),
}
"""Kind to its module, its two names, the library behind it and the extra that installs that."""


@dataclass(slots=True)
class Predictor:
    """What scores people: plain numbers only. ``settings`` are those that the folds chose, by member."""

    kind: str
    encoder: Encoder
    model: Fitted
    calibration: Calibration
    settings: dict[str, Any] = field(default_factory=dict)

    def probabilities(self, values: pl.DataFrame) -> Array:
        """Of the study's features as text, shape (rows,)."""
        return self.calibration.probabilities(self.model.log_odds(self.encoder.inputs(values)))

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "encoder": self.encoder.as_dict(), "model": self.model.as_dict(),
            "calibration": self.calibration.as_dict(), "settings": self.settings,
        }  # fmt: skip


def load_predictor(held: Mapping[str, Any]) -> Predictor:
    """From plain numbers. Raises ``KeyError`` or ``ValueError`` for what is no predictor."""
    return Predictor(
        held["kind"], load_encoder(held["encoder"]), load_model(held["model"]),
        Calibration(**held["calibration"]), held["settings"],
    )  # fmt: skip


def fit(cohort: Cohort, wanted: Model) -> Predictor:
    """Fits the wanted model on a whole cohort.

    Raises ``UnreadableFile`` if the library for this kind of model is not installed.
    """
    kinds: tuple[str, ...] = wanted.members if wanted.kind == "blend" else (wanted.kind,)
    encoder = learn_encoder(cohort.study, cohort.values)
    inputs = encoder.inputs(cohort.values)
    fold = folds(cohort.person.to_numpy(), cohort.outcome, INNER_FOLDS, wanted.seed)
    found = {kind: _choose(kind, inputs, cohort.outcome, fold, wanted) for kind in kinds}
    held_out = {kind: z for kind, (_, z) in found.items()}
    together = _members(held_out, cohort.outcome)
    chosen = {kind: found[kind][0] for kind in together}
    members = [_fitter(kind)[0](inputs, cohort.outcome, chosen[kind], wanted.seed) for kind in together]
    model = members[0] if len(members) == 1 else Mean(members)
    z = np.mean([held_out[kind] for kind in together], axis=0)
    return Predictor(wanted.kind, encoder, model, calibrate(wanted.calibrate, z, cohort.outcome), chosen)


def _members(held_out: Mapping[str, Array], outcome: Array) -> tuple[str, ...]:
    """The kinds whose mean has the lowest Brier score on held-out folds: a weak member would water a blend down.

    Of equal ones, the fewest.
    """
    sets = [some for n in range(1, len(held_out) + 1) for some in combinations(held_out, n)]
    briers = [
        float(np.mean((outcome - sigmoid(np.mean([held_out[kind] for kind in some], axis=0))) ** 2))
        for some in sets
    ]
    return sets[int(np.argmin(briers))]


def _choose(
    kind: str, inputs: Array, outcome: Array, fold: Array, wanted: Model
) -> tuple[dict[str, Any], Array]:
    """The settings with the lowest Brier score on held-out folds, and the log-odds they gave there."""
    fitter, grid = _fitter(kind)
    given = wanted.settings.get(kind)
    best: tuple[float, dict[str, Any], Array] | None = None
    for settings in grid if given is None else (given,):
        z = np.empty(len(outcome))
        for number in range(INNER_FOLDS):
            out = fold == number
            z[out] = fitter(inputs[~out], outcome[~out], dict(settings), wanted.seed).log_odds(inputs[out])
        brier = float(np.mean((outcome - sigmoid(z)) ** 2))
        if best is None or brier < best[0]:
            best = (brier, dict(settings), z)
    assert best is not None, "a grid has at least one setting"
    return best[1], best[2]


def _fitter(kind: str) -> tuple[Fit, tuple[dict[str, Any], ...]]:
    module, name, grid, _, _ = KINDS[kind]
    held = importlib.import_module(f"milepost.risk.predictors.models.{module}")
    return getattr(held, name), getattr(held, grid)


def check_installed(wanted: Model) -> dict[str, str]:
    """Versions of the libraries that will fit. Raises ``UnreadableFile`` that names the extra to install."""
    versions = {"numpy": np.__version__, "polars": pl.__version__}
    for kind in wanted.members if wanted.kind == "blend" else (wanted.kind,):
        _, _, _, library, extra = KINDS[kind]
        try:
            versions[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            problem = Problem(
                "model", None, "model.kind", f"{library} is not installed, which fits this kind of model",
                f"Install milepost[{extra}], or choose another kind.", kind,
            )  # fmt: skip
            raise UnreadableFile(problem) from None
    return versions
