"""Trained predictors as subjects of records: ``predictor:NAME@VERSION``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from milepost.risk.records import predictor_facts
from milepost.risk.records.facts import Facts
from milepost.risk.records.subjects import UnknownSubject, register

Told = Mapping[str, Any]


def register_predictors(entries: Callable[[], Iterable[Told]]) -> None:
    """``entries`` gives what the registry says of each predictor that it holds, asked anew each time."""

    def facts(key: str) -> Facts:
        for told in entries():
            if predictor_facts.key_of(told) == key:
                return predictor_facts.facts(told)
        raise UnknownSubject(f"The predictor {key!r} has gone.")

    register(predictor_facts.FAMILY, lambda: [predictor_facts.key_of(told) for told in entries()], facts)


def of_registry(folder: Path | None) -> list[Told]:
    """What the registry in a folder says of all that it holds; nothing where there is no folder.

    Raises ``Untrusted`` if a file of it was changed after it was signed.
    """
    from milepost.risk.predictors.registry import Registry

    return [entry.facts() for entry in Registry(folder).entries()] if folder else []
