"""The board and an alert in a real browser: by keyboard alone, live without jumping, for everyone, with no script too.

Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``); skipped aloud without it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from milepost.service import clock
from milepost.service.accounts.roles import Role
from milepost.service.monitoring import actions, policy_data, pulse, stream
from milepost.service.monitoring.models import CallBack, Decision
from milepost.service.monitoring.views import board as board_view
from tests.service.maps.conftest import CHROMIUM, FLAGS
from tests.service.monitoring.factory import MONDAY, at, late_incident, plain_incident
from tests.service.monitoring.night import NOW_US, OVER, make_night
from tests.service.web.accessible import barriers
from tests.service.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
expect.set_options(timeout=30_000)  # a busy machine is slow; what comes at once is not waited for any longer


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
def visit(browser: Browser, live_server, world: World, monkeypatch: pytest.MonkeyPatch):
    """A context manager: a page of somebody signed in. Errors, refusals of the policy and requests to elsewhere fail."""
    numbers = policy_data.board_numbers()
    soon = numbers.stream.model_copy(update={"shortest_s": 1.0, "longest_s": 1.0})
    short = numbers.model_copy(update={"stream": soon})  # so that no stream outlives its test
    monkeypatch.setattr(board_view, "board_numbers", lambda: short)

    @contextmanager
    def go(role: Role = Role.MONITORING_OFFICER, size=DESKTOP, script: bool = True) -> Iterator[Page]:
        client = Client()
        client.force_login(world.users[role])
        context = browser.new_context(
            viewport=size,
            java_script_enabled=script,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        context.add_cookies(
            [{"name": n, "value": m.value, "url": live_server.url} for n, m in client.cookies.items()]
        )
        page, wrong = context.new_page(), []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((live_server.url, "blob:", "data:")) else wrong.append(asked.url)
            ),
        )
        page.goto(f"{live_server.url}/monitoring/")
        yield page
        context.close()
        assert wrong == []

    yield go
    until = time.monotonic() + 10
    while stream.places.taken and time.monotonic() < until:
        time.sleep(0.05)
    assert stream.places.taken == 0, "a stream outlived its page"


class Clicks:
    """Clicks as somebody makes them: a list that opens and the choice in it are two."""

    def __init__(self, page: Page) -> None:
        self.page, self.n = page, 0

    def on(self, what: Locator) -> None:
        what.click()
        self.n += 1

    def choose(self, what: Locator, value: str) -> None:
        what.select_option(value)
        self.n += 2


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_signing_in_to_the_right_alert_one_click_and_to_decision_and_the_next_five_more(
    visit, world, monkeypatch, size
):
    """The officer's first page is the board. Urgent and still going stands first, above 25 silences that are over."""
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
    night = make_night(world)
    first, second = night["now"][:2]
    with visit(size=size) as page:
        page.goto(page.url.split("/monitoring")[0] + "/")  # where signing in leads
        clicks = Clicks(page)
        box = page.locator(".board-open").first.bounding_box()
        assert box is not None
        if size is DESKTOP:
            assert box["y"] < size["height"], "seen without scrolling"
        clicks.on(page.locator(".board-open").first)
        page.wait_for_url(f"**/incident/{first.pk}")
        assert clicks.n == 1
        decide, evidence = page.locator("#decide"), page.locator("#found")
        if size is PHONE:
            assert page.locator("#call").bounding_box()["y"] < decide.bounding_box()["y"]
            assert decide.bounding_box()["y"] < evidence.bounding_box()["y"], "call and decide come first"
        clicks.on(page.get_by_label("Warning", exact=True))
        clicks.choose(page.locator("#id_d-reason_warning"), "no_excuse")
        clicks.on(page.locator("#id_d-explanation"))
        page.keyboard.type("Left the zone when called.")
        clicks.on(page.get_by_role("button", name="Record it and open the next alert"))
        page.wait_for_url(f"**/incident/{second.pk}")
        assert clicks.n <= 6
        expect(page.locator("main")).to_contain_text("The decision is recorded.")
    assert Decision.objects.get(incident=first).kind == "warning"


