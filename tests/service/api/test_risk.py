"""Scores, tiers and records by the API: the same as the command gives, nothing kept, every mistake named by row."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from milepost.risk.fields import Assessment
from milepost.risk.records import KINDS
from milepost.risk.score import score
from milepost.service.accounts.roles import Role
from milepost.service.api.policy_data import numbers
from milepost.service.api.risk_shapes import Answers
from milepost.service.audit.models import Entry
from tests.service.api.cases import MAN
from tests.service.api.conftest import Caller
from tests.service.assessments import made


@pytest.fixture
def practitioner(world):
    return Caller(world.users[Role.PRACTITIONER])


def sent(caller, people, **more):
    return caller.ask("post", "/risk/score", {"people": people, **more})


def test_a_score_is_that_of_the_library_and_says_so_in_plain_words(practitioner):
    answer = sent(practitioner, [MAN], instruments=["arp", "csrp"]).json()["items"][0]
    dates = {n: dt.date.fromisoformat(v) for n, v in MAN.items() if str(v).count("-") == 2}
    expected = score(Assessment(**{**MAN, **dates}), ["arp", "csrp"])
    assert [one["instrument"] for one in answer["scores"]] == ["arp", "csrp"]
    arp, csrp = answer["scores"]
    assert arp["percentage"] == expected["arp"].percentage
    assert arp["basis"] == "static"
    assert sum(part["value"] for part in arp["terms"]) == pytest.approx(arp["total"])
    assert arp["plain"][0].startswith("Think of 100 people")
    assert (csrp["scored"], csrp["percentage"]) == (False, None)
    assert {p["row"] for p in csrp["problems"]} == {1}
    assert {"supervision", "community_date"} <= {p["field"] for p in csrp["problems"]}


def test_no_answer_is_not_no(practitioner):
    known = [MAN | {"domestic_abuse": False}, MAN | {"domestic_abuse": None}, MAN]
    items = sent(practitioner, known, instruments=["arp"]).json()["items"]
    missing = [{m["field"] for m in item["scores"][0]["missing"]} for item in items]
    assert ["domestic_abuse" in m for m in missing] == [False, True, True]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ethnicity": "x"}, "people.ethnicity"),
        ({"sex": "M"}, "people.sex"),
        ({"unemployed": "no"}, "people.unemployed"),
        ({"date_of_birth": "28/02/1994"}, "people.date_of_birth"),
        ({"offence_code": "3703"}, "people.offence_code"),
        ({"sanctions": -1}, "people.sanctions"),
        ({"impulsivity": 3}, "people.impulsivity"),
    ],
)
def test_a_mistake_names_its_row_and_field(practitioner, change, field):
    answer = sent(practitioner, [MAN, MAN | change])
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert (str(error["row"]), error["field"].removeprefix("sent.")) == ("1", field)


def test_a_request_may_not_be_too_large(practitioner):
    most = numbers().risk.people_at_most
    assert sent(practitioner, [{}] * (most + 1)).status_code == 422


def test_what_is_asked_is_logged_without_the_answers(practitioner):
    sent(practitioner, [MAN, MAN], instruments=["arp"])
    entry = Entry.objects.get(what="api.risk_score")
    assert entry.details["people"] == 2
    assert entry.details["instruments"] == ["arp"]
    assert "1994" not in json.dumps(entry.details)


def test_a_tier_says_which_step_set_it_and_a_bad_row_does_not_stop_the_others(practitioner):
    people = [
        {"person_id": "a", "arp_percentage": 95, "csrp_percentage": 7.5, "arp_basis": "dynamic", "csrp_basis": "dynamic",
         "serious_harm": "low"},
        {"person_id": "b", "arp_percentage": 5, "csrp_percentage": 0.1, "dc_srp_percentage": 0.2, "dc_srp_band": "medium"},
        {"person_id": "c"},
    ]  # fmt: skip
    items = practitioner.ask("post", "/risk/tier", {"people": people, "as_of": "2026-06-01"}).json()["items"]
    assert [item["tier"] for item in items] == ["A", None, "MISSING"]
    assert items[0]["set_by"] == ["ARP and CSRP together"]
    assert items[0]["provisional"] is False
    assert items[1]["problems"][0]["row"] == 2
    assert Entry.objects.get(what="api.risk_tier").details["people"] == 3


def test_records_of_all_that_runs(world):
    analyst = Caller(world.users[Role.ANALYST])
    listed = {row["key"]: row for row in analyst.ask("get", "/risk/instruments").json()["items"]}
    assert {"arp", "tier", "rules:illustrative-licence@1"} <= set(listed)
    assert listed["rules:illustrative-licence@1"]["illustrative"] is True
    for kind in KINDS:
        record = analyst.ask(
            "get", f"/risk/instruments/rules:illustrative-licence@1/record?kind={kind}"
        ).json()
        assert record["gap_count"] == len(record["gaps"]) > 0
        assert record["generated_from"] == "what runs"
    assert analyst.ask("get", "/risk/instruments/oasys/record").status_code == 404


def test_the_answers_are_those_of_the_library():
    assert set(Answers.model_fields) == set(Assessment.__dataclass_fields__)


def test_the_assessment_in_force_is_told_as_it_was_signed(world, practitioner):
    path = f"/people/{world.ada.reference}/assessment"
    assert practitioner.ask("get", path).json() == {"tier": None, "assessment": None}, "unknown is not low"
    version = made.in_force(world)
    told = practitioner.ask("get", path).json()
    assert told["assessment"]["number"] == version.number
    assert told["tier"]["tier"] == version.tier_result["tier"]
    frozen = {s.instrument: s.percentage for s in version.scores.filter(current=True)}
    assert {s["instrument"]: s["percentage"] for s in told["assessment"]["scores"]} == frozen
    assert Entry.objects.filter(what="api.assessment", subject=world.ada.reference).count() == 2
