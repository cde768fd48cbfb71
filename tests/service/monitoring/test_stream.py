"""The stream behind an open board: tells soon, ends by itself, leaves threads free, keeps no session alive."""

from __future__ import annotations

import socket
import time

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from milepost.service.accounts.middleware import SEEN
from milepost.service.accounts.roles import Role
from milepost.service.monitoring import policy_data, pulse, stream
from milepost.service.monitoring.views import board as board_view
from tests.service.monitoring.factory import plain_incident
from tests.service.world import World

NUMBERS = policy_data.board_numbers().stream
QUARTER_S = 0.25
ADA, BEN = 1, 2
"""Users."""


def short(**more: object) -> policy_data.StreamNumbers:
    return NUMBERS.model_copy(update={"shortest_s": 0.5, "longest_s": 0.5, **more})


def test_as_shipped_a_stream_is_short_and_looks_often():
    assert NUMBERS.look_every_ms <= 125, "two looks fit into a quarter of a second"
    assert 20 <= NUMBERS.shortest_s < NUMBERS.longest_s <= 50


@pytest.mark.django_db
def test_it_says_the_number_then_ends_by_itself():
    started = time.monotonic()
    events = b"".join(stream.Stream(short(), ADA)).decode()
    assert events.startswith(f"event: pulse\ndata: {pulse.current()}\n\n")
    assert events.endswith("event: end\ndata: ask again\n\n")
    assert events.count("event: pulse") == 1, "a number is told once"
    assert 0.4 < time.monotonic() - started < 3


@pytest.mark.django_db
def test_a_silent_stream_says_that_it_is_there():
    assert b": still here" in b"".join(stream.Stream(short(silent_at_most_s=0.2), ADA))


@pytest.mark.django_db
def test_a_beat_is_told_within_a_quarter_of_a_second():
    events = iter(stream.Stream(short(longest_s=3, shortest_s=3), ADA))
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
    whole = policy_data.board_numbers().model_copy(update={"stream": short()})
    monkeypatch.setattr(board_view, "board_numbers", lambda: whole)


def read(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.fixture
def opened():
    """Opens a stream of a user as far as its first event; closes all of them."""
    running = []

    def go(user: int, **more) -> stream.Stream:
        one = stream.Stream(NUMBERS, user, **more)
        running.append(one)
        next(iter(one))
        return one

    yield go
    for one in running:
        one.close()
    assert stream.places.taken == 0


def is_told_to_wait(one: stream.Stream) -> bool:
    return b"event: wait" in b"".join(one)


@pytest.mark.django_db
def test_a_full_server_says_so_in_an_event_and_a_closed_stream_gives_its_place_back(
    world: World, signed_in, short_streams, opened
):
    running = [opened(-1 - number) for number in range(NUMBERS.most_at_once)]
    client: Client = signed_in(world.users[Role.MONITORING_OFFICER])
    full = client.get(reverse("monitoring:stream"))
    assert full.status_code == 200, "a browser writes every 503 into its console, as a fault of the page"
    assert read(full) == f"event: wait\ndata: {NUMBERS.ask_again_s}\n\n".encode()
    running.pop().close()
    again = client.get(reverse("monitoring:stream"))
    assert again.headers["Content-Type"] == "text/event-stream"
    assert again.headers["Cache-Control"] == "no-store"
    assert b"event: pulse" in read(again)


@pytest.mark.django_db
def test_a_new_page_takes_the_place_of_its_users_oldest_stream_and_of_nobody_elses(opened):
    other, *own = opened(BEN), *(opened(ADA) for _ in range(NUMBERS.most_of_one_user))
    newest = opened(ADA)
    started = time.monotonic()
    assert is_told_to_wait(own[0])
    assert time.monotonic() - started < QUARTER_S, "at once, not when it next looks at the database"
    assert stream.places.taken == 1 + NUMBERS.most_of_one_user
    assert not any(one.displaced.is_set() for one in (other, newest, *own[1:]))


@pytest.mark.django_db
def test_on_a_full_server_a_user_gives_way_to_themselves_alone(opened):
    own = opened(ADA)
    others = [opened(user) for user in range(10, 9 + NUMBERS.most_at_once)]
    with pytest.raises(stream.NoRoom):
        stream.Stream(NUMBERS, BEN)
    opened(ADA)
    assert own.displaced.is_set()
    assert not any(one.displaced.is_set() for one in others)


@pytest.mark.django_db
def test_a_page_that_lost_its_place_waits_for_a_free_one(opened):
    """Else three open boards of one user would take places from each other for ever."""
    first, second = (opened(ADA, patient=True) for _ in range(NUMBERS.most_of_one_user))
    with pytest.raises(stream.NoRoom):
        stream.Stream(NUMBERS, ADA, patient=True)
    first.close()
    opened(ADA, patient=True)
    assert not second.displaced.is_set()


@pytest.mark.django_db
def test_a_stream_ends_when_its_reader_is_gone():
    ours, theirs = socket.socketpair()
    with ours:
        events = iter(stream.Stream(short(shortest_s=30, longest_s=30), ADA, reader=ours))
        next(events)
        theirs.sendall(b"GET /next")
        assert not stream.is_gone(ours)
        assert ours.recv(100) == b"GET /next", "looking takes nothing"
        theirs.close()
        assert list(events) == []
    assert stream.is_gone(ours)
    assert stream.places.taken == 0


@pytest.mark.django_db
def test_a_stream_that_never_began_gives_its_place_back():
    stream.Stream(NUMBERS, ADA).close()
    forgotten = stream.Stream(short(), ADA)
    assert stream.places.taken == 1
    forgotten.ends_s -= stream.GRACE_S + 1
    stream.Stream(NUMBERS, BEN).close()
    assert stream.places.taken == 0


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
