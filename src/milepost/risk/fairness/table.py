"""Reading a table for a check of fairness: one row per score, alert or decision, with the groups beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.risk.fairness.settings import Settings, age_band, settings
from milepost.risk.rows import Array

USUAL_GROUPS = ("sex", "ethnicity", "age_band")
YES, NO = ("1", "1.0", "true", "yes", "y"), ("0", "0.0", "false", "no", "n")
UNKNOWN = ("", "unknown", "not known", "null", "none", "nan")
YES_OR_NO_REMEDY = "Write yes or no (or 1 or 0); leave it empty where it is not known."


@dataclass(frozen=True, slots=True)
class Table:
    """Arrays over the rows that are used. NaN is unknown, which is not no; -1 is a group that is not known.

    ``person`` numbers people 0, 1, ...: rows of one person are kept together when resampling, and a group is as
    large as its people, not its rows. Without a person column each row is a person.
    """

    person: Array
    probability: Array | None
    selected: Array | None
    outcome: Array | None
    codes: dict[str, Array]
    labels: dict[str, tuple[str, ...]]

    @property
    def rows(self) -> int:
        return len(self.person)


def how_many(person: Array) -> int:
    """How many people these rows are of."""
    return int(np.count_nonzero(np.bincount(person))) if len(person) else 0


def read_table(
    frame: pl.DataFrame,
    *,
    groups: Sequence[str] = (),
    probability: str = "probability",
    selected: str = "selected",
    outcome: str = "outcome",
    person: str = "person_id",
    cut: float | None = None,
    source: str = "table",
    first_row: int = 1,
    numbers: Settings | None = None,
) -> tuple[Table, ProblemList]:
    """The table, and the rows that were left out because a value cannot be understood.

    Args:
        groups: columns to compare by; none: sex, ethnicity and age band, as far as they are there. A column ``age``
            (years) becomes age bands.
        cut: selected is everyone whose probability is at least this, where no column says so.

    Raises:
        UnreadableFile: a column is not there, or there is nothing to compare.
    """
    numbers = numbers or settings()
    frame = frame.rename({name: name.strip().lower() for name in frame.columns})
    wanted = _groups(frame, groups, source)
    problems = ProblemList()
    good = np.ones(frame.height, bool)
    read: dict[str, Array] = {}
    if probability in frame.columns:
        read["probability"] = _probabilities(frame, probability, problems, good, source, first_row)
    for name, column in (("selected", selected), ("outcome", outcome)):
        if column in frame.columns:
            read[name] = _yes_or_no(frame, column, problems, good, source, first_row)
    if "selected" not in read and cut is not None and "probability" in read:
        p = read["probability"]
        read["selected"] = np.where(np.isnan(p), np.nan, (p >= cut).astype(float))
    if not read.keys() & {"probability", "selected"}:
        raise UnreadableFile(
            Problem(
                source, None, f"{probability} or {selected}", "There is nothing to compare",
                "Give a column of probabilities, or one that says who was selected, or name yours.",
            )
        )  # fmt: skip
    codes, labels = {}, {}
    for name in wanted:
        if name == "age":
            values = _ages(frame, problems, good, source, first_row, numbers)
            name = "age_band"
        else:
            values = frame.get_column(name).cast(pl.String).str.strip_chars().to_list()
        codes[name], labels[name] = _coded(values, numbers if name == "age_band" else None)
    who = _people(frame, person)
    keep = np.flatnonzero(good)
    if not len(keep):
        raise UnreadableFile(Problem(source, None, None, "No row can be used", "See the problems above it."))
    _, numbered = np.unique(who[keep], return_inverse=True)
    kept = {name: values[keep] for name, values in read.items()}
    table = Table(
        numbered, kept.get("probability"), kept.get("selected"), kept.get("outcome"),
        {name: values[keep] for name, values in codes.items()}, labels,
    )  # fmt: skip
    return table, problems


def _groups(frame: pl.DataFrame, groups: Sequence[str], source: str) -> list[str]:
    wanted = [name.strip().lower() for name in groups]
    if not wanted:
        usual = [name for name in USUAL_GROUPS if name in frame.columns]
        wanted = usual + (["age"] if "age" in frame.columns and "age_band" not in usual else [])
    for name in wanted:
        if name not in frame.columns:
            there = ", ".join(frame.columns)
            raise UnreadableFile(
                Problem(source, None, name, "There is no such column", f"There are: {there}.")
            )
    if not wanted:
        raise UnreadableFile(
            Problem(
                source, None, "sex", "There are no groups to compare",
                "Add the columns sex, ethnicity or age_band, or name yours with --by.",
            )
        )  # fmt: skip
    return wanted


def _texts(frame: pl.DataFrame, column: str) -> Array:
    texts = frame.get_column(column).cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
    found: Array = texts.to_numpy()
    return found


def _leave_out(
    wrong: Array, texts: Array, message: str, remedy: str, column: str,
    problems: ProblemList, good: Array, source: str, first_row: int,
) -> None:  # fmt: skip
    for at in np.flatnonzero(wrong):
        problems.add(Problem(source, int(at) + first_row, column, message, remedy, str(texts[at])))
    good &= ~wrong


def _yes_or_no(
    frame: pl.DataFrame, column: str, problems: ProblemList, good: Array, source: str, first_row: int
) -> Array:
    texts = _texts(frame, column)
    yes, no, unknown = (np.isin(texts, words) for words in (YES, NO, UNKNOWN))
    wrong = ~(yes | no | unknown)
    _leave_out(
        wrong, texts, "Cannot be read as yes or no", YES_OR_NO_REMEDY, column, problems, good, source, first_row
    )  # fmt: skip
    return np.where(yes, 1.0, np.where(no, 0.0, np.nan))


def _probabilities(
    frame: pl.DataFrame, column: str, problems: ProblemList, good: Array, source: str, first_row: int
) -> Array:
    texts = _texts(frame, column)
    series = pl.Series(texts).cast(pl.Float64, strict=False)
    values: Array = series.fill_null(np.nan).to_numpy().copy()
    unknown = np.isin(texts, UNKNOWN)
    wrong = ~unknown & ~((values >= 0) & (values <= 1))
    remedy = "Write a number from 0 to 1, such as 0.27 for 27%; leave it empty where there is no score."
    _leave_out(
        wrong, texts, "Is not a probability", remedy, column, problems, good, source, first_row
    )  # fmt: skip
    values[unknown] = np.nan
    return values


def _ages(
    frame: pl.DataFrame, problems: ProblemList, good: Array, source: str, first_row: int, numbers: Settings
) -> list[str | None]:
    texts = _texts(frame, "age")
    ages = pl.Series(texts).cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    unknown = np.isin(texts, UNKNOWN)
    wrong = ~unknown & ~((ages >= 0) & (ages < 130))
    remedy = "Write whole years; leave it empty where it is not known."
    _leave_out(wrong, texts, "Is not an age in years", remedy, "age", problems, good, source, first_row)
    unusable = unknown | wrong
    return [None if no else age_band(age, numbers.age_from) for age, no in zip(ages, unusable, strict=True)]


def _coded(values: list[str | None], ages: Settings | None) -> tuple[Array, tuple[str, ...]]:
    """Codes from 0 by label, -1 for unknown. Ages in their order, other labels by name."""
    known = {value for value in values if value is not None and value.lower() not in UNKNOWN}
    order = {}
    if ages:
        edges = (ages.age_from[0] - 1, *ages.age_from)
        order = {age_band(edge, ages.age_from): number for number, edge in enumerate(edges)}
    labels = tuple(sorted(known, key=lambda label: (order.get(label, len(order)), label)))
    number = {label: code for code, label in enumerate(labels)}
    return np.array([number.get(value, -1) if value is not None else -1 for value in values], int), labels


def _people(frame: pl.DataFrame, person: str) -> Array:
    """A number for each row's person; a row that names nobody is a person of its own."""
    if person not in frame.columns:
        return np.arange(frame.height)
    named = frame.get_column(person).cast(pl.String).fill_null("").str.strip_chars()
    numbered = named.rank("dense").cast(pl.Int64).to_numpy().copy()
    nobody = (named == "").to_numpy()
    numbered[nobody] = -1 - np.arange(int(nobody.sum()))
    return np.asarray(numbered)
