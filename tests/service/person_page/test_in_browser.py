"""Jobs on a person's pages in a real browser, their clicks counted: a note, last night's trail, its export.

Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``); skipped aloud without it. With no script: whatever
works so works with scripts too.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from milepost.service.audit.models import Entry
from milepost.service.people.models import Note
from tests.service.confirming import confirm_now
from tests.service.maps.conftest import CHROMIUM, FLAGS
from tests.service.web.clicks import Clicks
from tests.service.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def nora(world: World, live_server) -> Iterator[Page]:
    """A page in which Nora is signed in and has confirmed that it is she, on the first page about Ada."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install it, or set MILEPOST_CHROMIUM")
    client = Client()
    client.force_login(world.nora)
    confirm_now(client, world.nora)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-gpu"])
        context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="en-GB")
        context.add_cookies(
            [{"name": n, "value": m.value, "url": live_server.url} for n, m in client.cookies.items()]
        )
        page = context.new_page()
        page.goto("/person/P000001/")
        yield page
        browser.close()


def test_a_note_last_nights_trail_and_its_export(nora: Page):
    note = Clicks(nora)
    note.link("Write a note")
    note.type("Note", "Rang, will be home by seven.")
    note.on(nora.locator("main form button[type=submit], main form button:not([type])").first)
    assert Note.objects.get().text == "Rang, will be home by seven."
    assert len(note) <= 2, str(note)

    nora.goto("/person/P000001/")
    nora.get_by_role("link", name="Last night's trail").click()
    nora.get_by_label("To look into an alert").check()  # the purpose
    trail = Clicks(nora)
    trail.button("Show last night's trail")
    assert nora.get_by_text("Purpose: To look into an alert").count() == 1
    assert len(trail) <= 1, str(trail)

    export = Clicks(nora)
    export.link("Share this trail")
    export.type("Who will receive it?", "D.C. Hill, County Police")
    export.type("Why do they need it?", "Request in a burglary inquiry")
    export.type("Legal basis", "DPA 2018 s.35")
    with nora.expect_download() as download:
        export.button("Record the disclosure and download")
    assert download.value.suggested_filename.endswith(".csv")
    assert Entry.objects.filter(what="person.trail_export", subject="P000001").count() == 1
    assert len(export) <= 3, str(export)
