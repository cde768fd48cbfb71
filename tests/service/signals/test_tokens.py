"""Tokens: made and shown once, revoked, never kept in clear."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from milepost.service.accounts.actors import Machine
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from milepost.service.signals import actions, tokens
from milepost.service.signals.models import IngestToken
from milepost.service.signals.tokens import NoPass
from tests.service.walk.signals import make_token

pytestmark = pytest.mark.django_db
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def good(whole: str):
    prefix, _, secret = whole.partition(".")
    return tokens.check(prefix, secret)


def test_a_token_is_shown_once_and_only_its_hash_is_kept(world, signed_in):
    client = signed_in(world.users[Role.ADMINISTRATOR])
    response = client.post(
        "/signals/tokens/new", {"name": "North", "kind": "gateway", "device_prefix": "north-"}
    )
    assert "no-store" in response.headers["Cache-Control"]
    whole = re.search(r"<code>([^<]+)</code>", response.content.decode())[1]
    row = IngestToken.objects.get()
    assert good(whole).device_prefix == "north-"
    secret = whole.partition(".")[2]
    assert secret not in str(IngestToken.objects.values().get())
    assert secret not in str(Entry.objects.get(what="token.make").details)
    assert secret not in client.get("/signals/tokens").content.decode()
    assert row.prefix in client.get("/signals/tokens").content.decode()


def test_what_is_missing_is_asked_for(world, signed_in):
    client = signed_in(world.users[Role.ADMINISTRATOR])
    page = client.post(
        "/signals/tokens/new", {"name": "", "kind": "device", "device_id": ""}
    ).content.decode()
    assert "Enter name" in page
    assert "Enter device id" in page
    assert not IngestToken.objects.exists()


def test_a_token_for_any_device_needs_a_reason_that_is_kept_shown_and_logged(world, signed_in):
    client = signed_in(world.users[Role.ADMINISTRATOR])
    said = {"name": "Broker", "kind": "gateway", "device_prefix": ""}
    assert "Say why it may send for any device" in client.post("/signals/tokens/new", said).text
    assert not IngestToken.objects.exists()
    why = "The supplier numbers devices without a pattern"
    client.post("/signals/tokens/new", {**said, "why_any_device": why})
    assert IngestToken.objects.get().why_any_device == why
    assert why in client.get("/signals/tokens").text
    assert Entry.objects.get(what="token.make").reason == why
    with pytest.raises(Refused):
        actions.make_token(name="x", by=Machine("command", "test"))
    with pytest.raises(CommandError, match="needs a reason"):
        call_command("make_token", "x", "--prefix", "")
    with pytest.raises(IntegrityError):
        IngestToken.objects.create(name="x", prefix="x", secret_sha256="0" * 64)


def test_a_last_day_is_good_until_its_end(world, signed_in):
    client = signed_in(world.users[Role.ADMINISTRATOR])
    client.post(
        "/signals/tokens/new",
        {
            "name": "x",
            "kind": "device",
            "device_id": "tag-1",
            "expires-day": "29",
            "expires-month": "3",
            "expires-year": "2026",
        },
    )
    assert IngestToken.objects.get().expires_utc.isoformat() == "2026-03-29T23:00:00+00:00", (
        "midnight, summer time"
    )


def test_revoking(world, signed_in, django_capture_on_commit_callbacks):
    admin = world.users[Role.ADMINISTRATOR]
    row, whole = actions.make_token(name="x", device_id="tag-1", by=admin)
    assert good(whole).device_id == "tag-1"
    with django_capture_on_commit_callbacks(execute=True):
        response = signed_in(admin).post(f"/signals/tokens/{row.pk}/revoke")
    assert response.status_code == 302
    with pytest.raises(NoPass, match="revoked"):
        good(whole)
    with pytest.raises(Refused):
        actions.revoke_token(token=row, by=admin)
    assert Entry.objects.get(what="token.revoke").details == {"token": row.prefix}


def test_only_those_who_may_make_tokens(world):
    with pytest.raises(Refused):
        actions.make_token(name="x", device_id="tag-1", by=world.nora)
    with pytest.raises(Refused):
        actions.revoke_token(token=make_token(), by=world.nora)


def test_names_are_shown_and_never_run(world, signed_in):
    make_token(device_id=SCRIPT[:80])
    IngestToken.objects.update(name=SCRIPT)
    client = signed_in(world.users[Role.ADMINISTRATOR])
    for address in ("/signals/tokens", f"/signals/tokens/{IngestToken.objects.get().pk}/revoke"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page


def test_the_command_prints_a_good_token(capsys):
    call_command("make_token", "Demo gateway", "--prefix", "", "--why", "The only gateway")
    assert good(capsys.readouterr().out.strip()).is_gateway
