"""Everything that scores, sorts or predicts here, with its version, its source and the hash of its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from milepost.risk.records import subject_keys
from milepost.risk.records.facts import Facts
from milepost.risk.records.subjects import facts_of
from milepost.service.algorithms.fairness.sources import SOURCES


@dataclass(slots=True)
class Kind:
    """``code`` names the words of the heading."""

    code: str
    algorithms: list[Facts] = field(default_factory=list)


@cache
def _fixed(key: str) -> Facts:
    """Of what cannot change while the service runs: all but predictors."""
    return facts_of(key)


def kinds_in_use() -> list[Kind]:
    """In the order of the records; predictors are asked for anew each time."""
    kinds: dict[str, Kind] = {}
    for key in subject_keys():
        code = kind_of(key)
        if code != "predictor":
            kinds.setdefault(code, Kind(code)).algorithms.append(_fixed(key))
    return list(kinds.values())


def kind_of(key: str) -> str:
    family = key.partition(":")[0]
    return family if family in ("rules", "predictor", "rank", "tier") else "instrument"


def fairness_of(key: str) -> str:
    """The source of the fairness page that speaks of this algorithm; "" if none does."""
    source = {"tier": "tiers"}.get(key, f"score-{key}")
    if kind_of(key) == "rules":
        source = "alerts"
    return source if source in SOURCES else ""
