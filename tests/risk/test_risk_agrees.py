"""The library and the slow decimal reference give the same, for people that nobody thought of."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import answered
from plain_reference import percentage, probability

from milepost.risk.fields import Assessment, field_table
from milepost.risk.offences import offences
from milepost.risk.score import score

CODES = [f"{code:05d}" for code in np.flatnonzero(offences().category >= 0)]


@st.composite
def people(draw: st.DrawFn) -> Assessment:
    born = draw(st.dates(dt.date(1935, 1, 1), dt.date(2006, 12, 31)))
    convicted = born + dt.timedelta(days=draw(st.integers(18 * 366, 70 * 365)))
    sanctions = draw(st.one_of(st.integers(1, 4), st.integers(1, 999)))
    answers: dict[str, object] = {
        "date_of_birth": born,
        "conviction_date": convicted,
        "community_date": draw(
            st.one_of(st.none(), st.dates(convicted, convicted + dt.timedelta(days=2_000)))
        ),
        "assessment_date": convicted + dt.timedelta(days=draw(st.integers(0, 3_000))),
        "age_at_first_sanction": draw(st.integers(8, 17)),
        "sanctions": sanctions,
        "violent_sanctions": draw(st.one_of(st.integers(0, min(2, sanctions)), st.integers(0, sanctions))),
        "sex": draw(st.sampled_from(["male", "female"])),
        "offence_code": draw(st.sampled_from(CODES)),
        "partner_status": draw(st.sampled_from(["living_together", "not_living_together", "none"])),
    }
    for name, info in field_table().items():
        if name in answers or getattr(answered(), name) is None or name in ("person_id", "static_only"):
            continue
        if info.kind == "level":
            answers[name] = draw(st.integers(0, 2))
        elif info.kind == "yes_no":
            answers[name] = draw(st.booleans())
    return answered(**answers)


@settings(deadline=None, max_examples=150)
@given(people())
def test_every_predictor_agrees_with_exact_decimals(who: Assessment) -> None:
    for key, result in score(who, ["arp", "vrp", "svrp"], changes=False).items():
        assert result.extra is not None
        for version in ("static", "dynamic"):
            exact = probability(who, key, version)
            assert result.extra[f"{version}_probability"] == pytest.approx(float(exact), rel=1e-10, abs=1e-13)
            assert result.extra[f"{version}_percentage"] == percentage(exact)
