"""Webhooks: written with the event, signed, sent at least once, given up openly, never to an address inside."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import transaction
from django.test import override_settings

from milepost.service import events
from milepost.service.accounts.roles import Role
from milepost.service.api.actions.webhooks import make_webhook, send_again, set_active
from milepost.service.api.models import Webhook, WebhookDelivery
from milepost.service.api.policy_data import numbers
from milepost.service.api.webhooks import addresses, sending
from milepost.service.api.webhooks.addresses import BadAddress, check_address
from milepost.service.api.webhooks.sealing import Unsealable, seal, unseal
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused


class Receiver:
    """A machine that is told: keeps what came and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?of=us"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def hook(world, receiver) -> tuple[Webhook, str]:
    admin = world.users[Role.ADMINISTRATOR]
    return make_webhook(by=admin, name="Other", url=receiver.url, events=["device.fitted"])


BODY = {
    "activation": "A000001", "device": "tag-1", "person": "P000001", "at_utc": "2026-03-02T09:00:00+00:00",
}  # fmt: skip


def happen(event: str = "device.fitted", **body: object) -> None:
    with transaction.atomic():
        events.announce(event, BODY | body)


def be_due() -> None:
    WebhookDelivery.objects.filter(state="waiting").update(next_try_us=0)


def test_what_happened_arrives_signed_and_is_logged(hook, receiver):
    _webhook, secret = hook
    happen()
    happen("device.removed")  # not asked for
    assert sending.send_due() == 1
    headers, body = receiver.got[0]
    told = json.loads(body)
    assert told["event"] == "device.fitted"
    assert told["data"] == BODY
    assert uuid.UUID(told["id"]) == uuid.UUID(headers["Milepost-Delivery"])
    at, v1 = (part.split("=")[1] for part in headers["Milepost-Signature"].split(","))
    expected = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(v1, expected)
    entry = Entry.objects.get(what="webhook.deliver")
    assert (entry.operation, entry.subject) == ("disclosure", "P000001")
    assert sending.send_due() == 0


def test_what_did_not_happen_is_not_told(hook, receiver):
    with transaction.atomic():
        events.announce("device.fitted", BODY)
        transaction.set_rollback(True)
    assert sending.send_due() == 0
    assert receiver.got == []


