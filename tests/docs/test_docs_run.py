"""Every command and every line of Python in the README, the tutorial, the how-tos and the pages of risk is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_blocks import ROOT, RUN, Block, blocks_of, run_page

PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "index.md",
    *sorted((ROOT / "docs" / "tutorial").glob("*.md")),
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
    ROOT / "docs" / "reference" / "needs-questions.md",
    ROOT / "docs" / "reference" / "risk-instruments.md",
]
NOT_RUN: list[tuple[Path, Block]] = [
    (page, block)
    for page in PAGES
    for block in blocks_of(page.read_text(encoding="utf-8"))
    if block.not_run_because is not None
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_page_is_true(page: Path, tmp_path: Path) -> None:
    run_page(page, tmp_path)


def test_what_is_not_run_says_why() -> None:
    for page, block in NOT_RUN:
        assert block.not_run_because, f"{page.relative_to(ROOT)}:{block.line} gives no reason"


def test_commands_stand_only_where_they_are_run() -> None:
    """``sh`` and ``bash`` blocks would go untested; only ``make`` may stand in one."""
    for page in PAGES:
        for block in blocks_of(page.read_text(encoding="utf-8")):
            if block.language in ("sh", "bash", "shell"):
                assert all(line.startswith(("make ", "git ", "cd ")) for line in block.body.splitlines()), (
                    f"{page.relative_to(ROOT)}:{block.line}: use a {RUN[0]} block"
                )
