"""The published numbers, read from ``data/*.toml``, with the hash that names exactly which were used."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")


@cache
def load(name: str) -> dict[str, Any]:
    """One data file. Raises ``FileNotFoundError`` or ``tomllib.TOMLDecodeError`` for one that is broken."""
    return tomllib.loads(Path(DATA, name).read_text(encoding="utf-8"))


@cache
def fingerprint(*names: str) -> str:
    """The first 16 hexadecimal digits of SHA-256 over the named files: changes if any number in them does."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + Path(DATA, name).read_bytes())
    return digest.hexdigest()[:16]
