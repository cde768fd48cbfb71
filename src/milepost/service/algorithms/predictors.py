"""The registry of predictors that this service reads: the folder MILEPOST_PREDICTORS."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from milepost.risk.predictors.registry import Entry, NoSuchPredictor, Registry, Untrusted
from milepost.risk.predictors.signing import key_from
from milepost.risk.records.predictor_family import register_predictors
from milepost.service.algorithms.models import PredictorStep


@dataclass(slots=True)
class Held:
    """``entries``, the newest version first within a name. ``not_trusted``: what was changed, and is not used."""

    entries: list[Entry] = field(default_factory=list)
    not_trusted: list[str] = field(default_factory=list)


def registry() -> Registry:
    """Raises ``Untrusted``; ``ValueError`` if the key is no key."""
    key = key_from(settings.PREDICTORS_KEY) if settings.PREDICTORS_KEY else None
    return Registry(Path(settings.PREDICTORS), key=key)


def register_records() -> None:
    """Makes the predictors of the registry known to the records of algorithms."""
    register_predictors(facts_of_all)


def held() -> Held:
    """Everything in the registry. One that was altered is named and hides no other."""
    found = Held()
    try:
        whole, taken = registry(), _steps_taken()
        for name in whole.names():
            for version in reversed(whole.versions(name)):
                try:
                    found.entries.append(_whole_history(whole.entry(name, version), taken))
                except (Untrusted, OSError, ValueError):
                    found.not_trusted.append(f"{name} {version}")
    except (Untrusted, OSError, ValueError):
        found.not_trusted.append("public_key.txt")
    return found


def entry_of(name: str, version: int) -> Entry | None:
    """Raises ``Untrusted`` for one that was altered, or put back to an older copy of itself."""
    entry = in_registry(name, version)
    return entry and _whole_history(entry, _steps_taken(name=name, version=version))


def in_registry(name: str, version: int) -> Entry | None:
    """As :func:`entry_of`, while a step is being taken: what is recorded here is ahead of the registry then."""
    try:
        return registry().entry(name, version)
    except NoSuchPredictor:
        return None


def _steps_taken(**of: Any) -> set[tuple[str, int, str]]:
    done = PredictorStep.objects.filter(state=PredictorStep.State.DONE, **of).order_by()
    return set(done.values_list("name", "version", "to"))


def _whole_history(entry: Entry, taken: set[tuple[str, int, str]]) -> Entry:
    """Signatures cannot show that a folder was put back whole to an older copy; the steps recorded here can."""
    there = {event["to"] for event in entry.history}
    lost = {to for name, version, to in taken if (name, version) == (entry.name, entry.version)} - there
    if lost:
        raise Untrusted(f"{entry.folder} lacks a step that was taken here: {', '.join(sorted(lost))}.")
    return entry


def facts_of_all() -> list[dict[str, Any]]:
    """For the records: what the registry says of each that can be trusted."""
    return [entry.facts() for entry in held().entries]


def is_synthetic(name: str, version: int) -> bool:
    """Whether it was trained on people who do not exist; also False for one that cannot be read."""
    try:
        entry = in_registry(name, version)
    except (Untrusted, OSError, ValueError):
        return False
    return entry is not None and bool(entry.body["synthetic"])
