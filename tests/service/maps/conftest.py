"""A real browser that draws (WebGL in software), signed in to a server of the tests."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from milepost.service.accounts.roles import Role
from milepost.synth.town import streets_geojson
from tests.service.maps import sample

CHROMIUM = os.environ.get("MILEPOST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",  # tests may run as root in a container
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
DRAWS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DESKTOP = {"width": 1100, "height": 1000}
DRAWN_MS = 60_000
"""Software drawing on a busy machine is slow; a map that is drawn is not waited for any longer."""


@pytest.fixture(scope="session")
def streets_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("streets") / "streets.geojson"
    path.write_text(json.dumps(streets_geojson(sample.town())), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install it, or set MILEPOST_CHROMIUM")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The driver runs a loop in this thread; Django would refuse its own database there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *DRAWS])
        yield started
        started.close()


@pytest.fixture
def address(settings, streets_file: Path, live_server) -> str:
    """Of the server of the tests, with the pages of ``pages.py`` and a town's streets."""
    settings.ROOT_URLCONF = "tests.service.maps.pages"
    settings.STREETS = str(streets_file)
    return live_server.url


@pytest.fixture
def cookies(address: str, world) -> list[dict[str, str]]:
    client = Client()
    client.force_login(world.users[Role.MONITORING_OFFICER])
    return [{"name": name, "value": morsel.value, "url": address} for name, morsel in client.cookies.items()]


@pytest.fixture
def page(browser: Browser, address: str, cookies) -> Iterator[Page]:
    """A page signed in; an error in a script, a refused policy or a request to elsewhere fails the test."""
    # Reduced motion, so that nothing slides away from under the pointer; and playback is tried as it is then.
    context = browser.new_context(
        viewport=DESKTOP, locale="en-GB", timezone_id="Europe/London", reduced_motion="reduce"
    )
    context.add_cookies(cookies)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    opened.on(
        "request",
        lambda asked: None if asked.url.startswith((address, "blob:", "data:")) else wrong.append(asked.url),
    )
    opened.wrong = wrong  # type: ignore[attr-defined]
    yield opened
    context.close()
    assert [w for w in wrong if "GPU stall due to ReadPixels" not in w] == []
