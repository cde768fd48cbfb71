"""How well learned predictors do on public outcome data of others, by the pipeline that an area would use.

NIJ's re-arrest challenge (Georgia): nested cross-validation on the official training split; Brier score for women and
men apart, averaged, as the challenge was judged. Iowa's releases: earlier years train, later years test.
Needs the shared data folder; says so where it is not there. Seconds are of the processor.
"""

from __future__ import annotations

import importlib.util
import os
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.nij import against_target
from benchmarks.report import Report, Table
from milepost.risk.predictors.cohort import Cohort, read_cohort
from milepost.risk.predictors.drift import calibration_drift, cusum, input_drift, reference_of
from milepost.risk.predictors.evaluate import Unseen, evaluate, fairness, unseen, with_groups
from milepost.risk.predictors.fit import fit
from milepost.risk.predictors.judge import averaged
from milepost.risk.predictors.split import temporal
from milepost.risk.predictors.study import Feature, Model, read_study
from milepost.risk.read import read_frame

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("MILEPOST_SHARED_DATA") or ROOT.parent / "shared" / "data") / "risk"
STUDIES = Path(__file__).with_name("studies")
WITH_CATBOOST = "blend, CatBoost too"
CHALLENGERS = (("explainable", "interpret"), ("catboost", "catboost"), (WITH_CATBOOST, "catboost"))


def run(quick: bool) -> Report:
    report = Report("Learned predictors")
    if not (DATA / "nij_train.csv").exists():
        report.notes.append(f"NOT RUN: {DATA} is not there.")
        return report
    kinds = ["logistic", "scorecard"] if quick else ["logistic", "scorecard", "boosting", "blend"]
    kinds += [] if quick else [k for k, module in CHALLENGERS if importlib.util.find_spec(module)]
    table = Table(
        "NIJ challenge, nested cross-validation on the training split",
        ["year", "features", "model", "Brier, averaged (95 %)", "women", "men", "skill", "AUC", "slope", "ICI", "CPU s"],
    )  # fmt: skip
    report.tables += [table, _groups_table(), _effect_table()]
    for year in (2, 3):
        for features in ("", "_at_release"):
            cohort = _cohort(f"nij_year_{year}{features}", "nij_train.csv")
            for kind in kinds if not features else kinds[:1] if quick else ["logistic", "blend"]:
                told = "all" if not features else "known at release"
                found = _one(cohort, kind, (str(year), told, kind), table, 50 if quick else 300)
                print(table.rows[-1], flush=True)  # noqa: T201 (the run is long)
                if kind in ("logistic", "blend") and not features:
                    _groups(report.tables[1], year, kind, found)
                if kind == "logistic" and not features:
                    _effect(report.tables[2], year, kind, found, (("race",), ("area",), ("race", "area")))
                if kind == "blend" and not features:
                    _effect(report.tables[2], year, kind, found, (("race", "area"),))
                if kind in (("logistic",) if quick else ("blend", WITH_CATBOOST)) and not features:
                    report.notes += against_target(year, kind, found)
    if not quick:
        _control(report)
    _iowa(report)
    return report


def _cohort(study: str, data: str) -> Cohort:
    return read_cohort(read_study(STUDIES / f"{study}.toml"), *_frame(data))


def _frame(data: str) -> tuple[pl.DataFrame, str, int]:
    frame, first_row = read_frame(DATA / data)
    return frame, data, first_row


def _one(cohort: Cohort, kind: str, told: tuple[str, ...], table: Table, draws: int) -> Unseen:
    start = time.process_time()
    found = unseen(cohort, _model(cohort, kind))
    judged = evaluate(found, draws=draws)
    spent = time.process_time() - start
    overall, mean = judged["overall"], judged["brier_averaged"]
    table.rows.append([
        *told, f"{mean['value']:.4f} ({mean['low']:.4f}-{mean['high']:.4f})", f"{mean['over']['F']:.4f}",
        f"{mean['over']['M']:.4f}", f"{mean['skill']:.3f}", f"{overall['auc']['value']:.3f}",
        f"{overall['calibration_slope']['value']:.3f}",
        f"{overall['integrated_calibration_index']['value']:.4f}", f"{spent:.0f}",
    ])  # fmt: skip
    return found


def _model(cohort: Cohort, kind: str) -> Model:
    """The study's model, of another kind; a blend has one more to choose from."""
    held = cohort.study.model
    if kind == WITH_CATBOOST:
        return held.model_copy(update={"kind": "blend", "members": (*held.members, "catboost")})
    return held.model_copy(update={"kind": kind})


def _groups_table() -> Table:
    return Table(
        "Calibration by sex and race (all features; neither measure picks the model)",
        ["year", "model", "group", "people", "observed", "expected", "observed - expected (95 %)", "ICI"],
    )


def _groups(table: Table, year: int, kind: str, found: Unseen) -> None:
    judged = fairness(found)
    assert judged is not None, "the study names groups"
    for row in judged["groups"]:
        if len(row["group"]) == 2 and row["n"]:
            gap = row["observed_minus_expected"]
            table.rows.append([
                str(year), kind, " ".join(row["group"].values()), str(row["n"]), f"{row['observed']:.3f}",
                f"{row['expected']:.3f}", f"{gap['value']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})",
                f"{row['integrated_calibration_index']['value']:.3f}",
            ])  # fmt: skip


