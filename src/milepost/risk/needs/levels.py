"""How large the need is in each area: no need, standard or severe, with the published thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from milepost.risk.data_files import load
from milepost.risk.fields import field_table
from milepost.risk.needs.mapping import fields, items
from milepost.risk.needs.questions import FOLDER, questions
from milepost.risk.needs.values import known
from milepost.risk.tier_legacy import severity

LEVELS = ("no_need", "standard", "severe")
WORST = 2


@dataclass(frozen=True, slots=True)
class NeedLevel:
    """``score`` is the sum of the answers there are, ``level`` one of ``LEVELS`` by it; both None if there are
    none. ``missing`` names the answers that are not there; with them the level could be as high as ``at_most``.
    """

    area: str
    title: str
    score: int | None
    level: str | None
    missing: tuple[str, ...]
    at_most: str
    section: str

    @property
    def certain(self) -> bool:
        """The missing answers could not change the level."""
        return self.level == self.at_most


def need_levels(answers: Mapping[str, object]) -> dict[str, NeedLevel]:
    """The level of each area, from the answers of a strengths and needs assessment.

    Source: ``data/needs/levels.toml`` for what is summed (a missing answer adds nothing, a score needs at least
    one), ``data/tier.toml`` for the thresholds.
    """
    values = {**fields(answers), **items(answers)}
    return {area: _level(area, raw, values) for area, raw in load(FOLDER + "levels.toml")["areas"].items()}


def _level(area: str, raw: dict, values: Mapping[str, object]) -> NeedLevel:
    points = [_points(values.get(name)) for name in raw["items"]]
    there = [value for value in points if value is not None]
    missing = tuple(_label(n) for n, value in zip(raw["items"], points, strict=True) if value is None)
    score = sum(there) if there else None
    found = severity(area, score, san=True)
    most = severity(area, sum(there) + WORST * len(missing), san=True)
    assert most is not None
    return NeedLevel(
        area, raw["title"], score, None if found is None else LEVELS[found], missing, LEVELS[most],
        raw["section"],
    )  # fmt: skip


def _points(value: object) -> int | None:
    if isinstance(value, bool):
        return load(FOLDER + "levels.toml")["yes_scores"] * int(value)
    return value if isinstance(value, int) else None


def _label(name: str) -> str:
    held = field_table().get(name)
    return held.label if held else ITEM_LABELS[name]


ITEM_LABELS = {
    "3.5": "Permanence of accommodation",
    "3.6": "Location of accommodation",
    "4.3": "Employment history",
    "8.4": "Current drug misuse",
    "8.5": "Drug use as a major activity",
    "8.6": "Injecting of drugs",
}


def strengths(answers: Mapping[str, object]) -> list[str]:
    """What the answers say is good, in the order of the questions; then the practitioner's own words."""
    held = known(answers)
    found, told = [], []
    for key, question in questions().items():
        answer = held.get(key)
        chosen = answer if isinstance(answer, tuple) else (answer,)
        found += [option.strength for option in question.options if option.strength and option.key in chosen]
        if key.endswith("_strengths_details") and answer:
            told.append(str(answer))
    return found + told
