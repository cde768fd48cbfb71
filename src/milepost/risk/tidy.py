"""A table as it comes to a table of numbers: names understood, words to numbers, bad values named by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.risk.data_files import load
from milepost.risk.fields import field_table

NAMES = "input_names.toml"
DATE_FORMS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")
MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y")
"""Never read so; but a column that has dates of this kind cannot be trusted to be day first elsewhere."""
MIDNIGHT = r"[ T]00:00(:00(\.0+)?)?Z?$"
"""Databases export a day as its midnight."""
PAST = (
    "assessment_date",
    "date_of_birth",
    "conviction_date",
    "last_sexual_offence_date",
    "last_offence_date",
)
"""Dates that should not lie ahead."""
ROW = "_row"
UnemployedOne = Literal["no", "half", "yes", "refuse"]
ONE_MEANS = {"no": 0.0, "half": 1.0, "yes": 2.0}
UNEMPLOYED = "unemployed_points"
CODE_GIVEN = "_offence_code"
"""An offence code that is none, as it was given."""


@dataclass(slots=True)
class Tidy:
    """``frame`` holds the good rows: ``_row`` as a person would count them, ``person_id``, and numbers by field.

    ``ignored`` are columns that no instrument reads.
    """

    frame: pl.DataFrame
    problems: ProblemList = field(default_factory=ProblemList)
    ignored: tuple[str, ...] = ()
    rows_read: int = 0


def tidy(
    frame: pl.DataFrame,
    *,
    source: str = "table",
    first_row: int = 1,
    numbers: pl.Series | None = None,
    unemployed_one: UnemployedOne = "no",
    today: dt.date | None = None,
) -> Tidy:
    """Reads every known column; a row with a value that cannot be understood is left out and named.

    ``first_row`` is the number of the first row as a person would find it, ``numbers`` those of all rows where they
    are not consecutive. With ``today``, dates after it are warned of. ``unemployed_one`` says what a 1 in
    OASys question 4.2 means, which is 0 or 2: the published regression takes it as "no".
    Raises ``UnreadableFile`` if two columns mean the same field or no column is known.
    """
    known, ignored = _names(frame.columns, source)
    problems = ProblemList()
    if numbers is None:
        numbers = pl.int_range(first_row, first_row + frame.height, dtype=pl.Int64, eager=True)
    numbers = numbers.alias(ROW)
    bad = pl.Series([False]).new_from_index(0, frame.height)
    columns = [numbers]
    for name, column in known.items():
        values = frame.get_column(column)
        made, wrong = _column(name, values, unemployed_one, problems, source, numbers)
        if wrong is not None and wrong.any():
            bad = bad | wrong
            _report_wrong(problems, source, column, name, values, wrong, numbers)
        if today is not None and name in PAST:
            _report_future(problems, source, column, name, made, today, numbers)
        if name == "offence_code" and (made == -1).any():
            columns.append(values.cast(pl.String).alias(CODE_GIVEN))
        columns.append(made.alias(name))
    if UNEMPLOYED in known and "unemployed" not in known:
        points = next(column for column in columns if column.name == UNEMPLOYED)
        columns.append((points == 2).cast(pl.Float64).alias("unemployed"))
    done = pl.DataFrame(columns)
    if "person_id" not in done.columns:
        done = done.with_columns(pl.lit(None, pl.String).alias("person_id"))
    return Tidy(done.filter(~bad), problems, ignored, frame.height)


def _names(columns: list[str], source: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Field to column, and the columns that are not read."""
    aliases: dict[str, str] = load(NAMES)["columns"]
    table = field_table()
    found: dict[str, str] = {}
    ignored = []
    for column in columns:
        name = column if column in table or column == UNEMPLOYED else aliases.get(column)
        if name is None:
            ignored.append(column)
        elif name in found:
            message = f"Columns {found[name]} and {column} mean the same: {name}"
            raise UnreadableFile(Problem(source, 1, column, message, "Keep one of them."))
        else:
            found[name] = column
    if not set(found) - {"person_id"}:
        message = f"No column is known among {', '.join(columns[:8])}"
        raise UnreadableFile(Problem(source, 1, None, message, "See the list of inputs of risk score."))
    return found, tuple(ignored)


def _column(
    name: str, values: pl.Series, one: UnemployedOne, problems: ProblemList, source: str, rows: pl.Series
) -> tuple[pl.Series, pl.Series | None]:
    """The values as numbers, and which ones could not be understood."""
    kind = "points_of_unemployed" if name == UNEMPLOYED else field_table()[name].kind
    if kind == "text":
        return values.cast(pl.String), None
    readers: dict[str, Callable[[pl.Series], pl.Series]] = {"date": _date, "count": _count, "code": _code}
    if values.dtype.is_numeric() and kind not in ("date", "code"):
        return _numeric(kind, values, one, problems, source, rows)
    if values.dtype == pl.Boolean and kind == "yes_no":
        return values.cast(pl.Float64), None
    if values.dtype in (pl.Date, pl.Datetime) and kind == "date":
        return values.cast(pl.Date), None
    text = values.cast(pl.String).str.strip_chars()
    lowered = text.str.to_lowercase()
    unanswered = set(load(NAMES)["unanswered"]) - ({"m"} if kind in ("sex", "band", "code") else set())
    empty = lowered.is_in(sorted(unanswered))
    text = text.set(empty.fill_null(True), None)
    read = readers.get(kind)
    if read is not None:
        made = read(text)
    else:
        words = _words(kind, one)
        plain = text.str.to_lowercase().str.replace_all(r"[ \-]+", "_").str.replace(r"\.0$", "")
        made = plain.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.Float64)
        if name == UNEMPLOYED:
            _report_unemployed_one(problems, source, plain == "1", rows, one)
    return made, text.is_not_null() & made.is_null()


