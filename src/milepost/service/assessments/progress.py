"""How far a version is: section by section, what is answered, what is to be confirmed, what the scores still need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from milepost.problems import Problem
from milepost.risk import needs
from milepost.service.assessments import registers
from milepost.service.assessments.models import Answer, Assessment
from milepost.service.assessments.vocabulary import (
    JUDGED,
    Section,
    given_by,
    is_used,
    relevant_questions,
    sections,
)


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """Counts questions that the other answers leave room for."""

    section: Section
    questions: int
    answered: int
    unconfirmed: int
    open_needed: int
    """Questions that a score or the tier needs, and that nobody has answered."""

    @property
    def done(self) -> bool:
        return not (self.unconfirmed or self.open_needed) and self.answered > 0


@dataclass(frozen=True, slots=True)
class Progress:
    sections: tuple[SectionProgress, ...]
    problems: tuple[Problem, ...]
    """Answers that cannot be used, and combinations that cannot be."""

    @property
    def unconfirmed(self) -> int:
        return sum(section.unconfirmed for section in self.sections)

    @property
    def open_needed(self) -> int:
        return sum(section.open_needed for section in self.sections)

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)

    def after(self, key: str) -> str | None:
        """The section to go on with after this one: the next that is not done, else any before it in which something
        waits. None: nothing waits any more. One that asks for nothing is met once, on the way down."""
        keys = [part.section.key for part in self.sections]
        here = keys.index(key)
        for part in self.sections[here + 1 :]:
            if not part.done:
                return part.section.key
        return next((p.section.key for p in self.sections[:here] if p.unconfirmed or p.open_needed), None)

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)


def progress_of(assessment: Assessment, answers: Iterable[Answer] | None = None) -> Progress:
    """``answers``: all of the version, where the caller has them; one query if not."""
    found = {a.question: a for a in (assessment.answers.all() if answers is None else answers)}
    given = given_by(found.values())
    room = relevant_questions(given)
    problems = needs.check(
        {key: value for key, value in given.items() if key not in registers.KEYS | JUDGED},
        today=assessment.assessed_on,
    )
    return Progress(tuple(_of(part, found, room) for part in sections()), tuple(problems))


def _of(section: Section, found: Mapping[str, Answer], room: frozenset[str]) -> SectionProgress:
    here = [(question, found.get(question.key)) for question in section.questions if question.key in room]
    return SectionProgress(
        section, len(here), sum(a is not None and a.confirmed for _, a in here),
        sum(a is not None and not a.confirmed for _, a in here),
        sum(a is None and is_used(question) for question, a in here),
    )  # fmt: skip
