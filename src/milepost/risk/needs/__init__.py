"""Strengths and needs: what to ask a person, and what the answers mean for the instruments and for a plan."""

from milepost.risk.needs.check import check
from milepost.risk.needs.levels import LEVELS, NeedLevel, need_levels, strengths
from milepost.risk.needs.mapping import to_assessment
from milepost.risk.needs.plain import PlainParagraph, for_person
from milepost.risk.needs.questions import (
    UNKNOWN,
    Option,
    Question,
    Section,
    is_relevant,
    questions,
    sections,
    version,
)
from milepost.risk.needs.values import is_ruled_out

__all__ = [
    "LEVELS",
    "UNKNOWN",
    "NeedLevel",
    "Option",
    "PlainParagraph",
    "Question",
    "Section",
    "check",
    "for_person",
    "is_relevant",
    "is_ruled_out",
    "need_levels",
    "questions",
    "sections",
    "strengths",
    "to_assessment",
    "version",
]
