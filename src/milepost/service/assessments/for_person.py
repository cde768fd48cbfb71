"""A signed assessment in plain words for the person it is about. The words are the library's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from milepost.problems import Problem
from milepost.risk.needs import NeedLevel, plain
from milepost.risk.result import Change, MissingAnswer, Result
from milepost.risk.scored import Term
from milepost.risk.tier import Step, Tier
from milepost.service.assessments import registers
from milepost.service.assessments.models import Assessment
from milepost.service.assessments.work_out import answers_of


def paragraphs(assessment: Assessment) -> list[plain.PlainParagraph]:
    """Headings with short sentences: from the scores, the tier and the needs as they were signed."""
    results = {
        s.instrument: result_of(s.result) for s in assessment.scores.filter(current=True).order_by("pk")
    }
    given = answers_of(assessment.answers.all())
    answers = {key: value for key, value in given.items() if key not in registers.KEYS}
    levels = {
        raw["area"]: NeedLevel(**{**raw, "missing": tuple(raw["missing"])}) for raw in assessment.needs_result
    }
    tier = tier_of(assessment.tier_result)
    return plain.for_person(results, tier, answers, levels, translate=gettext)


def result_of(kept: dict[str, Any]) -> Result:
    """A frozen result, as the library made it."""
    parts = (("terms", Term), ("missing", MissingAnswer), ("changes", Change), ("problems", Problem))
    made = {name: tuple(kind(**raw) for raw in kept[name]) for name, kind in parts}
    return Result(**{**kept, **made})


def tier_of(kept: dict[str, Any]) -> Tier:
    lists = {name: tuple(kept[name]) for name in ("set_by", "why_provisional")}
    return Tier(**{**kept, **lists, "steps": tuple(Step(**raw) for raw in kept["steps"])})
