"""What looks like a drift of the receiver rather than travel, among the positions of one finding.

A pure function. It names signs with their figures; it does not say that it was a drift, and nothing is judged by it. A
walk too short or too slow to be caught between two positions looks the same, which is why whoever says the signs says
so too. The numbers are the rule table's (``rule_tables.DriftRule``).

Signs are named only where the positions stay near the kept side, nothing in them shows travel, and at least
``least_signs`` hold, of which one is about movement. Travel is shown by a speed of walking, reported or between
positions (but not between two at which the device said that it was still), and by a device that reports more often on
the move and did so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median

from milepost.compliance.rule_tables import DriftRule
from milepost.tracks.record import Source

SECOND_US = 1_000_000


class Sign(StrEnum):
    """What speaks for a drift. The first four are about movement."""

    NO_WAY = "no_way"
    """There in a moment: faster than anybody goes on foot, and no position on the way."""
    SLID = "slid"
    """There and back slower than anybody walks, at every step."""
    STILL = "still"
    """The device said that it was not moving."""
    RESTING_PACE = "resting_pace"
    """A device that reports more often on the move reported at the pace of rest."""
    CAME_BACK = "came_back"
    """Afterwards at the place of before, within the precision."""
    OTHER_SOURCE = "other_source"
    """Found in another way than before and after."""
    LESS_EXACT = "less_exact"
    """The device said that it was less sure than usual."""


OF_MOVEMENT = frozenset({Sign.NO_WAY, Sign.SLID, Sign.STILL, Sign.RESTING_PACE})


@dataclass(frozen=True, slots=True)
class Position:
    """One position in metres on a flat map. ``away_m``: beyond the kept side, negative on it."""

    time_us: int
    east_m: float
    north_m: float
    precision_m: float
    """The 95 % radius that counts."""
    away_m: float
    kept: bool
    """Whether it is easily explained from the kept side."""
    source: Source = Source.UNKNOWN
    speed_mps: float | None = None
    """As the device said it."""


@dataclass(frozen=True, slots=True)
class DriftSign:
    """One sign with its figures, whose units are in their names; shares are counts ``of`` a number."""

    sign: Sign
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Drift:
    """What looks like a drift: how many positions, how wide and how far they lie, and the signs."""

    positions: int
    spread_m: float
    """The largest distance of a position from the middle of them."""
    farthest_m: float
    """The largest distance beyond the kept side."""
    signs: tuple[DriftSign, ...]


@dataclass(frozen=True, slots=True)
class _Path:
    """The positions of the finding's time, and those beside it: from the last one at the kept side to the next."""

    during: Sequence[Position]
    before: Position | None
    after: Position | None
    whole: Sequence[Position]
    """From ``before`` to ``after``, as far as they are there."""
    usual_s: float
    """Seconds between two positions, as the device usually is."""
    elsewhere: Sequence[Position]
    """All others."""


def signs_of_drift(
    positions: Sequence[Position], start_us: int, end_us: int, rule: DriftRule
) -> Drift | None:
    """``positions``: of the person around the finding, by time. None where it does not look like a drift."""
    path = _path(positions, start_us, end_us)
    if path is None or not lie_near(path.during, rule) or _shows_travel(path, rule):
        return None
    found = [sign for look in LOOKS if (sign := look(path, rule)) is not None]
    if len(found) < rule.least_signs or not any(sign.sign in OF_MOVEMENT for sign in found):
        return None
    return Drift(
        positions=len(path.during),
        spread_m=_spread_m(path.during),
        farthest_m=max(p.away_m for p in path.during),
        signs=tuple(found),
    )


def lie_near(positions: Sequence[Position], rule: DriftRule) -> bool:
    """Whether the positions of the finding's time are so near the kept side that the rest is worth looking at."""
    beyond = [p.away_m for p in positions if not p.kept]
    return bool(beyond) and max(beyond) <= rule.near_m


def _path(positions: Sequence[Position], start_us: int, end_us: int) -> _Path | None:
    during = [p for p in positions if start_us <= p.time_us <= end_us and not p.kept]
    if not during or len(positions) < 2:
        return None
    first, last = positions.index(during[0]), positions.index(during[-1])
    begins = next((i for i in range(first - 1, -1, -1) if positions[i].kept), None)
    ends = next((i for i in range(last + 1, len(positions)) if positions[i].kept), None)
    i0, i1 = first if begins is None else begins, last if ends is None else ends
    return _Path(
        during=during,
        before=None if begins is None else positions[begins],
        after=None if ends is None else positions[ends],
        whole=positions[i0 : i1 + 1],
        usual_s=median(_between_s(a, b) for a, b in pairwise(positions)),
        elsewhere=[*positions[:i0], *positions[i1 + 1 :]],
    )


def _between_s(one: Position, other: Position) -> float:
    return (other.time_us - one.time_us) / SECOND_US


def _between_m(one: Position, other: Position) -> float:
    return math.hypot(other.east_m - one.east_m, other.north_m - one.north_m)


def _spread_m(positions: Sequence[Position]) -> float:
    east, north = median(p.east_m for p in positions), median(p.north_m for p in positions)
    return max(math.hypot(p.east_m - east, p.north_m - north) for p in positions)


def _steps(positions: Sequence[Position], rule: DriftRule) -> list[tuple[Position, Position]]:
    """Positions at least ``step_s`` apart: over less, errors alone look like speed."""
    found, j = [], 0
    for i, one in enumerate(positions):
        j = max(j, i + 1)
        while j < len(positions) and _between_s(one, positions[j]) < rule.step_s:
            j += 1
        if j < len(positions):
            found.append((one, positions[j]))
    return found


def _speed_mps(one: Position, other: Position) -> float:
    return _between_m(one, other) / _between_s(one, other)


