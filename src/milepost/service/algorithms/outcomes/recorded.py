"""Outcomes that count, for joining to scores: tables of one kind, and what has changed since they were last read."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.db.models import Count, Max, QuerySet

from milepost.risk.predictors.followed import OUTCOMES
from milepost.service.algorithms.models import Outcome
from milepost.service.algorithms.yesterday import end_of_yesterday_us
from milepost.times import from_us


def counting() -> QuerySet[Outcome]:
    """Of files that nobody withdrew, up to the end of yesterday: so that nobody can tell one person's score or group
    by taking in one row and asking again."""
    until = from_us(end_of_yesterday_us())
    rows: QuerySet[Outcome] = Outcome.objects.filter(file__withdrawn_utc=None, file__at_utc__lt=until)
    return rows


def table_of(kind: str, *, person: str = "person__reference") -> pl.DataFrame:
    """Outcomes of a kind by a field of the person. One query."""
    rows = counting().filter(kind=kind).order_by().values_list(person, "happened_on", "followed_until")
    held = [(str(who), happened, until) for who, happened, until in rows]
    return pl.DataFrame(held, schema=OUTCOMES, orient="row")


def kinds_recorded() -> set[str]:
    return set(counting().order_by().values_list("kind", flat=True).distinct())


def marks() -> tuple[Any, ...]:
    """Changes whenever an outcome that counts is recorded, withdrawn or erased."""
    rows = counting().aggregate(n=Count("pk"), last=Max("pk"))
    return (rows["n"], rows["last"])
