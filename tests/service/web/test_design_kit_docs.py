"""The examples of docs/reference/design-kit.md render, and every macro file is in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator

from milepost.service.web.forms import Form
from milepost.service.web.jinja import TEMPLATES, environment

DOC = (Path(__file__).parents[3] / "docs" / "reference" / "design-kit.md").read_text()
EXAMPLES = re.findall(r"```jinja\n(.*?)```", DOC, flags=re.S)


class Named(Form):
    name = forms.CharField()


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_each_example_renders(example: str) -> None:
    context = {
        "form": Named({}),
        "csrf_input": "",
        "svg": "",
        "page": Paginator(range(30), 10).page(2),
        "at": datetime(2027, 3, 1, tzinfo=UTC),
    }
    assert "<" in environment().from_string(example).render(context)


def test_every_macro_is_in_the_page() -> None:
    inner = {"plain_attributes"}
    for path in [*TEMPLATES.glob("moj/*.html"), *TEMPLATES.glob("macros/*.html")]:
        for name in re.findall(r"macro (\w+)\(", path.read_text()):
            if not name.startswith("_") and name not in inner:
                assert name in DOC, f"{name} of {path.name} is not in docs/reference/design-kit.md"


def test_every_filter_is_in_the_page() -> None:
    from milepost.service.web.formats import FILTERS

    for name in FILTERS:
        assert f"`{name}`" in DOC
