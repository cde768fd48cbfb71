"""The rules around the numbers: sexual and combined predictors, dates, missing answers, refusals, explanation."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import answered

from milepost.problems import UnreadableFile
from milepost.risk.calendar import FIRST_DAY, LAST_DAY, add_months, completed_years, split, whole_months
from milepost.risk.fields import field_table
from milepost.risk.instruments import instruments
from milepost.risk.legacy import whole_percentage
from milepost.risk.offences import offences
from milepost.risk.options import Options
from milepost.risk.result import frequency, shown
from milepost.risk.rows import EPOCH
from milepost.risk.score import score
from milepost.risk.table import score_table

SEXUAL = {
    "ever_sexual_offence": True, "contact_adult_sanctions": 0, "contact_child_sanctions": 0,
    "image_sanctions": 0, "non_contact_sanctions": 0, "last_sexual_offence_date": dt.date(2015, 6, 1),
    "community_date": dt.date(2018, 6, 1), "conviction_date": dt.date(2015, 6, 1),
    "last_offence_date": dt.date(2015, 6, 1),
}  # fmt: skip


def sexual(**changes: Any) -> dict[str, Any]:
    return score(answered(**{**SEXUAL, **changes}), ["dc_srp", "iic_srp", "svrp", "csrp"])


def test_direct_contact_points_and_curve() -> None:
    result = sexual(contact_adult_sanctions=2, stranger_victim=True)["dc_srp"]
    # adult 10, age 28 at start: 14 - 10 // 3 = 11, last sexual sanction at 25: 10, two or more: 6, stranger 4
    assert result.points == 41
    assert result.probability == pytest.approx(1 / (1 + math.exp(8.633 - 0.1598 * 41)), abs=1e-15)
    assert sum(term.value for term in result.terms) == 41


@pytest.mark.parametrize(
    ("changes", "band"),
    [
        ({}, "high"),  # very high, and eight years at liberty: one level down
        ({"supervision": "custody"}, "very_high"),
        ({"supervision": "remand"}, "high"),
        ({"community_date": dt.date(2021, 6, 2)}, "very_high"),
        ({"community_date": dt.date(2021, 6, 1)}, "high"),
        ({"last_offence_date": dt.date(2022, 1, 1)}, "very_high"),
        ({"last_offence_date": None}, "high"),
    ],
)
def test_five_clean_years_lower_the_band_and_not_the_score(changes: dict[str, Any], band: str) -> None:
    full = {"contact_adult_sanctions": 2, "stranger_victim": True, **changes}
    result = sexual(**full)["dc_srp"]
    assert result.band == band
    assert result.points in (41, 42, 40)
    assert result.probability == pytest.approx(1 / (1 + math.exp(8.633 - 0.1598 * result.points)), abs=1e-15)


@pytest.mark.parametrize(
    ("counts", "percentage", "band"),
    [
        ({"image_sanctions": 2}, 10.31, "high"),
        ({"image_sanctions": 1, "contact_child_sanctions": 3}, 3.33, "medium"),
        ({"contact_child_sanctions": 2}, 0.93, "low"),
        ({"contact_child_sanctions": 1}, 0.63, "low"),
        ({"contact_adult_sanctions": 1}, 0.28, "low"),
        ({"non_contact_sanctions": 1}, 0.28, "low"),
    ],
)
def test_images_ladder(counts: dict[str, int], percentage: float, band: str) -> None:
    result = sexual(**counts)["iic_srp"]
    assert (result.percentage, result.band) == (percentage, band)


def test_the_other_published_ladder_can_be_chosen() -> None:
    who = answered(**{**SEXUAL, "contact_adult_sanctions": 1})
    assert score(who, ["iic_srp"])["iic_srp"].percentage == 0.28
    assert score(who, ["iic_srp"], Options(iic_version="api_2026_08"))["iic_srp"].percentage == 0.0
    both = answered(**{**SEXUAL, "contact_adult_sanctions": 1, "non_contact_sanctions": 1})
    assert score(both, ["iic_srp"], Options(iic_version="api_2026_08"))["iic_srp"].percentage == 0.28


def test_combined_is_the_sum_of_rounded_parts() -> None:
    results = sexual(contact_adult_sanctions=2, image_sanctions=1)
    parts = [results[key].percentage for key in ("svrp", "dc_srp", "iic_srp")]
    assert results["csrp"].percentage == round(sum(parts), 2)
    assert results["csrp"].basis == results["svrp"].basis == "dynamic"


def test_a_woman_with_a_sexual_offence_gets_the_constant_and_no_points() -> None:
    results = sexual(sex="female", contact_adult_sanctions=2)
    assert results["dc_srp"].band == "not_applicable"
    assert (results["dc_srp"].percentage, results["iic_srp"].percentage) == (0.0, 0.0)
    assert results["csrp"].percentage == round(results["svrp"].percentage + 0.38, 2)


def test_band_names_at_6_9_percent() -> None:
    who = answered(**{**SEXUAL, "image_sanctions": 2})
    assert score(who, ["csrp"])["csrp"].band == "very_high"
    assert score(who, ["csrp"], Options(combined_bands="rsr"))["csrp"].band == "high"


def test_a_sexual_offence_without_any_sanction_is_refused() -> None:
    result = sexual()["dc_srp"]
    assert not result.scored
    assert "every count" in result.problems[0].message
    assert not sexual()["csrp"].scored
    assert sexual()["svrp"].scored


def test_unknown_sexual_history_is_not_no() -> None:
    results = score(answered(ever_sexual_offence=None), ["svrp", "csrp"])
    assert results["svrp"].scored
    assert not results["csrp"].scored
    assert results["csrp"].missing[0].field == "ever_sexual_offence"


@pytest.mark.parametrize("field", ["alcohol_current", "unemployed", "partner_status"])
def test_a_missing_dynamic_answer_gives_the_static_score_and_says_so(field: str) -> None:
    full, less = score(answered(), ["arp"])["arp"], score(answered(**{field: None}), ["arp"])["arp"]
    assert (full.basis, less.basis) == ("dynamic", "static")
    assert full.extra is not None
    assert less.percentage == full.extra["static_percentage"]
    assert [item.field for item in less.missing] == [field]
    assert field_table()[field].label in less.basis_reason


def test_drug_answers_that_are_missing_count_as_not_used_and_are_named() -> None:
    full = score(answered(), ["arp"])["arp"]
    without = score(answered(drug_heroin=None, drug_motivation=None), ["arp"])["arp"]
    assert without.percentage == full.percentage
    assert {item.field for item in without.missing} == {"drug_heroin", "drug_motivation"}
    used = score(answered(drug_heroin=True, drug_motivation=None), ["arp"])["arp"]
    assert used.basis == "static"
    # VRP asks for motivation in any case; methadone is its own and heroin is not.
    assert score(answered(drug_motivation=None), ["vrp"])["vrp"].basis == "static"


def test_methadone_counts_for_violence_and_heroin_does_not() -> None:
    base, heroin, methadone = (
        score(answered(**changes), ["arp", "vrp"])
        for changes in ({}, {"drug_heroin": True}, {"drug_methadone": True})
    )
    assert heroin["vrp"].probability == pytest.approx(base["vrp"].probability, rel=1e-12)
    assert methadone["vrp"].probability > base["vrp"].probability
    assert methadone["arp"].probability == pytest.approx(base["arp"].probability, rel=1e-12)
    assert heroin["arp"].probability > base["arp"].probability


def test_unemployed_scores_two_and_half_of_it_on_request() -> None:
    def odds(who: Any, options: Options) -> float:
        p = score(who, ["arp"], options)["arp"].probability
        return math.log(p / (1 - p))

    no = odds(answered(), Options())
    assert odds(answered(unemployed=True), Options()) - no == pytest.approx(2 * 0.0317783733809377)
    assert odds(answered(unemployed=True), Options(unemployed_points=1)) - no == pytest.approx(
        0.0317783733809377
    )


def test_terms_sum_to_the_log_odds() -> None:
    for key in ("arp", "vrp", "svrp", "ogrs3"):
        result = score(answered(alcohol_binge=2, drug_crack=True), [key])[key]
        z = sum(term.value for term in result.terms)
        tolerance = 1e-5 if key == "ogrs3" else 1e-12  # OGRS3 is published rounded to five decimals
        assert 1 / (1 + math.exp(-z)) == pytest.approx(result.probability, abs=tolerance)


def test_what_would_change_it_is_what_scoring_the_change_gives() -> None:
    who = answered(alcohol_binge=2, unemployed=True, drug_crack=True)
    result = score(who, ["arp"])["arp"]
    assert {change.field for change in result.changes} == {"alcohol_binge", "unemployed", "drug_crack"}
    for change in result.changes:
        better = dataclasses.replace(who, **{change.field: 0 if change.field == "alcohol_binge" else False})
        again = score(better, ["arp"])["arp"]
        assert (again.percentage, again.band) == (change.percentage, change.band)
        assert change.percentage < result.percentage


def test_distance_to_the_edges_of_the_band() -> None:
    result = score(answered(), ["arp"])["arp"]
    assert result.band == "low"
    assert result.to_next_band == round(50 - result.percentage, 2)
    assert result.to_band_below is None
    points = sexual(contact_adult_sanctions=2, stranger_victim=True)["dc_srp"]
    assert (points.to_band_below, points.to_next_band, points.edge_unit) == (5, None, "points")
    chosen = score(answered(**{**SEXUAL, "image_sanctions": 1}), ["csrp"], Options(combined_bands="rsr"))[
        "csrp"
    ]
    assert chosen.to_band_below == round(chosen.percentage - 3.0, 2)


def test_an_instrument_of_one_version_says_what_it_rests_on() -> None:
    results = score(answered(), ["ogrs3", "dc_srp"])
    assert {key: result.basis for key, result in results.items()} == {"ogrs3": "static", "dc_srp": "static"}
    assert results["ogrs3"].basis_reason == "It has only a static version."


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"offence_code": "99999"}, "offence_code", "not in the actuarial table"),
        ({"offence_code": "7111"}, "offence_code", "not five digits"),
        ({"sanctions": 0, "violent_sanctions": 0}, "sanctions", "not from 1 to 999"),
        ({"sanctions": 1000}, "sanctions", "not from 1 to 999"),
        ({"age_at_first_sanction": 34}, "age_at_first_sanction", "above the age"),
        ({"conviction_date": dt.date(2026, 9, 2)}, "conviction_date", "more than 3 months"),
        ({"conviction_date": dt.date(1980, 1, 1)}, "conviction_date", "not after the date of birth"),
        ({"community_date": dt.date(1980, 1, 1)}, "community_date", "not after the date of birth"),
        ({"date_of_birth": None}, "date_of_birth", "not answered"),
    ],
)
def test_refusals_name_the_field_and_the_remedy(changes: dict[str, Any], field: str, words: str) -> None:
    result = score(answered(**changes), ["arp"])["arp"]
    assert not result.scored
    found = {problem.field: problem for problem in result.problems}
    assert words in found[field].message
    assert found[field].remedy


def test_three_months_after_the_assessment_is_still_allowed() -> None:
    on_the_day = answered(assessment_date=dt.date(2025, 11, 30), conviction_date=dt.date(2026, 2, 28))
    assert score(on_the_day, ["arp"])["arp"].scored
    day_after = dataclasses.replace(on_the_day, conviction_date=dt.date(2026, 3, 1))
    assert not score(day_after, ["arp"])["arp"].scored


def test_more_violent_sanctions_than_sanctions_blocks_violence_only() -> None:
    results = score(answered(violent_sanctions=7), ["arp", "vrp"])
    assert results["arp"].scored
    assert not results["vrp"].scored


def test_not_yet_released_counts_no_months() -> None:
    custody = score(answered(community_date=dt.date(2027, 1, 1)), ["arp"])["arp"]
    assert {term.name: term.value for term in custody.terms}["ofm"] == 0.0
    capped = score(answered(community_date=dt.date(2024, 2, 1), assessment_date=dt.date(2030, 1, 1)), ["arp"])
    assert {t.name: t.value for t in capped["arp"].terms}["ofm"] == pytest.approx(36 * -0.0531180383905312)


days = st.dates(dt.date(1930, 1, 1), dt.date(2040, 12, 31))


def _days(day: dt.date) -> np.ndarray:
    return np.array([float((day - dt.date(1970, 1, 1)).days)])


@settings(deadline=None)
@given(days, days)
def test_years_and_months_against_the_plain_count(one: dt.date, other: dt.date) -> None:
    start, end = min(one, other), max(one, other)
    years = end.year - start.year - ((end.month, end.day) < (start.month, start.day))
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    assert completed_years(split(_days(start)), split(_days(end)))[0] == years
    assert whole_months(split(_days(start)), split(_days(end)))[0] == months


def test_dates_that_are_looked_up_and_dates_that_are_worked_out() -> None:
    """The edges of the table of days, beyond them, and no date among them."""
    first, last = EPOCH + dt.timedelta(FIRST_DAY), EPOCH + dt.timedelta(LAST_DAY)
    assert (first, last) == (dt.date(1850, 1, 1), dt.date(2149, 12, 31))
    inside = [first, dt.date(1900, 2, 28), dt.date(2000, 2, 29), EPOCH, last]
    for asked in (
        inside,
        [*inside, None],
        [*inside, None, last + dt.timedelta(1)],
        [dt.date(1, 1, 1), None],
        [],
    ):
        given_days = np.array([np.nan if day is None else float((day - EPOCH).days) for day in asked])
        months, in_month = split(given_days)
        for day, month, number in zip(asked, months, in_month, strict=True):
            if day is None:
                assert np.isnan(month)
                assert np.isnan(number)
            else:
                assert (month, number) == (day.year * 12 + day.month - 1, day.day)


def test_three_months_on_from_a_long_month() -> None:
    found = add_months(split(_days(dt.date(2025, 11, 30))), 3)
    assert found[0] == _days(dt.date(2026, 2, 28))[0]


def test_whole_percentages_round_as_the_published_code_does() -> None:
    # The doubles 0.345 and 0.565 lie just below, 0.375 is exact: the published code rounds the exact double.
    assert whole_percentage(np.array([0.345, 0.565, 0.375, 0.00001, 0.99999]), 5).tolist() == [
        34.0, 56.0, 38.0, 1.0, 99.0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("percentage", "words"),
    [
        (26.94, "Of 100 people with these answers, about 27 reoffend within 2 years."),
        (1.2, "Of 100 people with these answers, about 1 reoffend within 2 years."),
        (0.49, "Of 1,000 people with these answers, about 5 reoffend within 2 years."),
        (0.01, "Of 10,000 people with these answers, about 1 reoffend within 2 years."),
        (0.0, "Of 10,000 people with these answers, fewer than 1 reoffend within 2 years."),
        (99.99, "Of 100 people with these answers, nearly all reoffend within 2 years."),
    ],
)
def test_natural_frequency(percentage: float, words: str) -> None:
    assert frequency(percentage, "reoffend", 2) == words


def test_a_score_that_rounds_to_nothing_is_not_shown_as_zero() -> None:
    assert shown(0.0, 2) == "<0.01%"
    who = answered(
        sex="female", date_of_birth=dt.date(1950, 1, 1), age_at_first_sanction=74, sanctions=1,
        violent_sanctions=0, offence_code=_code("WELFARE_FRAUD"),
    )  # fmt: skip
    result = score(who, ["svrp"])["svrp"]
    assert (result.percentage, result.shown, result.band) == (0.0, "<0.01%", "low")


def _code(category: str) -> str:
    found = offences()
    return f"{int(np.flatnonzero(found.category == found.names.index(category))[0]):05d}"


def test_no_protected_characteristic_is_an_input() -> None:
    forbidden = re.compile(
        r"race|ethnic|relig|faith|disab|sexuality|orientation_sexual|gender_identity|nationality"
    )
    assert not [name for name in field_table() if forbidden.search(name)]


def test_sex_and_age_matter_only_through_published_terms() -> None:
    for key, instrument in instruments().items():
        assert instrument.version, key
        assert instrument.source, key
        assert instrument.commit, key


def test_an_unknown_instrument_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no instrument 'oasys'"):
        score(answered(), ["oasys"])


def frame(*people: Any) -> pl.DataFrame:
    return pl.DataFrame([dataclasses.asdict(person) for person in people], infer_schema_length=None)


def test_a_table_in_natural_words_gives_the_same_as_one_person() -> None:
    people = [answered(), answered(sex="female", unemployed=True), answered(alcohol_current=None)]
    names = ("current", "ogrs3", "mst")
    table = score_table(frame(*people), names)
    assert table.frame.height == 3
    for person, row in zip(people, table.frame.iter_rows(named=True), strict=True):
        for key, result in score(person, names).items():
            assert result.band == row[f"{key}_band"], key
            if f"{key}_percentage" in row and result.percentage is not None:
                assert result.percentage == row[f"{key}_percentage"], key


def test_a_bad_value_refuses_its_row_only() -> None:
    good, bad = dataclasses.asdict(answered()), dataclasses.asdict(answered())
    bad["alcohol_binge"] = 3
    table = score_table(pl.DataFrame([good, bad, good], infer_schema_length=None), ["arp"], first_row=2)
    assert table.frame.get_column("row").to_list() == [2, 4]
    (problem,) = table.problems.problems
    assert (problem.row, problem.field, problem.value) == (3, "alcohol_binge", "3")
    assert "0, 1 or 2" in problem.remedy


def test_two_columns_for_one_answer_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="mean the same"):
        score_table(pl.DataFrame({"DOB": ["1990-01-01"], "date_of_birth": ["1990-01-01"]}))


def test_a_long_table_is_cut_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    people = pl.concat([frame(answered(sanctions=n + 2)) for n in range(19)])
    whole = score_table(people, ["arp"]).frame
    monkeypatch.setattr("milepost.risk.table.CHUNK", 8)
    assert score_table(people, ["arp"]).frame.equals(whole)
    assert whole.get_column("arp_percentage").n_unique() == 19


@pytest.mark.parametrize(("meaning", "points"), [("no", 0.0), ("half", 1.0), ("yes", 2.0)])
def test_what_a_one_in_question_4_2_means_can_be_said(meaning: Any, points: float) -> None:
    base = dataclasses.asdict(answered())
    del base["unemployed"]
    table = score_table(
        pl.DataFrame([{**base, "q4.2": "1"}], infer_schema_length=None), ["arp"], unemployed_one=meaning
    )
    clean = score(answered(), ["arp"])["arp"].probability
    odds = [math.log(p / (1 - p)) for p in (table.frame.item(0, "arp_probability"), clean)]
    assert odds[0] - odds[1] == pytest.approx(points * 0.0317783733809377)
    assert table.problems.n_warnings == 1
    refused = score_table(
        pl.DataFrame([{**base, "q4.2": "1"}], infer_schema_length=None), ["arp"], unemployed_one="refuse"
    )
    assert refused.frame.height == 0
    assert refused.problems.n_errors == 1


def test_a_letter_that_may_be_medium_or_missing_is_refused() -> None:
    base = dataclasses.asdict(answered())
    table = score_table(pl.DataFrame([{**base, "sara_partner": "M"}], infer_schema_length=None), ["arp"])
    assert (table.frame.height, table.problems.problems[0].field) == (0, "sara_partner")
    missing = score_table(pl.DataFrame([{**base, "impulsivity": "M"}], infer_schema_length=None), ["arp"])
    assert missing.frame.item(0, "arp_basis") == "static"
