"""An organisation's own facts, which no software can know: a TOML file of attribute names and texts.

``[all]`` holds for every algorithm, ``[arp]`` (a key, quoted where it has a colon) for one of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from milepost.problems import Problem, UnreadableFile

Own = Mapping[str, str]
"""Texts by attribute name, for one algorithm."""


def read_organisation(path: Path, key: str, known: Collection[str]) -> Own:
    """The texts for one algorithm; those of ``[key]`` go before those of ``[all]``.

    Raises:
        UnreadableFile: it is not TOML, or a name or a value in it cannot be used. It is never used in part.
    """
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _problem(path, None, f"This is not TOML: {error}", "Mend the line it names.") from None
    found: dict[str, str] = {}
    for section in ("all", key):
        part = held.get(section, {})
        if not isinstance(part, dict):
            raise _problem(path, section, "This is no section", f"Write [{section}] above its lines.")
        for name, value in part.items():
            found[name] = _text(path, section, name, value, known)
    return found


def _text(path: Path, section: str, name: str, value: object, known: Collection[str]) -> str:
    field = f"{section}.{name}"
    if name not in known:
        near = ", ".join(sorted(known))
        raise _problem(path, field, "No record has a field of this name", f"Known are: {near}.")
    if not isinstance(value, str) or not value.strip():
        raise _problem(path, field, "This is no text", 'Write text in quotes, or "N/A".')
    return value.strip()


def _problem(path: Path, field: str | None, message: str, remedy: str) -> UnreadableFile:
    return UnreadableFile(Problem(path.name, None, field, message, remedy))
