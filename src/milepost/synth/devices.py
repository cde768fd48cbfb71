"""Which device is on whom from when, and what befalls it: fitted late, exchanged, passed on, cut off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from milepost.orders.model import Activation
from milepost.synth.motion import Path, Span
from milepost.synth.noise import Noise
from milepost.synth.people import Resident

FOREVER = float("inf")


@dataclass(frozen=True, slots=True)
class Wear:
    """This tag on this person, seconds since the epoch, half-open."""

    device_id: str
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """Something that truly befell a device. ``kind`` is a ``FindingKind`` value; no end: still so."""

    kind: str
    device_id: str
    start_s: float
    end_s: float | None
    note: str = ""


@dataclass(slots=True)
class TagLife:
    """One person's tags, and when a tag lay about without its wearer."""

    wears: list[Wear]
    events: list[TrueEvent] = field(default_factory=list)
    off_person: list[Span] = field(default_factory=list)


def tag_id(resident: Resident, number: int) -> str:
    """Sorted ids follow the order of people, so that a file by blocks of people is sorted by device."""
    return f"ST-{resident.index + 1:05d}-{number}"


def unit_id(resident: Resident, number: int) -> str:
    return f"SH-{resident.index + 1:05d}-{number}"


def plan_tags(
    seed: int, residents: list[Resident], noise: Noise, fitted_s: list[float], start_s: float, end_s: float
) -> list[TagLife]:
    """Who wears what when, for one block of people. Tags are passed on between neighbours in the block."""
    lives = []
    for resident, from_s in zip(residents, fitted_s, strict=True):
        rng = np.random.default_rng([seed, 303, resident.index])
        life = TagLife([Wear(tag_id(resident, 1), from_s, FOREVER)])
        begin_s = max(from_s, start_s)
        if rng.random() < noise.device_replaced_share:
            at = _second(rng.uniform(begin_s, end_s))
            life.wears = [
                Wear(tag_id(resident, 1), from_s, at),
                Wear(tag_id(resident, 2), _second(at + 60 * rng.uniform(4, 45)), FOREVER),
            ]
        elif rng.random() < min(noise.strap_cut_share * resident.trouble * (end_s - begin_s) / 604_800, 0.4):
            _cut_off(rng, resident, life, from_s, rng.uniform(begin_s, end_s))
        for at in draw_times(rng, noise.strap_blip_per_day, begin_s, end_s):
            device = next((w.device_id for w in life.wears if w.from_s <= at < w.until_s - 400), None)
            if device and not life.off_person:
                event = TrueEvent(
                    "strap_tamper",
                    device,
                    at,
                    at + 60 * rng.uniform(0.7, 4.5),
                    "strap alert, tag not removed",
                )
                life.events.append(event)
        lives.append(life)
    for i in range(0, len(residents) - 1, 2):
        rng = np.random.default_rng([seed, 304, residents[i].index])
        if rng.random() < noise.device_swapped_share and len(lives[i].wears) == len(lives[i + 1].wears) == 1:
            _pass_on(rng, residents[i], residents[i + 1], lives[i], lives[i + 1], start_s, end_s)
    return lives


def _cut_off(rng: np.random.Generator, resident: Resident, life: TagLife, from_s: float, at: float) -> None:
    refit = _second(at + 3600 * rng.uniform(8, 30))
    life.wears = [Wear(tag_id(resident, 1), from_s, refit), Wear(tag_id(resident, 2), refit + 300, FOREVER)]
    life.events.append(TrueEvent("strap_tamper", tag_id(resident, 1), at, None, "strap cut, tag left behind"))
    life.off_person.append((at, refit))


def _pass_on(
    rng: np.random.Generator,
    a: Resident,
    b: Resident,
    life_a: TagLife,
    life_b: TagLife,
    start_s: float,
    end_s: float,
) -> None:
    """The first person gets a new tag; hours later the second person gets the first one's old tag."""
    first_s = max(life_a.wears[0].from_s, life_b.wears[0].from_s, start_s)
    at = _second(rng.uniform(first_s, max(end_s - 14_400, first_s + 1)))
    later = _second(at + 3600 * rng.uniform(2, 4))
    old_a, old_b = life_a.wears[0], life_b.wears[0]
    life_a.wears = [Wear(old_a.device_id, old_a.from_s, at), Wear(tag_id(a, 2), at + 900, FOREVER)]
    life_b.wears = [Wear(old_b.device_id, old_b.from_s, later), Wear(old_a.device_id, later + 600, FOREVER)]
    life_a.events = [e for e in life_a.events if (e.end_s or e.start_s) < at]
    life_b.events = [e for e in life_b.events if (e.end_s or e.start_s) < later]


def as_activations(resident: Resident, life: TagLife, ends: dt.datetime | None) -> list[Activation]:
    """The tags and home units as activations, never beyond the end of the order."""
    found = []
    for i, wear in enumerate(life.wears):
        until = None if wear.until_s == FOREVER else _utc(wear.until_s)
        if ends is not None and _utc(wear.from_s) >= ends:
            continue
        found.append(
            Activation(
                id=f"SA-{resident.index + 1:05d}-{i + 1}",
                device_id=wear.device_id,
                person_id=resident.person.id,
                from_utc=_utc(wear.from_s),
                until_utc=min(filter(None, (until, ends)), default=None),
            )
        )
    if resident.has_home_unit:
        for i, place in enumerate(p for p in resident.place_areas if p.endswith("home")):
            found.append(
                Activation(
                    id=f"SA-{resident.index + 1:05d}-H{i + 1}",
                    device_id=unit_id(resident, i + 1),
                    person_id=resident.person.id,
                    from_utc=_utc(life.wears[0].from_s),
                    until_utc=ends,
                    device_kind="home_unit",
                    place=place,
                )
            )
    return found


def left_behind(path: Path, spans: list[Span]) -> Path:
    """The tag's own path: like its wearer's, but lying still while it is off."""
    for start, end in spans:
        end = min(end, float(path.t[-1]))
        if start >= end or start <= path.t[0]:
            continue
        (x0,), (y0,) = path.at(np.array([start]))
        (x1,), (y1,) = path.at(np.array([end]))
        before, after = path.t < start, path.t > end
        # The fitted tag starts where its wearer is: a jump in no time, as another device.
        t = np.concatenate([path.t[before], [start, end, end + 1e-3], path.t[after]])
        x = np.concatenate([path.x[before], [x0, x0, x1], path.x[after]])
        y = np.concatenate([path.y[before], [y0, y0, y1], path.y[after]])
        path = Path(t, x, y, path.stay_start, path.stay_end, path.stay_kind)
    return path


def draw_times(rng: np.random.Generator, per_day: float, start_s: float, end_s: float) -> list[float]:
    if end_s <= start_s:
        return []
    count = rng.poisson(per_day * (end_s - start_s) / 86_400)
    return sorted(float(t) for t in rng.uniform(start_s, end_s, count))


def _second(seconds: float) -> float:
    """Activations are noted to the second."""
    return float(int(seconds))


def _utc(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(seconds), dt.UTC)
