"""The kit in a real browser: no barrier, no sideways scroll, no outside request, nothing the policy refuses.

Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``); skipped aloud without it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.service.web.accessible import barriers

CHROMIUM = os.environ.get("MILEPOST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install it, or set MILEPOST_CHROMIUM")
    # Playwright runs an event loop in this thread; Django would take a query beside it for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visit:
    """A page and everything that went wrong on it: errors, refusals of the policy, requests to elsewhere."""

    def __init__(self, browser: Browser, base: str, size=DESKTOP, script=True, language="en") -> None:
        self.base, self.wrong = base, []
        self.context = browser.new_context(viewport=size, java_script_enabled=script, locale=language)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._said)
        self.page.on("request", self._asked)
        self.page.goto(f"{base}/gallery")

    def _said(self, said) -> None:
        if said.type in ("error", "warning"):
            self.wrong.append(said.text)

    def _asked(self, asked) -> None:
        if not asked.url.startswith((self.base, "data:")):
            self.wrong.append(asked.url)


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator:
    made: list[Visit] = []

    def go(**how) -> Visit:
        made.append(Visit(browser, live_server.url, **how))
        return made[-1]

    yield go
    for one in made:
        one.context.close()
        assert one.wrong == []


@pytest.mark.parametrize(
    ("size", "errors", "language"),
    [
        pytest.param(DESKTOP, False, "en", id="desktop"),
        pytest.param(DESKTOP, True, "en", id="desktop-errors"),
        pytest.param(PHONE, False, "en", id="phone"),
        pytest.param(PHONE, True, "cy", id="phone-errors-welsh"),
    ],
)
def test_no_barrier_that_wcag_names(visit, size, errors, language) -> None:
    page = visit(size=size, language=language).page
    if errors:
        page.get_by_role("button", name="Save").click()
        page.wait_for_selector(".govuk-error-summary")
    shown = barriers(page)
    assert shown == [], json.dumps(shown, indent=1)
    assert page.locator("html").get_attribute("lang") == ("cy" if language == "cy" else "en-GB")


@pytest.mark.parametrize(
    ("size", "script"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(PHONE, False, id="phone-no-script"),
        pytest.param(DESKTOP, True, id="desktop"),
        pytest.param({"width": 1024, "height": 700}, True, id="tablet"),
    ],
)
def test_a_page_never_scrolls_sideways(visit, size, script) -> None:
    """WCAG 2.2, 1.4.10 Reflow: 320 CSS pixels, which is 1280 at 400 % zoom."""
    one = visit(size=size, script=script)
    session = one.context.new_cdp_session(one.page)
    assert session.send("Page.getLayoutMetrics")["cssContentSize"]["width"] <= size["width"]


def test_without_a_script_nothing_is_hidden_and_the_form_works(visit) -> None:
    page = visit(script=False).page
    assert page.get_by_label("What was the reason?").is_visible()  # the conditional question is simply there
    assert (
        page.get_by_role("link", name="Record a decision").is_visible()
        or page.get_by_role("button", name="Record a decision").is_visible()
    )
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Enter date of birth").click()
    assert page.url.endswith("#id_born-day")


def test_an_error_keeps_what_was_entered_and_its_link_goes_to_the_input(visit) -> None:
    page = visit().page
    page.get_by_label("Full name").fill("Ada <b>Vale</b>")
    page.locator("#id_born-day").fill("31")
    page.locator("#id_born-month").fill("2")
    page.locator("#id_born-year").fill("1990")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector(".govuk-error-summary")
    assert page.title().startswith("Error: ")
    assert page.get_by_label("Full name").input_value() == "Ada <b>Vale</b>"
    page.get_by_role("link", name="The date must be a real date").click()
    assert page.evaluate("document.activeElement.id") == "id_born-day"


def test_a_choice_reveals_its_question(visit) -> None:
    page = visit().page
    hidden = page.get_by_label("What was the reason?")
    assert not hidden.is_visible()
    page.get_by_label("Another reason").check()
    assert hidden.is_visible()


def test_tables_sort_and_all_rows_can_be_chosen(visit) -> None:
    page = visit().page
    page.locator("#alerts").get_by_role("button", name="Minutes").click()
    assert [
        row.strip() for row in page.locator("#alerts tbody td.govuk-table__cell--numeric").all_inner_texts()
    ] == [
        "8",
        "64",
        "120",
    ]
    page.get_by_label("Select all").check(force=True)
    assert page.locator("input[name=alert]:checked").count() == 3


def test_the_language_is_switched_by_a_form(visit) -> None:
    page = visit().page
    page.get_by_role("button", name="Cymraeg").click()
    page.wait_for_selector("html[lang=cy]")
    assert page.get_by_text("Data synthetig").is_visible()
    assert page.get_by_role("button", name="English").is_visible()
    assert page.url.endswith("/gallery")


def test_keyboard_alone_reaches_the_content(visit) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
