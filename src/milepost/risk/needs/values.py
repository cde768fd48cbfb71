"""One answer as it comes, from a form or from JSON, made the value that the rules read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from milepost.risk.needs.questions import UNKNOWN, Question, is_chosen, questions

Answers = dict[str, Any]
"""Question key to ``str`` (yes_no, choice, text), tuple of option keys (choices), ``int`` or ``date``."""


class NotAnAnswer(ValueError):
    """The value cannot answer the question; the text says what would."""


def read_answer(question: Question, value: object) -> Any:
    """The value in its own kind. Raises ``NotAnAnswer`` that says what the question takes.

    Yes and no may be booleans; numbers and dates may be text, as a form or JSON gives them.
    """
    if question.kind == "text":
        return _text(question, value)
    if question.kind == "number":
        return _number(question, value)
    if question.kind == "date":
        return _date(value)
    keys = [option.key for option in question.options]
    if question.kind == "choices":
        return _choices(question, keys, value)
    if question.kind == "yes_no" and isinstance(value, bool):
        return "yes" if value else "no"
    if value not in keys:
        raise NotAnAnswer(f"Choose one of: {'; '.join(option.label for option in question.options)}.")
    return value


def known(answers: Mapping[str, object]) -> Answers:
    """The answers that say something: understood, not ruled out by another, neither absent nor unknown."""
    held: Answers = {}
    for key, question in questions().items():
        value = answers.get(key)
        if value is None or value in ("", UNKNOWN) or is_ruled_out(question, answers):
            continue
        try:
            held[key] = read_answer(question, value)
        except NotAnAnswer:
            continue
    return held


def is_ruled_out(question: Question, answers: Mapping[str, object]) -> bool:
    """Whether another answer leaves no room for this question; one that says nothing leaves room."""
    return any(not is_chosen(said, values) for said, values in _deciding_answers(question, answers))


def _deciding_answers(
    question: Question, answers: Mapping[str, object]
) -> Iterator[tuple[object, tuple[str, ...]]]:
    """The answers that this question depends on, where they can be understood, and what they would have to be."""
    for key, values in question.asked_if:
        if answers.get(key) not in (None, "", UNKNOWN):
            with suppress(NotAnAnswer):
                yield read_answer(questions()[key], answers[key]), values


def _text(question: Question, value: object) -> str:
    if not isinstance(value, str):
        raise NotAnAnswer("Write it in words.")
    if question.pattern and not re.fullmatch(question.pattern, value, re.ASCII):
        raise NotAnAnswer(question.hint)
    return value


def _number(question: Question, value: object) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise NotAnAnswer("Write a whole number.")
    if not question.minimum <= int(text) <= question.maximum:
        raise NotAnAnswer(f"Write a number from {question.minimum} to {question.maximum}.")
    return int(text)


def _date(value: object) -> dt.date:
    if isinstance(value, dt.datetime):
        raise NotAnAnswer("Give a day, without a time.")
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise NotAnAnswer("Give a day as 2026-12-31.") from None


def _choices(question: Question, keys: list[str], value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise NotAnAnswer("Give a list of choices.")
    if not value or not all(one in keys for one in value):
        raise NotAnAnswer(f"Choose among: {'; '.join(option.label for option in question.options)}.")
    alone = [option.label for option in question.options if option.exclusive and option.key in value]
    if alone and len(set(value)) > 1:
        raise NotAnAnswer(f'"{alone[0]}" cannot be chosen together with another.')
    return tuple(key for key in keys if key in value)
