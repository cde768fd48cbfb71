"""From a study and its table to a signed entry of the registry: judge first, then fit on everyone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from milepost.risk.predictors.cohort import Cohort
from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.drift import reference_of
from milepost.risk.predictors.evaluate import Unseen, effect_of_adding, evaluate, fairness, stability, unseen
from milepost.risk.predictors.fit import Predictor, check_installed, fit
from milepost.risk.predictors.judge import tenths
from milepost.risk.predictors.protected import never
from milepost.risk.predictors.registry import Entry, Registry


def judged(
    cohort: Cohort, *, thorough: bool = True, draws: int | None = None
) -> tuple[Unseen, dict[str, Any]]:
    """The whole judgement: evaluation and fairness. ``thorough`` adds stability and what protected groups would add.

    Raises ``UnreadableFile`` if the model's library is not installed.
    """
    wanted = cohort.study.model
    check_installed(wanted)
    found = unseen(cohort, wanted)
    evaluation, by_group = evaluate(found, draws=draws), fairness(found, draws=min(draws or 100, 100))
    if thorough:
        evaluation["stability"] = stability(cohort, wanted)
        if by_group is not None:
            by_group["effect_of_adding"] = effect_of_adding(cohort, wanted, found) or None
    return found, {"evaluation": evaluation, "fairness": by_group}


def train(
    cohort: Cohort,
    registry: Registry,
    *,
    by: str,
    at: dt.datetime,
    thorough: bool = True,
    draws: int | None = None,
) -> Entry:
    """Judges, fits on everyone, signs and keeps. The new version is in the first state, `trained`."""
    found, judgement = judged(cohort, thorough=thorough, draws=draws)
    predictor = fit(cohort, cohort.study.model)
    return registry.add(describe(cohort, predictor, found, judgement, at), predictor, by=by, at=at)


def describe(
    cohort: Cohort, predictor: Predictor, found: Unseen, judgement: dict[str, Any], at: dt.datetime
) -> dict[str, Any]:
    """The facts of an entry, plain JSON."""
    study = cohort.study
    known = cohort.when.drop_nulls() if cohort.when is not None else None
    missing = {name: cohort.values[name].null_count() / len(cohort) for name in cohort.values.columns}
    return {
        "name": study.name, "task": study.study.task, "owner": study.study.owner, "source": study.study.source,
        "cohort": study.cohort.description,
        "index_date": study.cohort.index_date_described or f"column {study.cohort.index_date}",
        "horizon_days": study.cohort.horizon_days, "outcome": study.outcome.description,
        "features": [
            {
                "name": name, "description": feature.description, "kind": feature.kind,
                "known_at": feature.known_at_column or feature.known_at, "stated_by": feature.known_at_source,
                "missing_share": round(missing[name], 5),
            }
            for name, feature in study.features.items()
        ],
        "excluded": [{"reason": reason, "rows": n} for reason, n in cohort.excluded.items()],
        "groups": {
            name: "never in the score" if never(name) else "audited" for name in cohort.groups.columns
        },
        "justification": {"why": study.study.justification, **study.justification},
        "data": {
            "rows": len(cohort), "rows_read": cohort.rows_read, "events": int(cohort.outcome.sum()),
            "from": known.min() if known is not None else None,
            "until": known.max() if known is not None else None,
            "hash": cohort.data_hash,
        },
        "model": {
            "kind": predictor.kind, "settings": predictor.settings, "seed": study.model.seed,
            "inputs": predictor.encoder.names, "libraries": check_installed(study.model),
        },
        "evaluation": judgement["evaluation"], "fairness": judgement["fairness"],
        "calibration": predictor.calibration.as_dict(),
        "confidence": tenths(found.cohort.outcome, found.probability),
        "reference": reference_of(cohort, predictor),
        "retrospective": study.study.retrospective, "synthetic": study.study.synthetic,
        "trained_at": at.isoformat(timespec="seconds"), "study": study.model_dump(mode="json"),
        "limits": {"version": load("limits")["version"], "owner": load("limits")["owner"]},
    }  # fmt: skip


def confidence_of(probability: np.ndarray, table: list[dict[str, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Low and high of what happened to the tenth of people with scores like each, shapes (rows,).

    How sure a number is for people alike; nobody knows it for one person.
    """
    edges = [row["from"] for row in table[1:]]
    at = np.searchsorted(np.array(edges), probability, side="right")
    return np.array([r["low"] for r in table])[at], np.array([r["high"] for r in table])[at]
