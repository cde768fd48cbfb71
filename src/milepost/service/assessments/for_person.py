"""A signed assessment in plain words for the person it is about. The words are the library's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milepost.language import Said
from milepost.problems import Problem
from milepost.risk.needs import NeedLevel, plain
from milepost.risk.result import Change, MissingAnswer, Result
from milepost.risk.scored import Term
from milepost.risk.tier import Step, Tier
from milepost.service.assessments import policy_data, registers
from milepost.service.assessments.harm import level_in_words, overall
from milepost.service.assessments.models import Assessment, Override
from milepost.service.assessments.targets import TIER
from milepost.service.assessments.words import value_in_words
from milepost.service.assessments.work_out import answers_of
from milepost.service.web.language import LANGUAGE


def paragraphs(assessment: Assessment) -> list[plain.PlainParagraph]:
    """Headings with short sentences: from the scores, the tier and the needs as they were signed.

    What people added is told too: what was judged, and a tier or band that a person set otherwise.
    """
    results = {
        s.instrument: result_of(s.result) for s in assessment.scores.filter(current=True).order_by("pk")
    }
    given = answers_of(assessment.answers.all())
    answers = {key: value for key, value in given.items() if key not in registers.KEYS}
    levels = {
        raw["area"]: NeedLevel(**{**raw, "missing": tuple(raw["missing"])}) for raw in assessment.needs_result
    }
    tier = tier_of(assessment.tier_result)
    told = plain.for_person(results, tier, answers, levels, LANGUAGE)
    return [*told[:-1], *_added_by_people(assessment), _how_to_object(told[-1])]


def _added_by_people(assessment: Assessment) -> list[plain.PlainParagraph]:
    harm = overall(assessment.judgements.last())
    sentences = [
        _("Your officer also thought about how likely it is that someone gets badly hurt."),
        _("We call this: %(level)s.") % {"level": level_in_words(harm).lower()},
    ]
    for override in assessment.overrides.filter(state=Override.State.STANDS):
        what = _("your tier") if override.target == TIER else _("one of the numbers")
        words = {"what": what, "value": value_in_words(override.to_value)}
        sentences.append(_("A person changed %(what)s to: %(value)s. You can ask why.") % words)
    return [plain.PlainParagraph(_("What people thought"), tuple(sentences))]


def _how_to_object(said: plain.PlainParagraph) -> plain.PlainParagraph:
    days = policy_data.contest_days()
    return plain.PlainParagraph(said.heading, (
        *said.sentences,
        _("Tell your officer, or ask someone to tell them for you. It will never be held against you."),
        _("Someone who did not sign this will look at it."),
        ngettext("We will answer within %(n)s day.", "We will answer within %(n)s days.", days) % {"n": days},
        _("If we were wrong, we will write a new page like this one and give it to you."),
    ))  # fmt: skip


def result_of(kept: dict[str, Any]) -> Result:
    """A frozen result, as the library made it."""
    parts = (("terms", Term), ("missing", MissingAnswer), ("changes", Change), ("problems", Problem))
    made = {name: tuple(kind(**raw) for raw in kept[name]) for name, kind in parts}
    return Result(**{**kept, **made})


def tier_of(kept: dict[str, Any]) -> Tier:
    lists = {name: tuple(kept[name]) for name in ("set_by", "why_provisional")}
    why = tuple(Said(**raw) for raw in kept.get("why_said", ()))
    steps = tuple(Step(**{**raw, "said": _sentence(raw.get("said"))}) for raw in kept["steps"])
    return Tier(
        **{**kept, **lists, "steps": steps, "why_said": why, "words_said": _sentence(kept.get("words_said"))}
    )


def _sentence(kept: dict[str, Any] | None) -> Said | None:
    return Said(**kept) if kept else None
