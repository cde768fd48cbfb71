"""A predictor in the registry, trained on people who do not exist and called so, with three years of shadow behind it.

Everything goes the way it would anywhere: a study is judged and fitted, an analyst puts it into shadow, people are
scored, outcomes are taken in from files, the watch looks and rings. Only the people are made up. Nobody of the town is
scored: these are others, whose supervision ended before the town's past begins.
"""

from __future__ import annotations

import datetime as dt
import shutil

import polars as pl
from django.conf import settings
from django.db import transaction

from milepost.problems import UnreadableFile
from milepost.risk.predictors.cohort import read_cohort
from milepost.risk.predictors.fit import check_installed
from milepost.risk.predictors.registry import Entry
from milepost.risk.predictors.shadow import score_in_shadow
from milepost.risk.predictors.study import Study
from milepost.risk.predictors.train import train
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.algorithms.actions import ask
from milepost.service.algorithms.outcomes.actions import take_in
from milepost.service.algorithms.outcomes.read import COLUMNS
from milepost.service.algorithms.predictors import entry_of, registry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.demo.names import name_of
from milepost.service.demo.policy_data import numbers
from milepost.service.demo.population import DEMO, Staff
from milepost.service.people.models import Characteristics, Person
from milepost.service.upkeep.watch import watch_predictors
from milepost.synth.outcomes import DAYS, FIRST_DAY, HORIZON_DAYS, synthetic_outcomes, synthetic_study
from milepost.times import day_of, to_us

DATES = ("start_date", "assessed_on", "rearrested_on", "followed_until")
NINE = dt.time(9, tzinfo=dt.UTC)
FIRST_NAME = 5000
"""Names of the town's people come before."""
SOURCE = "Synthetic: drawn by chance"
ETHNICITIES = ("asian", "black", "mixed", "other")
WHY = "To see on later people whether it holds. Synthetic people alone: a demonstration."
BAD_ROWS = "SO-0-000000,rearrest,,2026-01-31\nSO-0-000001,rearrest,31 January,2026-01-31\n"
"""Of the last file, so that a visitor sees how bad rows come back."""


def make_predictor(staff: Staff, visit_us: int, seed: int) -> bool:
    """Trains it and lives through its years in shadow. False, and nothing is made, where no library can train it."""
    shutil.rmtree(settings.PREDICTORS, ignore_errors=True)  # of a demo that was half made
    study = _study()
    try:
        check_installed(study.model)
    except UnreadableFile:
        return False
    analyst = next(user for user in staff.others if user.role == Role.ANALYST)
    entry = _trained(study, analyst, seed)
    people = _people(visit_us, seed)
    _keep(people)
    _live(entry, people, analyst)
    return True


def _us(day: dt.date) -> int:
    return to_us(dt.datetime.combine(day, NINE))


def _moved(frame: pl.DataFrame, days: int | pl.Expr) -> pl.DataFrame:
    by = pl.duration(days=days)
    return frame.with_columns((pl.col(name) + by).alias(name) for name in DATES)


def _shift_days() -> int:
    """So that what is trained on had been followed to its end when it is trained."""
    last = FIRST_DAY + dt.timedelta(days=DAYS + HORIZON_DAYS + 31)
    return (numbers().predictor.trained_on - last).days


def _study() -> Study:
    study, days = synthetic_study(), _shift_days()
    until = dt.date.fromisoformat(str(study.split.train_until)) + dt.timedelta(days=days)
    first, last = (FIRST_DAY + dt.timedelta(days=days + n) for n in (0, DAYS))
    return study.model_copy(
        update={
            "study": study.study.model_copy(
                update={
                    "name": numbers().predictor.name,
                    "task": "SYNTHETIC. " + study.study.task,
                    "owner": "Nobody: a demonstration of Milepost",
                }
            ),
            "cohort": study.cohort.model_copy(
                update={"description": f"Synthetic people who start supervision from {first} to {last}"}
            ),
            "split": study.split.model_copy(update={"train_until": until.isoformat()}),
        }
    )


