"""Makes the pictures of the service in ``docs/images`` from the demo's town, its clock standing still.

``python tools/service_pictures.py FOLDER`` (an empty folder; or one that an earlier run made, which is quicker).
Everybody in the pictures is synthetic. Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``).
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import threading
from pathlib import Path

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CHROMIUM = os.environ.get("MILEPOST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-quic", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PEOPLE = 80
WIDE, HIGH = 1100, 860
SETTLED_MS = 60_000
"""Maps are drawn in software here, which is slow."""


def prepare(folder: Path) -> int:
    """The town, made unless it is there. Returns the moment at which the visitor comes."""
    os.environ |= {
        "MILEPOST_DEMO": "yes",
        "MILEPOST_DATA": str(folder),
        "MILEPOST_LOG_LEVEL": "ERROR",
        "MILEPOST_STREETS": str(folder / "town" / "streets.geojson"),
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # the browser's driver runs a loop in this thread
    }
    from milepost.service.commands import set_up
    from milepost.service.demo.folder import is_ready, take_folder

    take_folder(folder, fresh=False)
    set_up()
    from milepost.service.demo import prepare as demo
    from milepost.service.demo.town import times_of

    if not is_ready(folder):
        demo.make_ready(folder, people=PEOPLE, seed=1, step=lambda what, done: None)
    visit_us: int = times_of(folder / "town").visit_us
    return visit_us


def serve() -> str:
    """Starts the service on a free port of this machine alone. Returns its address."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def take(address: str) -> None:
    from django.urls import reverse
    from playwright.sync_api import Page, sync_playwright

    from milepost.service import clock
    from milepost.service.accounts.roles import Role
    from milepost.service.demo.views import users_by_role
    from milepost.service.monitoring.models import Incident
    from milepost.service.orders.actions.drafts import vary_order
    from milepost.service.people.models import Person

    def come_in(role: Role) -> None:
        page.context.clear_cookies()
        page.goto(f"{address}/demo/")
        page.locator(f"form:has(input[name=role][value={role}]) button").click()
        page.wait_for_load_state()

    def picture(page: Page, name: str, *, high: int = HIGH) -> None:
        """The top of the page, without the tour's panel."""
        page.locator(".milepost-tour").evaluate_all("panels => panels.forEach(panel => panel.remove())")
        page.mouse.move(0, 0)
        box = page.evaluate("document.documentElement.scrollHeight")
        page.screenshot(
            path=IMAGES / f"{name}.png", full_page=True,
            clip={"x": 0, "y": 0, "width": WIDE, "height": min(high, box)},
        )  # fmt: skip

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(
            viewport={"width": WIDE, "height": HIGH}, locale="en-GB", timezone_id="Europe/London",
            reduced_motion="reduce",
        ).new_page()  # fmt: skip
        page.set_default_timeout(SETTLED_MS)

        come_in(Role.MONITORING_OFFICER)
        page.goto(f"{address}/monitoring/")
        picture(page, "board")
        seen = Person.objects.visible_to(users_by_role()[Role.SENIOR_PRACTITIONER])
        theirs = Incident.objects.filter(person__in=seen).order_by("-began_us")
        best = sorted(
            theirs.prefetch_related("findings"),
            key=lambda one: (
                not any(finding.row["witness"] == "fixes" for finding in one.findings.all()),  # a map to show
                one.state not in ("open", "claimed"),
                one.kind != "late_return",
                -one.began_us,
            ),
        )
        incident = best[0] if best else None
        assert incident is not None, "the past left nothing to decide"
        page.goto(f"{address}/monitoring/incident/{incident.pk}")
        _drawn(page)
        picture(page, "incident", high=1500)

        come_in(Role.PRACTITIONER)
        page.goto(address + reverse("caseload:today"))
        picture(page, "today", high=1300)

        come_in(Role.SENIOR_PRACTITIONER)
        page.goto(address + reverse("caseload:team"))
        picture(page, "team", high=1300)
        person = incident.person.reference
        page.goto(f"{address}/person/{person}/week")
        picture(page, "week", high=1100)
        page.goto(f"{address}/person/{person}/trail")
        page.locator("input[name=purpose]").first.check()
        page.locator("main form[method=post] button").last.click()
        page.wait_for_url("**/trail/*")
        _drawn(page)
        picture(page, "trail", high=1100)
        order = incident.person.orders.order_by("-pk").first()
        assert order is not None
        draft = order.versions.filter(state="draft").first() or vary_order(
            by=users_by_role()[Role.SENIOR_PRACTITIONER], order=order, why="A smaller zone",
            effective_from_utc=clock.now_utc() + dt.timedelta(days=7),
        )  # fmt: skip
        page.goto(address + reverse("orders:draft", args=[order.reference, draft.version]))
        picture(page, "order", high=1100)

        come_in(Role.AUDITOR)
        page.goto(f"{address}/audit/?subject={person}")
        page.locator("main details").first.evaluate("search => { search.open = false }")
        picture(page, "audit")
        browser.close()


def _drawn(page) -> None:  # type: ignore[no-untyped-def]
    """Waits for the maps of the page, where it has any."""
    for drawing in page.locator(".milepost-map").all():
        drawing.scroll_into_view_if_needed()
        drawing.and_(page.locator("[data-drawn=yes]")).wait_for(timeout=SETTLED_MS)


if __name__ == "__main__":
    given = Path(sys.argv[1]).resolve()
    moment = prepare(given)
    from milepost.service import clock

    with clock.pinned(moment):
        take(serve())
