"""A predictor in shadow with people whom it scored long ago, and what happened to them, for tests. All synthetic."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from functools import cache
from pathlib import Path

import polars as pl
from django.conf import settings

from milepost.risk.predictors.registry import Entry, Registry
from milepost.risk.predictors.shadow import score_in_shadow
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.algorithms.models import OutcomeFile
from milepost.service.algorithms.outcomes.actions import take_in
from milepost.service.people.models import Characteristics, Person
from milepost.synth.outcomes import synthetic_outcomes, train_synthetic

NAME = "synthetic-rearrest"
HEAD = "reference,kind,happened_on,followed_until\n"


@cache
def _trained() -> Path:
    folder = Path(settings.DATA) / f"trained-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    at = clock.now_utc() - dt.timedelta(days=900)
    entry = train_synthetic(folder, by="Test Trainer", at=at, people=1000)
    Registry(folder).move(entry, "shadow", by="Test Trainer", why="to judge it", at=at)
    return folder


def registry_in_shadow() -> Entry:
    """A registry of this process's own with one predictor in shadow that has scored nobody yet."""
    folder = Path(settings.DATA) / f"watched-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(_trained(), folder)
    settings.PREDICTORS = str(folder)
    return Registry(folder).entry(NAME)


def scored(
    entry: Entry, n: int, *, days_ago: int = 500, seed: int = 3, also_here: bool = True
) -> pl.DataFrame:
    """``n`` people scored in shadow on one day. Their table has ``happened_on`` and ``followed_until`` beside it."""
    at = clock.now_utc() - dt.timedelta(days=days_ago)
    frame = synthetic_outcomes(n, seed)
    score_in_shadow(entry, frame.drop("rearrested_on"), at=at)
    if also_here:
        people = Person.objects.bulk_create(
            Person(reference=row["person_id"], name="Made Up", search_name="made up", synthetic=True)
            for row in frame.iter_rows(named=True)
        )
        groups = [("male", "white"), ("male", "black"), ("female", "white")]
        Characteristics.objects.bulk_create(
            Characteristics(person=p, sex=groups[i % 3][0], ethnicity=groups[i % 3][1])
            for i, p in enumerate(people)
        )
    shift = pl.lit(at.date()) - pl.col("start_date")
    return frame.select(
        pl.col("person_id").alias("reference"), (pl.col("rearrested_on") + shift).alias("happened_on"),
        (pl.col("start_date") + pl.duration(days=365) + shift).alias("followed_until"),
    )  # fmt: skip


def content_of(frame: pl.DataFrame, kind: str = "rearrest") -> bytes:
    lines = [
        f"{row['reference']},{kind},{row['happened_on'] or ''},{row['followed_until']}\n"
        for row in frame.iter_rows(named=True)
    ]
    return (HEAD + "".join(lines)).encode()


def recorded(frame: pl.DataFrame, by: User, *, name: str = "o.csv", kind: str = "rearrest") -> OutcomeFile:
    """Taken in the day before yesterday, so that it counts."""
    file = take_in(by=by, name=name, content=content_of(frame, kind), source="Synthetic")
    file.at_utc = clock.now_utc() - dt.timedelta(days=2)
    file.save(update_fields=["at_utc"])
    return file
