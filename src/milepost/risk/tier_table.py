"""Tiers of a table: columns named as the fields of ``tier.TierInputs``; those of `risk score` are among them."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Any

import polars as pl

from milepost.problems import Problem, ProblemList, UnreadableFile
from milepost.risk.data_files import load
from milepost.risk.tidy import DATE_FORMS, NAMES
from milepost.risk.tier import STEPS, TierInputs, tier

NUMBERS = ("arp_percentage", "csrp_percentage", "dc_srp_percentage")
WORDS = {
    "arp_basis": ("static", "dynamic"),
    "csrp_basis": ("static", "dynamic"),
    "dc_srp_band": ("low", "medium", "high", "very_high", "not_applicable"),
    "serious_harm": ("low", "medium", "high", "very_high"),
}
ALWAYS = ("arp_percentage", "csrp_percentage")
SCHEMA: dict[str, type[pl.DataType]] = {
    "row": pl.Int64, "person_id": pl.String, "tier": pl.String, "provisional": pl.Boolean, "set_by": pl.String,
    "why_provisional": pl.String, **{f"step_{name}": pl.String for name in STEPS},
}  # fmt: skip


def tier_table(
    frame: pl.DataFrame, as_of: dt.date, source: str, numbers: pl.Series
) -> tuple[pl.DataFrame, ProblemList]:
    """A row per person: ``row``, ``person_id``, ``tier``, ``provisional``, ``set_by``, ``words``, a column a step.

    ``numbers`` are those of the rows as a person would find them.

    A row with a value that cannot be understood is left out and named. Raises ``UnreadableFile`` if the
    columns of ARP and CSRP are not there.
    """
    for name in ALWAYS:
        if name not in frame.columns:
            message, remedy = f"There is no column {name}", "Score the people first: milepost risk score."
            raise UnreadableFile(Problem(source, 1, name, message, remedy))
    names = [field.name for field in fields(TierInputs) if field.name in frame.columns]
    problems = ProblemList()
    done = []
    for number, record in zip(numbers.to_list(), frame.iter_rows(named=True), strict=True):
        try:
            given: dict[str, Any] = {name: _value(name, record[name]) for name in names}
            inputs = TierInputs(**{name: value for name, value in given.items() if value is not None})
            found = tier(inputs, as_of)
        except _Bad as bad:
            problems.add(Problem(source, number, bad.name, bad.message, bad.remedy, bad.value))
            continue
        except ValueError as error:
            remedy = "Score the person again."
            problems.add(Problem(source, number, "dc_srp_percentage", str(error).rstrip("."), remedy))
            continue
        steps = {f"step_{step.name}": step.tier for step in found.steps}
        done.append({
            "row": number,
            "person_id": None if record.get("person_id") is None else str(record["person_id"]),
            "tier": found.tier,
            "provisional": found.provisional,
            "set_by": "; ".join(found.set_by),
            "why_provisional": " ".join(found.why_provisional),
            **steps,
        })  # fmt: skip
    return pl.DataFrame(done, SCHEMA), problems


class _Bad(Exception):
    def __init__(self, name: str, value: object, message: str, remedy: str) -> None:
        super().__init__(message)
        self.name, self.value, self.message, self.remedy = name, str(value), message, remedy


def _value(name: str, value: object) -> object:
    """The answer as ``TierInputs`` wants it; None where there is none."""
    text = str(value).strip()
    if value is None or (text.lower() in load(NAMES)["unanswered"] and text.lower() != "m"):
        return None
    if name in NUMBERS:
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 100:
            raise _Bad(name, value, "This is not a percentage", "Write a number from 0 to 100.")
        return number
    if name in WORDS:
        word = text.lower().replace(" ", "_")
        if word not in WORDS[name]:
            raise _Bad(name, value, "This word is not known", f"Write one of {', '.join(WORDS[name])}.")
        return word
    if name == "latest_release_date":
        return _date(name, value, text)
    answer = load(NAMES)["words"]["yes_no"].get(text.lower())
    if answer is None:
        raise _Bad(name, value, "This is neither yes nor no", "Write yes or no.")
    return bool(answer)


def _date(name: str, value: object, text: str) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    for form in DATE_FORMS:
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    raise _Bad(name, value, "This is not a date", load(NAMES)["remedies"]["date"])
