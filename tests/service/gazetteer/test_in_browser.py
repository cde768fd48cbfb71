"""An order with a curfew and a zone from an address, in a real browser, its clicks counted; and the boxes by keyboard.

Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``); skipped aloud without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright

from milepost.service.accounts.roles import Role
from milepost.service.orders.models import OrderVersion
from tests.service.maps.conftest import CHROMIUM, FLAGS
from tests.service.web.accessible import barriers
from tests.service.web.clicks import Clicks
from tests.service.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=30_000)  # a busy machine is slow
MOST_CLICKS = 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install it, or set MILEPOST_CHROMIUM")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The driver runs a loop in this thread; Django would refuse its own database there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, live_server, world: World) -> Iterator[Page]:
    client = Client()
    client.force_login(world.users[Role.PRACTITIONER])
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London")
    context.add_cookies(
        [{"name": n, "value": m.value, "url": live_server.url} for n, m in client.cookies.items()]
    )
    page = context.new_page()
    page.goto(live_server.url + "/orders/")
    yield page
    context.close()


def test_an_order_with_curfew_and_zone_from_an_address_takes_at_most_twenty_clicks(
    world: World, page: Page, town
):
    world.order.delete()
    first = timezone.now().date() + dt.timedelta(3)
    clicks = Clicks(page)
    clicks.link("Start an order")
    clicks.option("Who is it about?", "adda vael", "P000001")
    clicks.radio("Community order")
    clicks.type("Court, prison or other source", "Exampletown Magistrates")
    clicks.button("Start")

    clicks.date("Date of conviction", first)
    clicks.date("First day", first)
    clicks.date("Last day", first + dt.timedelta(80))
    clicks.button("Save")

    expect(page.locator("h1")).to_have_text("Add a place")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Home")
    clicks.type("How many metres", "60")
    clicks.option("Postcode or address", "2 example", "2 Example Street, Exampletown, ZE1 0AA")
    clicks.button("Save")

    clicks.link("Curfew")
    clicks.date("First day", first)
    clicks.date("Last day", first + dt.timedelta(80))
    clicks.button("Save")
    clicks.type("Monday, from", "7pm")
    page.locator("[name=mon_until]").fill("7am")
    clicks.button("Copy Monday to every day")
    clicks.button("Save")
    clicks.link("Continue")

    clicks.link("Zones")
    clicks.radio("Exclusion zone")
    clicks.type("How many metres around it?", "200")
    clicks.option("Postcode or address", "market", "Market Row, Exampletown")
    clicks.date("First day", first)
    clicks.button("Save")
    clicks.link("Continue")

    clicks.link("Check and send for approval")
    expect(page.get_by_text("At the address 2 Example Street")).to_be_visible()
    expect(page.locator("#places")).to_be_visible()
    assert barriers(page) == []
    clicks.button("Send for approval")
    expect(page.get_by_text("Sent for approval")).to_be_visible()
    assert len(clicks) <= MOST_CLICKS, str(clicks)
    version = OrderVersion.objects.get()
    assert version.state == "waiting"
    assert version.document["places"][0]["circle"] == {"lon": -1.1432, "lat": 60.1532, "radius_m": 60}
    assert [c["kind"] for c in version.document["conditions"]] == ["curfew", "exclusion_zone"]
    print(f"{len(clicks)} clicks:\n{clicks}")  # noqa: T201 - the figure that the test is about


def test_a_box_is_worked_by_keyboard_and_said_aloud(world: World, page: Page):
    page.goto(page.url + "new")
    box = page.get_by_role("combobox", name="Who is it about?")
    box.focus()
    page.keyboard.type("adda")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".milepost-lookup [role=status]")).to_have_text("1 found")
    assert barriers(page) == []
    page.keyboard.press("ArrowDown")
    option = page.get_by_role("option")
    expect(option).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Ada Vale, P000001")
    assert page.locator('[name="person-chosen"]').input_value() == "P000001"
    page.keyboard.type("x")
    expect(page.locator('[name="person-chosen"]')).to_have_count(0)


def test_a_point_that_was_found_is_moved_on_the_map(world: World, page: Page, town):
    from milepost.service.orders.actions import drafts
    from tests.service.orders.test_drafts import at

    version = drafts.start_order(by=world.nora, person=world.ada, regime="licence", source="")
    page.goto(page.url.removesuffix("/orders/") + at(version, "place-add"))
    expect(page.locator(".milepost-map[data-drawing=ready]")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.get_by_label("How many metres").fill("60")
    page.get_by_role("combobox", name="Postcode or address").fill("ze10aa")
    page.get_by_role("option").filter(has_text="middle of the postcode").click()
    handle = page.locator(".milepost-map__handle")
    expect(handle).to_have_count(1)
    assert barriers(page) == []
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Home is saved.")).to_be_visible()
    version.refresh_from_db()
    (place,) = version.document["places"]
    assert place["x_found_by"] == {"kind": "postcode", "text": "ZE1 0AA", "moved": True}
    assert place["circle"]["radius_m"] == 60
