"""The extractor itself: a documented output that is not true must not pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_blocks import ROOT, blocks_of, commands_of, pattern_of, run_page


def test_outputs_match_only_what_is_shown() -> None:
    shown = pattern_of("rows read  ...\n...\nlast")
    assert shown.fullmatch("rows read  11\na\nb\nlast\n")
    assert shown.fullmatch("rows read  11\nlast\n")
    assert not shown.fullmatch("rows read  11\na\nlast\nmore\n")
    assert not shown.fullmatch("rows kept  11\nlast\n")


def test_commands_keep_their_lines_and_their_outputs() -> None:
    body = "$ one \\\n>   two\nout\n$ three\n"
    assert list(commands_of(body)) == [("one \\\n  two", "out"), ("three", "")]


def test_comments_speak_only_of_the_block_below_them() -> None:
    text = (
        "<!-- exit 1 -->\n\nWords.\n\n```console\n$ false\n```\n\n<!-- exit 1 -->\n```console\n$ false\n```\n"
    )
    assert [block.exit_code for block in blocks_of(text)] == [0, 1]


@pytest.mark.parametrize(
    "page",
    [
        "```console\n$ echo yes\nno\n```\n",
        "```console\n$ false\n```\n",
        "```python\nassert False\n```\n",
        '```python\nprint(1)\n```\n\n```text title="prints"\n2\n```\n',
        "<!-- exit 1 -->\n```console\n$ true\n```\n",
    ],
)
def test_a_page_that_is_not_true_fails(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docs_blocks.ROOT", tmp_path)
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    with pytest.raises(AssertionError):
        run_page(tmp_path / "page.md", tmp_path)


def test_a_page_that_is_true_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docs_blocks.ROOT", tmp_path)
    page = '```text title="a.txt"\nhello\n```\n\n```console\n$ cat a.txt\nhel...\n```\n'
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    run_page(tmp_path / "page.md", tmp_path)
    assert ROOT.joinpath("docs").is_dir()
