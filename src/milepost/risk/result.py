"""One score of one person, with everything needed to understand and to question it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from milepost.language import ENGLISH, Language, to_say
from milepost.problems import Problem
from milepost.risk.scored import Term


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """An answer that was not there, and what was done about it."""

    field: str
    label: str
    effect: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the score would be if one changeable answer were different, everything else the same."""

    field: str
    label: str
    now: str
    instead: str
    percentage: float
    band: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """A score, or why there is none.

    ``probability`` is 0 to 1 over ``horizon_years``; ``percentage`` is as published; ``shown`` is how to print
    it. ``to_next_band`` and ``to_band_below`` are the distances to the band's edges in ``edge_unit``, None where
    there is no such edge. ``terms`` sum to ``total`` in ``unit``. ``words`` says it as a frequency.
    """

    instrument: str
    name: str
    version: str
    source: str
    data_hash: str
    scored: bool
    probability: float | None = None
    percentage: float | None = None
    shown: str = to_say("no score")
    band: str | None = None
    points: float | None = None
    basis: Literal["static", "dynamic"] | None = None
    basis_reason: str = ""
    horizon_years: int | None = None
    to_next_band: float | None = None
    to_band_below: float | None = None
    edge_unit: str = "percentage points"
    words: str = ""
    unit: str = ""
    total: float | None = None
    terms: tuple[Term, ...] = ()
    missing: tuple[MissingAnswer, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    extra: dict[str, float | None] | None = None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def frequency(percentage: float, event: str, years: int | None, language: Language = ENGLISH) -> str:
    """A percentage as people: "Of 100 people with these answers, about 27 have a new proven offence ..."."""
    if not event:
        return ""
    say = language.say
    count, base = of_people(percentage)
    several, one = events(event)
    over = say(several if count > 1 else one)
    if years:
        over = language.say_n("{event} within {n} year", "{event} within {n} years", years, event=over)
    if count == 0:
        return say("Of {base} people with these answers, fewer than 1 {event}.", base=base, event=over)
    if count == base:
        return say("Of {base} people with these answers, nearly all {event}.", base=base, event=over)
    return say(
        "Of {base} people with these answers, about {count} {event}.", base=base, count=count, event=over
    )


def band_words(band: str, language: Language = ENGLISH) -> str:
    """The name of a band: "very high"."""
    return language.say(band.replace("_", " "))


def of_people(percentage: float) -> tuple[int, int]:
    """A percentage as so many of 100, 1,000 or 10,000 people; 0 of 10,000 is fewer than one."""
    if percentage <= 0:
        return 0, 10_000
    base = 100
    while percentage * base / 100 < 0.95 and base < 10_000:
        base *= 10
    return max(int(percentage * base / 100 + 0.5), 1), base


def events(event: str) -> tuple[str, str]:
    """What happens to several people, and to one: "have a new offence", "has a new offence"."""
    return event, event.replace("have ", "has ", 1)


def shown(percentage: float, decimals: int) -> str:
    """The percentage as it is printed. A score that rounds to nothing is below 0.01 %, not 0."""
    if decimals and percentage <= 0:
        return "<0.01%"
    return f"{percentage:.{decimals}f}%"
