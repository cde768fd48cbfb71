"""Nothing is said that a translator cannot find: each word comes out of a sentence of the catalogue."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import asdict

import pytest
from people import answered
from tests.foreign import Foreign, left_in_english, sentences_of_the_catalogue

from milepost.language import ENGLISH, Language, Said
from milepost.risk import needs
from milepost.risk.fields import Assessment
from milepost.risk.frozen import result_in, tier_in
from milepost.risk.instruments import CURRENT, GROUPS
from milepost.risk.plain import plain
from milepost.risk.result import Result
from milepost.risk.result_text import lines
from milepost.risk.score import score
from milepost.risk.tier import TierInputs, tier

ABBREVIATIONS = {"SVRP", "DC-SRP", "IIC-SRP"}
"""Parts of a combined score by their names, which are the same in every language."""
TODAY = dt.date(2026, 6, 1)
HARD = answered(
    sanctions=40, violent_sanctions=9, unemployed=True, drug_crack=True, drug_heroin=True, temper_control=2,
    impulsivity=2, alcohol_binge=2, accommodation_suitability=2, activities_encourage_offending=2,
)  # fmt: skip
PEOPLE = {
    "every answer": answered(),
    "a hard life": HARD,
    "drugs not known": answered(drug_heroin=None, drug_crack=None),
    "one life answer missing": answered(temper_control=None),
    "three life answers missing": answered(
        alcohol_current=None, temper_control=None, pro_criminal_attitudes=None
    ),
    "a woman": answered(sex="female", sanctions=1, violent_sanctions=0, age_at_first_sanction=33),
    "the record only was wanted": answered(static_only=True),
    "no answers": Assessment(assessment_date=TODAY),
    "cannot be": answered(sanctions=0),
}
TIERS = {
    "full": TierInputs(arp_percentage=60.0, csrp_percentage=1.2, arp_basis="dynamic", csrp_basis="dynamic",
                       serious_harm="very_high", mappa=True, dc_srp_percentage=2.2, dc_srp_band="medium"),
    "static": TierInputs(arp_percentage=60.0, csrp_percentage=1.2, arp_basis="static", csrp_basis="static"),
    "half static": TierInputs(arp_percentage=60.0, csrp_percentage=1.2, arp_basis="static", csrp_basis="dynamic"),
    "life": TierInputs(arp_percentage=9.0, csrp_percentage=0.2, lifer=True, latest_release_date=dt.date(2026, 1, 2)),
    "life, not out": TierInputs(arp_percentage=9.0, csrp_percentage=0.2, lifer=True, stalking=True),
    "no score": TierInputs(arp_percentage=9.0),
    "not supervised": TierInputs(supervised=False),
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> frozenset[str]:
    return sentences_of_the_catalogue()


def told(results: dict[str, Result], language: Language) -> list[str]:
    return [sentence for result in results.values() for sentence in plain(result, language)]


@pytest.mark.parametrize("who", PEOPLE)
def test_a_result_in_plain_words_has_no_word_that_cannot_be_translated(
    who: str, catalogue: frozenset[str]
) -> None:
    foreign = Foreign()
    results = score(PEOPLE[who], GROUPS["all"])
    said = told(results, foreign.spoken)
    assert said
    assert left_in_english(said) == []
    assert foreign.asked - catalogue == set()


def test_neither_has_the_page_for_the_person(catalogue: frozenset[str]) -> None:
    foreign = Foreign()
    answers = {"employment_status": "looking", "coping": "yes", "current_accommodation": "settled"}
    for inputs in TIERS.values():
        found = needs.for_person(
            score(HARD), tier(inputs, TODAY), answers, needs.need_levels(answers), foreign.spoken
        )
        said = [text for p in found for text in (p.heading, *p.sentences, *p.points)]
        # The letter of a tier is the same in every language.
        assert left_in_english([re.sub(r"# [A-G]$", "#", text) for text in said]) == []
    assert foreign.asked - catalogue == set()


@pytest.mark.parametrize("who", PEOPLE)
def test_a_frozen_result_is_said_in_another_language_with_every_figure_kept(
    who: str, catalogue: frozenset[str]
) -> None:
    foreign = Foreign()
    for key, result in score(PEOPLE[who], CURRENT).items():
        kept = json.loads(json.dumps(asdict(result)))
        other = result_in(kept, foreign.spoken)
        texts = [other["name"], other["words"], other["basis_reason"]]
        texts += [item[name] for item in other["missing"] for name in ("label", "effect")]
        texts += [item[name] for item in other["changes"] for name in ("label", "now", "instead")]
        texts += [item[name] for item in other["problems"] for name in ("message", "remedy")]
        assert left_in_english([text for text in texts if text]) == [], key
        for name in ("percentage", "probability", "band", "points", "to_next_band", "total", "data_hash"):
            assert other[name] == kept[name]
        assert [item["value"] for item in other["terms"]] == [item["value"] for item in kept["terms"]]
        assert result_in(kept, ENGLISH) == kept, "in English it is what was frozen"
    assert foreign.asked - catalogue <= ABBREVIATIONS


@pytest.mark.parametrize("who", PEOPLE)
def test_neither_has_the_text_with_every_figure(who: str, catalogue: frozenset[str]) -> None:
    """Names of fields, sources, versions and answers that are figures stand in it as they are."""
    foreign = Foreign()
    for key, result in score(PEOPLE[who], GROUPS["all"]).items():
        said = "\n".join(lines(result, PEOPLE[who], foreign.spoken))
        names = [result.source, result.data_hash, result.version, key]
        names += [str(text) for p in result.problems for text in (p.field, p.value)]
        for name in sorted(names, key=len, reverse=True):
            said = said.replace(name, "")
        assert left_in_english([said]) == [], said
    answers = {text for text in foreign.asked if re.fullmatch(r"[\d-]+", text)}
    assert foreign.asked - catalogue - answers <= ABBREVIATIONS | {"SNSV", "OSP/DC", "OSP/IIC"}


@pytest.mark.parametrize("which", TIERS)
def test_a_frozen_tier_is_said_in_another_language(which: str, catalogue: frozenset[str]) -> None:
    foreign = Foreign()
    kept = json.loads(json.dumps(tier(TIERS[which], TODAY).as_dict()))
    other = tier_in(kept, foreign.spoken)
    letter = kept["tier"]
    texts = [other["words"].replace(f" {letter} ", " "), *other["set_by"], *other["why_provisional"]]
    texts += [step[name] for step in other["steps"] for name in ("label", "read")]
    assert left_in_english(texts) == []
    assert {text for text in foreign.asked - catalogue if not re.fullmatch("[A-G]", text)} == set()
    assert tier_in(kept, ENGLISH) == kept, "in English it is what was frozen"
    older = {name: value for name, value in kept.items() if name not in ("why_said", "words_said")}
    older["steps"] = [{n: v for n, v in step.items() if n != "said"} for step in kept["steps"]]
    again = tier_in(older, foreign.spoken)
    assert again["why_provisional"] == kept["why_provisional"], "kept before: as it was said then"


def test_the_tests_above_can_fail(catalogue: frozenset[str]) -> None:
    assert left_in_english(["# # #", "# high"]) == ["# high"]
    foreign = Foreign()
    foreign.spoken.say("A sentence that stands nowhere: {list}.", list="#")
    assert foreign.asked - catalogue


def test_places_are_written_by_the_language() -> None:
    other = Language(
        ngettext=lambda one, many, n: f"{many} ({n})",
        number=lambda value: f"<{value}>",
        percent=lambda value: f"<{value} in 100>",
        date=lambda day: f"<{day:%d.%m.%Y}>",
    )
    assert ENGLISH.say("Think of {base} people.", base=10000) == "Think of 10,000 people."
    assert other.say("Think of {base} people.", base=10000) == "Think of <10000> people."
    assert other.say_n("{n} day", "{n} days", 3) == "<3> days (3)"
    assert ENGLISH.say_n("{n} day", "{n} days", 1) == "1 day"
    released = Said("released {released_on}", {"released_on": "2026-01-02"})
    assert ENGLISH.of(released) == "released 2026-01-02"
    assert other.of(released) == "released <02.01.2026>"
    assert other.say("ARP {arp_percent}", arp_percent=6.9) == "ARP <6.9 in 100>"
    with pytest.raises(KeyError):
        ENGLISH.say("{who}: no.", whom="Ada")