def _effect_table() -> Table:
    return Table(
        "Effect of adding attributes (all features; measured, never used: the teams of the challenge had them)",
        ["year", "model", "added", "Brier, averaged", "skill", "lowers the whole Brier score by (95 %)"],
    )


def _effect(table: Table, year: int, kind: str, found: Unseen, added: tuple[tuple[str, ...], ...]) -> None:
    """Race as recorded and area of residence (PUMA), on the same folds as without them."""
    study = found.cohort.study
    with_area = study.model_copy(update={"groups": {**study.groups, "area": "Residence_PUMA"}})
    cohort = read_cohort(with_area, *_frame("nij_train.csv"))
    wanted, random = _model(cohort, kind), np.random.default_rng(1)
    for names in added:
        other = unseen(with_groups(cohort, names), wanted)
        y = found.cohort.outcome
        gain = (y - found.probability) ** 2 - (y - other.probability) ** 2
        drawn = [gain[random.integers(0, len(y), len(y))].mean() for _ in range(300)]
        low, high = np.quantile(drawn, [0.025, 0.975])
        mean = averaged(y, other.probability, cohort.groups["sex"], seed=1, draws=2)
        table.rows.append([
            str(year), kind, " and ".join(names), f"{mean['value']:.4f}", f"{mean['skill']:.3f}",
            f"{gain.mean():+.5f} ({low:+.5f} to {high:+.5f})",
        ])  # fmt: skip
        print(table.rows[-1], flush=True)  # noqa: T201 (the run is long)


def _control(report: Report) -> None:
    """What the fractions in the data give away: a positive control of leakage, never a predictor.

    Jobs a year is a count over the days of supervision; those days end at the arrest. From the fraction they can be
    worked out, and with them who was arrested.
    """
    cohort = _cohort("nij_year_2", "nij_train.csv")
    jobs = cohort.values["Jobs_Per_Year"].cast(pl.Float64).to_list()
    employed = cohort.values["Percent_Days_Employed"].cast(pl.Float64).to_list()
    days = [_days(j, e) for j, e in zip(jobs, employed, strict=True)]
    parts = [_denominator(e) for e in employed]
    added = {"days": days, "parts": parts}
    feature = Feature(kind="number", description="decoded", known_at="after")
    whole = cohort.take(np.arange(len(cohort)))
    whole.study = cohort.study.model_copy(
        update={"features": {**cohort.study.features, **dict.fromkeys(added, feature)}}
    )
    whole.values = cohort.values.with_columns(
        pl.Series(name, values, dtype=pl.Float64).cast(pl.String) for name, values in added.items()
    )
    table = Table("A positive control of leakage, year 2", report.tables[0].columns)
    _one(whole, "boosting", ("2", "all, and days worked out of fractions", "boosting"), table, 50)
    report.tables.append(table)
    report.notes.append(
        "The control works out from fractions such as jobs a year how many days someone was supervised, which end at "
        "the arrest. That it gains so much shows that figures with all features say little of a tool at a decision."
    )


def _days(jobs_a_year: float | None, employed: float | None) -> float | None:
    if not jobs_a_year:
        return None
    for jobs in range(1, 13):
        days = jobs * 365.25 / jobs_a_year
        whole = round(days)
        fits = employed is None or abs(employed * whole - round(employed * whole)) < 1e-4 * jobs
        if abs(days - whole) < 0.005 * jobs and 5 < whole < 1500 and fits:
            return float(whole)
    return None


def _denominator(share: float | None) -> float | None:
    if not share:
        return None
    fraction = Fraction(share).limit_denominator(1500)
    return float(fraction.denominator) if abs(float(fraction) - share) < 6e-9 else None


def _iowa(report: Report) -> None:
    cohort = _cohort("iowa", "iowa_3yr_recidivism.csv")
    early, late = temporal(cohort)
    trained, test = cohort.take(early), cohort.take(late)
    predictor = fit(trained, cohort.study.model)
    probability = predictor.probabilities(test.values)
    reference = reference_of(trained, predictor)
    assert test.when is not None, "the split is temporal"
    rows, alarms = calibration_drift(test.outcome, probability, test.when)
    table = Table(
        "Iowa: trained on releases of 2010 to 2012, tested on later ones",
        ["released", "people", "observed / expected (95 %)", "slope", "AUC", "Brier"],
    )
    for row in rows:
        ratio = f"{row['ratio']:.3f} ({row['low']:.3f}-{row['high']:.3f})"
        cells: list[Any] = [row["period"], row["n"], ratio, row["slope"], row["auc"], row["brier"]]
        table.rows.append([str(cell) for cell in cells])
    report.tables.append(table)
    drifted, input_alarms = input_drift(predictor.encoder, reference, test.values, probability)
    drifted.sort(key=lambda row: -row["index"])
    report.notes.append(
        "Iowa, inputs: "
        + ", ".join(f"{row['what']} {row['index']:.2f}" for row in drifted[:4])
        + f" (stability index; {len(input_alarms)} alarms)."
    )
    found, cusum_alarms = cusum(test.outcome, probability)
    first = found["more"]["first_over_at"]
    report.notes.append(
        f"Iowa, outcomes: {len(alarms)} alarms by year; CUSUM: "
        + (
            f"more than was said, from person {first + 1} of {found['n']} on."
            if cusum_alarms and first
            else "none."
        )
    )
