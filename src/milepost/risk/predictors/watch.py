"""One look at how a predictor does on newer people: every kind of drift, from a table as the study's."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from milepost.problems import UnreadableFile
from milepost.risk.predictors.cohort import Cohort, as_text, feature_values, read_cohort
from milepost.risk.predictors.drift import as_dicts, calibration_drift, cusum, input_drift
from milepost.risk.predictors.registry import Entry
from milepost.risk.predictors.study import Study


def watch(entry: Entry, frame: pl.DataFrame, source: str = "table", first_row: int = 2) -> dict[str, Any]:
    """Drift of inputs for everyone in the table; of outcomes and calibration for those whose outcome is known.

    Raises ``UnreadableFile`` for a missing feature, ``Leakage`` for one stamped after the index date.
    """
    study, held = Study.model_validate(entry.body["study"]), entry.predictor()
    values = feature_values(study, as_text(frame, study.cohort.missing), source)
    inputs, alarms = input_drift(held.encoder, entry.body["reference"], values, held.probabilities(values))
    found: dict[str, Any] = {
        "predictor": entry.name, "version": entry.version, "people": frame.height, "with_outcome": 0,
        "inputs": inputs, "cusum": None, "periods": None,
    }  # fmt: skip
    cohort = _with_outcomes(study, frame, source, first_row)
    if cohort is not None:
        probability = held.probabilities(cohort.values)
        by_time = np.arange(len(cohort))
        period = pl.Series(["all"] * len(cohort))
        if cohort.when is not None:
            by_time = cohort.when.fill_null("").arg_sort().to_numpy()
            period = cohort.when.str.slice(0, 4)
        found["with_outcome"] = len(cohort)
        found["cusum"], more = cusum(cohort.outcome[by_time], probability[by_time])
        alarms += more
        found["periods"], more = calibration_drift(cohort.outcome, probability, period)
        alarms += more
    found["alarms"] = as_dicts(alarms)
    return found


def _with_outcomes(study: Study, frame: pl.DataFrame, source: str, first_row: int) -> Cohort | None:
    """The people whose outcome is known, or None where the table has no outcomes yet."""
    columns = {name.strip() for name in frame.columns}
    wanted = [study.outcome.column, study.outcome.date]
    if not all(name in columns for name in wanted if name):
        return None
    try:
        return read_cohort(study, frame, source, first_row)
    except UnreadableFile as error:
        if error.problem.message == "Nobody is left in the cohort":
            return None
        raise
