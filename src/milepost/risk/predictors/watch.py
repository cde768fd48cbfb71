"""One look at how a predictor does on newer people: from a table as the study's, or on those scored in shadow."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from milepost.problems import UnreadableFile
from milepost.risk.predictors.cohort import Cohort, as_text, feature_values, read_cohort
from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.drift import (
    Alarm,
    as_dicts,
    calibration_drift,
    compared,
    counts_of,
    cusum,
    input_drift,
)
from milepost.risk.predictors.followed import OUTCOMES, Joined, join_outcomes, spans, steps
from milepost.risk.predictors.judge import TENTHS
from milepost.risk.predictors.measures import wilson
from milepost.risk.predictors.registry import Entry
from milepost.risk.predictors.shadow import shadow_bins, shadow_rows
from milepost.risk.predictors.study import Study
from milepost.risk.rows import Array


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


def watch_shadow(
    entry: Entry, outcomes: pl.DataFrame | None, *, waiting_days: int, today: dt.date
) -> dict[str, Any]:
    """How a predictor does on the people it scored in shadow: inputs, calibration, observed over expected, alarms.

    ``outcomes`` is as :data:`~milepost.risk.predictors.followed.OUTCOMES`; None: no outcome of its kind is recorded
    anywhere. Numbers of people alone; no count below ``smallest_count`` is in it, nor can one be worked out.
    """
    limits = load("limits")["drift"]
    study, rows = Study.model_validate(entry.body["study"]), shadow_rows(entry)
    outcomes = pl.DataFrame(schema=OUTCOMES) if outcomes is None else outcomes
    joined = join_outcomes(
        rows, outcomes, horizon_days=study.cohort.horizon_days, waiting_days=waiting_days, today=today
    )
    found: dict[str, Any] = {
        "predictor": entry.name, "version": entry.version, "until": today.isoformat(),
        "scored": joined.scored, **_shown(joined, limits["smallest_count"]), "smallest": limits["smallest_period"],
        "smallest_count": limits["smallest_count"],
        "horizon_days": study.cohort.horizon_days, "waiting_days": waiting_days,
        "limits_version": load("limits")["version"],
        "inputs": None, "overall": None, "periods": None, "steps": None, "cusum": None,
    }  # fmt: skip
    alarms: list[Alarm] = []
    recent = _recent(rows, today - dt.timedelta(days=limits["recent_days"]))
    if recent.height >= limits["smallest_period"]:
        counts = counts_of(entry.body["reference"], shadow_bins(recent))
        inputs, alarms = compared(entry.body["reference"], counts)
        for row in inputs:
            gone = int(counts[row["what"]][-1])
            if 0 < gone < limits["smallest_count"]:
                row["missing_now"] = None
        found["inputs"] = {
            "people": recent.height, "from": str(recent["scored_at"].min())[:10], "rows": inputs,
            "watch": limits["watch"], "alarm": limits["alarm"],
        }  # fmt: skip
    known = joined.known.tail(limits["people_at_most"])
    outcome, probability = known["outcome"].to_numpy(), known["probability"].to_numpy()
    if enough(outcome):
        found |= _judged(known["scored_on"], outcome, probability, alarms)
    found["alarms"] = as_dicts(alarms)
    return found


def enough(outcome: Array) -> bool:
    """Whether these people may be measured at all."""
    limits = load("limits")["drift"]
    yes = outcome.sum()
    few = min(yes, len(outcome) - yes) < limits["smallest_count"]
    return len(outcome) >= limits["smallest_period"] and not few


def _shown(joined: Joined, smallest: int) -> dict[str, int | None]:
    """The parts of all who were scored; None for one too small to tell, and then for a second, for they add up."""
    parts: dict[str, int | None] = {
        "waiting": joined.waiting, "not_followed": joined.not_followed, "with_outcome": joined.known.height
    }  # fmt: skip
    small = [name for name, n in parts.items() if n and n < smallest]
    if len(small) == 1:
        others = [name for name, n in parts.items() if n and name not in small]
        small += sorted(others, key=lambda name: parts[name] or 0)[:1]
    return {name: None if name in small else n for name, n in parts.items()}


def _recent(rows: pl.DataFrame, since: dt.date) -> pl.DataFrame:
    """The newest score of everyone scored since."""
    found = rows.filter(pl.col("scored_at").str.slice(0, 10) >= since.isoformat())
    return found.sort("scored_at", maintain_order=True).unique("person", keep="last", maintain_order=True)


def _judged(scored_on: pl.Series, outcome: Array, probability: Array, alarms: list[Alarm]) -> dict[str, Any]:
    limits = load("limits")["drift"]
    sizes: dict[str, int] = {"people": limits["smallest_period"], "each": limits["smallest_count"]}
    whole, _ = calibration_drift(outcome, probability, pl.Series(["all"] * len(outcome)))
    periods, more = calibration_drift(outcome, probability, pl.Series(spans(scored_on, outcome, **sizes)))
    alarms += more
    sums, more = cusum(outcome, probability)
    for name in ("more", "fewer"):
        if (at := sums[name]["first_over_at"]) is not None:
            sums[name]["first_over_on"] = scored_on[at].strftime("%Y-%m")
    alarms += [
        replace(a, message=f"There is {a.what} than was said, from those scored in {sums[a.what]['first_over_on']} on.")
        for a in more
    ]  # fmt: skip
    groups = steps(probability, outcome, most=TENTHS, people=2 * limits["smallest_count"], each=sizes["each"])
    said = [_step(outcome[at], probability[at]) for at in groups]
    return {"overall": whole[0], "periods": periods, "steps": said, "cusum": sums}


def _step(outcome: Array, probability: Array) -> dict[str, float]:
    low, high = wilson(outcome.sum(), len(outcome))
    return {
        "n": len(outcome), "expected": round(float(probability.mean()), 5),
        "observed": round(float(outcome.mean()), 5), "low": round(float(low), 5), "high": round(float(high), 5),
    }  # fmt: skip
