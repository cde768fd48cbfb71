"""Messages that were not understood: seen by few, shown safely, replayed or set aside, all of it logged."""

from __future__ import annotations

import json

import pytest

from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from milepost.service.signals import actions
from milepost.service.signals.models import Fix, QuarantinedMessage
from milepost.service.signals.views import shown_text
from tests.service.walk.signals import make_message, make_token, of_a_restricted_person

pytestmark = pytest.mark.django_db
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
GOOD = b"id=tag-1&timestamp=1773500000&lat=53.7&lon=1.7"


@pytest.fixture
def supervisor(world):
    return world.users[Role.MONITORING_SUPERVISOR]


def test_the_list_finds_by_format_device_problem_and_state(world, signed_in, supervisor):
    make_message("tag-1")
    make_message("tag-2", format="osmand", first_problem="No time is given")
    make_message("tag-3", state="set_aside")
    client = signed_in(supervisor)

    def devices(**query):
        page = client.get("/signals/quarantine", query).content.decode()
        return {d for d in ("tag-1", "tag-2", "tag-3") if f">{d}</td>" in page}

    assert devices() == {"tag-1", "tag-2"}
    assert devices(format="osmand") == {"tag-2"}
    assert devices(device="TAG-1") == {"tag-1"}
    assert devices(problem="no time") == {"tag-2"}
    assert devices(state="set_aside") == {"tag-3"}
    assert devices(device="nobody") == set()


def test_devices_of_restricted_people_are_not_listed(world, signed_in, supervisor):
    of_a_restricted_person(world)
    assert "tag-of-cy" not in signed_in(supervisor).get("/signals/quarantine").content.decode()


def test_looking_is_logged_with_whom_it_is_about(world, signed_in, supervisor):
    message = make_message("tag-1")
    client = signed_in(supervisor)
    client.get("/signals/quarantine")
    client.get(f"/signals/quarantine/{message.pk}")
    entries = Entry.objects.filter(operation="consultation").order_by("number")
    assert [(e.what, e.subject) for e in entries] == [
        ("quarantine.list", ""),
        ("quarantine.message", "P000001"),
    ]


def test_what_a_device_wrote_is_shown_and_never_run(world, signed_in, supervisor):
    problem = {"row": SCRIPT, "field": SCRIPT, "message": SCRIPT, "remedy": SCRIPT, "severity": "error"}
    message = make_message(
        SCRIPT[:80], raw=SCRIPT.encode(), problems=[problem], first_problem=SCRIPT, topic=SCRIPT, note=SCRIPT,
        token=None, handled_by=supervisor, format="osmand",
    )  # fmt: skip
    client = signed_in(supervisor)
    for address in ("/signals/quarantine", f"/signals/quarantine/{message.pk}"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"id=1&lat=2", "id=1&lat=2"), (b'{"a":1}', '{\n  "a": 1\n}'), (b"{", "{"), (b"\x00\x01\xff", "00 01 ff"),
        (b"\x00\x01\x02", "00 01 02"), (b'{"a":"\\ud800"}', '{\n  "a": "\ufffd"\n}'), (b'{"a":' + b"9" * 5000 + b"}", None),
        (b"[" * 9000, None), (b"", ""),
    ],
)  # fmt: skip
def test_any_bytes_can_be_shown(raw, text):
    shown, cut = shown_text(raw)
    shown.encode()
    assert not cut
    assert text is None or shown == text


def test_replay_takes_in_what_is_understood_now(world, signed_in, supervisor):
    message = make_message("tag-1", format="osmand", raw=GOOD)
    response = signed_in(supervisor).post(f"/signals/quarantine/{message.pk}/replay", follow=True)
    assert "1 signal was recorded" in response.content.decode()
    message.refresh_from_db()
    assert (message.state, message.handled_by, message.problems) == ("replayed", supervisor, [])
    assert Fix.objects.get().received_us == message.received_us, "when it first came"
    details = Entry.objects.get(what="quarantine.replay").details
    assert details == {"quarantined": message.pk, "accepted": 1, "repeated": 0, "refused": 0}
    with pytest.raises(Refused):
        actions.replay(message=message, by=supervisor)
    assert Fix.objects.count() == 1


def test_what_is_still_not_understood_waits_with_todays_problems(supervisor):
    message = make_message("tag-1", format="osmand", raw=GOOD + b"\nid=tag-1&timestamp=never&lat=1&lon=1")
    outcome = actions.replay(message=message, by=supervisor)
    assert (outcome.accepted, outcome.quarantined) == (1, 1)
    message.refresh_from_db()
    assert message.state == "waiting"
    assert [p["row"] for p in message.problems] == [2]
    assert actions.replay(message=message, by=supervisor).repeated == 1, "nothing is doubled"


def test_replay_believes_no_more_than_the_token_did(supervisor):
    token = make_token(device_prefix="north-")
    message = make_message("", format="osmand", raw=GOOD, token=token)
    outcome = actions.replay(message=message, by=supervisor)
    assert (outcome.accepted, outcome.quarantined) == (0, 1)
    of_device = make_message("x", format="osmand", raw=GOOD, token=make_token(device_id="tag-2"))
    assert actions.replay(message=of_device, by=supervisor).accepted == 0
    by_mqtt = make_message(
        "jane/phone", format="owntracks", topic="owntracks/jane/phone",
        raw=json.dumps({"_type": "location", "tst": 1773500000, "lat": 1, "lon": 2, "topic": "owntracks/ada/tag"}).encode(),
    )  # fmt: skip
    assert actions.replay(message=by_mqtt, by=supervisor).accepted == 0
    assert not Fix.objects.exists()


def test_replaying_all_that_a_filter_finds(world, signed_in, supervisor):
    for n in range(3):
        make_message("tag-1", format="osmand", raw=GOOD.replace(b"53.7", b"53.%d" % n))
    other = make_message("tag-2", format="traccar", raw=b"{")
    response = signed_in(supervisor).post("/signals/quarantine/replay", {"format": "osmand"}, follow=True)
    assert "Replayed: 3. Still not understood: 0. Signals recorded: 3." in response.content.decode()
    assert Fix.objects.count() == 3
    other.refresh_from_db()
    assert other.handled_by is None


def test_setting_aside_needs_a_note_and_keeps_the_message(world, signed_in, supervisor):
    message = make_message()
    client, address = signed_in(supervisor), f"/signals/quarantine/{message.pk}/set-aside"
    assert "Enter why" in client.post(address, {"note": " "}).content.decode()
    client.post(address, {"note": "A test of the maker"})
    message.refresh_from_db()
    assert (message.state, message.note) == ("set_aside", "A test of the maker")
    entry = Entry.objects.get(what="quarantine.set_aside")
    assert entry.details == {"quarantined": message.pk}, "no free text in the log"
    assert QuarantinedMessage.objects.count() == 1
