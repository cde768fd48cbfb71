"""The published rule of who comes before whom today: read from ``rank_rule.toml``, checked, never used in part."""

from __future__ import annotations

import datetime as dt
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from milepost.policy_files import PolicyFile, Strict, read_policy_file

FILE = Path(__file__).with_name("rank_rule.toml")
HOUR = dt.timedelta(hours=1)


class Titled(Strict):
    code: str
    title: str
    title_cy: str

    def title_in(self, language: str) -> str:
        """The title in Welsh for ``cy``, else in English."""
        return self.title_cy if language.startswith("cy") else self.title


class Urgency(Titled):
    """One class. Its place in the file is its place on the list."""

    means: str
    means_cy: str


class DueStep(Strict):
    left_hours: float
    urgency: str = Field(alias="class")


class Kind(Titled):
    """One kind of reason: what puts it on the list, and in which class."""

    set_by: Literal["event", "deadline"]
    urgency: str = Field("", alias="class")
    due: tuple[DueStep, ...] = ()
    why: str

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.set_by == "event" and not self.urgency:
            raise ValueError(f"kind {self.code}: an event needs a class")
        if self.set_by == "deadline" and (self.urgency or not self.due):
            raise ValueError(f"kind {self.code}: a deadline has steps of time left and no class of its own")
        return self

    @property
    def look_ahead(self) -> dt.timedelta:
        """How long before its time a deadline comes onto the list."""
        return max((step.left_hours for step in self.due), default=0.0) * HOUR


class Tiers(Strict):
    order: list[str]
    unknown_as: str


class RankRule(PolicyFile):
    """The whole rule. ``classes`` and ``kinds`` are in the order of the file."""

    tier: Tiers
    classes: list[Urgency] = Field(alias="class")
    kinds: list[Kind] = Field(alias="kind")

    @model_validator(mode="after")
    def _names_what_it_has(self) -> Self:
        known = [c.code for c in self.classes]
        named = {k.urgency for k in self.kinds if k.urgency} | {s.urgency for k in self.kinds for s in k.due}
        if unknown := named - set(known):
            raise ValueError(f"no class is called {', '.join(sorted(unknown))}")
        for codes in (known, [k.code for k in self.kinds], self.tier.order):
            if len(set(codes)) != len(codes):
                raise ValueError("a class, kind or tier is there twice")
        if self.tier.unknown_as not in self.tier.order:
            raise ValueError("tier.unknown_as is none of the tiers")
        return self

    def kind(self, code: str) -> Kind:
        """Raises ``KeyError`` for a kind that the rule does not place: nothing is ranked without a rule."""
        try:
            return self._kinds[code]
        except KeyError:
            raise KeyError(f"the rank rule {self.table.name} has no kind {code!r}") from None

    def kind_index(self, code: str) -> int:
        """The place of a kind in the file."""
        return self._kind_places[code]

    def class_index(self, code: str) -> int:
        """0 is the most urgent. Raises ``KeyError`` for a class that the rule does not have."""
        return self._class_places[code]

    def tier_index(self, tier: str | None) -> int:
        """0 is the highest. A tier that is missing, or that the rule does not know, is placed as it says."""
        known = tier if tier in self.tier.order else self.tier.unknown_as
        return self.tier.order.index(known)

    # Asked for every reason of every person of a team: looked up, not searched for.

    @cached_property
    def _kinds(self) -> dict[str, Kind]:
        return {kind.code: kind for kind in self.kinds}

    @cached_property
    def _kind_places(self) -> dict[str, int]:
        return {kind.code: place for place, kind in enumerate(self.kinds)}

    @cached_property
    def _class_places(self) -> dict[str, int]:
        return {urgency.code: place for place, urgency in enumerate(self.classes)}


def read_rank_rule(path: Path) -> RankRule:
    """One rule from a file.

    Raises:
        UnreadableFile: naming the file, the field and the remedy.
    """
    return read_policy_file(path, RankRule)


@cache
def rank_rule() -> RankRule:
    """The rule that ships."""
    return read_rank_rule(FILE)
