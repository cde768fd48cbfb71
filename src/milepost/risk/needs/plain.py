"""An assessment told to the person whom it is about, in words for a reading age of about 11.

It says what is good, what the numbers mean and do not mean, what could change them, and how to object. It hides
nothing: each score that says something of the person is told, and so is each one that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from milepost.language import ENGLISH, Language
from milepost.risk.data_files import load
from milepost.risk.needs.levels import NeedLevel, strengths
from milepost.risk.needs.questions import FOLDER
from milepost.risk.result import Result, of_people
from milepost.risk.scored import NOT_APPLICABLE
from milepost.risk.tier import Tier

SHOWN_CHANGES = 4
LISTS = ("strengths", "changes")
"""Headings of whose sentences the first leads up to the others."""


@dataclass(frozen=True, slots=True)
class PlainParagraph:
    """``points`` are the items of a list that the last sentence leads up to."""

    heading: str
    sentences: tuple[str, ...]
    points: tuple[str, ...] = ()


def for_person(
    results: Mapping[str, Result],
    tier: Tier | None,
    answers: Mapping[str, object],
    levels: Mapping[str, NeedLevel],
    language: Language = ENGLISH,
) -> list[PlainParagraph]:
    """Paragraphs in order. ``results`` by instrument, from ``score``; ``levels`` from ``need_levels``."""
    parts: list[tuple[str, Sequence[str]]] = [
        ("about", [language.say(words("about")[key]) for key in ("first", "second")]),
        ("strengths", _strengths(answers, language)),
        ("numbers", _numbers(results, language)),
        ("changes", _changes(results, language)),
        ("needs", _needs(levels, language)),
        ("tier", _tier(tier, language)),
        ("say", [language.say(sentence) for sentence in words("say").values()]),
    ]
    return [
        _paragraph(language.say(words("headings")[name]), tuple(sentences), as_list=name in LISTS)
        for name, sentences in parts
        if sentences
    ]


def _paragraph(heading: str, sentences: tuple[str, ...], *, as_list: bool) -> PlainParagraph:
    return (
        PlainParagraph(heading, sentences[:1], sentences[1:])
        if as_list
        else PlainParagraph(heading, sentences)
    )


def words(table: str) -> dict[str, Any]:
    """One table of ``data/needs/plain.toml``."""
    found: dict[str, Any] = load(FOLDER + "plain.toml")[table]
    return found


def _strengths(answers: Mapping[str, object], language: Language) -> list[str]:
    found = strengths(answers)
    if not found:
        return [language.say(words("strengths")["none"])]
    return [language.say(words("strengths")["these"]), *(f"{_end(language.say(text))}" for text in found)]


def _end(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _numbers(results: Mapping[str, Result], language: Language) -> list[str]:
    said: list[str] = []
    told = False
    w = words("numbers")
    for key, name in words("instruments").items():
        result = results.get(key)
        if result is None or result.band == NOT_APPLICABLE:
            continue
        if not result.scored or result.percentage is None:
            said.append(language.say(w["missing"], name=language.say(name)))
            continue
        count, base = of_people(result.percentage)
        kind = {0: "fewer", 1: "one", base: "nearly_all"}.get(count, "about")
        years = result.horizon_years or 0
        within = language.say_n("in the next {n} year", "in the next {n} years", years)
        one = [
            language.say(w["group"], name=language.say(name), base=base),
            language.say(w[kind], count=count, within=within),
        ]
        if result.band in words("bands"):
            one.append(language.say(w["band"], band=language.say(words("bands")[result.band])))
        if result.basis == "static" and result.missing:
            one.append(language.say(w["static"]))
        said.append(" ".join(one))
        told = True
    return [*said, language.say(w["not_you"])] if told else said


def _changes(results: Mapping[str, Result], language: Language) -> list[str]:
    """What would lower any of the scores, the first of each score before the second of any."""
    told = [results[key].changes for key in words("instruments") if key in results]
    longest = max((len(changes) for changes in told), default=0)
    names = [changes[at].field for at in range(longest) for changes in told if at < len(changes)]
    found = [language.say(words("better")[name]) for name in dict.fromkeys(names) if name in words("better")]
    if not found:
        return []
    return [language.say(words("changes")["these"]), *(_end(text) for text in found[:SHOWN_CHANGES])]


def _needs(levels: Mapping[str, NeedLevel], language: Language) -> list[str]:
    w, said = words("needs"), []
    for wanted in ("severe", "standard", None):
        for level in levels.values():
            if level.level == wanted:
                area = language.say(words("areas")[level.area])
                said.append(language.say(w[wanted or "unknown"], area=area))
    return said or [language.say(w["none"])]


def _tier(tier: Tier | None, language: Language) -> list[str]:
    w = words("tier")
    if tier is None:
        return []
    if tier.tier in ("MISSING", "NOT_SUPERVISED"):
        return [language.say(w["missing" if tier.tier == "MISSING" else "none"])]
    said = [language.say(w["letter"], tier=tier.tier), language.say(w["meaning"])]
    return [*said, language.say(w["provisional"])] if tier.provisional else said
