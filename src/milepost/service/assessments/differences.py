"""Two versions side by side: answers, judgement, scores. Only what differs is told, and how much stayed the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from milepost.service.assessments.harm import GROUPS, level_in_words
from milepost.service.assessments.models import Answer, Assessment, Judgement
from milepost.service.assessments.vocabulary import answer_in_words, questions, translated
from milepost.service.assessments.words import value_in_words


@dataclass(frozen=True, slots=True)
class Difference:
    """``old`` or ``new`` is empty where that version has none."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Compared:
    answers: list[Difference]
    same_answers: int
    judgement: list[Difference]
    scores: list[Difference]


def compare(old: Assessment, new: Assessment) -> Compared:
    """Nothing of the scores if one of the two has none that may be seen."""
    olds = {a.question: a for a in old.answers.filter(confirmed=True)}
    news = {a.question: a for a in new.answers.filter(confirmed=True)}
    answers, same = _answers(olds, news)
    return Compared(
        answers, same, _judgement(old.judgements.last(), new.judgements.last()), _scores(old, new)
    )


def _answers(olds: Mapping[str, Answer], news: Mapping[str, Answer]) -> tuple[list[Difference], int]:
    found, same = [], 0
    for key, question in questions().items():
        before, after = olds.get(key), news.get(key)
        if before is None and after is None:
            continue
        old, new = (answer_in_words(a) if a is not None else "" for a in (before, after))
        if old == new:
            same += 1
        else:
            found.append(Difference(translated(question.label), old, new))
    return found, same


def _judgement(old: Judgement | None, new: Judgement | None) -> list[Difference]:
    found = []
    for group, title in GROUPS.items():
        levels = [level_in_words(getattr(one, group)) if one else "" for one in (old, new)]
        if levels[0] != levels[1]:
            found.append(Difference(str(title), *levels))
    return found


def _scores(old: Assessment, new: Assessment) -> list[Difference]:
    sides = [{s.instrument: s for s in one.scores.filter(current=True)} for one in (old, new)]
    if not sides[0] or not sides[1]:
        return []
    found = [Difference(_("Tier"), *(value_in_words(one.tier_result.get("tier", "")) for one in (old, new)))]
    for key in dict.fromkeys([*sides[1], *sides[0]]):
        texts = []
        for side in sides:
            score = side.get(key)
            band = f", {value_in_words(score.band)}" if score and score.band else ""
            texts.append(f"{score.result['shown']}{band}" if score else "")
        name = (sides[1].get(key) or sides[0][key]).result["name"]
        found.append(Difference(name, *texts))
    return [difference for difference in found if difference.old != difference.new]
