"""Settings of this room: protected words, limits, states; each file with its source, date and owner."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")


@cache
def load(name: str) -> dict[str, Any]:
    """One data file by its name without suffix. Raises ``FileNotFoundError`` or ``tomllib.TOMLDecodeError``."""
    return tomllib.loads(Path(DATA, f"{name}.toml").read_text(encoding="utf-8"))
