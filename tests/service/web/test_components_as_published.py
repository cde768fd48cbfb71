"""Our components against those that GOV.UK and the MoJ publish, compared as parsed HTML.

GOV.UK: the fixtures.json of govuk-frontend 6.6.0, rendered through govuk_frontend_jinja (which follows 6.3) in our
own environment. MoJ: the Nunjucks templates of @ministryofjustice/frontend 11.1.0. See tools/frontend_fixtures.py.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from datetime import datetime
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from markupsafe import Markup

from milepost.service.web.jinja import environment
from tests.service.web.parsed import parsed

FIXTURES = Path(__file__).parents[2] / "fixtures" / "frontend"
ENV = environment()

KNOWN = {
    (difference["component"], name): difference["reason"]
    for difference in tomllib.loads((FIXTURES / "known_differences.toml").read_text())["difference"]
    for name in difference["fixtures"]
}


def fixtures(name: str) -> dict[str, list[dict]]:
    return json.loads(gzip.decompress((FIXTURES / name).read_bytes()))


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def govuk_cases() -> list:
    return [
        pytest.param(component, fixture, id=f"{component}: {fixture['name']}")
        for component, all_of_it in fixtures("govuk.json.gz").items()
        for fixture in all_of_it
    ]


@pytest.mark.parametrize(("component", "fixture"), govuk_cases())
def test_govuk_component(component: str, fixture: dict) -> None:
    source = (
        f"{{% from 'govuk_frontend_jinja/components/{component}/macro.html' import govuk{camel(component)} %}}"
        f"{{{{ govuk{camel(component)}(params) }}}}"
    )
    ours = parsed(rendered(source, fixture["options"]))
    theirs = parsed(fixture["html"])
    reason = KNOWN.get((component, fixture["name"]))
    if reason is None:
        assert ours == theirs
    else:
        assert ours != theirs, f"no longer differs, take it off the list: {reason}"


def rendered(source: str, params: dict) -> str:
    """Empty for a component that the library does not have, or options that our environment refuses."""
    try:
        return ENV.from_string(source).render(params=params)
    except (TemplateNotFound, UndefinedError):
        return ""


MOJ_FILES = dict.fromkeys(("primary-navigation", "sub-navigation", "side-navigation"), "navigation")


def moj_cases() -> list:
    return [
        pytest.param(component, case, id=f"{component} {n}")
        for component, cases in fixtures("moj.json.gz").items()
        for n, case in enumerate(cases, 1)
    ]


def with_moments(component: str, options: dict) -> dict:
    """JSON has no datetimes; our timeline takes nothing else."""
    if component == "timeline":
        for item in options["items"]:
            item["datetime"]["timestamp"] = datetime.fromisoformat(item["datetime"]["timestamp"])
    return options


@pytest.mark.parametrize(("component", "case"), moj_cases())
def test_moj_component(component: str, case: dict) -> None:
    file = MOJ_FILES.get(component, component)
    source = (
        f"{{% from 'moj/{file}.html' import moj{camel(component)} %}}{{{{ moj{camel(component)}(params) }}}}"
    )
    options = with_moments(component, json.loads(json.dumps(case["options"])))
    ours, theirs = parsed(ENV.from_string(source).render(params=options)), parsed(case["html"])
    if component == "timeline":
        # Times are on the 24-hour clock here, and <time datetime> has no thousandths: 00:00 is not "12am".
        theirs = theirs.replace(".000Z", "Z").replace("at 3:01pm", "at 15:01")
    assert ours == theirs


def test_what_a_caller_writes_as_text_is_never_markup() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    source = "{% from 'moj/badge.html' import mojBadge %}{{ mojBadge({'text': text, 'classes': text}) }}"
    shown = ENV.from_string(source).render(text=hostile)
    assert "<img" not in shown
    assert Markup.escape(hostile) in shown
