"""Nothing a user can meet is left out of the documents; they name nothing that is not there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from docs_blocks import ROOT
from pydantic import BaseModel

from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.results import COVERAGE, FINDINGS, TIMELINE, TOTALS, NoDataCause
from milepost.compliance.rule_tables import Evidence, Limit, Response, TableHead, Total
from milepost.tracks.record import Quality

REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *(
            ROOT / name
            for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "THREAT_MODEL.md", "SECURITY.md")
        ),
    ]
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.M)


def words(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def first_cells(page: Path) -> set[str]:
    """The code words that begin a row of a table on the page."""
    found = set()
    for line in words(page).splitlines():
        if line.startswith("|"):
            found.update(re.findall(r"`([^`]+)`", line.split("|")[1]))
    return found


def keys(model: type[BaseModel], before: str = "") -> set[str]:
    """Every key of a model and of the models in it, as ``a.b``."""
    found = set()
    for name, field in model.model_fields.items():
        annotation: Any = field.annotation
        inner = [a for a in (annotation, *getattr(annotation, "__args__", ())) if isinstance(a, type)]
        models = [a for a in inner if issubclass(a, BaseModel)]
        if models:
            found |= keys(models[0], f"{before}{name}.")
        else:
            found.add(before + name)
    return found


@pytest.mark.parametrize(
    ("name", "schema"),
    [("Findings", FINDINGS), ("Coverage", COVERAGE), ("Timeline", TIMELINE), ("Totals", TOTALS)],
)
def test_every_column_is_described_and_in_order(name: str, schema: Any) -> None:
    page = words(REFERENCE / "findings-and-coverage.md")
    part = page.split(f"## {name}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    described = [column for cell in rows for column in re.findall(r"`([^`]+)`", cell)]
    assert described == schema.names


def test_every_kind_of_finding_and_every_cause_of_silence_is_described() -> None:
    described = first_cells(REFERENCE / "findings-and-coverage.md")
    assert {kind.value for kind in FindingKind} <= described
    assert {cause.name.lower() for cause in NoDataCause} <= described


def test_every_flag_is_described() -> None:
    described = first_cells(REFERENCE / "signal-formats.md")
    assert {flag.name for flag in Quality if flag.name != "NONE"} <= described


def test_every_key_of_a_rule_table_is_described_and_no_other() -> None:
    described = first_cells(REFERENCE / "rule-tables.md")
    there = {
        *keys(TableHead, "table."),
        *keys(Evidence, "evidence."),
        *keys(Response, "response."),
        *keys(Limit, "total.limits."),
        *(key for key in keys(Total, "total.") if not key.startswith("total.limits")),
    }
    assert there <= described
    assert {
        key for key in described if key.split(".")[0] in ("table", "evidence", "response", "total")
    } <= there


def test_every_environment_variable_is_described() -> None:
    used = set()
    for folder in ("src", "tests", "tools", "benchmarks"):
        for file in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r"MILEPOST_[A-Z_]+", words(file)))
    used = {name.removesuffix("_FILE") for name in used}  # any of them may stand in a file
    pages = (ROOT / "CONTRIBUTING.md", REFERENCE / "settings.md")
    described = {name for page in pages for name in re.findall(r"`(MILEPOST_[A-Z_]+)`", words(page))}
    assert used - described == set()
    assert described - used == set()


def test_every_setting_of_the_service_has_a_line_and_only_those() -> None:
    rooms = (ROOT / "src" / "milepost" / room for room in ("service", "risk"))
    source = "".join(words(file) for room in rooms for file in room.rglob("*.py"))
    used = {name.removesuffix("_FILE") for name in re.findall(r"MILEPOST_[A-Z_]+", source)} | {"DATABASE_URL"}
    assert first_cells(REFERENCE / "settings.md") == used


def test_the_roles_page_is_current() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.service.settings"}
    code = (
        "import sys, django; django.setup(); sys.path.insert(0, 'tools'); import roles_reference as r;"
        " sys.stdout.write(r.render())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert words(REFERENCE / "roles.md") == done.stdout, "run: make reference"


def test_the_command_reference_is_current() -> None:
    """Run apart, so that an option added by another test's import cannot hide."""
    code = "import sys; sys.path.insert(0, 'tools'); import command_reference as c; print(c.render(), end='')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    page = words(REFERENCE / "command-line.md")
    assert page == done.stdout, "run: make reference"


def test_the_page_of_questions_is_current() -> None:
    code = "import sys; sys.path.insert(0, 'tools'); import needs_reference as n; print(n.render(), end='')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert words(REFERENCE / "needs-questions.md") == done.stdout, "run: make reference"


def test_the_page_of_odd_files_is_current() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tools'); import odd_files_reference as o; print(o.render(), end='')"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert words(REFERENCE / "odd-files.md") == done.stdout, "run: make reference"


def test_the_map_of_the_rooms_is_current() -> None:
    code = "import sys; sys.path.insert(0, 'tools'); import map_of_rooms as m; print(m.render(sys.stdin.read()), end='')"
    page = words(ROOT / "docs" / "explanation" / "map-of-rooms.md")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input=page, capture_output=True, text=True, check=True
    )
    assert page == done.stdout, "run: make reference"


def test_every_make_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", words(ROOT / "Makefile"), re.M))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)", words(page))) <= targets, page


@pytest.mark.parametrize("name", ["THREAT_MODEL.md", "CONTRIBUTING.md"])
def test_the_tests_that_are_named_exist(name: str) -> None:
    for named in re.findall(r"`((?:tests|src|benchmarks)/[\w/.*-]+)`", words(ROOT / name)):
        assert list(ROOT.glob(named)), named


def anchor(heading: str) -> str:
    plain = re.sub(r"[`*]", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(words(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, part = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), f"{page.relative_to(ROOT)} links to {target}"
        if part and other.suffix == ".md":
            text = re.sub(r"```.*?```", "", words(other), flags=re.S)
            assert re.sub("-+", "-", part) in {re.sub("-+", "-", anchor(h)) for h in HEADING.findall(text)}, (
                target
            )


# Written in pieces, so that this file does not itself name them.
FOREIGN = [
    r"/" + r"(?:work|tmp|root|home/\w+)/",
    r"\b(?:an?|the|AI) " + r"agents?\b",
    OF_SIGNING_IN := r"\bs" + r"essions?\b(?! cookie)",
    r"\bC" + r"laude\b",
    r"\b(?:LL" + r"M|Chat" + r"GPT)\b",
    r"pypi\.org/simple|files\.python" + r"hosted",
    r"reference/(?:electronic|engine|craft)" + r"[\w-]*\.md",
    r"design" + r"\.md",
    r"\bthe b" + r"rief\b",
]


ABOUT_SIGNING_IN = ("THREAT_MODEL.md", "sign-in-and-users.md", "CHANGELOG.md")
"""There it is a word of the service: from signing in to signing out."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_documents_speak_of_the_project_alone(page: Path) -> None:
    text = words(page)
    for pattern in FOREIGN:
        if pattern == OF_SIGNING_IN and page.name in ABOUT_SIGNING_IN:
            continue
        assert not re.search(pattern, text), pattern


def test_decisions_have_one_form_and_follow_one_another() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        heads = HEADING.findall(words(record))
        assert heads[0].startswith(f"{int(record.name[:4])}. "), record.name
        assert heads[1:] == ["Question", "Decision", "Why", "What follows"], record.name
        assert re.search(r"^Status: (accepted|superseded by \d{4}), \w+ 20\d\d\.$", words(record), re.M), (
            record.name
        )