def _jumps(one: Position, other: Position, rule: DriftRule) -> bool:
    """From one position to the next faster than anybody goes on foot, their precision allowed for."""
    seconds, least_m = (
        _between_s(one, other),
        _between_m(one, other) - math.hypot(one.precision_m, other.precision_m),
    )
    return seconds > 0 and least_m / seconds > rule.on_foot_mps


def _reports_rest(position: Position, rule: DriftRule) -> bool:
    return position.speed_mps is not None and position.speed_mps <= rule.still_mps


def _unbroken(path: _Path, rule: DriftRule) -> bool:
    """Whether no silence hides a way there or back."""
    ways = [w for w in (_way_out(path), _way_back(path)) if w]
    longest = rule.silence_times * path.usual_s
    return bool(ways) and all(_between_s(a, b) <= longest for way in ways for a, b in pairwise(way))


def _way_out(path: _Path) -> Sequence[Position]:
    if path.before is None:
        return ()
    return [p for p in path.whole if p.time_us <= path.during[0].time_us]


def _way_back(path: _Path) -> Sequence[Position]:
    if path.after is None:
        return ()
    return [p for p in path.whole if p.time_us >= path.during[-1].time_us]


def _shows_travel(path: _Path, rule: DriftRule) -> bool:
    said = [p.speed_mps for p in path.whole if p.speed_mps is not None]
    if sum(speed >= rule.walking_mps for speed in said) >= rule.moving_positions:
        return True
    jumps = [b.time_us for a, b in pairwise(path.whole) if _jumps(a, b, rule)]
    if len(jumps) > 2:  # more than out and back: somebody drives
        return True
    for one, other in _steps(path.whole, rule):
        walked = rule.walking_mps <= _speed_mps(one, other) <= rule.on_foot_mps
        jumped = any(one.time_us < t <= other.time_us for t in jumps)
        if walked and not jumped and not (_reports_rest(one, rule) and _reports_rest(other, rule)):
            return True
    quick = _quick_s(path, rule)
    return quick is not None and any(_between_s(a, b) <= quick for a, b in pairwise(path.whole))


def _quick_s(path: _Path, rule: DriftRule) -> float | None:
    """Up to how many seconds apart positions are on the move; None where the device knows no other pace there."""
    limit_s = rule.quick_share * path.usual_s
    quick = [(a, b) for a, b in pairwise(path.elsewhere) if 0 < _between_s(a, b) <= limit_s]
    if len(quick) < rule.quick_steps:
        return None
    moving = median(_speed_mps(a, b) for a, b in quick) >= rule.walking_mps
    return limit_s if moving else None


def _no_way(path: _Path, rule: DriftRule) -> DriftSign | None:
    jumps = [
        (_between_m(a, b), _between_s(a, b))
        for way in (_way_out(path), _way_back(path))
        for a, b in pairwise(way)
        if _jumps(a, b, rule)
    ]
    if not jumps:
        return None
    far_m, seconds = max(jumps, key=lambda jump: jump[0] / jump[1])
    return DriftSign(Sign.NO_WAY, {"jump_m": far_m, "within_s": seconds})


def _slid(path: _Path, rule: DriftRule) -> DriftSign | None:
    steps = _steps(path.whole, rule)
    # Near the kept side a walk shows only between positions that leave no time for it.
    if any(_between_s(one, other) * rule.walking_mps > rule.near_m for one, other in steps):
        return None
    speeds = [_speed_mps(one, other) for one, other in steps]
    if not speeds or max(speeds) >= rule.walking_mps or not _unbroken(path, rule):
        return None
    return DriftSign(Sign.SLID, {"fastest_mps": max(speeds), "steps": len(speeds)})


def _at_rest(path: _Path, rule: DriftRule) -> DriftSign | None:
    said = [p.speed_mps for p in path.during if p.speed_mps is not None]
    still = sum(_reports_rest(p, rule) for p in path.during)
    if not said or still < rule.still_share * len(said):
        return None
    return DriftSign(Sign.STILL, {"still": still, "of": len(path.during)})


def _resting_pace(path: _Path, rule: DriftRule) -> DriftSign | None:
    quick = _quick_s(path, rule)
    if quick is None or not _unbroken(path, rule):
        return None
    pace = min(_between_s(a, b) for a, b in pairwise(path.whole))
    return DriftSign(Sign.RESTING_PACE, {"quickest_s": pace, "usual_s": path.usual_s, "moving_s": quick})


def _came_back(path: _Path, rule: DriftRule) -> DriftSign | None:
    if path.before is None or path.after is None:
        return None
    apart_m, precision_m = (
        _between_m(path.before, path.after),
        math.hypot(path.before.precision_m, path.after.precision_m),
    )
    if apart_m > precision_m:
        return None
    return DriftSign(Sign.CAME_BACK, {"apart_m": apart_m, "precision_m": precision_m})


def _other_source(path: _Path, rule: DriftRule) -> DriftSign | None:
    beside = {p.source for p in (path.before, path.after) if p is not None}
    other = sum(p.source not in beside for p in path.during)
    if not beside or 2 * other <= len(path.during):
        return None
    return DriftSign(Sign.OTHER_SOURCE, {"other": other, "of": len(path.during)})


def _less_exact(path: _Path, rule: DriftRule) -> DriftSign | None:
    if not path.elsewhere:
        return None
    usual = median(p.precision_m for p in path.elsewhere)
    then = median(p.precision_m for p in path.during)
    if then < rule.less_exact_times * usual:
        return None
    return DriftSign(Sign.LESS_EXACT, {"precision_m": then, "usual_m": usual})


LOOKS = (_no_way, _slid, _at_rest, _resting_pace, _came_back, _other_source, _less_exact)
