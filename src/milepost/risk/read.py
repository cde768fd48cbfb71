"""Answers from a CSV or Parquet file."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from milepost.problems import Problem, UnreadableFile
from milepost.risk.data_files import load
from milepost.risk.tidy import NAMES, Tidy, UnemployedOne, tidy


def read_answers(path: Path, unemployed_one: UnemployedOne = "no") -> Tidy:
    """Reads a file by its suffix. A CSV without a header must have the columns of dsTestCases.

    Rows are numbered as a person would find them: lines of a CSV, rows of a Parquet file from 1.
    Raises ``UnreadableFile`` if nothing in it can be understood.
    """
    frame, first_row = read_frame(path)
    return tidy(frame, source=path.name, first_row=first_row, unemployed_one=unemployed_one)


def read_frame(path: Path) -> tuple[pl.DataFrame, int]:
    """A file as it is, and the number of its first row. Raises ``UnreadableFile``."""
    try:
        return _frame(path)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableFile(
            Problem(
                path.name, None, None, f"The file cannot be read: {reason}", "Give a CSV or Parquet file."
            )
        ) from error


def _frame(path: Path) -> tuple[pl.DataFrame, int]:
    if path.suffix.lower() in (".parquet", ".pq"):
        return pl.read_parquet(path), 1
    headerless: list[str] = load(NAMES)["headerless"]["columns"]
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline().rstrip("\r\n").split(",")
    plain = len(first) == len(headerless) and first[0][:1].isdigit()
    if plain:
        return pl.read_csv(path, has_header=False, infer_schema=False, new_columns=headerless), 1
    return pl.read_csv(path, infer_schema=False), 2