def _trained(study: Study, analyst: User, seed: int) -> Entry:
    """In the registry and in shadow, by the analyst's hand."""
    told = numbers().predictor
    frame = _moved(synthetic_outcomes(told.trained_on_people, seed + 1), _shift_days())
    cohort = read_cohort(study, frame, "synthetic people")
    with clock.pinned(_us(told.trained_on)), transaction.atomic():
        write(
            by=DEMO, operation=Operation.COMBINATION, what="demo.predictor",
            details={"predictor": told.name, "people": len(cohort), "synthetic": True},
        )  # fmt: skip
        entry = train(cohort, registry(), by=analyst.name, at=clock.now_utc(), thorough=False, draws=60)
    with clock.pinned(_us(told.in_shadow_on)):
        ask(entry=entry, to="shadow", why=WHY, evaluation_hash=entry.facts()["evaluation_hash"], by=analyst)
    found = entry_of(entry.name, entry.version)
    assert found is not None
    return found


def _people(visit_us: int, seed: int) -> pl.DataFrame:
    """Who started since it is in shadow, each on the first day of a round of scoring, until the visit."""
    told = numbers().predictor
    visit = day_of(visit_us)
    frame = synthetic_outcomes(told.people, seed + 2, more_unemployed=told.more_unemployed)
    frame = _moved(frame, (visit - FIRST_DAY).days - DAYS)
    since = (pl.col("start_date") - pl.lit(told.in_shadow_on)).dt.total_days()
    every = told.score_every_days
    frame = frame.filter(since > 0)
    frame = _moved(frame, ((since + every - 1) // every) * every - since)
    return frame.filter(pl.col("start_date") < visit).with_columns(
        (pl.col("start_date") + pl.duration(days=HORIZON_DAYS)).alias("followed_until")
    )


def _keep(frame: pl.DataFrame) -> None:
    people, born = [], dict(zip(frame["person_id"], frame["age"], strict=True))
    rows = list(frame.iter_rows(named=True))
    for n, row in enumerate(rows):
        name = name_of(FIRST_NAME + n)
        people.append(
            Person(
                reference=row["person_id"], name=name, search_name=name.casefold(), synthetic=True,
                date_of_birth=row["start_date"] - dt.timedelta(days=int(born[row["person_id"]] * 365.25) + 30),
                created_utc=dt.datetime.combine(row["start_date"], NINE),
            )
        )  # fmt: skip
    with transaction.atomic():
        made = Person.objects.bulk_create(people)
        Characteristics.objects.bulk_create(
            Characteristics(
                person=person, sex=row["sex"], source=SOURCE, recorded_utc=person.created_utc,
                ethnicity="white" if row["ethnicity"].endswith("A") else ETHNICITIES[n % len(ETHNICITIES)],
            )
            for n, (person, row) in enumerate(zip(made, rows, strict=True))
        )  # fmt: skip
        write(by=DEMO, operation=Operation.COLLECTION, what="demo.people", details={"people": len(made)})


def _live(entry: Entry, people: pl.DataFrame, analyst: User) -> None:
    """Scores, files of outcomes and looks of the watch, each on its day."""
    told = numbers().predictor
    rounds = {day: part for (day,), part in people.partition_by("start_date", as_dict=True).items()}
    for day in sorted({*rounds, *told.outcomes_on, *told.watched_on}):
        with clock.pinned(_us(day)):
            if day in rounds:
                score_in_shadow(
                    entry, rounds[day].drop("rearrested_on"), at=clock.now_utc(), source="synthetic people"
                )
            if day in told.outcomes_on:
                content = _file(people, day, bad=day == told.outcomes_on[-1])
                name = f"synthetic-outcomes-{day}.csv"
                take_in(
                    by=analyst, name=name, content=content, source="Synthetic: made with the demonstration"
                )
            if day in told.watched_on:
                watch_predictors(by=DEMO)


def _file(people: pl.DataFrame, day: dt.date, *, bad: bool) -> bytes:
    """What the record says by a day: of everyone who started before."""
    until = day - dt.timedelta(days=7)
    lines = [",".join(COLUMNS)]
    for row in people.filter(pl.col("start_date") < until).iter_rows(named=True):
        happened, followed = row["rearrested_on"], min(row["followed_until"], until)
        happened = happened if happened is not None and happened <= followed else ""
        lines.append(f"{row['person_id']},rearrest,{happened},{followed}")
    return ("\n".join(lines) + "\n" + (BAD_ROWS if bad else "")).encode()
