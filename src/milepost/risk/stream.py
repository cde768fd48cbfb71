"""Scores a file larger than memory: a batch is read, scored and written before the next one is read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import polars as pl

from milepost.problems import Problem, ProblemList
from milepost.risk.data_files import load
from milepost.risk.fields import field_table
from milepost.risk.options import STATED, Options
from milepost.risk.read import read_batches, tidy_batch
from milepost.risk.sink import Sink
from milepost.risk.table import score_tidy
from milepost.risk.tidy import NAMES, ROW, Tidy, UnemployedOne

TWICE_ROWS = 10_000_000
"""Repeated people are looked for among this many rows: 16 bytes each."""


@dataclass(slots=True)
class Totals:
    """What became of a file. ``bands`` and ``not_scored`` count rows by instrument."""

    rows_read: int = 0
    rows_scored: int = 0
    bands: dict[str, Counter[str]] = field(default_factory=dict)
    not_scored: dict[str, Counter[str]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    problems: ProblemList = field(default_factory=ProblemList)


def score_file(
    path: Path,
    keys: tuple[str, ...],
    options: Options = STATED,
    *,
    outputs: Iterable[Path] = (),
    unemployed_one: UnemployedOne = "no",
    today: dt.date | None = None,
) -> Totals:
    """Scores every row of a CSV or Parquet file that can be, and writes what was scored.

    The outputs appear when all is written; a file that breaks off half way leaves none. Dates after ``today`` are
    warned of. Raises ``UnreadableFile``; ``ValueError`` for an output that is neither .csv nor .parquet.
    """
    totals = Totals(bands={key: Counter() for key in keys}, not_scored={key: Counter() for key in keys})
    seen = _Seen()
    with Sink(outputs) as sink:
        for batch in read_batches(path):
            tidied = tidy_batch(batch, path.name, unemployed_one, today)
            scores = score_tidy(tidied, keys, options, path.name)
            sink.write(scores.frame)
            seen.note(tidied)
            totals.rows_read += scores.rows_read
            totals.rows_scored += scores.frame.height
            totals.ignored = scores.ignored
            totals.problems.merge(scores.problems)
            for key in keys:
                totals.not_scored[key].update(scores.not_scored[key])
                if f"{key}_band" in scores.frame.columns:
                    counts = scores.frame.get_column(f"{key}_band").drop_nulls().value_counts()
                    totals.bands[key].update({str(band): int(count) for band, count in counts.iter_rows()})
    if not totals.rows_read:
        totals.problems.add(
            Problem(path.name, None, None, "There are no rows below the names", "Add a row for each person.")
        )
    seen.report(totals.problems, path.name)
    return totals


def nearest(column: str) -> str | None:
    """The name that a column which nothing reads may have been meant to be."""
    known = [*field_table(), *load(NAMES)["columns"]]
    found = get_close_matches(column.strip().lower().replace(" ", "_"), known, 1, 0.8)
    return found[0] if found else None


class _Seen:
    """Who was in the file, as hashes of person and assessment date."""

    def __init__(self) -> None:
        self._hashes: list[np.ndarray] = []
        self._rows: list[np.ndarray] = []
        self._n = 0

    def note(self, tidied: Tidy) -> None:
        frame = tidied.frame.filter(pl.col("person_id").is_not_null())
        if not frame.height or self._n >= TWICE_ROWS:
            return
        names = [name for name in ("person_id", "assessment_date") if name in frame.columns]
        self._hashes.append(frame.select(names).hash_rows().to_numpy())
        self._rows.append(frame.get_column(ROW).to_numpy())
        self._n += frame.height

    def report(self, problems: ProblemList, source: str) -> None:
        if not self._hashes:
            return
        hashes, rows = np.concatenate(self._hashes), np.concatenate(self._rows)
        order = np.argsort(hashes, kind="stable")
        again = order[1:][hashes[order][1:] == hashes[order][:-1]]
        message = "The person is there before with the same assessment date; both rows were used"
        for row in np.sort(rows[again]).tolist():
            problems.add(Problem(source, row, "person_id", message, "Keep one of them.", None, "warning"))
