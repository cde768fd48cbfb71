"""A result or a tier that was kept as JSON, said in another language: every text of it, and none of its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milepost.language import Language, Said
from milepost.risk.instruments import instruments
from milepost.risk.result import frequency
from milepost.risk.score import basis_words
from milepost.risk.tier import tier_words


def result_in(kept: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """``kept`` is :class:`milepost.risk.result.Result` as a dictionary. Labels and sentences are translated."""

    def each(part: str, *texts: str) -> list[dict[str, Any]]:
        return [{**item, **{text: language.say(item[text]) for text in texts}} for item in kept[part]]

    instrument = instruments()[kept["instrument"]]
    words = kept["words"]
    if words:
        words = frequency(kept["percentage"], instrument.event, kept["horizon_years"], language)
    labels = [item["label"] for item in kept["missing"]]
    return {
        **kept,
        "name": language.say(kept["name"]),
        "shown": kept["shown"] if kept["shown"].endswith("%") else language.say(kept["shown"]),
        "unit": language.say(kept["unit"]),
        "words": words,
        "basis_reason": basis_words(kept["basis_reason"], labels, language),
        "terms": each("terms", "label"),
        "missing": each("missing", "label", "effect"),
        "changes": each("changes", "label", "now", "instead"),
        "problems": each("problems", "message", "remedy"),
    }


def tier_in(kept: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """``kept`` is :class:`milepost.risk.tier.Tier` as a dictionary. One kept before ``said`` was has it in English."""

    def in_words(one: Any, text: str) -> str:
        return language.of(Said(**one)) if one else text

    whys = kept.get("why_said") or [None] * len(kept["why_provisional"])
    words = in_words(kept.get("words_said"), kept["words"])
    if kept["set_by"]:
        words = tier_words(kept["tier"], kept["set_by"], provisional=kept["provisional"], language=language)
    return {
        **kept,
        "words": words,
        "set_by": [language.say(label) for label in kept["set_by"]],
        "why_provisional": [in_words(*why) for why in zip(whys, kept["why_provisional"], strict=True)],
        "steps": [
            {**step, "label": language.say(step["label"]), "read": in_words(step.get("said"), step["read"])}
            for step in kept["steps"]
        ],
    }
