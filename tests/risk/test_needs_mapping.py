"""What an answer means for the instruments: against the expected values that the Ministry of Justice publishes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from people import ROOT, answered

from milepost.risk import needs
from milepost.risk.fields import Assessment, field_table
from milepost.risk.instruments import instruments
from milepost.risk.needs.mapping import fields, items
from milepost.risk.needs.needed import fields_read
from milepost.risk.score import score

PUBLISHED = json.loads(Path(__file__).with_name("needs_published.json").read_text(encoding="utf-8"))["cases"]
GIVEN = {"person_id", "assessment_date", "date_of_birth", "sex", "static_only"}
"""Fields that are no answer: they come from the record of the person, or choose a version."""

UNKNOWN_IS_NOT_NO = {
    ("drug_misuse_current", "{}"),
    ("self_harm", '{"suicide": "no"}'),
    ("self_harm", '{"self_harm": "no"}'),
    ("psychiatric_treatment", '{"psychiatric_treatment": "unknown"}'),
    ("psychiatric_treatment", '{"mental_health": "unknown"}'),
    ("financial_reliance", '{"income": ["family_or_friends"]}'),
    ("partner_status", "{}"),
    ("partner_status", '{"important_people": ["partner"]}'),
}
"""Where the published mapping makes something of nothing; here it stays missing."""


def deliberate(case: dict[str, Any]) -> bool:
    return (case["field"], json.dumps(case["answers"], sort_keys=True)) in UNKNOWN_IS_NOT_NO


def ours(answers: dict[str, Any]) -> dict[str, Any]:
    return {**fields(answers), **items(answers)}


def test_every_published_case_gives_the_published_value() -> None:
    cases = [case for case in PUBLISHED if not deliberate(case)]
    wrong = [
        case for case in cases
        if (found := ours(case["answers"]).get(case["field"])) != case["expected"]
        or type(found) is not type(case["expected"])
    ]  # fmt: skip
    assert not wrong
    page = (ROOT / "docs" / "reference" / "needs-questions.md").read_text(encoding="utf-8")
    assert f"Of {len(PUBLISHED)} published expected values, {len(cases)} hold exactly." in page


def test_where_the_published_mapping_says_no_of_what_nobody_answered_it_stays_missing() -> None:
    cases = [case for case in PUBLISHED if deliberate(case)]
    assert len(cases) == len(UNKNOWN_IS_NOT_NO)
    for case in cases:
        assert case["expected"] is not None
        assert ours(case["answers"]).get(case["field"]) is None, case


@pytest.mark.parametrize("given", [None, "", needs.UNKNOWN])
def test_unknown_to_everything_fills_nothing(given: object) -> None:
    assert ours(dict.fromkeys(needs.questions(), given)) == {}


def test_every_answer_that_an_instrument_reads_can_be_reached_from_a_question() -> None:
    reached = {name for question in needs.questions().values() for name in question.fills}
    for instrument, read in fields_read().items():
        assert read - reached - GIVEN == set(), instrument
    assert set(field_table()) - reached - GIVEN == set()


def test_a_question_fills_what_it_says_and_nothing_else() -> None:
    """Each option of each question alone: what comes of it is among ``fills``; and each of ``fills`` comes of
    something."""
    seen: dict[str, set[str]] = {key: set() for key in needs.questions()}
    for key, question in needs.questions().items():
        for value in possible(question):
            seen[key] |= set(fields({key: value}))
        assert seen[key] <= set(question.fills), key
    alone = {name for found in seen.values() for name in found}
    together = {
        "alcohol_current", "partner_status", "self_harm", "domestic_abuse_partner", "domestic_abuse_family",
    }  # fmt: skip
    assert set(field_table()) - GIVEN - alone <= together


def possible(question: needs.Question) -> list[Any]:
    if question.kind in ("yes_no", "choice"):
        return [option.key for option in question.options]
    if question.kind == "choices":
        return [[option.key] for option in question.options]
    return {"number": [question.minimum + 1], "date": ["2020-02-29"], "text": ["12511"]}[question.kind]


def test_an_instrument_is_named_by_every_question_whose_answer_moves_it() -> None:
    """A check from the other side: change one answer of a full set, and see whose score changes."""
    base = {**FULL}
    before = scored(base)
    for key, value in MOVES.items():
        after = scored({**base, key: value})
        moved = {name for name in before if before[name] != after[name]}
        assert moved, key
        assert moved <= set(needs.questions()[key].required_for), (key, moved)


def scored(answers: dict[str, Any]) -> dict[str, float | None]:
    person = needs.to_assessment(
        answers, date_of_birth=dt.date(1990, 2, 28), sex="male", assessed_on=dt.date(2026, 6, 1)
    )
    results = score(person, tuple(instruments()), changes=False)
    return {key: result.percentage if result.percentage else result.points for key, result in results.items()}


FULL: dict[str, Any] = {
    "setting": "community", "offence_code": "12511", "conviction_date": "2024-01-31",
    "community_date": "2025-01-31", "sanctions": 6, "violent_sanctions": 2, "age_at_first_sanction": 19,
    "ever_sexual_offence": "no", "past_convictions": ["none"], "offence_elements": ["none"],
    "domestic_abuse": "no", "current_accommodation": "settled", "living_with": ["alone"],
    "important_people": ["family"], "accommodation_suitable": "yes", "employment_status": "employed",
    "partner_relationship": "happy", "offending_activities": "no", "drug_use": "no", "alcohol_use": "never",
    "impulse": "no", "temper": "yes", "criminal_attitudes": "no",
}  # fmt: skip
MOVES: dict[str, Any] = {
    "employment_status": "looking", "accommodation_suitable": "no", "offending_activities": "yes",
    "temper": "no", "impulse": "yes", "criminal_attitudes": "yes", "past_convictions": ["robbery"],
    "offence_elements": ["weapon"], "partner_relationship": "unhappy", "domestic_abuse": "yes",
    "sanctions": 9, "violent_sanctions": 0, "offence_code": "00101", "community_date": "2026-01-31",
    "living_with": ["partner"],
}  # fmt: skip


def test_answers_give_the_same_scores_as_the_fields_they_stand_for() -> None:
    """End to end: a full set of answers is exactly the synthetic man of the predictors' own tests."""
    person = needs.to_assessment(
        {**FULL, "drug_use": "yes", "drugs_now": ["none"], "drug_motivation": "full"},
        date_of_birth=dt.date(1990, 2, 28), sex="male", assessed_on=dt.date(2026, 6, 1),
    )  # fmt: skip
    theirs = answered()
    for name in field_table():
        if getattr(theirs, name) is not None and name != "person_id":
            assert getattr(person, name) == getattr(theirs, name), name
    found = score(person)
    for key, result in score(theirs).items():
        assert found[key].percentage == result.percentage
        assert (
            found[key].basis == result.basis == ("dynamic" if key in ("arp", "vrp", "svrp") else result.basis)
        )


def test_no_answer_about_race_religion_or_sexuality_is_asked() -> None:
    told = " ".join(
        f"{q.label} {q.plain_label} {q.hint} {' '.join(o.label for o in q.options)}"
        for q in needs.questions().values()
    ).lower()
    for word in ("ethnic", "racial", "religio", "faith", "gay", "sexuality", "sexual orientation"):
        assert word not in told
    assert {"race", "ethnicity", "religion"}.isdisjoint(Assessment.__dataclass_fields__)
