"""What axe finds against WCAG 2.2 AA on a page, but for the one thing that GOV.UK does on purpose."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EXPANDED_RADIO = ("aria-allowed-attr", "govuk-radios__input")
"""Radios that reveal a question say aria-expanded, which ARIA 1.2 does not list for radios. GOV.UK found in research
that it helps people who use screen readers and keeps it knowingly; so do we."""
ASK = """tags => axe.run({runOnly: tags, resultTypes: ["violations"]}).then(found => found.violations.map(one => ({
  id: one.id, help: one.help, nodes: one.nodes.map(node => node.html) })))"""
"""Only what is wrong leaves the browser: all that was looked at and is well is a megabyte a page."""


def barriers(page: Page) -> list[tuple[str, str, list[str]]]:
    """Rule, what it says, and the first elements that break it. Empty is good."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = []
    for violation in page.evaluate(ASK, WCAG_AA):
        nodes = [
            html[:200]
            for html in violation["nodes"]
            if not (
                violation["id"] == EXPANDED_RADIO[0] and EXPANDED_RADIO[1] in html and "aria-expanded" in html
            )
        ]
        if nodes:
            found.append((violation["id"], violation["help"], nodes[:3]))
    return found
