"""Records of algorithms: every field there, filled from what runs or named as a gap; nothing made up."""

from __future__ import annotations

import importlib
import json
import re
import shutil
from pathlib import Path

import pytest
from people import ROOT

from milepost.compliance.rule_tables import ILLUSTRATIVE
from milepost.problems import UnreadableFile
from milepost.record_subjects import rank_facts, register_rooms
from milepost.risk import data_files, instruments
from milepost.risk.data_files import load
from milepost.risk.records import KINDS, UnknownSubject, record_for, subject_keys, subjects
from milepost.risk.records import instrument_facts as instrument_facts_module
from milepost.risk.records.fairness_lines import read_fairness
from milepost.risk.records.make import attributes, record_of
from milepost.risk.records.markdown import markdown
from milepost.risk.records.organisation import read_organisation
from milepost.risk.records.page import page as html_page
from milepost.risk.records.predictor_facts import facts as predictor_facts
from milepost.risk.records.predictor_family import register_predictors

PREDICTOR = json.loads((Path(__file__).parent / "predictor.json").read_text(encoding="utf-8"))
NUMBERS = (
    "0.1 0.2 0.3 0.4 0.5 1.1 1.2 1.3 1.4 2.1.1 2.1.2 2.1.3 2.1.4 2.1.4.1 2.1.4.2 2.1.4.3 2.1.4.4 "
    "2.1.4.5 2.2.1 2.2.2 2.2.3 2.2.4 2.3.1 2.3.2 2.3.3 2.3.4 2.3.5 2.4.1.1 2.4.1.2 2.4.1.3 2.4.1.4 "
    "2.4.1.5 2.4.2.1 2.4.2.2 2.4.2.3 2.4.2.4 2.4.2.5 2.4.2.6 2.4.2.7 2.4.2.8 2.4.3.1 2.4.3.2 2.4.3.3 "
    "2.4.3.4 2.4.3.5 2.4.3.6 2.4.3.7 2.4.3.8 2.4.3.9 2.4.4.1 2.4.4.2 2.4.4.3 2.4.4.4 2.4.4.5 2.5.1 "
    "2.5.2"
)
"""The fields of ATRS v4.0."""


@pytest.fixture(autouse=True)
def all_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "_FAMILIES", dict(subjects._FAMILIES))
    register_rooms()
    register_predictors(lambda: [PREDICTOR])


def answer(key: str, attribute: str, kind: str = "atrs") -> str:
    return json.dumps(record_for(key, kind).as_dict()["fields"][attribute])  # type: ignore[index]


def test_the_record_has_every_field_of_the_standard() -> None:
    assert [entry.number for entry in record_for("arp").entries] == NUMBERS.split()


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_record_is_answered_or_a_gap_with_a_name(kind: str) -> None:
    keys = subject_keys()
    assert {"arp", "tier", "predictor:synthetic-arrest@3", "rules:illustrative-licence@1"} <= set(keys)
    for key in keys:
        record = record_for(key, kind)
        for entry in record.entries:
            assert bool(entry.answer) != entry.gap, (key, entry.attribute)
            assert entry.who
        page, text = html_page(record), markdown(record)
        assert record.content_hash in page
        assert record.content_hash in text
        assert len(re.findall(r"GAP\. To be filled in by", page)) == len(record.gaps)
        told = record.as_dict()
        assert told["gap_count"] == len(record.gaps) == sum(v is None for v in told["fields"].values())  # type: ignore[attr-defined]
        assert told["made_on"] in text
        assert told["generated_from"] == "what runs"


def test_the_page_asks_for_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = html_page(record_for("csrp"))
    assert not re.search(r"<script|<link|<img|<iframe|\ssrc=|\sstyle=|@import|url\(", page)


def test_a_record_says_what_the_code_says() -> None:
    arp = instruments.instruments()["arp"]
    assert arp.commit in answer("arp", "model_version")
    assert "medium from 50 %, high from 75 %, very high from 90 %" in answer("arp", "model_output")
    fields = record_for("svrp").as_dict()["fields"]["model_input"]["rows"]  # type: ignore[index]
    assert {row["Name"]: row["If it is not known"] for row in fields}[
        "temper_control"
    ] == "the static version is used"
    assert '"psychiatric_history"' not in answer("arp", "model_input")
    assert "History of psychiatric treatment" in answer("opd", "characteristics_read", "equality")
    assert "Sex (protected characteristic): Sex." in answer("arp", "characteristics_read", "equality")
    assert "svrp, dc_srp, iic_srp" in answer("csrp", "models")
    licence = (ILLUSTRATIVE / "licence.toml").read_text(encoding="utf-8")
    assert "illustrative = true" in licence
    assert "An illustration: these numbers are not official." in html_page(
        record_for("rules:illustrative-licence@1")
    )


