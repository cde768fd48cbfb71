"""What every page tells the browser, and that pages keep to it themselves."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.service.walk.test_walk import CASES, ask
from tests.service.world import World

PAGES = sorted(n for n, c in CASES.items() if c.method == "get" and not c.own_tests and not c.public)
PUBLIC = ["accounts:sign-in", "accounts:invitation", "web:gallery", "health-live"]
ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check(response) -> None:
    for name, value in ALWAYS.items():
        assert response.headers.get(name) == value, name
    assert "camera=()" in response.headers["Permissions-Policy"]
    policy = {
        part.split()[0]: part.split()[1:] for part in response.headers["Content-Security-Policy"].split("; ")
    }
    assert policy["default-src"] == ["'none'"]
    if "sandbox" in policy:  # a file that somebody attached: nothing in it may do anything
        assert response.headers["Content-Disposition"].startswith("attachment")
        return
    for where in ("frame-ancestors", "object-src", "base-uri"):
        assert policy[where] == ["'none'"]
    assert policy["form-action"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert set(policy["script-src"]) <= {"'self'", f"'nonce-{nonce_of(response)}'"}
    assert "unsafe" not in str(policy)
    assert "Server" not in response.headers
    assert "X-Powered-By" not in response.headers


def nonce_of(response) -> str:
    found = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])
    return found[1] if found else ""


def check_page(response) -> None:
    page = response.text
    nonce = nonce_of(response)
    for tag in re.findall(r"<script\b[^>]*>", page):
        assert "src=" in tag or 'type="application/json"' in tag, tag
        ours = 'src="/static/' in tag  # allowed by 'self'
        assert ours or f'nonce="{nonce}"' in tag or "application/json" in tag, tag
    assert not re.search(r"<[^>]+\sstyle=", page), "the policy refuses style attributes"
    assert not re.search(r"<[^>]+\son\w+=", page), "the policy refuses scripts in attributes"
    assert "<style" not in page
    for address in re.findall(r'<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)="([^"]*)"', page):
        assert address.startswith(("/", "data:")), f"{address} is asked from elsewhere"
        assert not address.startswith("//"), address


@pytest.mark.by_sample
@pytest.mark.parametrize("name", PAGES)
def test_every_page(name, world: World, signed_in):
    case = CASES[name]
    response = ask(signed_in(world.users[case.right[0]]), name, case, case.args(world), case.data(world))
    check(response)
    if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
        assert "no-store" in response.headers["Cache-Control"]
        check_page(response)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages(name, db):
    kwargs = {"secret": "x"} if name == "accounts:invitation" else {}
    response = Client().get(reverse(name, kwargs=kwargs))
    check(response)
    if response.headers["Content-Type"].startswith("text/html"):
        check_page(response)


def test_pages_of_errors_have_them_too(world, signed_in):
    nora = signed_in(world.nora)
    for response, status in ((nora.get("/nothing-here"), 404), (nora.get("/users/"), 403)):
        assert response.status_code == status
        check(response)
        check_page(response)
    assert Client().get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
