"""The questions: those of the strengths and needs, and the registers. How an answer is kept, shown and read.

Kept as JSON, as ``milepost.risk.needs`` reads it: "yes" or "no", an option by its key, several as a list of keys, a
date as YYYY-MM-DD.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from milepost.risk import needs
from milepost.risk.instruments import CURRENT
from milepost.risk.needs import Question, Section
from milepost.risk.needs.values import NotAnAnswer, read_answer
from milepost.service.assessments import registers
from milepost.service.assessments.models import Answer
from milepost.service.web.formats import local_date

__all__ = ["NotAnAnswer", "Question", "Section"]
JUDGED = frozenset({"rosh"})
"""Not asked here: the professional judgement answers it."""


@cache
def sections() -> tuple[Section, ...]:
    """Those of the vocabulary, and the registers last."""
    asked = [
        replace(part, questions=tuple(q for q in part.questions if q.key not in JUDGED))
        for part in needs.sections()
    ]
    return (*asked, registers.section())


def section(key: str) -> Section:
    """Raises ``KeyError`` if there is none."""
    for found in sections():
        if found.key == key:
            return found
    raise KeyError(key)


@cache
def questions() -> dict[str, Question]:
    return {question.key: question for part in sections() for question in part.questions}


@cache
def _used() -> frozenset[str]:
    """Questions that a current instrument or the tier reads."""
    read = {registers.TIER, *CURRENT}
    return frozenset(q.key for q in questions().values() if read & set(q.required_for)) | {registers.MAPPA}


def is_used(question: Question) -> bool:
    """Whether a score or the tier reads it: then it must be answered, or said to be not known, before signing."""
    return question.key in _used()


def given_by(answers: Iterable[Answer]) -> dict[str, object]:
    """Answers by question as the library reads them, those that are not confirmed too."""
    return {a.question: needs.UNKNOWN if a.unknown else a.value for a in answers}


def relevant_questions(given: Mapping[str, object]) -> frozenset[str]:
    """Questions for which the other answers leave room."""
    return frozenset(key for key, question in questions().items() if needs.is_relevant(question, given))


def translated(text: str) -> str:
    """A text of the vocabulary in the language of the page."""
    return _(text) if text else ""


def to_form(question: Question, kept: Any) -> Any:
    return dt.date.fromisoformat(kept) if question.kind == "date" else _whole(kept)


def _whole(kept: Any) -> Any:
    """A table of records may say 12.0 for 12."""
    return int(kept) if isinstance(kept, float) and kept.is_integer() else kept


def to_kept(question: Question, value: object) -> Any:
    """As it is kept. Raises ``NotAnAnswer`` for what the question does not take."""
    read = read_answer(question, value)
    if isinstance(read, dt.date):
        return read.isoformat()
    return list(read) if isinstance(read, tuple) else read


def in_words(question: Question, kept: Any, *, plain: bool = False) -> str:
    """An answer as it is read. ``plain``: in the words for the person."""
    if question.kind == "date":
        return local_date(dt.date.fromisoformat(kept))
    if question.options:
        words = {o.key: (plain and o.plain_label) or o.label for o in question.options}
        chosen: Collection[str] = kept if isinstance(kept, list) else [kept]
        return ", ".join(translated(words.get(one, str(one))) for one in chosen)
    return str(_whole(kept))


def answer_in_words(answer: Answer) -> str:
    question = questions().get(answer.question)
    if answer.unknown:
        return _("Not known")
    return str(_whole(answer.value)) if question is None else in_words(question, answer.value)
