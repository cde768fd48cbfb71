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
from milepost.risk.records.markdown import markdown
from milepost.risk.records.page import page as html_page
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
    text = markdown(record)
    assert record.data_hash == facts["hash"]
    assert f"{facts['data']['rows']:,} rows" in text
    assert "Fitted on made-up people" in text
    assert {f["name"] for f in facts["features"]} == {
        row["Name"]
        for row in record.as_dict()["fields"]["model_input"]["rows"]  # type: ignore[index]
    }
    assert html_page(record)


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


def in_shadow(folder: Path) -> Path:
    """The folder of a version with two lines of history."""
    held = Registry(folder)
    held.move(entry(folder), "shadow", by="A. Analyst", why="to judge it", at=AT)
    return folder / "synthetic-rearrest" / "1"


def test_the_last_line_of_a_history_cannot_be_cut_off_unseen(folder: Path) -> None:
    """A retired predictor must not come back to life because its last line is gone."""
    at = in_shadow(folder)
    Registry(folder).move(entry(folder), "retired", by="B. Second", why="it was wrong", at=AT)
    lines = (at / "history.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for kept in (2, 1):
        (at / "history.jsonl").write_text("".join(lines[:kept]), encoding="utf-8")
        with pytest.raises(Untrusted, match="the end was cut off"):
            entry(folder)
    (at / "history.jsonl").write_text("".join(lines)[:-20], encoding="utf-8")
    with pytest.raises(Untrusted, match="no entry that can be read"):
        entry(folder)
    (at / "history.jsonl").write_text("".join(lines), encoding="utf-8")
    assert entry(folder).state == "retired"


def test_a_head_that_is_gone_altered_or_somebody_elses_is_refused(folder: Path, tmp_path: Path) -> None:
    at = in_shadow(folder)
    text = (at / "head.json").read_text(encoding="utf-8")
    (at / "head.json").write_text(text.replace('"lines": 2', '"lines": 1'), encoding="utf-8")
    with pytest.raises(Untrusted, match=r"head\.json"):
        entry(folder)
    (at / "head.json").unlink()
    with pytest.raises(Untrusted, match=r"head\.json"):
        entry(folder)
    held = Registry(folder)
    (at / "head.json").write_text(text, encoding="utf-8")
    second = held.add(dict(entry(folder).body), entry(folder).predictor(), by="A. Analyst", at=AT)
    shutil.copy(second.folder / "head.json", at / "head.json")
    with pytest.raises(Untrusted, match="another predictor or version"):
        held.entry("synthetic-rearrest", 1)


def test_a_step_killed_at_any_write_is_taken_or_not_and_never_locks_the_predictor(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shadow(folder)
    real_write = module._write_whole
    for allowed in (0, 1, 2):
        count = 0

        def dies(path: Path, text: str, allowed: int = allowed) -> None:
            nonlocal count
            if count == allowed:
                raise KeyboardInterrupt
            count += 1
            real_write(path, text)

        copy = Path(shutil.copytree(folder, folder.with_name(f"killed-{allowed}")))
        monkeypatch.setattr(module, "_write_whole", dies)
        with pytest.raises(KeyboardInterrupt):
            Registry(copy).move(entry(copy), "retired", by="B. Second", why="a test", at=AT)
        monkeypatch.setattr(module, "_write_whole", real_write)
        after = entry(copy)
        assert after.state == ("retired" if allowed == 2 else "shadow")
        if after.state == "shadow":
            assert (
                Registry(copy).move(after, "retired", by="B. Second", why="again", at=AT).state == "retired"
            )


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
