"""The request and response pairs with which the Ministry of Justice tests its own service, one by one.

An oracle that is not ours for every instrument: the 2026 suite and the screeners at one commit, OGRS3, OGP, OVP, SNSV,
OSP and RSR at the last commit that had them. Three pairs that force one version of SNSV are left out: we have no such
switch. PNI has only two pairs; the larger published file disagrees with the published code (``test_risk_published.py``).
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from milepost.risk.fields import Assessment, field_table
from milepost.risk.instruments import instruments
from milepost.risk.result import Result
from milepost.risk.score import score

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("published_fixtures.json").read_text(encoding="utf-8")
)["cases"]


def person(answers: dict[str, Any]) -> Assessment:
    table = field_table()
    return Assessment(**{
        name: dt.date.fromisoformat(value) if table[name].kind == "date" else value
        for name, value in answers.items()
    })  # fmt: skip


def compared(expected: dict[str, Any], found: Result) -> None:
    assert found.band == expected["band"]
    for name in ("percentage", "points"):
        if name in expected:
            assert getattr(found, name) == expected[name], name
    if found.scored:
        if "basis" in expected:
            assert found.basis == expected["basis"]
        if "log_odds" in expected:
            assert found.total == pytest.approx(expected["log_odds"], abs=1e-9)
        if "one_year" in expected:
            assert found.extra is not None
            assert found.extra["one_year_percentage"] == expected["one_year"]
        for name in ("applies", "override"):
            if name in expected:
                assert found.extra is not None
                assert bool(found.extra[name]) == bool(expected[name]), name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_published_response(case: dict[str, Any]) -> None:
    for expected in case["expected"]:
        key = expected["instrument"]
        compared(expected, score(person(case["answers"]), [key], changes=False)[key])


def test_every_instrument_has_published_scores() -> None:
    """Enough of them are scores, not refusals, for the comparison to mean something."""
    scored = Counter(
        expected["instrument"]
        for case in CASES
        for expected in case["expected"]
        if expected["band"] is not None or expected.get("percentage") is not None
    )
    at_least = dict.fromkeys(instruments(), 2) | {
        "ogp": 1,
        "ovp": 1,
        "lds": 9,
        "csrp": 5,
        "rsr": 5,
        "dc_srp": 8,
    }
    assert {key: count for key, count in at_least.items() if scored[key] < count} == {}