def test_filters_are_folded_and_the_key_unfolds_them(visit, world):
    plain_incident(world.ada)
    with visit(size=PHONE) as page:
        expect(page.locator("#filter-text")).to_be_hidden()
        page.keyboard.press("/")
        expect(page.locator("#filter-text")).to_be_focused()


def test_25_silences_are_decided_with_no_script(visit, world, monkeypatch):
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
    make_night(world)
    with visit(script=False) as page:
        page.locator(".board-together").click()
        page.get_by_label("No action").check()
        page.locator("#id_t-reason_no_action").select_option("charged_again")
        page.get_by_role("button", name="Decide all that are ticked").click()
        assert f"{OVER} alerts are decided." in page.locator("main").inner_text()
        assert page.locator("#part-over").count() == 0


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.innerText"))


def test_from_the_board_to_a_decision_by_keyboard_alone(visit, world):
    plain_incident(world.ada, 1, due_us=1)
    incident = late_incident(world)
    with visit() as page:
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert "Came back late" in focused(page)
        page.keyboard.press("k")
        page.keyboard.press("j")
        page.keyboard.press("c")
        page.wait_for_url(f"**/monitoring/#incident-{incident.pk}")
        expect(page.locator(f"#incident-{incident.pk}")).to_contain_text("You have it")
        expect(page.locator(f"#incident-{incident.pk} .board-open")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/incident/{incident.pk}")
        page.keyboard.press("d")
        page.keyboard.press("Space")  # the first: no action
        page.keyboard.press("ArrowDown")
        assert focused(page) == "id_d-kind-2"
        page.keyboard.press("Tab")
        assert focused(page) == "id_d-reason_excused"
        page.keyboard.type("Medical e")
        for _ in range(8):
            page.keyboard.press("Tab")
            if (
                focused(page) == "id_d-explanation"
                or page.evaluate("document.activeElement.id") == "id_d-explanation"
            ):
                break
        page.keyboard.type("In hospital.")
        page.keyboard.press("Tab")
        page.keyboard.type("Letter seen")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("The decision is recorded.")
    assert Decision.objects.get().kind == "excused"


def test_nothing_jumps_while_somebody_reads(visit, world):
    first, second = plain_incident(world.ada, 1), plain_incident(world.ada, 2)
    with visit() as page:
        page.wait_for_timeout(300)
        before = page.locator(f"#incident-{first.pk}").bounding_box()
        actions.claim(incident=second, by=world.users[Role.MONITORING_SUPERVISOR])
        expect(page.locator(f"#incident-{second.pk}")).to_contain_text("Test monitoring_supervisor")
        with transaction.atomic():
            urgent = plain_incident(world.ada, 3, level="urgent", kind="zone_entry", due_us=1)
            pulse.beat()
        expect(page.locator("#board-news")).to_contain_text("1 new alert")
        expect(page.locator("#board-said")).to_have_text("1 new alert")
        assert page.locator(f"#incident-{urgent.pk}").count() == 0
        rows = page.locator("#board tr[data-incident]")
        assert [r.get_attribute("data-incident") for r in rows.all()] == [str(first.pk), str(second.pk)]
        moved = page.locator(f"#incident-{first.pk}").bounding_box()["y"] - before["y"]
        assert moved == 0, f"the rows moved by {moved} px"
        page.keyboard.press("j")
        page.keyboard.press("r")
        expect(page.locator(f"#incident-{urgent.pk}")).to_be_visible()
        assert rows.first.get_attribute("data-incident") == str(urgent.pk)
        assert page.evaluate("document.activeElement.closest('tr').dataset.incident") == str(first.pk)
        expect(page.locator("#board-news")).to_be_hidden()


def test_what_others_decided_stays_in_its_place_and_says_so(visit, world):
    first, _second = plain_incident(world.ada, 1), plain_incident(world.ada, 2)
    with visit() as page:
        actions.decide(
            incident=first, revision=0, by=world.users[Role.MONITORING_SUPERVISOR], kind="no_action",
            reason_code="small_and_explained",
        )  # fmt: skip
        row = page.locator(f"#incident-{first.pk}")
        expect(row).to_contain_text("No longer on this list")


def test_the_first_alert_of_a_quiet_night_comes_by_itself(visit, world):
    with visit() as page:
        expect(page.locator("#board")).to_contain_text("No alerts")
        with transaction.atomic():
            incident = plain_incident(world.ada)
            pulse.beat()
        expect(page.locator(f"#incident-{incident.pk}")).to_be_visible()


def test_keys_are_listed_and_can_be_switched_off(visit, world):
    plain_incident(world.ada)
    with visit() as page:
        page.keyboard.press("?")
        dialog = page.locator("#keys-dialog")
        expect(dialog).to_be_visible()
        assert barriers(page) == []
        dialog.get_by_label("Single keys work on this device").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.tagName") != "A"
        page.reload()
        page.keyboard.press("?")
        expect(dialog).to_be_hidden()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_barrier_and_no_sideways_scroll(visit, world, size, script):
    incident = late_incident(world)
    waits = actions.decide(
        incident=plain_incident(world.ada, 5), revision=0, by=world.users[Role.MONITORING_OFFICER], kind="breach",
        reason_code="no_excuse", explanation="Out.",
    )  # fmt: skip
    for n in (6, 7):
        plain_incident(world.ada, n, kind="no_contact", began_us=at(MONDAY, "22:00") + n)
    CallBack.objects.create(incident=incident, due_us=1, by=world.users[Role.MONITORING_OFFICER])
    with visit(Role.MONITORING_SUPERVISOR, size, script) as page:
        for path in (
            "/monitoring/", f"/monitoring/incident/{incident.pk}", "/monitoring/second", "/monitoring/shift",
            "/monitoring/?level=urgent", "/monitoring/?section=over", "/monitoring/together/no_contact/2026-11-16",
            f"/monitoring/second/{waits.pk}", "/monitoring/rules",
        ):  # fmt: skip
            page.goto(page.url.split("/monitoring")[0] + path)
            wide = page.evaluate("document.documentElement.scrollWidth") if script else size["width"]
            assert wide <= size["width"], path
            if script:
                assert barriers(page) == [], path


def test_claimed_and_decided_with_no_script(visit, world):
    incident = late_incident(world)
    with visit(script=False) as page:
        assert page.locator("meta[http-equiv=refresh]").count() == 1
        page.get_by_role("button", name="Claim").click()
        page.get_by_role("link", name="Came back late").click()
        page.get_by_label("No action").check()
        page.locator("#id_d-reason_no_action").select_option("small_and_explained")
        page.get_by_role("button", name="Record the decision").click()
        assert "The decision is recorded." in page.locator("main").inner_text()
    incident.refresh_from_db()
    assert incident.state == "decided"


def test_without_a_place_for_a_stream_the_board_looks_every_few_seconds_and_says_so(visit, world):
    numbers = policy_data.board_numbers().stream
    held = [stream.Stream(numbers, -1 - n) for n in range(numbers.most_at_once)]
    try:
        with visit() as page:
            expect(page.locator("#board-state")).to_have_text("Updating every 5 seconds")
            page.wait_for_timeout(1000)  # SQLite in memory refuses to write while somebody reads
            with transaction.atomic():
                plain_incident(world.ada, 1)
                pulse.beat()
            expect(page.locator("#board")).to_contain_text(world.ada.name)
            expect(page.locator("#board-state")).to_have_text("Updating every 5 seconds")
            for one in held:
                one.close()
            expect(page.locator("#board-state")).to_have_text("Up to date")
    finally:
        for one in held:
            one.close()
