"""Shadow mode: scores of real cases are stored and shown to nobody, until outcomes can judge them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from milepost.risk.predictors.cohort import as_text, feature_values, need_columns
from milepost.risk.predictors.drift import bins_of
from milepost.risk.predictors.registry import Entry, NotAllowed
from milepost.risk.predictors.study import Study

COLUMNS = {"person": pl.String, "scored_at": pl.String, "probability": pl.Float64}
BIN = "bin "
"""Before the name of a column that says in which bin of training a value falls: for drift, see :func:`shadow_bins`."""


def score_in_shadow(entry: Entry, frame: pl.DataFrame, *, at: dt.datetime, source: str = "table") -> int:
    """Stores the scores of a table and gives only their number. A person scored again has both scores.

    Raises ``NotAllowed`` in another state than shadow or approved, ``UnreadableFile`` for a missing column.
    """
    if entry.state not in ("shadow", "approved"):
        raise NotAllowed(f"{entry.name} {entry.version} is {entry.state}. Put it into shadow first.")
    study = Study.model_validate(entry.body["study"])
    whole = as_text(frame, study.cohort.missing)
    if study.cohort.person is None:
        raise NotAllowed("Its study names no column of persons, so outcomes could never be joined to scores.")
    need_columns(whole, [study.cohort.person], source)
    values = feature_values(study, whole, source)
    held = entry.predictor()
    probability = held.probabilities(values)
    scores = pl.DataFrame(
        {
            "person": whole[study.cohort.person],
            "scored_at": [at.isoformat(timespec="seconds")] * whole.height,
            "probability": probability,
        },
        schema=COLUMNS,
    )
    if reference := entry.body["reference"]:
        bins = bins_of(held.encoder, reference, values, probability)
        scores = scores.hstack(bins.rename(lambda name: f"{BIN}{name}"))
    folder = entry.folder / "shadow"
    folder.mkdir(exist_ok=True, mode=0o700)
    number = len(list(folder.glob("*.parquet"))) + 1
    file = folder / f"{at:%Y%m%dT%H%M%S}-{number:04d}.parquet"
    scores.write_parquet(file.with_suffix(".part"))
    file.with_suffix(".part").replace(file)
    return scores.height


def shadow_scores(entry: Entry) -> pl.DataFrame:
    """All stored scores, for judging alone. Columns as ``COLUMNS``."""
    return shadow_rows(entry).select(*COLUMNS)


def shadow_rows(entry: Entry) -> pl.DataFrame:
    """All stored scores with the bins of their inputs, null where an older version of this code stored none."""
    files = sorted((entry.folder / "shadow").glob("*.parquet"))
    held = [pl.DataFrame(schema=COLUMNS), *(pl.read_parquet(file) for file in files)]
    return pl.concat(held, how="diagonal")


def shadow_bins(rows: pl.DataFrame) -> pl.DataFrame:
    """The bins of :func:`shadow_rows` by the name of the feature."""
    names = [name for name in rows.columns if name.startswith(BIN)]
    return rows.select(pl.col(name).alias(name.removeprefix(BIN)) for name in names)


def erase_person(folder: Path, person: str, *, dry_run: bool) -> int:
    """Takes one person's scores out of every shadow store under a registry's folder, and counts them."""
    found = 0
    for file in sorted(folder.glob("*/*/shadow/*.parquet")):
        held = pl.read_parquet(file)
        kept = held.filter(pl.col("person") != person)
        found += held.height - kept.height
        if not dry_run and kept.height < held.height:
            part = file.with_suffix(".part")
            kept.write_parquet(part)
            part.replace(file)
    return found
