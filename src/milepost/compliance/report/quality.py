"""What was wrong with the data, and what could not be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from milepost.compliance.plain_times import span_words
from milepost.compliance.plain_words import CONDITION_WORDS, QUALITY_WORDS, words
from milepost.compliance.report.rows import rows_of
from milepost.orders.obligations import Obligation
from milepost.problems import Problem, ProblemList
from milepost.tracks.record import Signals

MOST_PROBLEMS = 200
MOST_UNJUDGED = 200


@dataclass(frozen=True, slots=True)
class Unjudged:
    person_id: str
    order_id: str
    condition_id: str
    kind: str
    reason: str
    when: str


@dataclass(frozen=True, slots=True)
class ProblemsShown:
    shown: tuple[Problem, ...]
    total: int
    left_out_rows: int

    @property
    def not_shown(self) -> int:
        return self.total - len(self.shown)


def flag_counts(signals: Signals) -> list[tuple[str, int, str]]:
    """How many fixes carry each quality flag: (flag in words, number, what is done about it)."""
    flags = signals.fixes["quality"].to_numpy() if signals.fixes.num_rows else np.zeros(0, np.uint16)
    flags = flags[flags != 0]  # of nearly all there is nothing to say
    counts = [(flag, int(np.count_nonzero(flags & np.uint16(flag.value)))) for flag in QUALITY_WORDS]
    return [(QUALITY_WORDS[flag][0], count, QUALITY_WORDS[flag][1]) for flag, count in counts if count]


def problems_shown(problems: ProblemList) -> ProblemsShown:
    """The first problems in full, errors before warnings, and how many there are in all."""
    ordered = sorted(problems.problems, key=lambda problem: problem.severity != "error")
    return ProblemsShown(tuple(ordered[:MOST_PROBLEMS]), sum(problems.counts.values()), problems.n_errors)


def unjudged(coverage: pa.Table, obligations: Sequence[Obligation]) -> tuple[list[Unjudged], int]:
    """What could not be evaluated, one row per condition and reason, and how many rows were left out."""
    rows = coverage.filter(pc.equal(coverage["status"], "cannot_be_evaluated"))
    found: dict[tuple[str, str, str, str, str], list[int]] = {}
    for row in rows_of(rows):
        key = (row["person_id"], row["order_id"], row["condition_id"], row["kind"], row["reason"])
        found.setdefault(key, []).extend([row["obligation_start_utc"], row["obligation_end_utc"]])
    for o in obligations:
        if o.not_evaluable:
            key = (o.person_id, o.order_id, o.condition_id, o.kind.value, o.not_evaluable)
            found.setdefault(key, []).extend([o.start_us, o.end_us])
    if not found:
        return [], 0
    timezones = {(o.person_id, o.order_id, o.condition_id): o.timezone for o in obligations}
    listed = [
        Unjudged(
            person, order, condition, words(kind, CONDITION_WORDS), reason,
            span_words(min(times), max(times), timezones.get((person, order, condition), "UTC")),
        )
        for (person, order, condition, kind, reason), times in sorted(found.items())
    ]  # fmt: skip
    return listed[:MOST_UNJUDGED], max(0, len(listed) - MOST_UNJUDGED)


def counts_in_order(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The engine's counts, largest first."""
    return Counter(counts).most_common()
