"""Writes ``docs/reference/command-line.md`` from the commands themselves.

``python tools/command_reference.py`` writes it; a test fails while the page is not current.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from milepost.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "command-line.md"
WIDTH = 88
HEAD = """# The command line

This page is made from the commands themselves by `make reference`, and tested to be current.

Every command says what went wrong on standard error, in plain words, and ends with one of three exit
codes:

| exit code | means |
|---|---|
| 0 | fine |
| 1 | finished, but something in the input was wrong: some rows were left out, or some checks failed |
| 2 | could not run: wrong usage, or a file that cannot be read |

`--json` prints for machines on standard output. Progress bars go to standard error, and only to a
terminal. Times on the command line are ISO 8601 with their offset; `Z` is UTC.
"""


def walk(
    command: click.Command, parent: click.Context | None, name: str
) -> Iterator[tuple[int, click.Context]]:
    """Every command with its depth, parents before children, children by name."""
    widths = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, parent, info_name=name, **{**command.context_settings, **widths})
    depth = 0 if parent is None else len(context.command_path.split()) - 1
    yield depth, context
    if isinstance(command, click.Group):
        for child in sorted(command.list_commands(context)):
            found = command.get_command(context, child)
            assert found is not None, child
            if found.hidden:
                continue
            yield from walk(found, context, child)


def render() -> str:
    """The whole page."""
    parts = [HEAD]
    for depth, context in walk(main, None, "milepost"):
        parts.append(f"{'#' * (min(depth, 2) + 2)} `{context.command_path}`\n")
        parts.append(f"```text\n{context.get_help().rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
