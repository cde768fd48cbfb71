"""An assessment told to the person whom it is about, in words for a reading age of about 11.

It says what is good, what the numbers mean and do not mean, what could change them, and how to object. It hides
nothing: each score that says something of the person is told, and so is each one that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from milepost.risk.data_files import load
from milepost.risk.needs.levels import NeedLevel, strengths
from milepost.risk.needs.questions import FOLDER
from milepost.risk.result import Result, of_people
from milepost.risk.scored import NOT_APPLICABLE
from milepost.risk.tier import Tier

SHOWN_CHANGES = 4
LISTS = ("strengths", "changes")
"""Headings of whose sentences the first leads up to the others."""
Translate = Callable[[str], str]


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
    *,
    translate: Translate = str,
) -> list[PlainParagraph]:
    """Paragraphs in order. ``results`` by instrument, from ``score``; ``levels`` from ``need_levels``.

    ``translate`` turns a sentence with its ``{places}`` into another language, as ``gettext`` does.
    """
    parts: list[tuple[str, Sequence[str]]] = [
        ("about", [translate(words("about")[key]) for key in ("first", "second")]),
        ("strengths", _strengths(answers, translate)),
        ("numbers", _numbers(results, translate)),
        ("changes", _changes(results, translate)),
        ("needs", _needs(levels, translate)),
        ("tier", _tier(tier, translate)),
        ("say", [translate(sentence) for sentence in words("say").values()]),
    ]
    return [
        _paragraph(translate(words("headings")[name]), tuple(sentences), as_list=name in LISTS)
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


def _strengths(answers: Mapping[str, object], translate: Translate) -> list[str]:
    found = strengths(answers)
    if not found:
        return [translate(words("strengths")["none"])]
    return [translate(words("strengths")["these"]), *(f"{_end(translate(text))}" for text in found)]


def _end(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _numbers(results: Mapping[str, Result], translate: Translate) -> list[str]:
    said: list[str] = []
    told = False
    w = words("numbers")
    for key, name in words("instruments").items():
        result = results.get(key)
        if result is None or result.band == NOT_APPLICABLE:
            continue
        if not result.scored or result.percentage is None:
            said.append(translate(w["missing"]).format(name=translate(name)))
            continue
        count, base = of_people(result.percentage)
        kind = {0: "fewer", 1: "one", base: "nearly_all"}.get(count, "about")
        one = [
            translate(w["group"]).format(name=translate(name), base=f"{base:,}"),
            translate(w[kind]).format(count=f"{count:,}", years=result.horizon_years),
        ]
        if result.band in words("bands"):
            one.append(translate(w["band"]).format(band=translate(words("bands")[result.band])))
        if result.basis == "static" and result.missing:
            one.append(translate(w["static"]))
        said.append(" ".join(one))
        told = True
    return [*said, translate(w["not_you"])] if told else said


def _changes(results: Mapping[str, Result], translate: Translate) -> list[str]:
    """What would lower any of the scores, the first of each score before the second of any."""
    told = [results[key].changes for key in words("instruments") if key in results]
    longest = max((len(changes) for changes in told), default=0)
    names = [changes[at].field for at in range(longest) for changes in told if at < len(changes)]
    found = [translate(words("better")[name]) for name in dict.fromkeys(names) if name in words("better")]
    if not found:
        return []
    return [translate(words("changes")["these"]), *(_end(text) for text in found[:SHOWN_CHANGES])]


def _needs(levels: Mapping[str, NeedLevel], translate: Translate) -> list[str]:
    w, said = words("needs"), []
    for wanted in ("severe", "standard", None):
        for level in levels.values():
            if level.level == wanted:
                area = translate(words("areas")[level.area])
                said.append(translate(w[wanted or "unknown"]).format(area=area))
    return said or [translate(w["none"])]


def _tier(tier: Tier | None, translate: Translate) -> list[str]:
    w = words("tier")
    if tier is None:
        return []
    if tier.tier in ("MISSING", "NOT_SUPERVISED"):
        return [translate(w["missing" if tier.tier == "MISSING" else "none"])]
    said = [translate(w["letter"]).format(tier=tier.tier), translate(w["meaning"])]
    return [*said, translate(w["provisional"])] if tier.provisional else said