def test_a_failure_is_tried_again_later_with_the_same_id_and_given_up_openly(
    hook, receiver, signed_in, world
):
    webhook, _secret = hook
    waits = numbers().webhooks.wait_s
    receiver.answers = [500] * (len(waits) + 1)
    happen()
    assert sending.send_due() == 1
    assert sending.send_due() == 0  # not at once
    delivery = WebhookDelivery.objects.get()
    wait_s = (delivery.next_try_us - sending.now_us()) / 1e6
    jitter = numbers().webhooks.jitter
    assert waits[0] * (1 - jitter) - 5 < wait_s <= waits[0] * (1 + jitter)
    for _ in waits:
        be_due()
        assert sending.send_due() == 1
    delivery.refresh_from_db()
    assert delivery.state == "given_up"
    assert len({headers["Milepost-Delivery"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1
    be_due()
    assert sending.send_due() == 0
    page = signed_in(world.users[Role.ADMINISTRATOR]).get(f"/api/webhooks/{webhook.pk}").content.decode()
    assert "answered 500" in page
    assert "Failed: 1." in page
    send_again(by=world.users[Role.ADMINISTRATOR], delivery=delivery)
    assert sending.send_due() == 1
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_a_redirect_is_not_followed(hook, receiver):
    receiver.answers = [302]
    happen()
    sending.send_due()
    assert WebhookDelivery.objects.get().last_status == "answered 302"
    assert len(receiver.got) == 1


def test_of_two_senders_one_sends(hook):
    happen()
    mine, theirs = WebhookDelivery.objects.get(), WebhookDelivery.objects.get()
    assert sending.claim(mine)
    assert not sending.claim(theirs)


def test_a_sender_that_dies_leaves_its_delivery_to_others(hook, receiver):
    happen()
    assert sending.claim(WebhookDelivery.objects.get())  # and then it is killed
    assert sending.send_due() == 0
    be_due()  # its claim ran out
    assert sending.send_due() == 1
    assert WebhookDelivery.objects.get().state == "delivered"


def test_an_attempt_that_outlived_its_claim_says_nothing(hook):
    happen()
    slow = WebhookDelivery.objects.get()
    sending.claim(slow)
    be_due()
    quick = WebhookDelivery.objects.get()
    sending.claim(quick)
    sending._delivered(quick, 200)
    sending._failed(slow, "no answer in time")
    assert WebhookDelivery.objects.get().state == "delivered"


def test_one_that_does_not_answer_does_not_keep_the_others_waiting(hook, world, receiver):
    admin = world.users[Role.ADMINISTRATOR]
    dead, _ = make_webhook(by=admin, name="Dead", url="http://127.0.0.1:9/x", events=["device.fitted"])
    for _ in range(5):
        happen()
    sending.send_due()
    assert len(receiver.got) == 5
    assert sum(d.attempts for d in dead.deliveries.all()) == 1
    assert "no connection" in dead.deliveries.order_by("-attempts")[0].last_status


def test_a_paused_webhook_is_told_nothing(hook, world, receiver):
    webhook, _ = hook
    set_active(by=world.users[Role.ADMINISTRATOR], webhook=webhook, active=False)
    happen()
    sending.send_due()
    assert receiver.got == []
    assert not WebhookDelivery.objects.exists()


def looked_up(monkeypatch, *found: str) -> None:
    infos = [(0, 0, 0, "", (address, 443)) for address in found]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *a, **k: infos)


INSIDE = [
    "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.8", "64:ff9b::a00:8", "2002:a00:8::1", "::",
]  # fmt: skip


@override_settings(DEMO=False)
@pytest.mark.parametrize("inside", INSIDE)
def test_an_address_inside_is_refused_even_beside_a_public_one(inside, monkeypatch):
    looked_up(monkeypatch, "93.184.216.34", inside)
    with pytest.raises(BadAddress, match="may not reach"):
        check_address("https://receiver.example/hook")


@override_settings(DEMO=False)
def test_the_request_goes_to_the_address_that_was_checked(monkeypatch):
    looked_up(monkeypatch, "93.184.216.34")
    target = check_address("https://receiver.example/hook?a=1")
    assert target.url == "https://93.184.216.34:443/hook?a=1"
    assert target.host_header == "receiver.example"
    assert check_address("https://receiver.example:8443/").host_header == "receiver.example:8443"


@override_settings(DEMO=False, WEBHOOK_NETWORKS=["10.0.0.0/24"])
def test_a_network_that_is_named_may_be_reached(monkeypatch):
    looked_up(monkeypatch, "10.0.0.8")
    assert check_address("https://inside.example/").address == "10.0.0.8"
    looked_up(monkeypatch, "10.0.1.8")
    with pytest.raises(BadAddress):
        check_address("https://inside.example/")


@override_settings(DEMO=False)
@pytest.mark.parametrize(
    "url",
    ["http://receiver.example/", "ftp://receiver.example/", "https://", "https://user:pw@receiver.example/",
     "https://receiver.example:99999/", "https://receiver.example/a b", "https:///x", "//receiver.example", "x"],
)  # fmt: skip
def test_only_plain_https_addresses(url, monkeypatch):
    looked_up(monkeypatch, "93.184.216.34")
    with pytest.raises(BadAddress):
        check_address(url)


def test_in_the_demo_plain_http_goes_to_this_machine_only(monkeypatch):
    assert check_address("http://127.0.0.1:8000/").address == "127.0.0.1"
    looked_up(monkeypatch, "93.184.216.34")
    with pytest.raises(BadAddress):
        check_address("http://receiver.example/")


def test_an_address_inside_cannot_be_saved(world):
    with pytest.raises(Refused):
        make_webhook(
            by=world.users[Role.ADMINISTRATOR], name="In", url="https://10.0.0.8/", events=["device.fitted"]
        )
    with pytest.raises(Refused):
        make_webhook(by=world.nora, name="In", url="https://example.org/", events=["device.fitted"])


def test_a_name_that_now_leads_inside_is_not_sent_to(hook, monkeypatch, receiver):
    """The name was good when the webhook was made."""
    happen()
    with override_settings(DEMO=False):
        sending.send_due()
    assert receiver.got == []
    assert "https" in WebhookDelivery.objects.get().last_status


def test_secrets_are_sealed_and_survive_a_change_of_key(hook):
    webhook, secret = hook
    assert secret not in str(Webhook.objects.values().get())
    with override_settings(SECRET_KEY="n" * 60, SECRET_KEY_FALLBACKS=["o" * 60]):
        assert unseal(seal("s")) == "s"
        with override_settings(SECRET_KEY="o" * 60, SECRET_KEY_FALLBACKS=[]):
            old = seal("s")
        assert unseal(old) == "s"
        with pytest.raises(Unsealable):
            unseal(webhook.sealed_secret)


def test_what_ended_long_ago_is_forgotten(hook):
    happen()
    sending.send_due()
    assert sending.forget_old() == 0
    delivery = WebhookDelivery.objects.get()
    delivery.ended_utc = delivery.ended_utc.replace(year=2001)
    delivery.save()
    assert sending.forget_old() == 1


def test_nothing_leaves_before_the_log_says_so(hook, receiver, monkeypatch):
    def broken(**entry: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(sending, "write", broken)
    happen()
    with pytest.raises(OSError, match="the disk is full"):
        sending.send_due()
    assert receiver.got == []
