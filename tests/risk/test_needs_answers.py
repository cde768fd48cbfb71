"""What is refused, how large a need is, what is good, and how all of it is said to the person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import answered

from milepost.language import Language
from milepost.risk import needs
from milepost.risk.fields import field_table
from milepost.risk.needs.readability import grade, syllables
from milepost.risk.needs.texts import plain_texts, texts
from milepost.risk.score import score
from milepost.risk.tier import TierInputs, tier

TODAY = dt.date(2026, 11, 1)
READING_AGE_OF_ELEVEN = 6.0


def problems(answers: dict[str, Any]) -> dict[str, str]:
    return {str(p.field): p.severity for p in needs.check(answers, today=TODAY)}


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"temper": "often"}, "temper"),
        ({"temper": ["yes"]}, "temper"),
        ({"offence_elements": "weapon"}, "offence_elements"),
        ({"offence_elements": []}, "offence_elements"),
        ({"offence_elements": ["weapon", "none"]}, "offence_elements"),
        ({"offence_elements": [{"weapon": 1}]}, "offence_elements"),
        ({"sanctions": 0}, "sanctions"),
        ({"sanctions": "six"}, "sanctions"),
        ({"sanctions": True}, "sanctions"),
        ({"age_at_first_sanction": 200}, "age_at_first_sanction"),
        ({"offence_code": "1251"}, "offence_code"),
        ({"conviction_date": "31/12/2025"}, "conviction_date"),
        ({"conviction_date": "2026-11-02"}, "conviction_date"),
        ({"offence_description": 3}, "offence_description"),
        ({"shoe_size": 9}, "shoe_size"),
        ({"sanctions": 2, "violent_sanctions": 3}, "violent_sanctions"),
        ({"sanctions": 2, "ever_sexual_offence": "yes", "image_sanctions": 3}, "sanctions"),
        ({"ever_sexual_offence": "no", "offence_elements": ["sexual"]}, "ever_sexual_offence"),
        (
            {"ever_sexual_offence": "yes", "contact_adult_sanctions": 0, "contact_child_sanctions": 0,
             "image_sanctions": 0, "non_contact_sanctions": 0},
            "ever_sexual_offence",
        ),
        ({"drug_use": "yes", "drugs_now": ["cannabis"], "drugs_often": ["heroin"]}, "drugs_often"),
        ({"drug_use": "yes", "drugs_now": ["none"], "drugs_injected": "now"}, "drugs_injected"),
        ({"drug_use": "yes", "drugs_now": ["none"], "drugs_before": ["none"]}, "drug_use"),
        ({"rosh": "high", "rosh_highest": "medium"}, "rosh"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_question_with_a_remedy(answers: dict[str, Any], field: str) -> None:
    found = needs.check(answers, today=TODAY)
    assert [(p.field, p.severity) for p in found] == [(field, "error")]
    assert found[0].remedy.endswith((".", "!"))
    assert found[0].message


def test_an_answer_that_another_rules_out_is_not_used_and_says_so() -> None:
    answers = {"drug_use": "no", "drugs_now": ["heroin"]}
    assert problems(answers) == {"drugs_now": "warning"}
    made = needs.to_assessment(answers, date_of_birth=None, sex=None, assessed_on=TODAY)
    assert made.drug_heroin is False


@pytest.mark.parametrize("parent", [{}, {"drug_use": needs.UNKNOWN}])
def test_a_question_whose_reason_is_not_known_keeps_its_answer(parent: dict[str, Any]) -> None:
    answers = {**parent, "drugs_now": ["heroin"]}
    assert problems(answers) == {}
    made = needs.to_assessment(answers, date_of_birth=None, sex=None, assessed_on=TODAY)
    assert (made.drug_heroin, made.drug_crack) == (True, False)


def test_a_day_ahead_is_right_where_the_question_asks_for_it() -> None:
    assert problems({"community_date": "2027-03-01", "accommodation_end_date": dt.date(2027, 3, 1)}) == {}


def test_forms_json_and_python_mean_the_same() -> None:
    one = {"sanctions": "6", "conviction_date": "2025-01-31", "domestic_abuse": True}
    two = {"sanctions": 6, "conviction_date": dt.date(2025, 1, 31), "domestic_abuse": "yes"}
    made = [needs.to_assessment(a, date_of_birth=None, sex=None, assessed_on=TODAY) for a in (one, two)]
    assert made[0] == made[1]
    assert made[0].sanctions == 6


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
options = st.sampled_from(sorted({o.key for q in needs.questions().values() for o in q.options}))


@given(st.dictionaries(st.sampled_from(list(needs.questions())), anything | options | st.lists(options)))
def test_no_answer_however_odd_stops_anything_and_only_good_ones_are_used(answers: dict[str, Any]) -> None:
    refused = {p.field for p in needs.check(answers, today=TODAY) if "this is no answer" in p.message}
    made = needs.to_assessment(answers, date_of_birth=None, sex=None, assessed_on=TODAY)
    good = {key: value for key, value in answers.items() if key not in refused}
    assert made == needs.to_assessment(good, date_of_birth=None, sex=None, assessed_on=TODAY)
    score(made)
    levels = needs.need_levels(answers)
    for level in levels.values():
        assert (level.score is None) == (level.level is None)
        assert level.level is None or needs.LEVELS.index(level.level) <= needs.LEVELS.index(level.at_most)
    needs.for_person({}, None, answers, levels)


# hmpps-tier @ affac98, NeedSectionTest: a score of 5 in accommodation is severe by the thresholds of a strengths and
# needs assessment; 3 in employment is standard; nothing known is no score.
def test_levels_have_the_published_values() -> None:
    homeless = {"current_accommodation": "temporary", "temporary_accommodation": "short_term",
                "accommodation_suitable": "with_concerns", "location_suitable": "no"}  # fmt: skip
    found = needs.need_levels({
        **homeless, "employment_status": "looking", "ever_employed": "yes", "employment_history": "some_gaps",
    })  # fmt: skip
    assert (found["accommodation"].score, found["accommodation"].level) == (5, "severe")
    employment = found["education_training_employability"]
    assert (employment.score, employment.level) == (3, "standard")
    assert employment.missing == ("Work-related skills",)
    assert employment.at_most == "standard"
    assert employment.certain
    assert (found["attitudes"].score, found["attitudes"].level) == (None, None)


@pytest.mark.parametrize(
    ("area", "edges"),  # reference: standard and severe, in a strengths and needs assessment
    [("accommodation", (3, 5)), ("education_training_employability", (3, 7)), ("relationships", (2, 5)),
     ("lifestyle_and_associates", (2, 5)), ("drug_misuse", (2, 6)), ("alcohol_misuse", (2, 4)),
     ("thinking_and_behaviour", (3, 5)), ("attitudes", (1, 5))],
)  # fmt: skip
def test_each_area_has_its_own_thresholds(area: str, edges: tuple[int, int]) -> None:
    """Every combination of the three answers of the area that have options 0 to 2."""
    steps: dict[str, list[dict[str, Any]]] = {
        "accommodation": [{"location_suitable": v} for v in ("yes", "no")],
        "relationships": [{"childhood": v} for v in ("positive", "mixed", "negative")],
    }
    base: dict[str, dict[str, Any]] = {
        "accommodation": {"current_accommodation": "settled", "accommodation_suitable": "with_concerns"},
        "relationships": {"family_relationship": "unstable", "past_relationships": "mixed"},
    }
    for extra in steps.get(area, [{}]):
        found = needs.need_levels({**base.get(area, {}), **extra})[area]
        if found.score is not None:
            expected = sum(found.score >= edge for edge in edges)
            assert found.level == needs.LEVELS[expected]
    worst = needs.need_levels({})[area]
    most = 2 * len(worst.missing)
    assert worst.at_most == needs.LEVELS[sum(most >= edge for edge in edges)]


def test_attitudes_cannot_be_severe_with_the_questions_that_are_asked() -> None:
    """Two answers make at most 4 and severe begins at 5: so it is published, and so the page must not promise it."""
    assert needs.need_levels({})["attitudes"].at_most == "standard"


def test_strengths_are_what_the_answers_say_then_the_practitioners_words() -> None:
    answers = {
        "thinking_strengths": "yes", "thinking_strengths_details": "Runs a football team.",
        "employment_status": "employed", "temper": "no", "current_accommodation": "settled",
        "drug_use": needs.UNKNOWN,
    }  # fmt: skip
    assert needs.strengths(answers) == ["A settled home", "A job", "Runs a football team."]
    assert needs.strengths({}) == []


# Words whose syllables any dictionary gives.
@pytest.mark.parametrize(
    ("word", "count"),
    [("home", 1), ("people", 2), ("used", 1), ("noticed", 2), ("family", 3), ("probation", 3), ("the", 1),
     ("violence", 3), ("table", 2), ("needed", 2), ("crime", 1), ("stops", 1), ("100", 3), ("I", 1)],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_grade_is_the_published_formula() -> None:
    """By hand: 10 words, 2 sentences, 11 syllables."""
    text = "We read your record. Then we made a big plan."
    assert grade(text) == pytest.approx(0.39 * 10 / 2 + 11.8 * 11 / 10 - 15.59)
    assert grade("The multidisciplinary practitioner facilitates rehabilitative interventions.") > 20
    with pytest.raises(ValueError, match="no word"):
        grade("...")


def test_every_question_to_the_person_is_easy_to_read() -> None:
    hard = [q.plain_label for q in needs.questions().values() if grade(q.plain_label) > READING_AGE_OF_ELEVEN]
    assert hard == []


@pytest.mark.parametrize("section", needs.sections(), ids=lambda section: section.key)
def test_the_choices_of_a_section_are_easy_to_read(section: needs.Section) -> None:
    """Together, because a choice of two words is no sentence to measure."""
    told = [f"{option.plain_label}." for q in section.questions for option in q.options]
    assert grade(" ".join(told)) <= READING_AGE_OF_ELEVEN


def paragraphs() -> list[needs.PlainParagraph]:
    person = answered(unemployed=True, temper_control=2, alcohol_binge=1, impulsivity=None)
    results = score(person)
    made = tier(TierInputs(arp_percentage=60.0, csrp_percentage=1.2), dt.date(2026, 6, 1))
    answers = {"employment_status": "looking", "coping": "yes", "current_accommodation": "none",
               "drug_use": "no"}  # fmt: skip
    return needs.for_person(results, made, answers, needs.need_levels(answers))


def test_what_is_said_to_the_person_is_easy_to_read() -> None:
    for paragraph in paragraphs():
        for sentence in (*paragraph.sentences, *paragraph.points):
            assert grade(sentence) <= READING_AGE_OF_ELEVEN, sentence
    filled = [text.format_map(Filled()) for text in plain_texts() if len(text.split()) > 3]
    assert [text for text in filled if grade(text) > READING_AGE_OF_ELEVEN] == []


class Filled(dict[str, str]):
    """The longest of what a place can hold."""

    def __missing__(self, key: str) -> str:
        held = {
            "base": "10,000",
            "count": "999",
            "within": "in the next 2 years",
            "tier": "A",
            "band": "very high",
        }
        return held.get(key, "friends and free time")


def test_the_person_is_told_each_number_what_it_is_not_and_how_to_object() -> None:
    told = {
        paragraph.heading: " ".join((*paragraph.sentences, *paragraph.points)) for paragraph in paragraphs()
    }
    numbers = told["What the numbers say"]
    for name in ("A new crime:", "A violent crime:", "A very bad violent or sexual crime:"):
        assert name in numbers
    assert "It cannot tell what you will do." in numbers
    assert "Your tier is D." in told["Your tier"]
    assert "where you live" in told["Where you may want help"]
    assert "ask a person to look at it again" in told["If you do not agree"]
    assert "sexual crime by touch" not in numbers, "an instrument that does not apply says nothing"


def test_a_number_is_told_as_people_and_one_that_is_missing_is_told_too() -> None:
    results = score(answered(sanctions=None))
    (numbers,) = [p for p in needs.for_person(results, None, {}, {}) if p.heading == "What the numbers say"]
    assert numbers.sentences[0] == "A new crime: we have no number yet, as some answers are missing."
    full = score(answered())
    (numbers,) = [p for p in needs.for_person(full, None, {}, {}) if p.heading == "What the numbers say"]
    percentage = full["arp"].percentage
    assert percentage is not None
    assert f"About {round(percentage)} of them" in numbers.sentences[0]


def test_every_answer_that_could_lower_a_score_has_plain_words() -> None:
    better = needs.plain.words("better")
    assert {info.name for info in field_table().values() if info.changeable} == set(better)


def test_every_sentence_for_a_page_can_be_translated() -> None:
    found = set(texts())
    shown = {
        text
        for p in paragraphs()
        for text in (p.heading, *p.sentences, *p.points)
        if not any(map(str.isdigit, text))
    }
    fixed = {text for text in plain_texts() if "{" not in text}
    assert {p.heading for p in paragraphs()} <= found
    assert len(shown & (fixed | {f"{text}." for text in found} | found)) > 10
    welsh = needs.for_person({}, None, {}, {}, Language(gettext=lambda text: f"<{text}>"))
    assert all(sentence.startswith("<") for p in welsh for sentence in (*p.sentences, *p.points))
