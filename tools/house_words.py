"""Words of the house: what pages, data files, the API and the docs say that their readers would not.

    python tools/house_words.py     lists each use, with what to say instead; exit 1 when there is one

The list is tools/house_words.toml. ``where = ["pages"]`` holds a word on pages, the report and in data files only;
without it the docs and the description of the API are held too. The decision records of docs/adr are left as written.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import messages

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).with_suffix(".toml")
SHOWN_KEYS = {"title", "name", "label", "why", "action", "text", "means", "hint", "words", "guidance", "unit"}
"""Keys of data files whose values pages show."""
Text = tuple[str, str, str]
"""Where it stands, of which kind ("pages" or "docs"), and the text."""


@dataclass(frozen=True, slots=True)
class Word:
    pattern: re.Pattern[str]
    say: str
    because: str
    where: tuple[str, ...]


def words() -> list[Word]:
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))["word"]
    return [
        Word(
            re.compile(one["pattern"], re.IGNORECASE | re.MULTILINE),
            one["say"],
            one["because"],
            tuple(one.get("where", ("pages", "docs"))),
        )
        for one in listed
    ]


def sentences() -> Iterator[Text]:
    """Of the service and of the library, as the catalogue finds them. Empty ones are left out."""
    for message in messages.found():
        for text in [message.id] if isinstance(message.id, str) else message.id or ():
            if text:
                yield "sentence", "pages", text


def report() -> Iterator[Text]:
    for path in sorted((ROOT / "src").rglob("*.j2")):
        shown = re.sub(r"\{[%{#].*?[%}#]\}|<[^>]*>", "\n", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        yield path.name, "pages", shown


def data() -> Iterator[Text]:
    for path in sorted((ROOT / "src").rglob("*.toml")):
        for text in _shown(tomllib.loads(path.read_text(encoding="utf-8"))):
            yield path.relative_to(ROOT).as_posix(), "pages", text


def _shown(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if isinstance(part, str) and key in SHOWN_KEYS:
                yield part
            else:
                yield from _shown(part)
    elif isinstance(value, list):
        for part in value:
            yield from _shown(part)


def api() -> Iterator[Text]:
    document = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8"))
    for text in _described(document):
        yield "openapi.json", "docs", text


def _described(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("summary", "description") and isinstance(part, str):
                yield part
            else:
                yield from _described(part)
    elif isinstance(value, list):
        for part in value:
            yield from _described(part)


def docs() -> Iterator[Text]:
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if "adr" not in path.parts and path.name != "words.md":
            text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            for part in text.split("\n\n"):
                yield path.relative_to(ROOT).as_posix(), "docs", " ".join(part.split())


def uses(texts: Iterator[Text]) -> Iterator[str]:
    """One line for each use of a word of the house: where, the words, and what to say instead."""
    listed = words()
    for where, kind, text in texts:
        for word in listed:
            if kind in word.where and (found := word.pattern.search(text)):
                near = text[max(0, found.start() - 40) : found.end() + 40].strip()
                yield f"{where}: “{near}”: not “{found[0]}”, say: {word.say}"


def everything() -> Iterator[Text]:
    for part in (sentences, report, data, api, docs):
        yield from part()


def main() -> int:
    found = list(uses(everything()))
    sys.stdout.write("".join(f"{line}\n" for line in found) + f"{len(found)} words of the house\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
