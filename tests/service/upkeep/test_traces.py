"""Whose message is this? By keys and whole values. A person called Al is in no "Altitude"."""

from __future__ import annotations

import json

import pytest

from milepost.service.upkeep.traces import About, Traces
from milepost.times import DAY_US

FITTED, REMOVED = 100 * DAY_US, 110 * DAY_US
AL = Traces(
    references=frozenset(("P000077", "O000077", "77")), names=frozenset(("al",)), names_are_theirs=True,
    worn=(("tag-1", FITTED, REMOVED), ("home", FITTED, REMOVED)), numbers={"incident": frozenset((3,))},
)  # fmt: skip


def about(text, when_us=0, device="") -> str:
    return AL.about(text if isinstance(text, bytes) else json.dumps(text).encode(), when_us, device).value


@pytest.mark.parametrize("text", [
    {"person_id": "P000077"}, {"note": "P000077"}, {"note": "about P000077, urgent"}, {"P000077": {"lat": 1}},
    {"person": "77"}, {"name": "Al"}, {"Full Name": " AL "}, {"a": [{"b": [{"incident": 3}]}]},
    b'{"lat": 1}\n{"order": "O000077"}\nbroken', b"person_id,lat\nP000001,1\nP000077,2\n", b"id=P000077&lat=1",
    b'{"person": "P000077", "lat": ',
])  # fmt: skip
def test_what_is_about_them(text):
    assert about(text) == "person"


@pytest.mark.parametrize("text", [
    {"Altitude": "high"}, {"name": "Alison"}, {"name": "Albert Vale"}, {"note": "P0000771"}, {"note": "XP000077"},
    {"note": "P000077-2"}, {"sequence": "77"}, {"lat": 77}, {"count": 3}, {"incident": 33}, {"incident": True},
    b"Altitude is normal", b"", b"\xff\xfe", b"[" * 100_000,
])  # fmt: skip
def test_what_is_not(text):
    assert about(text) == "nobody"


@pytest.mark.parametrize("text", [
    {"note": "Al rang"}, b"Al rang", {"name": "Al", "person_id": "P000001"}, {"status": "Al"},
])  # fmt: skip
def test_what_somebody_has_to_look_at_stays(text):
    assert about(text) == "maybe"


def test_a_device_is_theirs_while_they_wear_it_and_a_day_longer():
    message = {"device_id": "tag-1", "lat": "x"}
    assert about(message, FITTED) == about(message, REMOVED + DAY_US - 1) == "person"
    assert about(b"broken, of tag-1", FITTED) == about(b"broken", FITTED, "tag-1") == "person"
    assert about(message, FITTED - 1) == about(message, REMOVED + DAY_US) == "maybe"
    assert about({"device_id": "tag-12"}, FITTED) == about({"mode": "home"}, FITTED) == "nobody"
    assert about({"device": "home"}, FITTED) == "person"


def test_a_name_that_somebody_else_has_too_says_nothing_alone():
    shared = Traces(AL.references, AL.names, False, AL.worn)
    assert shared.about({"name": "Al"}, 0) is About.MAYBE
    assert shared.about({"name": "Al", "person_id": "P000077"}, 0) is About.PERSON
