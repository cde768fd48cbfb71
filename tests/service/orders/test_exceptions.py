"""Exceptions that an order was imported with can be changed in a draft, and nothing else of them is lost."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from milepost.service.orders.actions import drafts
from milepost.service.orders.models import OrderVersion
from tests.service.orders.test_drafts import day_parts

IMPORTED = {
    "from": "2027-01-09T18:00:00", "until": "2027-01-09T21:00:00", "reason": "court_hearing_north",
    "authorised_by": "Crown Court", "travel_before_min": 20, "x_case": "T2027",
}  # fmt: skip


@pytest.fixture
def draft(world) -> OrderVersion:
    made = drafts.vary_order(
        by=world.nora, order=world.order, why="Hours", effective_from_utc=timezone.now() + dt.timedelta(7)
    )
    made.document["conditions"][0]["exceptions"] = [IMPORTED]
    made.save()
    return made


def address(draft: OrderVersion, view: str, **more) -> str:
    at = {"reference": draft.order.reference, "number": draft.version, "part_id": "curfew"}
    return reverse(f"orders:{view}", kwargs=at | more)


def answers(last_hour: str = "21:00", **more: str) -> dict[str, str]:
    day = dt.date(2027, 1, 9)
    return {
        "kind": "authorised_absence", "reason": "court_hearing_north", "from_time": "18:00",
        "until_time": last_hour, **day_parts("from_date", day), **day_parts("until_date", day), **more,
    }  # fmt: skip


def exceptions_of(draft: OrderVersion) -> list[dict]:
    draft.refresh_from_db()
    return draft.document["conditions"][0].get("exceptions", [])


def test_another_end_changes_the_end_alone(world, signed_in, draft):
    client = signed_in(world.nora)
    form = client.get(address(draft, "exception", index=0)).content.decode()
    assert 'value="18:00"' in form
    assert "court hearing north" in form, "a reason that only the other system knows can be kept"
    answer = client.post(address(draft, "exception", index=0), answers("22:30"))
    assert answer.headers["Location"] == address(draft, "condition")
    assert exceptions_of(draft) == [IMPORTED | {"until": "2027-01-09T22:30:00", "kind": "authorised_absence"}]


def test_one_more_is_added_and_one_removed(world, signed_in, draft):
    client = signed_in(world.nora)
    client.post(address(draft, "exception-add"), answers("23:00", reason=""))
    assert [one["until"] for one in exceptions_of(draft)] == ["2027-01-09T21:00:00", "2027-01-09T23:00:00"]
    page = client.get(address(draft, "condition")).content.decode()
    assert page.count("/exceptions/1") == 2, "to change and to remove the second"
    client.post(address(draft, "exception-remove", index=0))
    assert [one["until"] for one in exceptions_of(draft)] == ["2027-01-09T23:00:00"]


def test_an_end_before_its_start_is_refused_and_nothing_typed_is_lost(world, signed_in, draft):
    answer = signed_in(world.nora).post(address(draft, "exception", index=0), answers("17:00"))
    assert "The end must be after the start" in answer.content.decode()
    assert 'value="17:00"' in answer.content.decode()
    assert exceptions_of(draft) == [IMPORTED]


def test_the_last_but_one_page_is_not_there(world, signed_in, draft):
    assert signed_in(world.nora).get(address(draft, "exception", index=1)).status_code == 404