def _words(kind: str, one: UnemployedOne) -> dict[str, float]:
    words = {word: float(number) for word, number in load(NAMES)["words"][kind].items()}
    if kind == "points_of_unemployed" and one != "refuse":
        words["1"] = ONE_MEANS[one]
    return words


def _numeric(
    kind: str, values: pl.Series, one: UnemployedOne, problems: ProblemList, source: str, rows: pl.Series
) -> tuple[pl.Series, pl.Series]:
    """Columns that are numbers already."""
    made = values.cast(pl.Float64).fill_nan(None)
    if kind == "count":
        wrong = (made < 0) | (made != made.floor())
        return made, wrong.fill_null(False)
    allowed = sorted({number for word, number in _words(kind, "refuse").items() if word.isdigit()})
    if kind == "points_of_unemployed":
        _report_unemployed_one(problems, source, made == 1, rows, one)
        if one != "refuse":
            made = made.set((made == 1).fill_null(False), ONE_MEANS[one])
            allowed = sorted({*allowed, ONE_MEANS[one]})
    wrong = made.is_not_null() & ~made.is_in(allowed)
    return made, wrong.fill_null(False)


def _date(text: pl.Series) -> pl.Series:
    """Day first, or year first. If any date of the column has the month first, those that could be either are none."""
    text = text.str.replace(MIDNIGHT, "")
    found = _parsed(text, DATE_FORMS)
    other = _parsed(text, MONTH_FIRST)
    if _month_first(text).any():
        found = found.set((other.is_not_null() & (other != found)).fill_null(False), None)
    return found


def _parsed(text: pl.Series, forms: tuple[str, ...]) -> pl.Series:
    found = pl.Series([None], dtype=pl.Date).new_from_index(0, len(text))
    for form in forms:
        made = text.str.strptime(pl.Date, form, strict=False, exact=True)
        found = found.zip_with(found.is_not_null(), made)
    return found


def _month_first(text: pl.Series) -> pl.Series:
    """Dates that can only be read with the month first."""
    return _parsed(text, DATE_FORMS).is_null() & _parsed(text, MONTH_FIRST).is_not_null()


def _count(text: pl.Series) -> pl.Series:
    whole = text.str.replace(r"\.0+$", "")
    return whole.set(~whole.str.contains(r"^[0-9]{1,9}$").fill_null(False), None).cast(pl.Float64)


def _code(text: pl.Series) -> pl.Series:
    """Five digits to their number; anything else to -1, which the instruments refuse by name."""
    text = text.str.replace(r"\.0$", "")  # a column of numbers with gaps
    right = text.str.contains(r"^[0-9]{5}$")
    number = text.set(~right.fill_null(False), None).cast(pl.Float64)
    return number.set((~right).fill_null(False), -1.0)


def _report_wrong(
    problems: ProblemList, source: str, column: str, name: str, values: pl.Series, wrong: pl.Series,
    rows: pl.Series,
) -> None:  # fmt: skip
    kind = "points_of_unemployed" if name == UNEMPLOYED else field_table()[name].kind
    remedies = load(NAMES)["remedies"]
    remedy = remedies[kind]
    if kind == "date" and _month_first(values.cast(pl.String).str.strip_chars()).any():
        remedy = remedies["month_first"]
    label = "Unemployed" if name == UNEMPLOYED else field_table()[name].label
    held = zip(rows.filter(wrong).to_list(), values.filter(wrong).cast(pl.String).to_list(), strict=True)
    for row, value in held:
        problems.add(Problem(source, row, column, f"{label} cannot be understood", remedy, value))


def _report_future(
    problems: ProblemList,
    source: str,
    column: str,
    name: str,
    dates: pl.Series,
    today: dt.date,
    rows: pl.Series,
) -> None:
    ahead = (dates > today).fill_null(False)
    message, remedy = f"{field_table()[name].label} lies in the future", "Check the year."
    for row, day in zip(rows.filter(ahead).to_list(), dates.filter(ahead).to_list(), strict=True):
        problems.add(Problem(source, row, column, message, remedy, str(day), "warning"))


def _report_unemployed_one(
    problems: ProblemList, source: str, ones: pl.Series, rows: pl.Series, one: UnemployedOne
) -> None:
    where = rows.filter(ones.fill_null(False))
    if one == "refuse" or not len(where):
        return
    message = f'Unemployed is 1, which question 4.2 does not have; it was taken as "{one}"'
    remedy = "Correct it to 0 or 2, or say with --unemployed-one what it means."
    for row in where.to_list():
        problems.add(Problem(source, row, "q4.2", message, remedy, "1", "warning"))
