"""Every page of the service in a real browser: no barrier (WCAG 2.2 AA), no sideways scroll on a small telephone, in
English and in Welsh, no error, nothing that the security policy refuses, no request to elsewhere, and with no script
still a heading and its forms.

Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``); skipped aloud without it. With ``MILEPOST_SCREENS``
set to a folder, a picture of every page is put there.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from milepost.service.monitoring import policy_data, stream
from milepost.service.monitoring.views import board as board_view
from tests.service.confirming import confirm_now
from tests.service.maps.conftest import CHROMIUM, FLAGS
from tests.service.monitoring.conftest import the_morning_after
from tests.service.screens.pages import LOOKS, NOT_PAGES
from tests.service.walk.test_walk import CASES
from tests.service.web.accessible import barriers
from tests.service.world import World

__all__ = ["the_morning_after"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("MILEPOST_SCREENS")
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

SAID = """() => {
  const copy = document.querySelector("main").cloneNode(true);
  copy.querySelectorAll("script, style, template").forEach((part) => part.remove());
  const typed = [...document.querySelectorAll("main input:not([type=hidden]), main textarea")].map((i) => i.value);
  return [copy.textContent, document.title, ...typed].join("\\n");
}"""
"""All words of a page, those in closed details and in boxes too."""
NOT_FOR_PEOPLE = re.compile(
    r"WSGIRequest|object at 0x|\{\{|\{%|&(?:lt|gt|amp|quot|#\d+);|\b1[5-9]\d{14}\b|\bNaN\b|\bundefined\b"
    r"|\b\d+\.0 (?:min|day|second|m\b|more)"
)
"""What a program says to itself: objects, markup shown as text, microseconds, "28.0 days"."""


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


class Window:
    """A page, and everything that went wrong on it since it was last asked."""

    def __init__(self, context: BrowserContext) -> None:
        self.context, self.page, self.wrong = context, context.new_page(), []
        self.base = ""
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("request", self._asked)

    def _asked(self, asked) -> None:
        if not asked.url.startswith((self.base, "blob:", "data:", "about:")):
            self.wrong.append(asked.url)

    def open(self, base: str, path: str, cookies: dict[str, str]) -> Response:
        self.base, self.wrong[:] = base, []
        self.context.clear_cookies()
        self.context.add_cookies([{"name": n, "value": v, "url": base} for n, v in cookies.items()])
        answer = self.page.goto(base + path)
        assert answer is not None
        return answer


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[dict[bool, Window]]:
    """One with scripts, one without, for all pages."""
    contexts = {
        script: browser.new_context(
            viewport=DESKTOP, locale="en-GB", timezone_id="Europe/London", reduced_motion="reduce",
            java_script_enabled=script,
        )
        for script in (True, False)
    }  # fmt: skip
    yield {script: Window(context) for script, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture(autouse=True)
def short_streams(monkeypatch: pytest.MonkeyPatch, windows):
    """No stream of the board outlives its test."""
    numbers = policy_data.board_numbers()
    soon = numbers.stream.model_copy(update={"shortest_s": 1.0, "longest_s": 1.0})
    monkeypatch.setattr(board_view, "board_numbers", lambda: numbers.model_copy(update={"stream": soon}))
    yield
    for window in windows.values():
        window.page.goto("about:blank")
    until = time.monotonic() + 20
    while stream.places.taken and time.monotonic() < until:
        time.sleep(0.05)
    assert stream.places.taken == 0, "a stream outlived its page"


def test_every_page_is_looked_at_or_says_why_not():
    gets = {name for name, case in CASES.items() if case.method == "get"}
    own = {name for name in gets if CASES[name].own_tests and name not in NOT_PAGES}
    assert {name for name in own if not name.startswith(("ingest:", "api"))} == set(), "own tests, but a page"
    assert gets - own - LOOKS.keys() - NOT_PAGES.keys() == set()
    assert NOT_PAGES.keys() - gets == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LOOKS))
def test_a_page_is_for_everyone(name, world: World, live_server, windows):
    look, base = LOOKS[name], live_server.url
    path = look.address(world)
    cookies = {}
    if look.role is not None:
        client = Client()
        client.force_login(world.users[look.role])
        confirm_now(client, world.users[look.role])
        cookies = {n: m.value for n, m in client.cookies.items()}
    window = windows[True]
    for language in ("en-gb", "cy"):
        window.page.set_viewport_size(DESKTOP)
        answer = window.open(base, path, cookies | {settings.LANGUAGE_COOKIE_NAME: language})
        assert answer.status == look.status, answer.url
        assert "text/html" in answer.headers["content-type"]
        assert window.page.locator("html").get_attribute("lang") in (
            {"cy"} if language == "cy" else {"en", "en-GB"}
        )
        assert NOT_FOR_PEOPLE.findall(window.page.evaluate(SAID)) == [], language
        _picture(window.page, name if language == "en-gb" else f"{name}-cy")
        # axe is most of the time of these tests, so it looks once in each language: English on a telephone, where
        # rows are cards and the menu is folded, and Welsh on a desk.
        if language == "cy":
            assert barriers(window.page) == [], "in Welsh, on a desk"
        window.page.set_viewport_size(PHONE)
        sideways = window.page.evaluate(SIDEWAYS)
        if language == "en-gb":
            _picture(window.page, f"{name}-320")
            assert barriers(window.page) == [], "in English, on a telephone"
        assert sideways <= 0, f"scrolls sideways by {sideways} px, {language}"
        wrong = [w for w in window.wrong if not (look.status >= 400 and f"status of {look.status}" in w)]
        assert wrong == [], language
    forms = window.page.locator("main form:visible").count()

    bare = windows[False]
    bare.open(base, path, cookies | {settings.LANGUAGE_COOKIE_NAME: "cy"})
    assert bare.page.locator("h1:visible").count() == 1
    assert bare.page.locator("main form:visible").count() >= forms
    asked = bare.page.locator("main form[method=post]:visible")
    for form in asked.all():
        assert form.locator("button, input[type=submit]").count() > 0, "a form that nothing sends"


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name.replace(':', '.')}.png", full_page=True)
