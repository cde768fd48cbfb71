"""A remedy that names an option names the command that has it: the reader may have come by another one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from milepost.cli import main

SOURCE = Path(__file__).parents[2] / "src" / "milepost"
ROOMS = ("orders", "tracks", "compliance")
NAMED = re.compile(r"`milepost ((?:[a-z]+ )+)(--[a-z-]+)")
BARE = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
OF_THE_COMMAND_ITSELF = {
    "tracks/commands.py", "tracks/lake_commands.py", "orders/commands.py", "compliance/commands.py",
    "compliance/learn_command.py", "tracks/options.py",
}  # fmt: skip
READERS = {"--columns"}
"""Options of every command that reads tables of signals into an answer."""


def texts(path: Path) -> Iterator[str]:
    """The string literals of a module, docstrings and names of options left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def command_of(words: str) -> click.Command:
    command: click.Command = main
    for word in words.split():
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None, words
        command = found
    return command


@pytest.mark.parametrize("room", ROOMS)
def test_an_option_in_a_remedy_is_one_of_the_command_it_names(room: str) -> None:
    for path in sorted((SOURCE / room).rglob("*.py")):
        if str(path.relative_to(SOURCE)) in OF_THE_COMMAND_ITSELF:
            continue
        for text in texts(path):
            left = text
            for words, option in NAMED.findall(text):
                options = {name for p in command_of(words).params for name in p.opts}
                assert option in options, (path.name, text)
                left = left.replace(f"`milepost {words}{option}", "")
            assert set(BARE.findall(left)) <= READERS, (path.name, text)
