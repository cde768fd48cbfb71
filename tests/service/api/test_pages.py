"""Pages of tokens and webhooks, and the document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from milepost.service.accounts.roles import Role
from milepost.service.api.document import as_json
from milepost.service.api.models import ApiToken, Webhook, WebhookDelivery
from milepost.service.api.webhooks.sealing import seal
from tests.service.api.conftest import Caller

ROOT = Path(__file__).parents[3]
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def test_a_token_made_on_the_page_works_and_is_shown_once(world, signed_in):
    client = signed_in(world.nora)
    page = client.post("/api/tokens/new", {"name": "List", "scopes": ["people:read"], "days": "30"})
    token = ApiToken.objects.get()
    whole = next(word for word in page.content.decode().replace("<", " ").replace(">", " ").split()
                 if word.startswith(token.prefix + "."))  # fmt: skip
    assert Client().get("/api/v1/people", headers={"Authorization": f"Bearer {whole}"}).status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    listed = client.get("/api/tokens/").content.decode()
    assert token.prefix in listed
    assert whole.split(".")[1] not in listed


def test_a_form_left_empty_says_what_to_do(world, signed_in):
    page = signed_in(world.nora).post("/api/tokens/new", {}).content.decode()
    assert "There is a problem" in page
    assert not ApiToken.objects.exists()


def test_a_scope_beyond_ones_role_cannot_be_had(world, signed_in):
    signed_in(world.users[Role.AUDITOR]).post(
        "/api/tokens/new", {"name": "All", "scopes": ["people:read"], "days": "30"}
    )
    assert not ApiToken.objects.exists()


def test_a_revoked_token_stops_at_once(world, signed_in):
    caller = Caller(world.nora)
    assert signed_in(world.sam).post(f"/api/tokens/{caller.token.pk}/revoke").status_code == 404
    assert caller.get("/me").status_code == 200
    assert signed_in(world.nora).post(f"/api/tokens/{caller.token.pk}/revoke").status_code == 302
    assert caller.get("/me").status_code == 401


def test_an_administrator_revokes_anybodys_token_and_others_do_not_see_it(world, signed_in):
    caller = Caller(world.nora)
    admin = signed_in(world.users[Role.ADMINISTRATOR])
    assert caller.token.prefix in admin.get("/api/tokens/").content.decode()
    assert caller.token.prefix not in signed_in(world.sam).get("/api/tokens/").content.decode()
    admin.post(f"/api/tokens/{caller.token.pk}/revoke")
    assert caller.get("/me").status_code == 401


def test_what_people_typed_is_never_a_script(world, signed_in):
    admin = world.users[Role.ADMINISTRATOR]
    token = Caller(admin).token
    ApiToken.objects.filter(pk=token.pk).update(name=SCRIPT)
    hook = Webhook.objects.create(
        name=SCRIPT, url="https://example.org/" + SCRIPT, events=["device.fitted", SCRIPT], sealed_secret=seal("s"), by=admin
    )  # fmt: skip
    WebhookDelivery.objects.create(webhook=hook, event=SCRIPT, body={}, state="given_up", last_status=SCRIPT)
    client = signed_in(admin)
    for path in (
        "tokens/",
        f"tokens/{token.pk}/revoke",
        "webhooks/",
        f"webhooks/{hook.pk}",
        f"webhooks/{hook.pk}/remove",
    ):
        page = client.get("/api/" + path).content.decode()
        assert "&lt;script&gt;alert" in page, path
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
    made = client.post(
        "/api/tokens/new", {"name": SCRIPT, "days": "7", "scopes": ["rules:read"]}
    ).content.decode()
    assert "&lt;script&gt;alert" in made
    assert "<script>alert" not in made


def test_a_webhook_is_added_paused_resumed_and_removed(world, signed_in):
    client = signed_in(world.users[Role.ADMINISTRATOR])
    form = {"name": "Other", "url": "http://127.0.0.1:8000/hook", "events": ["device.fitted"]}
    page = client.post("/api/webhooks/new", form).content.decode()
    assert "whsec_" in page
    hook = Webhook.objects.get()
    assert "whsec_" not in client.get(f"/api/webhooks/{hook.pk}").content.decode()
    for step, active in (("pause", False), ("resume", True)):
        client.post(f"/api/webhooks/{hook.pk}/{step}")
        hook.refresh_from_db()
        assert hook.is_active is active
    client.post(f"/api/webhooks/{hook.pk}/remove")
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("url", ["https://10.0.0.8/", "http://93.184.216.34/", "https://user@93.184.216.34/"])
def test_a_bad_address_is_explained_on_the_form(url, world, signed_in):
    form = {"name": "Other", "url": url, "events": ["device.fitted"]}
    page = signed_in(world.users[Role.ADMINISTRATOR]).post("/api/webhooks/new", form).content.decode()
    assert "There is a problem" in page
    assert not Webhook.objects.exists()


def test_the_page_describes_every_operation_and_loads_nothing_from_elsewhere(world, signed_in):
    page = signed_in(world.nora).get("/api/").content.decode()
    for path in json.loads(as_json())["paths"]:
        assert path in page
    assert 'src="http' not in page
    assert 'src="//' not in page


def test_the_document_of_the_docs_is_current():
    kept = (ROOT / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8")
    assert kept == as_json(), "milepost manage write_openapi docs/reference/openapi.json"


def test_no_two_things_of_the_document_share_a_name(monkeypatch):
    """The document knows each schema by its name: of two, one would stand for both."""
    from ninja.openapi.schema import OpenAPISchema

    clashes = []

    def add(self, definitions):
        clashes.extend(n for n, told in definitions.items() if self.schemas.get(n, told) != told)
        self.schemas.update(definitions)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", add)
    as_json()
    assert clashes == []


def test_every_field_says_what_it_is_or_has_a_plain_name():
    """Times end in _utc, lengths of time in _s or _minutes: a caller never guesses a unit."""
    for name, schema in json.loads(as_json())["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            kinds = [told, *told.get("anyOf", [])]
            if any(kind.get("format") == "date-time" for kind in kinds):
                assert field.endswith("_utc"), f"{name}.{field}"


def test_the_timer_command_sends_what_is_due(world, capsys):
    call_command("send_webhooks")
    assert "0 attempts" in capsys.readouterr().out
