"""Names of modules and functions use the words of the field (docs/reference/words.md)."""

from __future__ import annotations

import ast
import re

from docs_blocks import ROOT

PAGE = ROOT / "docs" / "reference" / "words.md"
SOURCE = ROOT / "src" / "milepost"
MARKERS = {"say", "say_n", "to_say"}
"""Of ``milepost.language``: they mark sentences for translation."""


def not_to_be_used() -> set[str]:
    table = PAGE.read_text(encoding="utf-8").split("## Say this instead")[1].split("\n## ")[0]
    return {
        word
        for line in table.splitlines()
        if line.startswith("| `")
        for word in re.findall(r"`(\w+)`", line.split("|")[1])
    }


def names() -> set[str]:
    """Modules and functions in which a word that is not to be used stands: "maps/twin.py", "risk/table.py _tell"."""
    words, found = not_to_be_used(), set()
    for file in SOURCE.rglob("*.py"):
        where = file.relative_to(SOURCE).as_posix()
        if words & set(file.stem.split("_")):
            found.add(where)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or (where == "language.py" and node.name in MARKERS):
                continue
            if words & set(node.name.split("_")):
                found.add(f"{where} {node.name}")
    return found


def test_the_page_names_what_is_not_to_be_used():
    assert {"tell", "say", "found", "asked", "still", "twin", "untils"} <= not_to_be_used()


def test_no_name_is_made_of_such_a_word():
    kept = set((ROOT / "tests" / "docs" / "words_to_replace.txt").read_text(encoding="utf-8").splitlines())
    assert names() - kept == set(), "see docs/reference/words.md"
    assert kept - names() == set(), "replaced: take them off tests/docs/words_to_replace.txt"
