"""Which features may not be, or only with a reason: the eighth law, applied to names and to columns."""

from __future__ import annotations

import re

from milepost.risk.predictors.data_files import load


def words(name: str) -> str:
    """A name as words in lower case with a space at both ends: ``AgeAtRelease`` is `` age at release ``."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return f" {' '.join(re.findall('[a-z]+', spaced.lower()))} "


def never(*names: str) -> str | None:
    """The protected word in any of the names, or None. Such a thing is never a feature."""
    return next((w for w in load("protected")["never"] for n in names if f" {w} " in words(n)), None)


def asks_for(*names: str) -> str | None:
    """``sex`` or ``age`` where a name says so: the study must then justify it in writing."""
    for reason, kind in load("protected")["asks"].items():
        if any(f" {w} " in words(n) for w in kind for n in names):
            return str(reason)
    return None
