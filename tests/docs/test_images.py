"""Every picture of the docs is shown somewhere, and every picture that is shown is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
SHOWN = re.compile(r"!\[[^\]]+\]\(([^)\s]+)\)")


def shown() -> set[Path]:
    found: set[Path] = set()
    for page in PAGES:
        for address in SHOWN.findall(page.read_text(encoding="utf-8")):
            if "://" not in address:
                found.add((page.parent / address).resolve())
    return found


def test_every_picture_that_is_shown_is_there():
    assert [str(path) for path in shown() if not path.is_file()] == []


def test_every_picture_is_shown_and_says_what_it_shows():
    there = {path.resolve() for path in (ROOT / "docs" / "images").iterdir()}
    assert there - shown() == set(), (
        "no page shows these, or shows them without words for who cannot see them"
    )
