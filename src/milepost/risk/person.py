"""One person's answers from a JSON file or from a row of a table."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import polars as pl

from milepost.problems import Problem, UnreadableFile
from milepost.risk.fields import CHOICES, Assessment, field_table
from milepost.risk.options import Options
from milepost.risk.tidy import ROW, UNEMPLOYED, Tidy, UnemployedOne, tidy


def read_person(path: Path, unemployed_one: UnemployedOne = "no", today: dt.date | None = None) -> Tidy:
    """A JSON object of answers by field name: a table of one row.

    Raises ``UnreadableFile`` if it is not an object, or names a field that does not exist.
    """
    try:
        answers = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        problem = Problem(path.name, None, None, f"This is not JSON: {error}", "Give an object of answers.")
        raise UnreadableFile(problem) from error
    if not isinstance(answers, dict):
        problem = Problem(path.name, None, None, "This is not a JSON object", "Give an object of answers.")
        raise UnreadableFile(problem)
    columns = {name: [_text(value)] for name, value in answers.items()}
    tidied = tidy(
        pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)),
        source=path.name,
        unemployed_one=unemployed_one,
        today=today,
    )
    if tidied.ignored:
        name = tidied.ignored[0]
        problem = Problem(path.name, None, name, "There is no such answer", "See the list of inputs.")
        raise UnreadableFile(problem)
    return tidied


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def person_of(tidied: Tidy, row: int, options: Options) -> tuple[Assessment, Options]:
    """The answers of one row, by its number as a person would count it, and the options that fit it.

    Raises ``KeyError`` if the row is not among the good ones.
    """
    found = tidied.frame.filter(pl.col(ROW) == row)
    if not found.height:
        raise KeyError(row)
    values = found.row(0, named=True)
    answers: dict[str, object] = {}
    for name, info in field_table().items():
        value = values.get(name)
        if value is None:
            continue
        answers[name] = value if isinstance(value, str | dt.date) else _answer(info.kind, float(value))
    if values.get(UNEMPLOYED) == 1:  # read as half: the same as a full answer that scores 1
        answers["unemployed"], options = True, replace(options, unemployed_points=1)
    return Assessment(**answers), options  # type: ignore[arg-type]


def _answer(kind: str, value: float) -> object:
    if kind == "yes_no":
        return value == 1
    if kind == "code":
        return f"{int(value):05d}" if value >= 0 else "not five digits"
    if kind in CHOICES:
        return {number: word for word, number in CHOICES[kind].items()}[int(value)]
    return int(value)
