"""What is wrong with a set of answers: each problem names the question and the remedy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from milepost.problems import Problem, Severity
from milepost.risk.needs.questions import UNKNOWN, questions
from milepost.risk.needs.values import Answers, NotAnAnswer, is_ruled_out, known, read_answer

SEXUAL_COUNTS = (
    "contact_adult_sanctions", "contact_child_sanctions", "image_sanctions", "non_contact_sanctions",
)  # fmt: skip
BANDS = ("low", "medium", "high", "very_high")


def check(answers: Mapping[str, object], *, today: dt.date | None = None) -> list[Problem]:
    """Problems in the order of the questions, then combinations that cannot be.

    An ``error`` is an answer that cannot be used. A ``warning`` is one that is not used, because another answer
    leaves no room for the question. ``unknown`` and no answer are never wrong. ``today`` is the day after which
    a date is in the future; left out, it is the day it is now in UTC.
    """
    today = today or dt.datetime.now(dt.UTC).date()
    found = [
        _problem(key, "There is no such question", "Leave it out.", value)
        for key, value in answers.items()
        if key not in questions()
    ]
    for key, question in questions().items():
        value = answers.get(key)
        if value is None or value in ("", UNKNOWN):
            continue
        try:
            held = read_answer(question, value)
        except NotAnAnswer as error:
            found.append(_problem(key, f"{question.label}: this is no answer", str(error), value))
            continue
        if is_ruled_out(question, answers):
            why = " and ".join(questions()[other].label for other, _ in question.asked_if)
            message = f"{question.label}: not used, because of another answer"
            found.append(_problem(key, message, f"Look again at: {why}", value, "warning"))
        elif isinstance(held, dt.date) and held > today and not question.may_be_future:
            message = f"{question.label}: this day is in the future"
            found.append(_problem(key, message, "Correct the date.", value))
    held_answers = known(answers)
    for key, fails, message, remedy in COMBINATIONS:
        if fails(held_answers):
            found.append(_problem(key, message, remedy, answers.get(key)))
    return found


def _problem(
    key: str, message: str, remedy: str, value: object = None, severity: Severity = "error"
) -> Problem:
    return Problem("assessment", None, key, message, remedy, None if value is None else str(value), severity)


def _more_violent(held: Answers) -> bool:
    return bool(held.get("violent_sanctions", 0) > held.get("sanctions", held.get("violent_sanctions", 0)))


def _more_sexual(held: Answers) -> bool:
    counted = sum(held.get(key, 0) for key in SEXUAL_COUNTS)
    return bool(counted > held.get("sanctions", counted))


def _no_sexual(held: Answers) -> bool:
    return held.get("ever_sexual_offence") == "yes" and all(held.get(key) == 0 for key in SEXUAL_COUNTS)


def _hidden_sexual(held: Answers) -> bool:
    part = "sexual" in held.get("offence_elements", ()) or "sexual" in held.get("offence_motivations", ())
    return part and held.get("ever_sexual_offence") == "no"


def _often_not_now(held: Answers) -> bool:
    often, now = held.get("drugs_often"), held.get("drugs_now")
    return often is not None and now is not None and not set(often) - {"none"} <= set(now)


def _injects_nothing(held: Answers) -> bool:
    return held.get("drugs_injected") == "now" and held.get("drugs_now") == ("none",)


def _never_used(held: Answers) -> bool:
    return held.get("drugs_now") == ("none",) and held.get("drugs_before") == ("none",)


def _above_highest(held: Answers) -> bool:
    now, highest = held.get("rosh"), held.get("rosh_highest")
    return bool(now and highest and BANDS.index(now) > BANDS.index(highest))


COMBINATIONS: tuple[tuple[str, Callable[[Answers], bool], str, str], ...] = (
    ("violent_sanctions", _more_violent, "There are more sanctions for violence than sanctions in all",
     "Correct one of the two counts."),
    ("sanctions", _more_sexual, "There are more sanctions for sexual offences than sanctions in all",
     "Correct the counts."),
    ("ever_sexual_offence", _no_sexual, "There was a sexual offence but every count of sexual sanctions is 0",
     "Count at least one, or answer that there was no sexual offence."),
    ("ever_sexual_offence", _hidden_sexual,
     "The offence analysis says that this offence was sexual, but the record says there was never one",
     "Correct one of the two answers. Until then the sexual offence counts."),
    ("drugs_often", _often_not_now, "A drug is used every week but not in the last 6 months",
     "Add it to the drugs of the last 6 months, or take it out here."),
    ("drugs_injected", _injects_nothing, "Drugs were injected in the last 6 months but none was used",
     "Correct one of the two answers."),
    ("drug_use", _never_used, "Drugs were misused, but none now and none before",
     "Say which, or answer that the person never misused drugs."),
    ("rosh", _above_highest, "The risk of serious harm is above the highest over all assessments",
     "Correct one of the two; this assessment counts too."),
)  # fmt: skip
"""The question to look at, what cannot be, the message and the remedy."""
