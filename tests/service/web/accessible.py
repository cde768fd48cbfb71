"""What axe finds against WCAG 2.2 AA on a page, but for the one thing that GOV.UK does on purpose."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
EXPANDED_RADIO = ("aria-allowed-attr", "govuk-radios__input")
"""Radios that reveal a question say aria-expanded, which ARIA 1.2 does not list for radios. GOV.UK found in research
that it helps people who use screen readers and keeps it knowingly; so do we."""


def barriers(page: Page) -> list[tuple[str, str, list[str]]]:
    """Rule, what it says, and the first elements that break it. Empty is good."""
    found = []
    for violation in Axe().run(page, options=WCAG_AA).response["violations"]:
        nodes = [
            node["html"][:200]
            for node in violation["nodes"]
            if not (
                violation["id"] == EXPANDED_RADIO[0]
                and EXPANDED_RADIO[1] in node["html"]
                and "aria-expanded" in node["html"]
            )
        ]
        if nodes:
            found.append((violation["id"], violation["help"], nodes[:3]))
    return found
