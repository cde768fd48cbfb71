"""Fenced blocks of a page, and how each kind of them is put to the test.

- ``title="name"`` on any block writes it to that file in the page's own temporary folder.
- ``console``: lines after ``$`` are commands; the lines below a command are what it prints, where
  ``...`` stands for anything (alone on a line: for any lines).
- ``python``: runs; a ``text`` block with ``title="prints"`` after it is what it prints.

Comments before a block say what cannot be seen: ``<!-- exit 1 -->``, ``<!-- file PATH as NAME -->``,
``<!-- not run: REASON -->``.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=indent)```\s*$", re.M | re.S)
COMMENT = re.compile(r"<!-- (.*?) -->", re.S)
RUN = ("console", "python")
PRINTS = "prints"


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    title: str
    body: str
    line: int
    comments: tuple[str, ...]

    @property
    def not_run_because(self) -> str | None:
        found = [c.removeprefix("not run:").strip() for c in self.comments if c.startswith("not run")]
        return found[0] if found else None

    @property
    def exit_code(self) -> int:
        found = [int(c.removeprefix("exit ")) for c in self.comments if c.startswith("exit ")]
        return found[0] if found else 0

    @property
    def files(self) -> list[tuple[Path, str]]:
        given = [c.removeprefix("file ").split(" as ") for c in self.comments if c.startswith("file ")]
        return [(ROOT / source, name) for source, name in given]


def blocks_of(text: str) -> Iterator[Block]:
    end_before = 0
    for match in FENCE.finditer(text):
        between = text[end_before : match.start()]
        # Only comments that stand directly above the block speak of it.
        directly = re.search(r"((?:\s*<!-- .*? -->)+)\s*$", between, re.S)
        comments = tuple(COMMENT.findall(directly.group(1))) if directly else ()
        info = match["info"].strip()
        title = re.search(r'title="([^"]+)"', info)
        indent = len(match["indent"])
        body = "".join(line[indent:] for line in match["body"].splitlines(keepends=True))
        line = text.count("\n", 0, match.start()) + 1
        yield Block(info.split(" ")[0], title.group(1) if title else "", body, line, comments)
        end_before = match.end()


def pattern_of(expected: str) -> re.Pattern[str]:
    """What a documented output matches: trailing blanks are nothing, ``...`` is anything."""
    parts = []
    for line in expected.rstrip().splitlines():
        if line.strip() == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(r"[^\n]*?".join(re.escape(p) for p in line.rstrip().split("...")) + r"[ \t]*\n")
    return re.compile("".join(parts) + r"\s*")


def commands_of(body: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output shown below it."""
    command, output = "", []
    continued = False
    for line in body.splitlines():
        if continued:
            command += "\n" + line.removeprefix("> ")
        elif line.startswith("$ "):
            if command:
                yield command, "\n".join(output)
            command, output = line[2:], []
        else:
            output.append(line)
        continued = command.endswith("\\") and not output
    if command:
        yield command, "\n".join(output)


def run_page(path: Path, folder: Path) -> None:
    """Follows a page from top to bottom in ``folder``."""
    names: dict[str, Any] = {"__name__": "__page__"}
    printed = ""
    for block in blocks_of(path.read_text(encoding="utf-8")):
        where = f"{path.relative_to(ROOT)}:{block.line}"
        for source, name in block.files:
            shutil.copy(source, folder / name)
        if block.not_run_because is not None:
            continue
        if block.title == PRINTS:
            assert pattern_of(block.body).fullmatch(printed), f"{where}: it printed\n{printed}"
        elif block.title:
            (folder / block.title).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.title).write_text(block.body, encoding="utf-8")
        elif block.language == "console":
            run_console(block, folder, where)
        elif block.language == "python":
            heard = io.StringIO()
            with contextlib.chdir(folder), contextlib.redirect_stdout(heard):
                exec(compile(block.body, where, "exec"), names)
            printed = heard.getvalue()


def run_console(block: Block, folder: Path, where: str) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    commands = list(commands_of(block.body))
    assert commands, f"{where}: a console block without a command"
    for n, (command, expected) in enumerate(commands):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=300,
        )
        wanted = block.exit_code if n == len(commands) - 1 else 0
        assert done.returncode == wanted, f"{where}: {command}\nexit code {done.returncode}\n{done.stdout}"
        if expected.strip():
            said = f"{where}: {command}\nprinted\n{done.stdout}"
            assert pattern_of(expected).fullmatch(done.stdout), said
