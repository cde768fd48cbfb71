"""How far a version is: section by section, what is answered, what is to be confirmed, what the scores still need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from milepost.service.assessments.models import Answer, Assessment
from milepost.service.assessments.vocabulary import Section, is_needed, sections


@dataclass(frozen=True, slots=True)
class SectionProgress:
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

    @property
    def unconfirmed(self) -> int:
        return sum(section.unconfirmed for section in self.sections)

    @property
    def open_needed(self) -> int:
        return sum(section.open_needed for section in self.sections)

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)


def progress_of(assessment: Assessment, answers: Iterable[Answer] | None = None) -> Progress:
    """``answers``: all of the version, where the caller has them; one query if not."""
    found = {a.question: a for a in (assessment.answers.all() if answers is None else answers)}
    return Progress(tuple(_of(section, found) for section in sections()))


def _of(section: Section, found: dict[str, Answer]) -> SectionProgress:
    here = [found.get(question.key) for question in section.questions]
    open_needed = sum(
        answer is None and is_needed(question, found)
        for question, answer in zip(section.questions, here, strict=True)
    )
    return SectionProgress(
        section, len(here), sum(a is not None and a.confirmed for a in here),
        sum(a is not None and not a.confirmed for a in here), open_needed,
    )  # fmt: skip
