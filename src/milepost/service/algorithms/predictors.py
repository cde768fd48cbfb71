"""The registry of predictors that this service reads: the folder MILEPOST_PREDICTORS."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from milepost.risk.predictors.registry import Entry, NoSuchPredictor, Registry, Untrusted
from milepost.risk.predictors.signing import key_from


@dataclass(slots=True)
class Held:
    """``entries``, the newest version first within a name. ``not_trusted``: what was changed, and is not used."""

    entries: list[Entry] = field(default_factory=list)
    not_trusted: list[str] = field(default_factory=list)


def registry() -> Registry:
    """Raises ``Untrusted``; ``ValueError`` if the key is no key."""
    key = key_from(settings.PREDICTORS_KEY) if settings.PREDICTORS_KEY else None
    return Registry(Path(settings.PREDICTORS), key=key)


def held() -> Held:
    """Everything in the registry. One that was altered is named and hides no other."""
    found = Held()
    try:
        whole = registry()
        for name in whole.names():
            for version in reversed(whole.versions(name)):
                try:
                    found.entries.append(whole.entry(name, version))
                except (Untrusted, OSError, ValueError):
                    found.not_trusted.append(f"{name} {version}")
    except (Untrusted, OSError, ValueError):
        found.not_trusted.append("public_key.txt")
    return found


def entry_of(name: str, version: int) -> Entry | None:
    """Raises ``Untrusted`` for one that was altered."""
    try:
        return registry().entry(name, version)
    except NoSuchPredictor:
        return None


def facts_of_all() -> list[dict[str, Any]]:
    """For the records: what the registry says of each that can be trusted."""
    return [entry.facts() for entry in held().entries]
