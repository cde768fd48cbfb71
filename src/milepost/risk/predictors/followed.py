"""Scores in shadow beside what happened later: who counts, and who does not yet.

A person counts when their record is complete to the end of the horizon, whatever happened. To count an event as soon
as it is known, and its absence only at the end, would find too many events: those who have none wait.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from milepost.risk.rows import Array

OUTCOMES = {"person": pl.String, "happened_on": pl.Date, "followed_until": pl.Date}
"""Columns of a table of outcomes of one kind: a row each time something is known of a person. ``happened_on`` is null
where nothing happened; ``followed_until`` is the last day that their record covers."""


@dataclass(frozen=True, slots=True)
class Joined:
    """``known``: person, scored_on, probability, outcome (1 or 0), in order of time. ``unknown``: the same without an
    outcome, of those who were not followed. Counts of the others."""

    known: pl.DataFrame
    unknown: pl.DataFrame
    scored: int
    waiting: int
    """Their horizon has not passed yet."""
    not_followed: int
    """It has, and no record covers it: unknown is not no."""


def join_outcomes(
    scores: pl.DataFrame, outcomes: pl.DataFrame, *, horizon_days: int, waiting_days: int, today: dt.date
) -> Joined:
    """Each person's first score beside their outcome within ``horizon_days`` of it.

    ``scores`` has person, scored_at (ISO 8601) and probability; ``outcomes`` is as :data:`OUTCOMES`. ``waiting_days``:
    so long after the horizon an outcome may still come to be known (a conviction follows an offence). A person scored
    again counts once: the intervals take people to be independent.
    """
    first = (
        scores.with_columns(pl.col("scored_at").str.slice(0, 10).str.to_date("%Y-%m-%d").alias("scored_on"))
        .sort("scored_at", maintain_order=True)
        .unique("person", keep="first", maintain_order=True)
        .select("person", "scored_on", "probability")
        .with_columns((pl.col("scored_on") + pl.duration(days=horizon_days)).alias("end"))
    )
    whole = pl.col("end") + pl.duration(days=waiting_days)
    passed = first.filter(whole <= today)
    followed = outcomes.group_by("person").agg(pl.col("followed_until").max())
    covered = passed.join(followed, on="person", how="inner").filter(pl.col("followed_until") >= whole)
    events = outcomes.filter(pl.col("happened_on").is_not_null()).select("person", "happened_on")
    within = (pl.col("happened_on") > pl.col("scored_on")) & (pl.col("happened_on") <= pl.col("end"))
    hit = covered.join(events, on="person", how="inner").filter(within).select("person").unique()
    known = covered.with_columns(
        pl.col("person").is_in(hit["person"].to_list()).cast(pl.Float64).alias("outcome")
    ).select("person", "scored_on", "probability", "outcome")
    known = known.sort("scored_on", "person")
    unknown = passed.join(covered, on="person", how="anti").select("person", "scored_on", "probability")
    return Joined(known, unknown, first.height, first.height - passed.height, unknown.height)


def spans(scored_on: pl.Series, outcome: Array, *, people: int, each: int) -> list[str]:
    """A name of a span of time for each row, in order of time: months put together until a span has ``people`` people
    and ``each`` of either outcome. What is left at the end belongs to the last span, so that no span can be had by
    taking the others from the whole. Rows are in order of time."""
    months = scored_on.dt.strftime("%Y-%m").to_list()
    ends = [n for n in range(1, len(months) + 1) if n == len(months) or months[n] != months[n - 1]]
    cuts = _cuts(outcome, ends, people=people, each=each)
    names: list[str] = []
    for begin, end in zip([0, *cuts[:-1]], cuts, strict=True):
        first, last = months[begin], months[end - 1]
        names += [first if first == last else f"{first} to {last}"] * (end - begin)
    return names


def steps(probability: Array, outcome: Array, *, most: int, people: int, each: int) -> list[Array]:
    """Positions of people in at most ``most`` groups by rising probability, each with ``people`` people and ``each`` of
    either outcome; what is left belongs to the last."""
    order = np.argsort(probability, kind="stable")
    ends = [len(part) for part in np.array_split(order, most)]
    cuts = _cuts(outcome[order], np.cumsum(ends).tolist(), people=people, each=each)
    return [order[a:b] for a, b in zip([0, *cuts[:-1]], cuts, strict=True)]


def _cuts(outcome: Array, ends: list[int], *, people: int, each: int) -> list[int]:
    """Of the possible ``ends``, those that close a group that is large enough; the last closes with the whole."""
    cuts, begin = [], 0
    for end in ends:
        yes = outcome[begin:end].sum()
        if end - begin >= people and min(yes, end - begin - yes) >= each:
            cuts.append(end)
            begin = end
    if not cuts:
        return [len(outcome)] if len(outcome) else []
    cuts[-1] = len(outcome)
    return cuts
