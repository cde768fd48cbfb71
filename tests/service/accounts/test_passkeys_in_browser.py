"""A passkey in a real browser with the authenticator that Chromium brings for tests: added, used to sign in and to
confirm, refused where its owner is not verified; nothing the security policy refuses, no barrier."""

from __future__ import annotations

import pytest

from milepost.service.accounts.models import Passkey
from milepost.service.accounts.roles import Role
from tests.service.accounts.conftest import PASSWORD
from tests.service.web.accessible import barriers
from tests.service.web.test_in_browser import PHONE, Visit, browser

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_passkey_is_added_signs_in_and_confirms(world, browser, live_server, signed_in, settings):
    user = world.users[Role.AUDITOR]
    user.set_password(PASSWORD)
    user.save()
    visit = Visit(browser, live_server.url, PHONE)
    page = visit.page
    devtools = visit.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    stick = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verified(yes: bool) -> None:
        devtools.send("WebAuthn.setUserVerified", {"authenticatorId": stick, "isUserVerified": yes})

    cookie = signed_in(user).cookies["milepost_session"].value
    visit.context.add_cookies([{"name": "milepost_session", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/account/passkeys/add")
    assert barriers(page) == []
    page.locator("input[name=name]").fill("Work phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/account/passkeys/")
    assert barriers(page) == []
    assert Passkey.objects.get().name == "Work phone"

    settings.SECOND_FACTOR_REQUIRED = True
    page.get_by_role("button", name="Sign out").click()
    page.locator("input[name=email]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sign-in/code")
    assert barriers(page) == []
    verified(False)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("Your browser gave no passkey").wait_for()
    verified(True)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/audit/")

    page.goto(f"{live_server.url}/api/tokens/new")
    page.wait_for_url("**/account/confirm?**")
    assert barriers(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/api/tokens/new")
    assert Passkey.objects.get().sign_count > 0
    assert visit.wrong == []
    visit.context.close()


def test_without_a_script_the_page_offers_the_code_alone(world, browser, live_server, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    user = world.users[Role.AUDITOR]
    user.set_password(PASSWORD)
    user.save()
    Passkey.objects.create(user=user, name="x", credential_id="eA", public_key=b"x")
    visit = Visit(browser, live_server.url, PHONE, script=False)
    page = visit.page
    page.goto(f"{live_server.url}/sign-in")
    page.locator("input[name=email]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sign-in/code")
    assert not page.get_by_role("button", name="Use a passkey").is_visible()
    assert page.locator("input[name=code]").is_visible()
    visit.context.close()