def test_a_changed_coefficient_changes_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = record_for("arp")
    assert record_for("arp").content_hash == before.content_hash
    shutil.copytree(data_files.DATA, tmp_path / "data")
    numbers = tmp_path / "data" / "ogrs4.toml"
    text = numbers.read_text(encoding="utf-8")
    numbers.write_text(text.replace("-0.142428460338541", "-0.142428460338542", 1), encoding="utf-8")
    caches = (data_files.fingerprint, data_files.load)
    for module in (data_files, instrument_facts_module):
        monkeypatch.setattr(module, "DATA", tmp_path / "data")
    for cached in caches:
        cached.cache_clear()
    try:
        after = record_for("arp")
    finally:
        monkeypatch.undo()
        for cached in caches:
            cached.cache_clear()
    assert after.data_hash != before.data_hash
    assert after.content_hash != before.content_hash


def test_what_the_records_say_of_the_software_is_in_the_software() -> None:
    for told in load("record_words.toml")["statement"]:
        assert set(told["attributes"]) <= attributes()
        for where in told["where"]:
            if where.startswith("milepost.service"):
                path = ROOT / "src" / where.partition(":")[0].replace(".", "/")
                assert path.with_suffix(".py").exists() or (path / "__init__.py").exists(), where
            else:
                module, _, name = where.partition(":")
                held = importlib.import_module(module)
                assert not name or hasattr(held, name), where


def test_sensitive_fields_are_fields() -> None:
    from milepost.risk.fields import field_table

    known = {*field_table(), "position", "presence"}
    for told in load("record_sensitive.toml")["category"].values():
        assert set(told["fields"]) <= known


def test_a_predictor_is_told_from_its_registry_and_what_it_lacks_is_a_gap() -> None:
    record = record_for("predictor:synthetic-arrest@3", "card")
    text = markdown(record)
    assert "| evaluation, brier, value | 0.1455 |" in text
    assert "12,651 rows, from 2020-01-01 until 2022-12-31" in text
    assert "1.2% missing in the data it was fitted on" in text
    assert "Fitted on made-up people" in text
    assert "name: race, why: protected" in text
    assert "fairness" in {gap.attribute for gap in record.gaps}
    bare = record_of(predictor_facts({"name": "x", "version": "1"}), "atrs")
    assert {"model_input", "model_performance", "datasets"} <= {gap.attribute for gap in bare.gaps}


def test_a_fairness_report_is_told_as_it_was_found() -> None:
    report = {
        "title": "ARP by sex", "outcome_is_not": "Not an offence: a conviction", "people": 4200, "synthetic": True,
        "findings": [
            {"code": "a", "by": ["sex"], "text": "Women: predictions are too high."},
            {"code": "b", "by": ["sex", "ethnicity"], "text": "We cannot tell."},
        ],
    }  # fmt: skip
    fields = record_for("arp", "equality", fairness=report).as_dict()["fields"]
    assert isinstance(fields, dict)
    assert fields["eia_sex"] == "Women: predictions are too high.\nWe cannot tell."
    assert fields["eia_race"] == "We cannot tell."
    assert fields["eia_religion"] is None
    for words in ("Not an offence: a conviction.", "4,200 people.", "made up"):
        assert words in fields["fairness"]


def test_the_rank_is_told_from_its_file() -> None:
    rule = {
        "table": {"id": "rank", "version": 1, "owner": "o", "effective_from": "2026-11-23", "illustrative": True,
                  "source_document": "None: an illustration."},
        "tier": {"order": ["A", "B"], "unknown_as": "A"},
        "class": [{"code": "now", "title": "Now", "means": "At once."}],
        "kind": [{"code": "contest", "set_by": "deadline", "title": "Challenge", "why": "A right.",
                  "due": [{"left_hours": 48, "class": "now"}]}],
    }  # fmt: skip
    text = markdown(record_of(rank_facts(rule)))
    assert "Challenge: A right." in text
    assert "An illustration" in text


def test_the_organisations_own_words_go_first_and_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '\ufeff[all]\nteam = "Risk team"\nregion = "Wales"\n[arp]\nregion = "<script>alert(1)</script> | *x*"\n',
        encoding="utf-8",
    )
    own = read_organisation(path, "arp", attributes())
    record = record_for("arp", organisation=own)
    assert {"team", "region"}.isdisjoint(gap.attribute for gap in record.gaps)
    assert "<script>" not in html_page(record)
    assert "\\<script\\>alert(1)\\</script\\> \\| \\*x\\*" in markdown(record)
    assert read_organisation(path, "vrp", attributes())["region"] == "Wales"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[all]\nteem = 'x'\n", "all.teem: No record has a field of this name"),
        ("[all]\nteam = 3\n", "all.team: This is no text"),
        ("[all]\nteam = ''\n", "all.team: This is no text"),
        ("all = 'x'\n", "field all: This is no section"),
        ("[all\n", "This is not TOML"),
    ],
)
def test_an_organisation_file_that_is_wrong_is_refused_whole(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=re.escape(words)):
        read_organisation(path, "arp", attributes())


def test_a_fairness_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text("[1]", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="not a JSON object"):
        read_fairness(path)


def test_what_there_is_no_record_of_says_what_there_is() -> None:
    with pytest.raises(UnknownSubject, match="There is no algorithm 'oasys'"):
        record_for("oasys")
    with pytest.raises(ValueError, match="atrs, card, dpia, equality"):
        record_for("arp", "novel")
