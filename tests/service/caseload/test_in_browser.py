"""A practitioner's and a senior's morning in a real browser, the practitioner's by keyboard and with no script.

Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``); skipped aloud without it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from milepost.service.accounts.roles import Role
from milepost.service.caseload.models import Snooze, WorkingHours
from milepost.service.people.models import Person
from tests.service.caseload.test_sources import soon_us
from tests.service.maps.conftest import CHROMIUM, FLAGS
from tests.service.monitoring.factory import plain_incident
from tests.service.world import World, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=30_000)  # a busy machine is slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install it, or set MILEPOST_CHROMIUM")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The driver runs a loop in this thread; Django would refuse its own database there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def come_in(browser: Browser, live_server, world: World):
    contexts = []

    def go(role: Role, *, script: bool) -> Page:
        client = Client()
        client.force_login(world.users[role])
        context = browser.new_context(java_script_enabled=script, locale="en-GB", timezone_id="Europe/London")
        contexts.append(context)
        context.add_cookies(
            [{"name": n, "value": m.value, "url": live_server.url} for n, m in client.cookies.items()]
        )
        page = context.new_page()
        page.goto(live_server.url + "/")
        return page

    yield go
    for context in contexts:
        context.close()


def by_keyboard(page: Page, name: str) -> None:
    """Goes from control to control until the one whose words begin so has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        words = page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')")
        if words.startswith(name):
            return
    raise AssertionError(f"no key leads to {name}")


def test_a_practitioner_puts_one_thing_off_and_does_the_next_with_no_script_and_no_mouse(
    world: World, come_in
):
    first = plain_incident(world.ada, level="urgent", due_us=soon_us(minutes=40))
    una = make_person("P000070", "Una Held", world.north, practitioner=world.nora)
    plain_incident(una, due_us=soon_us(hours=6))
    page = come_in(Role.PRACTITIONER, script=False)
    assert page.url.endswith("/today/")
    assert page.locator("main h3").all_inner_texts() == ["Ada Vale", "Una Held"]
    by_keyboard(page, "Put off: Came back late")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Put this off")
    page.get_by_label("For 2 hours").focus()
    page.keyboard.press("Space")
    page.get_by_label("I asked somebody").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is at the end of your list")).to_be_visible()
    assert page.locator("main h3").all_inner_texts() == ["Ada Vale"]
    assert Snooze.objects.get().person == una
    by_keyboard(page, "Open the alert: Ada Vale")
    page.keyboard.press("Enter")
    expect(page).to_have_url(
        f"{page.url.split('/', 3)[0]}//{page.url.split('/', 3)[2]}/monitoring/incident/{first.pk}"
    )


def test_a_senior_sees_the_team_sets_hours_and_hands_somebody_on(world: World, come_in):
    plain_incident(world.ada, due_us=soon_us(hours=3))
    page = come_in(Role.SENIOR_PRACTITIONER, script=True)
    page.get_by_role("link", name="Team", exact=True).click()
    expect(page.locator("svg").get_by_text("full: 100%")).to_be_attached()
    row = page.locator("tr", has=page.get_by_role("link", name="Test practitioner", exact=True))
    row.get_by_role("link", name="Change").click()
    page.get_by_label("Contracted hours a week").fill("30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The hours of Test practitioner are set.")).to_be_visible()
    assert WorkingHours.objects.get().by == world.users[Role.SENIOR_PRACTITIONER]
    page.get_by_role("link", name="Test practitioner", exact=True).click()
    page.get_by_role("link", name="Reallocate Ada Vale").click()
    page.locator("select[name=practitioner]").select_option(label="Test senior_practitioner")
    page.locator("main form button").last.click()
    expect(page.locator("main form")).to_have_count(0)
    assert Person.objects.get(pk=world.ada.pk).practitioner == world.users[Role.SENIOR_PRACTITIONER]
