"""Rules of the count, the same for every engine.

- A *clear* violation lasts 5 minutes or more and is not hard (next door, on the doorstep, 10 m inside a
  zone's edge). Hard ones of 5 minutes or more are counted apart.
- **Seen**: a finding of the same person and condition overlaps it. **Both ends**: a finding starts within
  3 minutes of its start and ends within 3 minutes of its end; a finding answers for one violation only.
- **False**: a finding that overlaps no true violation of that person and condition, however short or hard.
  Counted for each 200 person-days of the people it could concern.
- **Called broken** and **called kept** are times, held against the truth cell by cell (5 s). The engine's
  are the labels of its timeline. The simpler ways call broken what they find, and kept all the rest.
- **Certainty**: findings in ten groups of equal size, by what they say; right means not false.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from benchmarks.naive import Intervals
from benchmarks.noise.people import CELLS, DAYS, RADII_M, STEP_S
from benchmarks.noise.scenarios import BEGIN_US, Violation, World, name_of

LEAST_US, NEAR_US = 300e6, 180e6
CONDITIONS = ("curfew", "zone")
BROKEN, KEPT, UNCERTAIN = "broken", "kept", "uncertain"


@dataclass(slots=True)
class Answer:
    """What one engine says of a world. Spans in microseconds UTC, by person and condition."""

    findings: Intervals
    certainty: dict[tuple[str, str], list[float]] | None = None
    """Beside the findings, one each; None where the engine prints none."""
    timeline: dict[str, Intervals] | None = None
    """Time called broken, kept and uncertain; None: what is not found is called kept."""
    broken_s: float | None = None
    """Broken seconds of all findings; None: as long as they last."""

    def minutes(self) -> float:
        if self.broken_s is not None:
            return self.broken_s / 60
        return sum(b - a for spans in self.findings.values() for a, b in spans) / 60e6


@dataclass(slots=True)
class Count:
    """Sums over worlds of one scenario and engine. Times in cells of 5 s."""

    clear: int = 0
    seen: int = 0
    both_ends: int = 0
    hard: int = 0
    hard_seen: int = 0
    false: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """By home radius ("40", ...) and "zones"."""
    person_days: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    called: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """(condition, what it was called): cells."""
    called_right: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    certainties: list[tuple[float, bool]] = field(default_factory=list)

    def false_per_200(self, *groups: str) -> float:
        days = sum(self.person_days[g] for g in groups)
        return 200 * sum(self.false[g] for g in groups) / days if days else 0.0

    def right_share(self, called: str, condition: str) -> float:
        whole = self.called[condition, called]
        return self.called_right[condition, called] / whole if whole else float("nan")


HOMES = tuple(f"{r:.0f}" for r in RADII_M)


def count_world(count: Count, world: World, answer: Answer) -> None:
    """Adds one world to an engine's count."""
    truth = world.violations()
    for i in range(len(world.lives)):
        home = f"{world.lives.radius_m[i]:.0f}"
        count.person_days[home] += DAYS
        count.person_days["zones"] += DAYS * bool(world.lives.has_zone[i])
        for condition in CONDITIONS:
            key = name_of(i), f"{name_of(i)}-{condition}"
            spans = answer.findings.get(key, [])
            count_violations(count, truth[key], spans)
            right = [any(a <= v.end and b >= v.start for v in truth[key]) for a, b in spans]
            count.false[home if condition == "curfew" else "zones"] += right.count(False)
            if answer.certainty is not None:
                count.certainties += zip(answer.certainty.get(key, []), right, strict=True)
    for condition in CONDITIONS:
        _count_time(count, world, answer, condition)


def count_violations(count: Count, truth: list[Violation], spans: list[tuple[float, float]]) -> None:
    """What was seen of one person's violations of one condition."""
    used: set[int] = set()
    for v in truth:
        if v.end - v.start < LEAST_US:
            continue
        seen = any(a <= v.end and b >= v.start for a, b in spans)
        if v.hard:
            count.hard += 1
            count.hard_seen += seen
            continue
        near = [
            (abs(a - v.start), k)
            for k, (a, b) in enumerate(spans)
            if k not in used and abs(a - v.start) <= NEAR_US and abs(b - v.end) <= NEAR_US
        ]
        if near:
            used.add(min(near)[1])
        count.clear += 1
        count.seen += seen
        count.both_ends += bool(near)


def _count_time(count: Count, world: World, answer: Answer, condition: str) -> None:
    broken, owed = world.broken(condition), world.owed(condition)
    if answer.timeline is None:
        found = cells_of(answer.findings, world, condition)
        called = {BROKEN: found, KEPT: ~found}
    else:
        called = {name: cells_of(spans, world, condition) for name, spans in answer.timeline.items()}
    for name, cells in called.items():
        cells = cells & owed
        count.called[condition, name] += int(cells.sum())
        count.called_right[condition, name] += int((cells & (broken if name == BROKEN else ~broken)).sum())


def cells_of(spans: Intervals, world: World, condition: str) -> np.ndarray:
    """Spans as an array of (person, cell)."""
    cells = np.zeros((len(world.lives), CELLS), bool)
    for i in range(len(world.lives)):
        for a, b in spans.get((name_of(i), f"{name_of(i)}-{condition}"), []):
            first, last = ((t - BEGIN_US) / (STEP_S * 1e6) for t in (a, b))
            cells[i, max(0, round(first)) : max(0, round(last))] = True
    return cells


def by_decile(certainties: list[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """(mean said, share right, number) of ten groups of equal size, from the least certain.

    Many say the same to the last digit: among those the order is drawn, so that none stands by its truth.
    """
    pairs = np.array(certainties, float).reshape(-1, 2)
    pairs = np.random.default_rng(0).permutation(pairs)
    groups = [g for g in np.array_split(pairs[np.argsort(pairs[:, 0], kind="stable")], 10) if len(g)]
    return [(float(g[:, 0].mean()), float(g[:, 1].mean()), len(g)) for g in groups]
