"""Makes ``docs/images/report.png``: one finding of the demo's report, as Chromium shows it.

``python tools/report_picture.py demo/answers/report.html``. The picture is of synthetic people.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "report.png"
CHROMIUM = os.environ.get("MILEPOST_CHROMIUM") or shutil.which("chromium")


def take(report: Path) -> None:
    """The shortest finding of a late return that has a map."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 1040, "height": 1000}, color_scheme="light").new_page()
        page.goto(report.resolve().as_uri())
        late = page.locator(".finding", has_text="Came back late").filter(has=page.locator("svg.map"))
        shortest = min(late.all(), key=lambda finding: (finding.bounding_box() or {"height": 1e9})["height"])
        PICTURE.parent.mkdir(exist_ok=True)
        shortest.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
