"""Signing in, one's account, users and the log in a real browser: no barrier, no sideways scroll, no refusal of the
security policy, and signing in for the first time with no script at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import transaction

from milepost.service.accounts import totp
from milepost.service.accounts.actions import users as actions
from milepost.service.accounts.models import SecondFactor
from milepost.service.accounts.roles import Role
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from tests.service.accounts.conftest import PASSWORD
from tests.service.web.accessible import barriers
from tests.service.web.test_in_browser import DESKTOP, PHONE, Visit, browser

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("MILEPOST_TEST_PICTURES")
PAGES = {
    Role.ADMINISTRATOR: ("/account/", "/account/password", "/account/second-factor", "/users/", "/users/add",
                         "/users/{officer}", "/users/{officer}/change", "/users/{officer}/do/deactivate", "/teams/"),
    Role.AUDITOR: ("/audit/", "/audit/?subject=P000001", "/audit/entries/1", "/audit/exceptional", "/audit/refused",
                   "/audit/worth-a-look", "/audit/sound", "/audit/export"),
}  # fmt: skip


def look(visit: Visit, path: str, name: str) -> None:
    page = visit.page
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    assert barriers(page) == [], path
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{path} scrolls sideways by {wide}"
    assert visit.wrong == [], path


def some_log(world) -> None:
    for i in range(6):
        with transaction.atomic():
            write(by=world.sam, operation=Operation.CONSULTATION, what="person.page", subject=f"P00000{i}",
                  reason="Asked by the court for this afternoon" if i % 2 else "")  # fmt: skip
            write(
                by=world.nora,
                operation=Operation.DENIED,
                what="view.denied",
                details={"view": "accounts:users"},
            )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("role", PAGES)
def test_pages(world, browser, live_server, signed_in, role, size):
    some_log(world)
    visit = Visit(browser, live_server.url, size)
    cookie = signed_in(world.users[role]).cookies["milepost_session"].value
    visit.context.add_cookies([{"name": "milepost_session", "value": cookie, "url": live_server.url}])
    for number, path in enumerate(PAGES[role]):
        path = path.format(officer=world.users[Role.MONITORING_OFFICER].pk)
        assert visit.page.goto(f"{live_server.url}{path}").status == 200
        look(visit, path, f"{role}-{number}-{size['width']}")
    visit.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no-scripts"])
def test_from_the_invitation_to_the_next_sign_in(world, browser, live_server, settings, clock, script):
    settings.SECOND_FACTOR_REQUIRED = True
    user, secret = actions.add_user(
        by=world.users[Role.ADMINISTRATOR], email="new@example.org", name="New Person", role=Role.AUDITOR
    )
    visit = Visit(browser, live_server.url, PHONE, script=script)
    page = visit.page
    page.goto(f"{live_server.url}/invitation/{secret}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.wait_for_url("**/sign-in/set-up")
    assert page.locator("svg[role=img]").bounding_box()["width"] > 150, "large enough to scan"
    key = page.locator("strong[translate=no]").inner_text().replace(" ", "")
    if script:
        look(visit, "set-up", "set-up")
    page.locator("input[name=code]").fill(totp.code_at(key, clock.step()))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    codes = page.locator("code").all_inner_texts()
    assert len(codes) == 10
    if script:
        look(visit, "recovery codes", "recovery-codes")
    page.get_by_role("button", name="I have kept them").or_(
        page.get_by_role("link", name="I have kept them")
    ).click()
    page.wait_for_url("**/audit/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.locator("input[name=email]").fill("new@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sign-in/code")
    if script:
        look(visit, "code", "code")
    page.locator("input[name=code]").fill(codes[0].upper())
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/audit/")
    assert visit.wrong == []
    assert SecondFactor.objects.filter(user=user).count() == 1
    visit.context.close()
