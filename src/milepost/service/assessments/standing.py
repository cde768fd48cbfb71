"""What stands in a section and waits to be confirmed: with its source, so that one look and one click can do it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from milepost.service.assessments.models import Answer, Assessment
from milepost.service.assessments.vocabulary import (
    Section,
    answer_in_words,
    given_by,
    relevant_questions,
    translated,
)


@dataclass(frozen=True, slots=True)
class StandingAnswer:
    """``before``: what the version before said, where a record says otherwise since; empty if it is the same."""

    question: str
    label: str
    words: str
    answer: Answer
    before: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Answers of a section that wait, in the order of its questions: each row stands in one of the three."""

    since: dt.date | None
    """The day of the version before; without one, the oldest day of an answer. None if nothing waits."""
    changed: tuple[StandingAnswer, ...]
    """A record says otherwise than the version before did."""
    same: tuple[StandingAnswer, ...]
    not_known: tuple[StandingAnswer, ...]
    """It was not known in the version before, and is asked again."""

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(row.question for row in (*self.changed, *self.same, *self.not_known))


def standing(assessment: Assessment, section: Section, answers: Iterable[Answer]) -> Standing:
    """``answers``: all of the version. Reads the answers of the version before; questions for which the other answers
    leave no room are left out, as in the count of what waits."""
    found = {answer.question: answer for answer in answers}
    room = relevant_questions(given_by(found.values()))
    waiting = [
        (question, found[question.key])
        for question in section.questions
        if question.key in room and question.key in found and not found[question.key].confirmed
    ]
    if not waiting:
        return Standing(None, (), (), ())
    before = assessment.supersedes
    old = (
        {} if before is None
        else {a.question: a for a in before.answers.filter(question__in=[question.key for question, _ in waiting])}
    )  # fmt: skip
    rows = []
    for question, answer in waiting:
        words, earlier = answer_in_words(answer), old.get(question.key)
        said = answer_in_words(earlier) if earlier is not None else ""
        rows.append(
            StandingAnswer(
                question.key, translated(question.label), words, answer, said if said != words else ""
            )
        )
    since = before.assessed_on if before is not None else min(answer.as_of for _, answer in waiting)
    return Standing(
        since,
        tuple(row for row in rows if row.before),
        tuple(row for row in rows if not row.before and not row.answer.unknown),
        tuple(row for row in rows if not row.before and row.answer.unknown),
    )
