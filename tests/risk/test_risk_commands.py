"""The `milepost risk` commands: what they write, print and how they exit."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from people import TEST_CASES

from milepost.cli import main

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PERSON, PEOPLE = str(EXAMPLES / "risk-person.json"), str(EXAMPLES / "risk-people.csv")
REGISTERS = str(EXAMPLES / "risk-registers.csv")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["risk", *arguments])


def test_one_person_is_explained() -> None:
    result = run("score", PERSON)
    assert result.exit_code == 0, result.output
    assert "All Reoffending Predictor (arp), version 2" in result.stdout
    assert "Of 100 people with these answers, about" in result.stdout
    assert "What would lower it" in result.stdout
    results = json.loads(run("score", PERSON, "--json").stdout)
    assert results["csrp"]["scored"] is True
    assert len(results["arp"]["data_hash"]) == 16


def test_a_table_goes_to_parquet_and_csv_and_back_to_one_row(tmp_path: Path) -> None:
    parquet, text = tmp_path / "scores.parquet", tmp_path / "scores.csv"
    result = run("score", PEOPLE, "--out", str(parquet), "--out", str(text))
    assert result.exit_code == 1  # two rows of four were refused
    assert "row 4, field offence_code: The offence code is not in the actuarial table" in result.stderr
    assert "row 5, field temper_control: Temper control cannot be understood [5]" in result.stderr
    scores = pl.read_parquet(parquet)
    assert scores.get_column("person_id").to_list() == ["synthetic-1", "synthetic-2"]
    assert scores.get_column("arp_basis").to_list() == ["dynamic", "static"]
    assert (
        pl.read_csv(text).get_column("arp_percentage").to_list()
        == scores.get_column("arp_percentage").to_list()
    )
    one = json.loads(run("score", PEOPLE, "--explain", "2", "--json").stdout)
    assert one["arp"]["percentage"] == scores.item(0, "arp_percentage")
    again = tmp_path / "people.parquet"
    pl.read_csv(PEOPLE, infer_schema=False).write_parquet(again)
    assert "row 4, field temper_control" in run("score", str(again)).stderr


def test_tiers_follow_from_the_scores(tmp_path: Path) -> None:
    scores, tiers = tmp_path / "scores.parquet", tmp_path / "tiers.csv"
    run("score", PEOPLE, "--out", str(scores))
    result = run("tier", str(scores), "--registers", REGISTERS, "--as-of", "2026-06-01", "--out", str(tiers))
    assert result.exit_code == 0, result.output
    found = {row["person_id"]: row for row in pl.read_csv(tiers).iter_rows(named=True)}
    assert found["synthetic-1"]["step_domestic_abuse"] == "E"
    assert found["synthetic-1"]["provisional"] is False
    assert found["synthetic-2"]["provisional"] is True
    assert "ARP and CSRP are static" in found["synthetic-2"]["why_provisional"]
    assert "risk of serious harm is not known" in found["synthetic-2"]["why_provisional"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("score", PERSON, "--instruments", "oasys"), "There is no instrument 'oasys'"),
        (("score", PEOPLE, "--explain", "99"), "Row 99 is not there"),
        (("score", str(EXAMPLES / "signals.csv")), "No column is known"),
        (("tier", REGISTERS, "--as-of", "2026-06-01"), "no column arp_percentage"),
    ],
)
def test_what_cannot_run_says_why(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_person_with_an_answer_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    path.write_text('{"sex": "male", "ethnicity": "x"}', encoding="utf-8")
    result = run("score", str(path))
    assert result.exit_code == 2
    assert "field ethnicity: There is no such answer" in result.stderr


def test_a_bad_word_in_the_tier_table_refuses_its_row(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "person_id,arp_percentage,csrp_percentage,serious_harm,latest_release_date,lifer\n"
        "a,10,0.2,low,,no\nb,10,0.2,severe,,no\nc,x,0.2,low,,no\nd,10,0.2,low,17-08-2026,yes\n",
        encoding="utf-8",
    )
    result = run("tier", str(path), "--as-of", "2026-08-17", "--json")
    assert result.exit_code == 1
    assert {row["person_id"]: row["tier"] for row in json.loads(result.stdout)} == {"a": "G", "d": "B"}
    assert "row 3, field serious_harm" in result.stderr
    assert "row 4, field arp_percentage" in result.stderr


@pytest.mark.shared_data
def test_the_test_cases_are_accepted_as_they_are() -> None:
    result = run("score", str(TEST_CASES))
    assert result.exit_code == 1
    assert "10000 rows read, 9220 with a score." in result.stdout
    assert "row 3, field offence_code" in result.stderr
