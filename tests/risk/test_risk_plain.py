"""The plain part of an explanation: somebody who never saw a score must understand it, and it must not say too much."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from people import answered

from milepost.risk.fields import Assessment, field_table
from milepost.risk.instruments import GROUPS
from milepost.risk.plain import plain
from milepost.risk.result_text import lines
from milepost.risk.score import score

PEOPLE = {
    "every answer": answered(),
    "a hard life": answered(
        sanctions=40, violent_sanctions=9, unemployed=True, drug_crack=True, drug_heroin=True, temper_control=2,
        impulsivity=2, alcohol_binge=2, accommodation_suitability=2, activities_encourage_offending=2,
    ),
    "nothing of life now": answered(alcohol_current=None, temper_control=None, pro_criminal_attitudes=None),
    "a woman": answered(sex="female", sanctions=1, violent_sanctions=0, age_at_first_sanction=33),
    "the record only was wanted": answered(static_only=True),
    "no answers": Assessment(assessment_date=dt.date(2026, 6, 1)),
    "a sexual offence": answered(
        ever_sexual_offence=True, contact_adult_sanctions=1, contact_child_sanctions=0, image_sanctions=1,
        non_contact_sanctions=0, last_sexual_offence_date=dt.date(2024, 1, 31), stranger_victim=True,
    ),
}  # fmt: skip


def syllables(word: str) -> int:
    """Groups of vowels, less a silent e: the usual estimate."""
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word))
    return max(1, groups - (word.endswith("e") and not word.endswith("le") and groups > 1))


def grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid and others, 1975)."""
    sentences = [s for s in re.split(r"[.!?:]\s+|[.!?]$", text) if s.strip()]
    words = re.findall(r"[A-Za-z0-9,'-]+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_grade_is_that_of_known_texts() -> None:
    assert grade("The cat sat on the mat. The dog ran to the cat.") < 1
    assert grade("Notwithstanding considerable methodological heterogeneity, actuarial instruments demonstrate "
                 "statistically significant discriminative capability across jurisdictional populations.") > 18  # fmt: skip


@pytest.mark.parametrize("who", PEOPLE)
def test_somebody_who_never_saw_a_score_can_read_it(who: str) -> None:
    for key, result in score(PEOPLE[who], GROUPS["all"]).items():
        text = " ".join(plain(result))
        assert grade(text) <= 8, (key, round(grade(text), 1), text)


def test_it_counts_people_both_ways_and_forecasts_nobody() -> None:
    result = score(PEOPLE["a hard life"], ["arp"])["arp"]
    text = " ".join(plain(result))
    counted = [int(n) for n in re.findall(r"About (\d+)", text)]
    assert sum(counted[:2]) == 100
    assert counted[0] == round(result.percentage or 0)
    assert "cannot tell which of them this person is" in text
    assert "using crack" in text
    assert not re.search(r"log-odds|probab|percent|logistic|coefficient|offender", text)


def test_what_is_not_known_is_never_good_news() -> None:
    nothing = " ".join(plain(score(PEOPLE["no answers"], ["arp"])["arp"]))
    assert "we do not know" in nothing
    assert "Date of birth" in nothing
    static = " ".join(plain(score(PEOPLE["nothing of life now"], ["arp"])["arp"]))
    assert "could go up or down" in static
    partly = score(answered(drug_heroin=None), ["arp"])["arp"]
    assert "the true number is higher" in " ".join(plain(partly))
    other = " ".join(plain(score(PEOPLE["a woman"], ["dc_srp"])["dc_srp"]))
    assert "not a low score" in other
    few = " ".join(plain(score(PEOPLE["a woman"], ["svrp"])["svrp"]))
    assert "Think of 1,000 people" in few or "Think of 10,000 people" in few


def test_the_exact_figures_stay_below_the_plain_part() -> None:
    person = PEOPLE["a hard life"]
    told = "\n".join(lines(score(person, ["arp"])["arp"], person))
    before, after = told.split("The exact figures")
    assert "log-odds" in after
    assert "log-odds" not in before
    assert "Uses crack cocaine = yes" in after


def test_every_answer_that_can_push_up_has_plain_words() -> None:
    from milepost.risk.data_files import load

    words = load("labels.toml")["plain"]
    assert set(words) <= set(field_table())
    assert {name for name, info in field_table().items() if info.changeable} <= set(words)
