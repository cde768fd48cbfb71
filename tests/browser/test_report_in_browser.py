"""The report in a real browser: readable by everyone, on a phone, with and without a script, and offline.

Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``); skipped aloud without it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from milepost.demo import run_demo

CHROMIUM = os.environ.get("MILEPOST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",  # tests may run as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WCAG_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report on a small synthetic town."""
    folder = tmp_path_factory.mktemp("town")
    run_demo(folder, people=6, days=3, seed=1, open_it=False)
    return (folder / "answers" / "report.html").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install it, or set MILEPOST_CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, report: str) -> Iterator[Page]:
    """The report on a desktop; an error in the script, or a request, fails the test."""
    context = browser.new_context(viewport=DESKTOP, color_scheme="light")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda asked: wrong.append(asked.url) if asked.url != report else None)
    opened.goto(report)
    yield opened
    context.close()
    assert wrong == []


@pytest.mark.parametrize(
    ("size", "script", "colours"),
    [
        pytest.param(DESKTOP, True, "light", id="desktop"),
        pytest.param(DESKTOP, False, "light", id="desktop-no-script"),
        pytest.param(DESKTOP, True, "dark", id="desktop-dark"),
        pytest.param(PHONE, True, "light", id="phone"),
        pytest.param(PHONE, False, "light", id="phone-no-script"),
    ],
)
def test_no_barrier_that_wcag_names(
    browser: Browser, report: str, size: dict[str, int], script: bool, colours: str
) -> None:
    """With no script axe itself could not run, so the page's own is refused by name and axe let in."""
    context = browser.new_context(viewport=size, color_scheme=colours, bypass_csp=True)
    opened = context.new_page()
    if not script:
        opened.route(
            report, lambda route: route.fulfill(body=without_script(report), content_type="text/html")
        )
    opened.goto(report)
    found = Axe().run(opened, options=WCAG_AA)
    shown = [
        (violation["id"], violation["help"], [node["html"][:200] for node in violation["nodes"][:3]])
        for violation in found.response["violations"]
    ]
    context.close()
    assert shown == [], json.dumps(shown, indent=1)


def without_script(report: str) -> str:
    text = Path(report.removeprefix("file://")).read_text(encoding="utf-8")
    start, end = text.index("<script>"), text.index("</script>")
    return text[:start] + text[end + len("</script>") :]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_phone_never_scrolls_sideways(browser: Browser, report: str, script: bool) -> None:
    """WCAG 2.2, 1.4.10 Reflow: 320 CSS pixels. Wide tables scroll within their own region."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=script)
    opened = context.new_page()
    opened.goto(report)
    session = context.new_cdp_session(opened)
    size = session.send("Page.getLayoutMetrics")["cssContentSize"]
    context.close()
    assert size["width"] <= PHONE["width"]


def test_without_a_script_everything_is_there_but_the_controls(browser: Browser, report: str) -> None:
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    opened = context.new_page()
    opened.goto(report)
    assert opened.locator("table.work tbody tr").count() > 3
    assert opened.locator("svg.map").count() > 0
    assert opened.locator("button").count() == 0
    context.close()


def test_the_work_list_filters_by_level_and_by_word(page: Page) -> None:
    table = page.locator("#needs-table")
    rows = table.locator("tbody tr")
    everyone = rows.count()
    assert everyone > 3
    level = page.locator("#needs-table-level")
    level.select_option("urgent")
    urgent = table.locator("tbody tr[data-level=urgent]").count()
    assert 0 < urgent < everyone
    assert table.locator("tbody tr:visible").count() == urgent
    assert f"{urgent} of {everyone} shown" in page.locator(".controls [role=status]").first.inner_text()
    level.select_option("")
    page.locator("#needs-table-words").fill("no such words here")
    assert table.locator("tbody tr:visible").count() == 0
    page.locator("#needs-table-words").fill("")
    assert table.locator("tbody tr:visible").count() == everyone


def test_a_column_sorts_up_and_down_by_keyboard(page: Page) -> None:
    head = page.locator("#needs-table thead th").nth(1)
    cells = page.locator("#needs-table tbody tr > :nth-child(2)")

    def order() -> list[str]:
        return cells.evaluate_all("all => all.map(c => c.dataset.sort || c.textContent.trim())")

    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    up = order()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    down = order()
    assert sorted(up) == sorted(down)
    assert up != down
    numeric = "(a) => a.every((x, i) => !i || a[i - 1].localeCompare(x, 'en', {numeric: true}) <= 0)"
    assert page.evaluate(numeric, up)
    assert page.evaluate(numeric, down[::-1])


def test_a_map_zooms_in_moves_and_comes_back(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    drawing = page.locator("svg.map").first
    controls = drawing.locator("xpath=following-sibling::*[contains(@class,'controls')][1]")

    def view() -> tuple[str | None, str | None]:
        return (
            drawing.locator(".inner").first.get_attribute("transform"),
            drawing.locator(".furniture").first.get_attribute("visibility"),
        )

    controls.get_by_role("button", name="Zoom in").click()
    zoomed = view()
    assert "scale(2)" in (zoomed[0] or "")
    assert zoomed[1] == "hidden"  # the scale bar would lie
    controls.get_by_role("button", name="Right").click()
    assert view()[0] != zoomed[0]
    controls.get_by_role("button", name="Whole map").click()
    assert "scale(1)" in (view()[0] or "")
    assert view()[1] == "visible"


def test_the_keyboard_reaches_the_report_past_its_navigation(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_print_opens_everything(page: Page) -> None:
    assert page.locator("details:not([open])").count() > 0
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
