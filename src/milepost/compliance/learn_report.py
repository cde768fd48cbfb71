"""What was learned of errors, as the TOML file that the engine reads and as a page for its owner."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from milepost.compliance.learn_errors import Learned, TooFew
from milepost.compliance.learn_widen import Wronged
from milepost.compliance.learned_errors import ErrorRow, LearnedErrors
from milepost.compliance.times import from_us
from milepost.policy_files import TableHead

WORTH_SAYING = 1.2
"""Display only: below this many times as far off as they say, positions are as good as they claim."""
WITNESS_NAMES = {"home_unit": "a home unit that heard the tag", "dwells": "long nights in one place"}


def table_of(
    learned: Learned, *, owner: str, name: str, version: int, effective_from: dt.date | None = None
) -> LearnedErrors:
    """The table, with where it comes from. Without a date it holds from the day after the last fix.

    Raises:
        ValueError: nothing was learned.
    """
    if not learned.rows:
        raise ValueError("too little was seen to learn anything; the report says what there was")
    head = TableHead(
        id=name,
        version=version,
        owner=owner,
        effective_from=effective_from or from_us(learned.last_us).date() + dt.timedelta(days=1),
        source_document=f"Learned from {seen_in_words(learned)}.{_trial_in_words(learned.wronged)}",
    )
    return LearnedErrors(table=head, error=learned.rows)


def seen_in_words(learned: Learned) -> str:
    first, last = from_us(learned.first_us).date(), from_us(learned.last_us).date()
    return (
        f"{learned.fixes:,} fixes with a witness, {learned.devices:,} devices, {learned.nights:,} nights, "
        f"{first} to {last}"
    )


def _trial_in_words(trial: Wronged | None) -> str:
    if trial is None:
        return ""
    return f" Tried on {trial.nights:,} nights: the rules wrong somebody in {trial.after:,}."


def as_toml(table: LearnedErrors) -> str:
    """The file, with what each number means."""
    lines = [
        "# How far off positions really are, learned from data. Put it into the folder of the rule tables.",
        "# Believed precision (95 % radius), metres: max(factor x stated, floor_m) up to near_m from the wearer's",
        "# curfew places, elsewhere_factor x stated farther away. Without near_m the first holds everywhere.",
        "",
        "[table]",
        *(_line(key, value) for key, value in table.table.model_dump().items()),
    ]
    for row in table.error:
        told = row.model_dump(exclude_defaults=True) | {"factor": row.factor, "witness": row.witness}
        lines += ["", "[[error]]", *(_line(key, value) for key, value in told.items())]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    shown = value.isoformat() if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)
    return f"{key} = {shown}"


COLUMNS = (
    "source", "device model", "states, m", "fixes", "nights", "devices", "stated 95 % (median)", "really 50 %",
    "really 95 %", "really 99 %", "factor", "floor, m", "within, m", "factor elsewhere", "correlated for", "witness",
)  # fmt: skip


def as_markdown(learned: Learned) -> str:
    """The report: what was measured, how far it goes, and what it must not be used for."""
    lines = ["# How far off positions really are", ""]
    if not learned.fixes:
        return "\n".join(
            [*lines, "No fix had a witness: no home unit heard a tag, and no device slept in one place."]
        )
    lines += [f"From {seen_in_words(learned)}.", ""]
    if learned.rows:
        lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
        lines += ["| " + " | ".join(_cells(row)) + " |" for row in learned.rows]
        lines.append("")
        lines += [
            f"- {_sentence(row)}" for row in learned.rows if row.none_stated or row.times_off >= WORTH_SAYING
        ]
        lines.append("")
    if learned.wronged:
        trial = learned.wronged
        lines += [
            "## What the rules make of it",
            "",
            f"The rules judged {trial.nights:,} nights of one device each, without the home unit. In {trial.before:,} "
            "somebody whom the home unit heard was called away. The rows that let this happen were widened: now "
            f"in {trial.after:,}.",
            "",
        ]
    if learned.too_few:
        lines += ["## Too little was seen", ""]
        lines += [f"- {_sentence_of_few(few)}" for few in learned.too_few]
        lines += [
            "",
            "Of these nothing is put in force: what the device says is taken as the rule table takes it.",
            "",
        ]
    lines += [
        "## What this does and does not show",
        "",
        "- Nights are the independent looks, not fixes: errors of one night are related.",
        "- A home unit shows that the tag was near it, not where in the home. The distance from the middle of the place "
        "in the order is counted as error, so a circle drawn beside the house makes all positions look wrong.",
        "- Where only long nights are the witness, just the middle half of the errors is used: a walk at night looks "
        "like an error, and an error that is the same every night cannot be seen.",
        "- It was learned at home, at night. Outdoors a device may do better or worse. Farther from home than errors "
        "reached, only the middle half of them counts.",
        "- A factor is never below 1: no position is believed better than it says.",
    ]
    return "\n".join(lines) + "\n"


def _cells(row: ErrorRow) -> tuple[str, ...]:
    stated = "" if row.stated_50_m is None else f"{row.stated_50_m:g}"
    lasts = "over an hour" if row.correlation_s is None else f"{row.correlation_s:.0f} s"
    return (
        row.source, row.device_model or "any", band_words(row), f"{row.fixes:,}", f"{row.nights:,}",
        str(row.devices), stated, f"{row.real_50_m:g}", f"{row.real_95_m:g}", f"{row.real_99_m:g}",
        f"{row.factor:g}", f"{row.floor_m:g}", f"{row.near_m:g}" if row.near_m else "everywhere",
        f"{row.elsewhere_factor:g}" if row.near_m else "", lasts, row.witness.replace("_", " "),
    )  # fmt: skip


def band_words(row: ErrorRow) -> str:
    if row.none_stated:
        return "nothing"
    if row.stated_up_to_m is None:
        return f"over {row.stated_above_m:g}" if row.stated_above_m else "anything"
    return (
        f"up to {row.stated_up_to_m:g}"
        if not row.stated_above_m
        else f"{row.stated_above_m:g} to {row.stated_up_to_m:g}"
    )


def _sentence(row: ErrorRow) -> str:
    who = f"{row.source} positions of {row.device_model or 'all models together'}"
    if row.none_stated:
        return (
            f"{who} that state no precision lay within {row.real_95_m:g} m in 95 % of {row.nights} nights' fixes; "
            f"{row.floor_m:g} m is believed."
        )
    return (
        f"{who} that state {band_words(row)} m have been {row.times_off:.1f} times as far off as they say, "
        f"in {row.nights} nights of {row.devices} devices ({WITNESS_NAMES[row.witness]})."
    )


def _sentence_of_few(few: TooFew) -> str:
    what = "that state no precision" if few.none_stated else "that state a precision"
    return (
        f"{few.source} positions of {few.device_model or 'all models together'} {what}: "
        f"{few.fixes:,} fixes in {few.nights} nights of {few.devices} devices."
    )
