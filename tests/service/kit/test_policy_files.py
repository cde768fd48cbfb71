"""Policy is data: every file has a whole head, is read by one reader, and says what is wrong with it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

import milepost
import milepost.service
from milepost.policy_files import PolicyFile, read_policy_file
from milepost.problems import UnreadableFile
from milepost.service.monitoring.policy_data import reasons
from milepost.service.signals import policy_data as signals_policy
from milepost.service.upkeep import policy_data as upkeep_policy

SERVICE = Path(milepost.service.__file__).parent
READ_OTHERWISE = {"VENDORED.toml"}
"""What is no policy: a list of copied files and their licences."""
MAY_PARSE_TOML = {
    "policy_files.py": "the reader",
    "orders/limits.py": "rows of one file, each with a problem of its own",
    "compliance/rule_tables.py": "tables that extend each other, put together before they are read",
    "record_subjects.py": "a list of studies, each file anew",
    "risk/data_files.py": "data of instruments, read by many shapes",
    "risk/predictors/data_files.py": "the same of predictors",
    "risk/predictors/study.py": "a study is its analyst's own file",
    "risk/records/organisation.py": "the words of an organisation, an analyst's own file",
    "tracks/formats/columns.py": "columns of a vendor's file: TOML or JSON, its user's own",
    "tracks/event_codes.py": "vocabularies of vendors, read one at a time",
    "tracks/limits.py": "numbers of the readers, four parts in one flat record",
    "tracks/message_limits.py": "the same of a message",
    "synth/noise.py": "a file that changes some of the values that ship",
}


def _shapes() -> dict[Path, type[PolicyFile]]:
    """File to shape, as the apps' modules ``policy_data`` read them."""
    found: dict[Path, type[PolicyFile]] = {}

    def note(path: Path, shape: type[PolicyFile]) -> Any:
        found[path] = shape
        return read_policy_file(path, shape)

    for app in pkgutil.iter_modules([str(SERVICE)]):
        name = f"milepost.service.{app.name}.policy_data"
        if not app.ispkg or app.name == "kit" or not (SERVICE / app.name / "policy_data.py").exists():
            continue
        module = importlib.import_module(name)
        module.read_policy_file = note  # type: ignore[attr-defined]
        try:
            for told in vars(module).values():
                if hasattr(told, "cache_info") and told.__module__ == name:
                    told.__wrapped__()
        finally:
            module.read_policy_file = read_policy_file  # type: ignore[attr-defined]
    return found


SHAPES = _shapes()
FILES = sorted(path for path in SERVICE.rglob("*.toml") if path.name not in READ_OTHERWISE)


def test_every_file_is_read_by_its_app():
    assert sorted(SHAPES) == FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_has_a_whole_head_and_names_what_is_wrong(path, tmp_path):
    shape, text = SHAPES[path], path.read_text(encoding="utf-8")
    head = read_policy_file(path, shape).table
    assert head.id
    assert head.owner
    assert head.source_document
    wrong = tmp_path / path.name
    for spoilt, field in (
        (re.sub(r"^version = \d+", 'version = "first"', text, flags=re.MULTILINE), "table.version"),
        (text.replace("[table]\n", "[of_nobody]\n"), "table"),
        (f"{text}\n[of_nobody]\nvalue = 1\n", "of_nobody"),
        (f"{text}\n[", None),
    ):
        wrong.write_text(spoilt, encoding="utf-8")
        with pytest.raises(UnreadableFile) as refused:
            read_policy_file(wrong, shape)
        problem = refused.value.problem
        assert (problem.source, problem.field) == (path.name, field)
        assert problem.remedy


def test_a_file_of_an_area_s_own_is_read_with_the_same_error(tmp_path, monkeypatch, settings):
    own = tmp_path / "own.toml"
    text = (SERVICE / "signals" / "ingest_limits.toml").read_text(encoding="utf-8")
    own.write_text(text.replace("message_rows = 10_000", 'message_rows = "many"'), encoding="utf-8")
    monkeypatch.setenv("MILEPOST_INGEST_LIMITS", str(own))
    with pytest.raises(UnreadableFile, match=r"own\.toml, field sizes\.message_rows: .* Mend this value"):
        signals_policy.limits.__wrapped__()
    settings.RETENTION = str(tmp_path / "nowhere.toml")
    with pytest.raises(UnreadableFile, match=r"nowhere\.toml"):
        upkeep_policy.schedule.__wrapped__()


def test_toml_is_parsed_in_few_places_and_upstairs_by_the_reader_alone():
    root = Path(milepost.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if re.search(r"^\s*(import|from) tomllib", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found <= set(MAY_PARSE_TOML), found - set(MAY_PARSE_TOML)


def test_a_title_is_said_in_the_language_of_the_page():
    reason = reasons().named("family_event")
    assert reason is not None
    assert str(reason) == "Wedding or funeral of a close relative"
    with translation.override("cy"):
        assert str(reason) == "Priodas neu angladd perthynas agos"
