"""The registry: signed, hashed, one step at a time, by named people. What was altered is not read."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from predictors_scene import AT, DRAWS, cohort, people

from milepost.risk.predictors import registry as module
from milepost.risk.predictors.registry import Entry, NoSuchPredictor, NotAllowed, Registry, Untrusted
from milepost.risk.predictors.shadow import erase_person, score_in_shadow, shadow_scores
from milepost.risk.predictors.signing import canonical
from milepost.risk.predictors.states import may_move
from milepost.risk.predictors.train import train
from milepost.risk.records import record_for, subject_keys, subjects
from milepost.risk.records.predictor_family import of_registry, register_predictors

CONTRACT = {
    "name", "version", "task", "cohort", "index_date", "horizon_days", "outcome", "features", "excluded",
    "justification", "data", "model", "evaluation", "fairness", "calibration", "state", "history", "signature",
    "hash", "synthetic",
}  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registry")
    train(cohort(), Registry(folder), by="A. Analyst", at=AT, thorough=False, draws=DRAWS)
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "predictors"))


def entry(folder: Path) -> Entry:
    return Registry(folder).entry("synthetic-rearrest")


def test_what_is_in_the_registry_has_a_record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A service in this process may have registered its own folder.
    monkeypatch.setattr(subjects, "_FAMILIES", dict(subjects._FAMILIES))
    register_predictors(lambda: of_registry(folder))
    assert "predictor:synthetic-rearrest@1" in subject_keys()
    record = record_for("predictor:synthetic-rearrest@1", "card")
    facts = entry(folder).facts()
    text = record.to_markdown()
    assert record.data_hash == facts["hash"]
    assert f"{facts['data']['rows']:,} rows" in text
    assert "Fitted on made-up people" in text
    assert {f["name"] for f in facts["features"]} == {
        row["Name"]
        for row in record.as_dict()["fields"]["model_input"]["rows"]  # type: ignore[index]
    }
    assert record.to_html()


def later(days: int) -> dt.datetime:
    return AT + dt.timedelta(days=days)


def test_the_facts_hold_what_a_record_needs(folder: Path) -> None:
    facts = module.entry("synthetic-rearrest", 1, folder=folder).facts()
    assert set(facts) >= CONTRACT
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["synthetic"] is True
    assert facts["state"] == "trained"
    assert facts["data"]["rows"] == len(cohort())
    assert facts["evaluation"]["how"]["split"] == "temporal"
    missing = {f["name"]: f["missing_share"] for f in facts["features"]}
    assert missing["age"] == 0
    assert 0.08 < missing["unemployed"] < 0.16
    assert {f["known_at"] for f in facts["features"]} == {"index_date", "assessed_on"}


@pytest.mark.parametrize("file", ["model.json", "entry.json", "history.jsonl"])
def test_an_altered_file_is_refused(folder: Path, file: str) -> None:
    path = folder / "synthetic-rearrest" / "1" / file
    text = path.read_text(encoding="utf-8")
    old = {"model.json": '"intercept": ', "entry.json": '"synthetic": true', "history.jsonl": "A. Analyst"}[
        file
    ]
    new = {"model.json": '"intercept": 1', "entry.json": '"synthetic": false', "history.jsonl": "B. Other"}[
        file
    ]
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Untrusted, match=file):
        entry(folder).predictor()


def test_another_key_is_refused(folder: Path, tmp_path: Path) -> None:
    other = Registry(tmp_path / "other")
    held = entry(folder)
    other.add(dict(held.body), held.predictor(), by="Someone", at=AT)
    shutil.rmtree(folder / "synthetic-rearrest")
    shutil.copytree(tmp_path / "other" / "synthetic-rearrest", folder / "synthetic-rearrest")
    with pytest.raises(Untrusted, match="not what this registry's key signed"):
        entry(folder)
    with pytest.raises(Untrusted, match="is not the key that was given"):
        Registry(folder, public_key=other.public_key)


def test_an_entry_may_not_pose_as_another_version(folder: Path) -> None:
    shutil.copytree(folder / "synthetic-rearrest" / "1", folder / "synthetic-rearrest" / "2")
    with pytest.raises(Untrusted, match="another predictor or version"):
        entry(folder)


def test_nothing_is_read_by_a_path(folder: Path) -> None:
    for name in ("../predictors/synthetic-rearrest", "..", ""):
        with pytest.raises(NoSuchPredictor):
            Registry(folder / "synthetic-rearrest").entry(name)


def test_the_private_key_is_for_its_owner_alone(folder: Path) -> None:
    assert (folder / "signing.key").stat().st_mode & 0o077 == 0


def test_states_go_one_way_by_named_people(folder: Path) -> None:
    held = Registry(folder)
    first = entry(folder)
    step: dict[str, Any] = {"why": "a test", "at": later(1)}
    with pytest.raises(NotAllowed, match="only become shadow or retired"):
        held.move(first, "approved", by="B. Second", **step)
    with pytest.raises(NotAllowed, match="by name"):
        held.move(first, "shadow", by=" ", **step)
    shadowed = held.move(first, "shadow", by="A. Analyst", **step)
    assert shadowed.state == "shadow"
    read = {"evaluation_hash": shadowed.body["evaluation_hash"]}
    with pytest.raises(NotAllowed, match="synthetic people"):
        held.move(shadowed, "approved", by="B. Second", **step, **read)
    shown = held.move(shadowed, "approved", by="B. Second", demonstration=True, **step, **read)
    retired = held.move(shown, "retired", by="B. Second", **step)
    assert [event["to"] for event in retired.facts()["history"]] == [
        "trained", "shadow", "approved", "retired",
    ]  # fmt: skip
    with pytest.raises(NotAllowed, match="only become nothing"):
        held.move(retired, "shadow", by="A. Analyst", **step)


@cache
def real() -> dict[str, Any]:
    """Facts of a predictor that could be approved."""
    return {
        "state": "shadow", "synthetic": False, "retrospective": "", "evaluation_hash": "e1",
        "history": [
            {"to": "trained", "by": "A. Analyst", "at": AT.isoformat()},
            {"to": "shadow", "by": "C. Lead", "at": AT.isoformat()},
        ],
    }  # fmt: skip


def test_approval_asks_for_a_second_person_the_evaluation_and_time_in_shadow() -> None:
    step: dict[str, Any] = {"demonstration": False}
    may_move(real(), "approved", by="B. Second", evaluation_hash="e1", at=later(90), **step)
    for by, read, days, facts, words in (
        ("a. analyst ", "e1", 90, {}, "second person"),
        ("C. Lead", "e1", 90, {}, "second person"),
        ("B. Second", "e2", 90, {}, "by its hash, e1"),
        ("B. Second", None, 90, {}, "by its hash, e1"),
        ("B. Second", "e1", 89, {}, "89 days; 90"),
        ("B. Second", "e1", 90, {"retrospective": "a comparison"}, "only after the index date"),
    ):
        with pytest.raises(NotAllowed, match=words):
            may_move({**real(), **facts}, "approved", by=by, evaluation_hash=read, at=later(days), **step)


def test_scores_in_shadow_are_stored_and_one_person_can_be_erased(folder: Path) -> None:
    held = Registry(folder)
    features = people()[:50].drop("rearrested_on", "followed_until", "true_probability")
    with pytest.raises(NotAllowed, match="Put it into shadow first"):
        score_in_shadow(entry(folder), features, at=AT)
    shadowed = held.move(entry(folder), "shadow", by="A. Analyst", why="to judge it", at=AT)
    assert score_in_shadow(shadowed, features, at=AT) == 50
    score_in_shadow(shadowed, features[:2], at=later(1))
    assert shadow_scores(shadowed).height == 52
    person = features["person_id"][0]
    assert erase_person(folder, person, dry_run=True) == 2
    assert shadow_scores(shadowed).height == 52
    assert erase_person(folder, person, dry_run=False) == 2
    assert person not in shadow_scores(shadowed)["person"].to_list()
    assert shadow_scores(shadowed).filter(pl.col("probability").is_null()).height == 0


def test_what_is_signed_is_the_same_on_every_machine() -> None:
    assert canonical({"b": 1.5, "a": ["ü", None]}) == '{"a":["ü",null],"b":1.5}'.encode()
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"a": float("nan")})
