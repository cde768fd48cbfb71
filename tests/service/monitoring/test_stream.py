"""The stream behind an open board: tells soon, ends by itself, leaves threads free, keeps no session alive."""

from __future__ import annotations

import time

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from milepost.service.accounts.middleware import SEEN
from milepost.service.accounts.roles import Role
from milepost.service.monitoring import codes, pulse, stream
from milepost.service.monitoring.views import board as board_view
from tests.service.monitoring.factory import plain_incident
from tests.service.world import World

NUMBERS = codes.board_numbers().stream
QUARTER_S = 0.25


def short(**more: object) -> codes.StreamNumbers:
    return NUMBERS.model_copy(update={"shortest_s": 0.5, "longest_s": 0.5, **more})


def test_as_shipped_a_stream_is_short_and_looks_often():
    assert NUMBERS.look_every_ms <= 125, "two looks fit into a quarter of a second"
    assert 20 <= NUMBERS.shortest_s < NUMBERS.longest_s <= 50


@pytest.mark.django_db
def test_it_says_the_number_then_ends_by_itself():
    started = time.monotonic()
    events = b"".join(stream.Stream(short())).decode()
    assert events.startswith(f"event: pulse\ndata: {pulse.current()}\n\n")
    assert events.endswith("event: end\ndata: ask again\n\n")
    assert events.count("event: pulse") == 1, "a number is told once"
    assert 0.4 < time.monotonic() - started < 3


@pytest.mark.django_db
def test_a_silent_stream_says_that_it_is_there():
    assert b": still here" in b"".join(stream.Stream(short(silent_at_most_s=0.2)))


@pytest.mark.django_db
def test_a_beat_is_told_within_a_quarter_of_a_second():
    events = iter(stream.Stream(short(longest_s=3, shortest_s=3)))
    first = next(events)
    with transaction.atomic():
        pulse.beat()
    committed = time.monotonic()
    second = next(events)
    assert time.monotonic() - committed < QUARTER_S
    assert second != first
    events.close()  # type: ignore[attr-defined]


@pytest.fixture
def short_streams(monkeypatch):
    """Streams of the view end soon, so that a test can read one to its end."""
    whole = codes.board_numbers().model_copy(update={"stream": short()})
    monkeypatch.setattr(board_view, "board_numbers", lambda: whole)


def read(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.django_db
def test_only_so_many_run_at_once_and_a_closed_one_gives_its_place_back(
    world: World, signed_in, short_streams
):
    running = []
    for _ in range(NUMBERS.most_at_once):
        one = stream.Stream(NUMBERS)
        next(iter(one))
        running.append(one)
    client: Client = signed_in(world.users[Role.MONITORING_OFFICER])
    full = client.get(reverse("monitoring:stream"))
    assert (full.status_code, full.headers["Retry-After"]) == (503, str(NUMBERS.ask_again_s))
    running.pop().close()
    again = client.get(reverse("monitoring:stream"))
    assert again.status_code == 200
    assert again.headers["Content-Type"] == "text/event-stream"
    assert again.headers["Cache-Control"] == "no-store"
    assert b"event: pulse" in read(again)
    for one in running:
        one.close()
    assert stream._running.count == 0


@pytest.mark.django_db
def test_an_open_board_does_not_keep_its_reader_signed_in(world: World, signed_in, settings, short_streams):
    plain_incident(world.ada)
    client: Client = signed_in(world.users[Role.MONITORING_OFFICER])
    client.get(reverse("monitoring:board"))
    session = client.session
    session[SEEN] = time.time() - settings.SESSION_IDLE_S + 100
    session.save()
    seen = session[SEEN]
    background = {"X-Milepost-Background": "board"}
    client.get(reverse("monitoring:rows"), headers=background)
    read(client.get(reverse("monitoring:stream"), headers=background))
    assert client.session[SEEN] == seen
    session = client.session
    session[SEEN] = time.time() - settings.SESSION_IDLE_S - 1
    session.save()
    late = client.get(reverse("monitoring:rows"), headers={"X-Milepost-Background": "board"})
    assert late.status_code == 302, "and a session that has ended stays ended"
