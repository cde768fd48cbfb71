"""The questions: those of the strengths and needs, and the registers. How an answer is kept, shown and read.

Kept as JSON: yes and no as true and false, an option by its key, several as a list of keys, a date as YYYY-MM-DD.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from milepost.risk import needs
from milepost.risk.instruments import CURRENT
from milepost.risk.needs import Question, Section
from milepost.service.assessments import registers
from milepost.service.assessments.models import Answer
from milepost.service.web.formats import local_date

__all__ = ["Question", "Section"]
SEXUAL = frozenset({"dc_srp", "iic_srp"})
"""Instruments for those who ever committed a sexual offence."""


@cache
def sections() -> tuple[Section, ...]:
    return (*needs.sections(), registers.section())


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
def _section_keys() -> dict[str, str]:
    return {question.key: part.key for part in sections() for question in part.questions}


def section_of(question: str) -> str:
    return _section_keys()[question]


@cache
def _ever_sexual() -> str:
    return next(q.key for q in questions().values() if q.fills == ("ever_sexual_offence",))


def is_needed(question: Question, found: Mapping[str, Answer]) -> bool:
    """Whether a score or the tier needs it: it must be answered, or said to be not known, before signing."""
    used = {key for key in question.required_for if key in CURRENT or key == registers.TIER}
    if used and used <= SEXUAL and question.key != _ever_sexual():
        ever = found.get(_ever_sexual())
        return ever is not None and ever.confirmed and ever.value is True
    if question.key == "latest_release_date":
        lifer = found.get("lifer")
        return lifer is not None and lifer.value is True
    return bool(used)


def said(text: str) -> str:
    """A text of the vocabulary in the language of the page."""
    return _(text) if text else ""


def to_library(key: str, kept: Any) -> object:
    """A kept answer as ``milepost.risk.needs`` reads it."""
    question = questions().get(key)
    if question is not None and question.kind == "date":
        return dt.date.fromisoformat(kept)
    return kept


def to_form(question: Question, kept: Any) -> Any:
    if question.kind == "yes_no":
        return "yes" if kept else "no"
    if question.kind == "date":
        return dt.date.fromisoformat(kept)
    return kept


def from_form(question: Question, value: Any) -> Any:
    if question.kind == "yes_no":
        return value == "yes"
    if question.kind == "date":
        return value.isoformat()
    return value


def fits(question: Question, kept: Any) -> bool:
    """Whether a kept answer is one that the question can have."""
    keys: Collection[str] = [option.key for option in question.options]
    if question.kind == "yes_no":
        return isinstance(kept, bool)
    if question.kind == "choice":
        return kept in keys
    if question.kind == "choices":
        return isinstance(kept, list) and bool(kept) and all(one in keys for one in kept)
    if question.kind == "number":
        return isinstance(kept, int) and not isinstance(kept, bool) and 0 <= kept <= 999
    if question.kind == "date":
        try:
            return bool(dt.date.fromisoformat(kept))
        except (TypeError, ValueError):
            return False
    return isinstance(kept, str)


def in_words(question: Question, kept: Any, *, plain: bool = False) -> str:
    """An answer as it is read. ``plain``: in the words for the person."""
    if question.kind == "yes_no":
        return _("Yes") if kept else _("No")
    if question.kind == "date":
        return local_date(dt.date.fromisoformat(kept))
    if question.kind in ("choice", "choices"):
        words = {o.key: (plain and o.plain_label) or o.label for o in question.options}
        chosen = kept if isinstance(kept, list) else [kept]
        return ", ".join(said(words.get(one, str(one))) for one in chosen)
    return str(kept)


def answer_in_words(answer: Answer) -> str:
    question = questions().get(answer.question)
    if answer.unknown:
        return _("Not known")
    return str(answer.value) if question is None else in_words(question, answer.value)
