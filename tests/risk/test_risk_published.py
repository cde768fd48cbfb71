"""Every published expected value that the project may see, at its published precision.

Sources: hmpps-arns-risk-actuarial-api (regression file; OGRS3, OVP, OGP and SNSV tests), MIT, Crown Copyright.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from people import TEST_CASES, person, vectors

from milepost.risk import legacy, pni
from milepost.risk.fields import Assessment
from milepost.risk.offences import CODES, offences
from milepost.risk.options import STATED
from milepost.risk.read import read_answers
from milepost.risk.rows import Rows
from milepost.risk.score import score
from milepost.risk.scored import cut
from milepost.risk.table import Scores, score_tidy

PREDICTORS = ("arp", "vrp", "svrp")


@pytest.fixture(scope="module")
def test_cases() -> Scores:
    return score_tidy(read_answers(TEST_CASES), PREDICTORS, STATED, TEST_CASES.name)


@pytest.mark.shared_data
def test_one_person_at_a_time() -> None:
    compared = 0
    for vector in vectors():
        results = score(person(vector), PREDICTORS, changes=False)
        for name, expected in vector["expected"].items():
            predictor, version = name.split("_")
            result = results[predictor]
            if not vector["scorable"]:
                assert [problem.field for problem in result.problems] == ["offence_code"]
                assert result.problems[0].value == vector["offence_code"]
                continue
            assert result.extra is not None
            if vector["expected_precision"] == "full":
                assert result.extra[f"{version}_probability"] == pytest.approx(expected, abs=1e-9)
            else:
                assert result.extra[f"{version}_percentage"] == round(expected * 100, 2)
            compared += 1
    assert compared == 162


@pytest.mark.shared_data
def test_the_same_people_in_the_table(test_cases: Scores) -> None:
    by_row = {row["row"]: row for row in test_cases.frame.iter_rows(named=True)}
    for vector in vectors():
        row = by_row.get(vector["id"] + 1)
        assert (row is not None) == vector["scorable"]
        if row is None:
            continue
        for name, expected in vector["expected"].items():
            predictor, version = name.split("_")
            if vector["expected_precision"] == "full":
                assert row[f"{predictor}_{version}_probability"] == pytest.approx(expected, abs=1e-9)
            else:
                assert row[f"{predictor}_{version}_percentage"] == round(expected * 100, 2)


@pytest.mark.shared_data
def test_every_row_is_scored_or_refused_by_name(test_cases: Scores) -> None:
    assert test_cases.rows_read == 10_000
    assert test_cases.frame.height == 9_220
    assert test_cases.problems.n_errors == 780
    errors = [problem for problem in test_cases.problems.problems if problem.severity == "error"]
    assert {problem.field for problem in errors} == {"offence_code"}
    assert all(problem.row and problem.value and problem.remedy for problem in errors)
    # A 1 in question 4.2 is not silently read: each is named.
    assert test_cases.problems.n_warnings == 2_918
    assert (
        test_cases.frame.select(pl.col("^.*_dynamic_probability$").null_count().sum()).sum_horizontal()[0]
        == 0
    )


@pytest.mark.shared_data
def test_one_person_and_the_table_give_the_same(test_cases: Scores) -> None:
    for vector in vectors():
        if not vector["scorable"]:
            continue
        row = test_cases.frame.row(by_predicate=pl.col("row") == vector["id"] + 1, named=True)
        for key, result in score(person(vector), PREDICTORS).items():
            assert result.probability == pytest.approx(row[f"{key}_probability"], abs=1e-13)
            assert (result.percentage, result.band) == (row[f"{key}_percentage"], row[f"{key}_band"])


TWO_CASES = (
    "03-10-2025,N,07-06-1970,M,07111,2,2,null,null,null,null,null,18,07-06-1997,null,null,null,18-05-1998,null,"
    "1,1,0,2,1,2,0,N,N,N,N,N,N,N,N,N,N,N,N,N,N,N,N,N,2,0,0,1,2,0,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,null\n"
    "03-10-2025,N,23-12-1975,M,09412,2,2,null,null,null,null,null,20,23-12-2000,null,null,null,15-07-2001,null,"
    "1,0,0,0,0,3,1,N,N,N,N,Y,N,N,N,N,Y,N,N,N,N,Y,N,N,0,1,0,0,1,0,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,null\n"
)


def test_the_first_published_case_and_a_code_that_was_removed(tmp_path: Path) -> None:
    """In the repository, so that something published is compared wherever the tests run."""
    path = tmp_path / "cases.csv"
    path.write_text(TWO_CASES, encoding="utf-8")
    scores = score_tidy(read_answers(path), PREDICTORS, STATED, path.name)
    (row,) = scores.frame.iter_rows(named=True)
    expected = {
        "svrp_static": 0.0015976414533739503, "svrp_dynamic": 0.001765502721983633,
        "vrp_static": 0.00945711788345216, "vrp_dynamic": 0.017086700738903098,
        "arp_static": 0.05373699777470424, "arp_dynamic": 0.09202132365304101,
    }  # fmt: skip
    for name, value in expected.items():
        assert row[f"{name}_probability"] == pytest.approx(value, abs=1e-9)
    (problem,) = scores.problems.problems
    assert (problem.row, problem.field, problem.value) == (2, "offence_code", "09412")


def code_with(weight: float) -> str:
    """Some offence code with this OGRS3 weight."""
    return f"{int(np.flatnonzero(offences().weights['ogrs3'] == weight)[0]):05d}"


@pytest.mark.parametrize(
    ("born", "convicted", "start", "first", "weight", "one_year", "two_year"),
    [
        (dt.date(1965, 12, 7), dt.date(2025, 5, 13), dt.date(2026, 12, 6), 47, 0.7606, 8, 16),
        (dt.date(1991, 7, 17), dt.date(2021, 8, 5), dt.date(2021, 12, 12), 21, 0.1599, 11, 20),
    ],
)
def test_ogrs3(
    born: dt.date, convicted: dt.date, start: dt.date, first: int, weight: float, one_year: int, two_year: int
) -> None:
    who = Assessment(
        sex="male", date_of_birth=born, conviction_date=convicted, community_date=start, sanctions=2,
        age_at_first_sanction=first, offence_code=code_with(weight),
    )  # fmt: skip
    result = score(who, ["ogrs3"])["ogrs3"]
    assert result.extra is not None
    assert (result.extra["one_year_percentage"], result.percentage) == (one_year, two_year)
    assert result.band == "low"


@pytest.mark.parametrize(
    ("total", "one_year", "two_year"),
    [(-2.776835807, 0.20193, 0.34183), (0.0, 0.80259, 0.89299), (1.0, 0.91702, None)],
)
def test_ogrs3_probability_of_a_sum(
    total: float, one_year: float, two_year: float | None, monkeypatch: Any
) -> None:
    monkeypatch.setattr(legacy, "ogrs3_sum", lambda rows: {"sum": (None, np.full(rows.n, total))})
    who = Assessment(
        sex="male", date_of_birth=dt.date(1990, 1, 1), conviction_date=dt.date(2020, 1, 1), sanctions=2,
        age_at_first_sanction=20, offence_code="00100",
    )  # fmt: skip
    result = score(who, ["ogrs3"])["ogrs3"]
    assert result.extra is not None
    assert result.extra["one_year_probability"] == one_year
    assert two_year is None or result.probability == two_year


OVP_BASE = {
    "sex": "male", "date_of_birth": dt.date(1964, 10, 15), "community_date": dt.date(2027, 12, 12),
    "no_fixed_abode": True, "unemployed": True, "sanctions": 30, "violent_sanctions": 10,
    "recognises_impact": True, "alcohol_current": 0, "alcohol_binge": 0, "psychiatric_treatment": False,
    "temper_control": 0, "pro_criminal_attitudes": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "points", "one_year", "two_year", "band"),
    [
        ({}, 39, 15, 26, "low"),
        ({"sanctions": 1, "violent_sanctions": 0, "recognises_impact": False}, 22, 5, 9, "low"),
        ({"sanctions": 55, "violent_sanctions": 40, "temper_control": 2, "alcohol_current": 1,
          "alcohol_binge": 1}, 58, 42, 58, "medium"),
    ],
)  # fmt: skip
def test_ovp(changes: dict[str, Any], points: int, one_year: int, two_year: int, band: str) -> None:
    result = score(Assessment(**{**OVP_BASE, **changes}), ["ovp"])["ovp"]
    assert result.extra is not None
    found = (result.points, result.extra["one_year_percentage"], result.percentage, result.band)
    assert found == (points, one_year, two_year, band)
    assert sum(term.value for term in result.terms) == points


def test_ogp() -> None:
    rows = Rows.from_assessments([
        Assessment(
            unemployed=True, activities_encourage_offending=1, problem_solving=1, awareness_of_consequences=1,
            pro_criminal_attitudes=1, no_fixed_abode=False, drug_misuse_current=0, drug_motivation=0,
            understands_others=0,
        )
    ])  # fmt: skip
    scored = legacy._from_points("ogp", legacy.ogp_parts(np.array([81.0]), rows), np.array([False]))
    assert scored.points is not None
    assert (scored.points[0], scored.extra["one_year_percentage"][0], scored.percentage[0]) == (62, 53, 68)
    assert cut(scored.percentage, legacy.INSTRUMENTS["ogp"].edges)[0] == 2


SNSV_BASE = {
    "sex": "male", "date_of_birth": dt.date(1980, 1, 1), "assessment_date": dt.date(2025, 1, 1),
    "conviction_date": dt.date(2020, 1, 1), "offence_code": "02700", "sanctions": 1,
    "age_at_first_sanction": 40, "supervision": "community", "violent_sanctions": 1, "domestic_abuse": False,
}  # fmt: skip


@pytest.fixture
def snsv_offence_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """The published test sets both weights of its offence to 0.123."""
    for name in ("snsv_static", "snsv_dynamic", "snsv_vatp_static", "snsv_vatp_dynamic"):
        monkeypatch.setitem(offences().weights, name, np.full(CODES, 0.123))


@pytest.mark.usefixtures("snsv_offence_weights")
def test_snsv_static() -> None:
    result = score(Assessment(**SNSV_BASE, community_date=dt.date(2024, 1, 1)), ["snsv"])["snsv"]
    assert result.basis == "static"
    assert result.probability == pytest.approx(0.0021598644399697, abs=1e-8)


@pytest.mark.usefixtures("snsv_offence_weights")
def test_snsv_dynamic() -> None:
    levels = ("accommodation_suitability", "partner_relationship", "alcohol_current", "alcohol_binge",
              "impulsivity", "temper_control", "pro_criminal_attitudes")  # fmt: skip
    past = [name for name in Assessment.__dataclass_fields__ if name.startswith("past_")]
    who = Assessment(
        **SNSV_BASE, community_date=dt.date(2027, 1, 1), weapon=False, unemployed=False,
        **dict.fromkeys(levels, 0), **{name: name == "past_wounding" for name in past},
    )  # fmt: skip
    result = score(who, ["snsv"])["snsv"]
    assert result.basis == "dynamic"
    assert result.probability == pytest.approx(0.0027603294949487, abs=1e-8)


PNI_FIELDS = (
    "ever_sexual_offence", "sexual_harm_risk", "sexual_preoccupation", "sexual_interests",
    "congruence_with_children", "pro_criminal_attitudes", "hostile_orientation", "family_relationships",
    "close_relationships", "easily_influenced", "controlling_behaviour", "impulsivity", "temper_control",
    "problem_solving", "difficulties_coping",
)  # fmt: skip
N, NA = None, pni.sexual.NOT_APPLICABLE
# Rows of PNI_test_data_small.csv. That file and the published code disagree (no published test compares them):
# the code is followed, traced by hand here; the file's outcome stands beside it.
PNI_CASES = [  # code, file, community, answers, ARP band, VRP band, DC band, IIC band, CSRP, SARA x 2
    ("high", "omission", False, (1, 0, 2, 1, N, 2, 1, 1, 2, 1, N, 0, 1, 1, 0), 1, 2, 2, 0, 3, 2, 3),
    ("high", "omission", False, (1, N, N, N, N, 0, 2, 2, 1, 0, 2, 1, N, 0, N), 0, N, 1, 2, 3.5, 3, 3),
    ("moderate", "omission", False, (N, N, N, N, N, 2, 0, 1, 2, 0, 0, N, N, 0, 1), 2, 1, NA, 1, 1, 1, 2),
    ("moderate", "moderate", True, (0, 0, 0, 1, 1, N, 1, N, N, 2, 0, N, 2, N, 2), 1, 1, 1, NA, 0, N, 2),
    ("omission", "moderate", True, (1, 1, 1, 1, N, 2, 2, N, 0, N, 1, N, N, N, 1), 0, 1, N, 1, 2.2, 2, 2),
]
ARP_OF, VRP_OF = (30.0, 60.0, 80.0, 95.0), (0.0, 30.0, 60.0, 80.0)


@pytest.mark.parametrize("case", PNI_CASES)
def test_pni_pathway(case: tuple[Any, ...]) -> None:
    outcome, _, community, answers, arp, vrp, contact, image, csrp, partner, others = case
    given = dict(zip(PNI_FIELDS, answers, strict=True))
    for name in PNI_FIELDS[:2]:
        given[name] = None if given[name] is None else bool(given[name])
    sara = {None: None, 1: "low", 2: "medium", 3: "high"}
    rows = Rows.from_assessments([
        Assessment(
            **given, supervision="community" if community else "custody", sara_partner=sara[partner],
            sara_others=sara[others],
        )
    ])  # fmt: skip

    def one(value: float | None) -> np.ndarray:
        return np.array([np.nan if value is None else float(value)])

    risks = pni.Risks(
        one(None if arp is None else ARP_OF[arp]), one(None if vrp is None else VRP_OF[vrp]), one(csrp),
        one(contact), one(image),
    )  # fmt: skip
    with np.errstate(invalid="ignore"):
        band, _ = pni.pathway(rows, risks)
    assert pni.BANDS[int(band[0])] == outcome
