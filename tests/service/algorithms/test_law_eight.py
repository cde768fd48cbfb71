"""Law 8: ethnicity, religion, disability and sexual orientation enter the audit of a score and nothing else.

Looks through the code of the service for whoever reads characteristics. Sex may be read where an instrument needs it.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps

import milepost.service
from milepost.service.people.models import Characteristics

SERVICE = Path(milepost.service.__file__).parent
NEVER = {"ethnicity", "religion", "disability", "sexual_orientation", "Ethnicity"}
MAY_READ = ("algorithms/fairness/", "people/models.py", "people/migrations/")
"""Where all of them may be named: the audit of fairness, and the table itself."""
ONLY_WORDS = (
    "algorithms/words.py",
    "algorithms/templates/",
    "algorithms/views/fairness.py",
    "algorithms/forms.py",
)
MAKES_UP = ("demo/",)
"""Makes synthetic people up. It writes; a score is made elsewhere."""


def named(source: str) -> set[str]:
    """Names, attributes and strings of a module that could read such a field: ``ethnicity``, ``x__ethnicity``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.keyword) and node.arg:
            found.update(node.arg.split("__"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            found.update(node.value.split("__"))
    return found


def readers() -> dict[str, set[str]]:
    return {
        file.relative_to(SERVICE).as_posix(): found
        for file in SERVICE.rglob("*.py")
        if (found := named(file.read_text(encoding="utf-8")) & NEVER)
    }


def test_nothing_but_the_audit_of_fairness_reads_them():
    wrong = {f: w for f, w in readers().items() if not f.startswith((*MAY_READ, *ONLY_WORDS, *MAKES_UP))}
    assert wrong == {}


def test_nobody_takes_all_characteristics_of_a_person_at_once():
    """``characteristics.__dict__``, ``values()`` and the like would read them without naming them."""
    wrong = []
    for file in SERVICE.rglob("*.py"):
        name = file.relative_to(SERVICE).as_posix()
        if name.startswith((*MAY_READ, *MAKES_UP)):
            continue
        text = file.read_text(encoding="utf-8")
        for bad in ("model_to_dict(", "Characteristics.objects.values(", "Characteristics.objects.all()", "characteristics.__dict__"):  # fmt: skip  # noqa: E501
            if bad in text and "haracteristics" in text:
                wrong.append((name, bad))
    assert wrong == []


def test_no_page_of_one_person_names_them():
    pages = [f for f in SERVICE.rglob("templates/**/*.html") if "algorithms" not in f.parts]
    assert [p for p in pages if any(f".{word}" in p.read_text() for word in NEVER)] == []


def test_the_library_that_scores_knows_no_such_field():
    from dataclasses import fields

    from milepost.risk.fields import Assessment

    assert {f.name for f in fields(Assessment)} & (NEVER | {"race"}) == set()


@pytest.mark.parametrize(
    "source", ["x.ethnicity", "f(characteristics__ethnicity='x')", "v('characteristics__religion')"]
)
def test_a_reader_would_be_seen(source):
    assert named(source) & NEVER


def test_these_are_the_fields_there_are():
    kept = {f.name for f in Characteristics._meta.get_fields()} - {
        "id",
        "person",
        "source",
        "recorded_utc",
        "sex",
    }
    assert kept == NEVER - {"Ethnicity"}, "a new characteristic: say here whether a score may read it"
    assert apps.get_model("people", "Characteristics") is Characteristics
