"""A CSV of what other records say: a row a person, columns as in docs/reference/risk-instruments.md."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.risk.fields import Assessment
from milepost.risk.options import STATED
from milepost.risk.person import person_of
from milepost.risk.read import read_frame
from milepost.risk.tidy import ROW, tidy
from milepost.service.assessments import registers
from milepost.service.assessments.from_fields import answers_from, columns
from milepost.service.assessments.vocabulary import NotAnAnswer, questions, to_kept

WHO = "reference"
ABOUT = (WHO, "as_of", "source")
OF_PERSON = ("sex", "date_of_birth")


@dataclass(frozen=True, slots=True)
class Record:
    """One row: whom it is about, and what it says in answer to which question."""

    row: int
    reference: str
    as_of: dt.date | None
    source: str
    answers: dict[str, Any]
    sex: str | None = None
    date_of_birth: dt.date | None = None


@dataclass(slots=True)
class RecordsRead:
    records: list[Record] = field(default_factory=list)
    problems: ProblemList = field(default_factory=ProblemList)


def read_records(path: Path) -> RecordsRead:
    """Good rows become records; a row with a value that cannot be understood is left out and named.

    Raises ``UnreadableFile`` if there is no column of references, or no column that is known.
    """
    frame, first_row = read_frame(path)
    if WHO not in frame.columns:
        message = f"There is no column {WHO}"
        raise UnreadableFile(Problem(path.name, 1, WHO, message, "Add the reference of each person."))
    own = [name for name in frame.columns if name in registers.KEYS]
    known = [name for name in frame.columns if name in columns() or name in OF_PERSON]
    read = RecordsRead()
    for name in frame.columns:
        if name not in (*ABOUT, *own, *known):
            message = "The column is not used: no question is answered by it alone"
            read.problems.add(Problem(path.name, 1, name, message, "Leave it out.", severity="warning"))
    if not known and not own:
        message = "No column of answers is known"
        raise UnreadableFile(Problem(path.name, 1, None, message, "See the list of inputs of risk score."))
    tidied = tidy(
        frame.select(known).with_columns(frame.get_column(WHO).cast(pl.String).alias("person_id")),
        source=path.name, first_row=first_row,
    )  # fmt: skip
    read.problems.merge(tidied.problems)
    for number in tidied.frame.get_column(ROW).to_list():
        person, _ = person_of(tidied, number, STATED)
        record = _record(
            person, frame.row(number - first_row, named=True), number, own, path.name, read.problems
        )
        if record is not None:
            read.records.append(record)
    return read


def _record(
    person: Assessment, raw: dict[str, Any], row: int, own: list[str], source: str, problems: ProblemList
) -> Record | None:
    def bad(name: str, message: str, remedy: str) -> None:
        problems.add(Problem(source, row, name, message, remedy, str(raw.get(name) or "")))

    reference = str(raw[WHO] or "").strip()
    if not reference:
        bad(WHO, "The reference is empty", "Enter the person's reference.")
        return None
    as_of = None
    if text := str(raw.get("as_of") or "").strip():
        try:
            as_of = dt.date.fromisoformat(text)
        except ValueError:
            bad("as_of", "This is not a date", "Write it as YYYY-MM-DD.")
            return None
    answers = answers_from(person)
    for name in own:
        text = str(raw[name] or "").strip().lower()
        if not text:
            continue
        try:
            answers[name] = to_kept(questions()[name], text)
        except NotAnAnswer as error:
            bad(name, "This is no answer", str(error))
            return None
    for key, value in answers.items():
        try:
            to_kept(questions()[key], value)
        except NotAnAnswer as error:
            problems.add(Problem(source, row, key, "This is no answer", str(error), str(value)))
            return None
    return Record(
        row, reference, as_of, str(raw.get("source") or "").strip()[:200], answers, person.sex, person.date_of_birth
    )  # fmt: skip
