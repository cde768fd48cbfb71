"""A life in days: work, shops, visits, appointments, and home in time. Most of the time.

A plan is a list of outings. What somebody means to break is an outing too (see ``misdeeds``). The plan
then becomes a path along the streets, with the time that each way takes.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from milepost.orders.model import ConditionKind
from milepost.synth.motion import Path
from milepost.synth.people import Resident
from milepost.synth.plane import Floats
from milepost.synth.routes import length_m
from milepost.synth.town import Spot
from milepost.synth.windows import Window, local_s

WALK_UP_TO_M = 1_000.0


@dataclass(slots=True)
class Outing:
    """At ``spot`` from ``arrive_s`` until ``leave_s``. The higher ``weight`` wins where two collide."""

    spot: Spot
    arrive_s: float
    leave_s: float
    weight: int
    way: Floats | None = None
    """Walked there and back instead of the shortest way, starting at home."""


ROUTINE, WORK, APPOINTMENT, MISDEED = range(4)


def travel_s(resident: Resident, way: Floats) -> float:
    """Seconds that a way takes: walked up to 1 km, else by car, or by bus with a short walk and wait."""
    metres = length_m(way)
    if metres <= WALK_UP_TO_M:
        return metres / resident.walk_mps
    return metres / resident.ride_mps


def curfews(resident: Resident) -> list[tuple[Window, Spot]]:
    """The curfew windows by start, and where each is to be spent."""
    found = []
    for window in resident.windows:
        if window.condition.kind is ConditionKind.CURFEW:
            second = isinstance(window.place, str) and window.place.endswith("second-home")
            found.append((window, resident.second_home if second and resident.second_home else resident.home))
    return sorted(found, key=lambda pair: pair[0].start_s)


def plan_routine(rng: np.random.Generator, resident: Resident, first_day: dt.date, days: int) -> list[Outing]:
    """Everyday outings that keep every curfew, and the appointments."""
    outings = []
    for offset in range(-1, days + 1):
        day = first_day + dt.timedelta(days=offset)
        midnight = local_s(day, "00:00", "Europe/London")
        at_work = resident.work is not None and day.weekday() < 5 and rng.random() < 0.94
        if at_work and resident.work:
            start = midnight + 3600 * rng.uniform(7.75, 9.25)
            outings.append(Outing(resident.work, start, start + 3600 * rng.uniform(7.0, 8.5), WORK))
        else:
            if rng.random() < 0.75:
                outings.append(_visit(rng, resident.shops, midnight + 3600 * rng.uniform(9.5, 12.0), 15, 50))
            if rng.random() < 0.55:
                outings.append(
                    _visit(rng, resident.visits, midnight + 3600 * rng.uniform(13.0, 15.5), 40, 150)
                )
        if rng.random() < 0.45:
            spots = resident.shops if rng.random() < 0.4 else resident.visits
            outings.append(_visit(rng, spots, midnight + 3600 * rng.uniform(17.3, 20.0), 20, 150))
    kept = [outing for outing in outings if _keep_curfew(rng, resident, outing)]
    for window in resident.windows:
        spot = resident.appointments.get(window.condition.id)
        if spot is not None:
            early, late = 60 * rng.uniform(3.0, 12.0), 60 * rng.uniform(0.5, 6.0)
            kept.append(Outing(spot, window.start_s - early, window.end_s + late, APPOINTMENT))
    return kept


def _visit(
    rng: np.random.Generator, spots: list[Spot], start_s: float, least_min: float, most_min: float
) -> Outing:
    spot = spots[int(rng.integers(len(spots)))]
    return Outing(spot, start_s, start_s + 60 * rng.uniform(least_min, most_min), ROUTINE)


def _keep_curfew(rng: np.random.Generator, resident: Resident, outing: Outing) -> bool:
    """Trims an outing to the time between two curfews, travel included; False if nothing is left."""
    for window, home in curfews(resident):
        way_s = travel_s(resident, resident.route(home, outing.spot))
        out_from, back_by = outing.arrive_s - way_s, outing.leave_s + way_s
        if back_by < window.start_s - 900 or out_from > window.end_s + 900:
            continue
        if outing.arrive_s < window.start_s:
            outing.leave_s = min(outing.leave_s, window.start_s - way_s - 60 * rng.uniform(2.0, 15.0))
        else:
            outing.arrive_s = max(outing.arrive_s, window.end_s + way_s + 60 * rng.uniform(1.0, 10.0))
    return outing.leave_s - outing.arrive_s >= 600


def settle(resident: Resident, outings: list[Outing]) -> list[Outing]:
    """Leaves out the less weighty of outings that collide; the rest in order of time."""
    kept: list[Outing] = []
    for outing in sorted(outings, key=lambda o: (-o.weight, o.arrive_s)):
        pad = 60.0 if outing.weight == MISDEED else 1_500.0
        if all(outing.leave_s + pad < k.arrive_s or outing.arrive_s - pad > k.leave_s for k in kept):
            kept.append(outing)
    return sorted(kept, key=lambda o: o.arrive_s)


def _bases(resident: Resident) -> list[tuple[float, Spot]]:
    """Where home is, from when: it moves about two hours before a curfew at the other address."""
    bases = [(-math.inf, resident.home)]
    previous_end = -math.inf
    for window, home in curfews(resident):
        if home != bases[-1][1]:
            bases.append((max(window.start_s - 7_200.0, previous_end + 600.0), home))
        previous_end = window.end_s
    return bases


def walk_path(resident: Resident, outings: list[Outing], start_s: float, end_s: float) -> Path:
    """The path through the outings, with home between them where there is time for it."""
    builder = _PathBuilder(resident, start_s)
    bases = _bases(resident)
    moves = [(at, spot) for at, spot in bases[1:]]
    for outing in outings:
        while moves and moves[0][0] < outing.arrive_s:
            at, spot = moves.pop(0)
            if at > builder.now_s:
                builder.go(spot, at)
        home = [spot for at, spot in bases if at <= max(builder.now_s, outing.arrive_s - 1)][-1]
        if builder.spot != home and not builder.is_home(home):
            back_s = travel_s(resident, resident.route(builder.spot, home))
            out_s = travel_s(resident, resident.route(home, outing.spot)) if outing.way is None else 60.0
            if outing.way is not None or builder.now_s + back_s + 600 < outing.arrive_s - out_s:
                builder.go(home, builder.now_s + back_s)
        builder.go(outing.spot, outing.arrive_s, outing.way)
        builder.stay_until(outing.leave_s)
        if outing.way is not None:
            builder.go(home, 0.0, outing.way[::-1])
    for at, spot in moves:
        builder.go(spot, at)
    home = bases[-1][1]
    if not builder.is_home(home):
        builder.go(home, 0.0)
    return builder.finish(end_s)


class _PathBuilder:
    """Adds stays and ways one after another; ``now_s`` is when the person may leave the last stay."""

    def __init__(self, resident: Resident, start_s: float) -> None:
        self.resident = resident
        self.spot = resident.home
        self.now_s = start_s
        self.pieces: list[Floats] = [np.array([[start_s, self.spot.x, self.spot.y]])]
        self.stays: list[tuple[float, float, str]] = []
        self.arrived_s = start_s

    def is_home(self, home: Spot) -> bool:
        return self.spot.name == home.name

    def stay_until(self, leave_s: float) -> None:
        self.now_s = max(self.now_s, leave_s)

    def go(self, spot: Spot, arrive_s: float, way: Floats | None = None) -> None:
        """Leaves in time to arrive at ``arrive_s``, or as soon as possible after the stay."""
        if way is None:
            way = self.resident.route(self.spot, spot)
        if len(way) < 2:
            self.spot = spot
            return
        took_s = travel_s(self.resident, way)
        leave_s = max(self.now_s, arrive_s - took_s)
        steps = np.hypot(*np.diff(way, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
        self.stays.append((self.arrived_s, leave_s, self.spot.name))
        self.pieces.append(np.column_stack([leave_s + along * took_s, way]))
        self.spot, self.arrived_s, self.now_s = spot, leave_s + took_s, leave_s + took_s

    def finish(self, end_s: float) -> Path:
        end_s = max(end_s, self.now_s + 1)
        self.stays.append((self.arrived_s, end_s, self.spot.name))
        self.pieces.append(np.array([[end_s, self.spot.x, self.spot.y]]))
        points = np.vstack(self.pieces)
        starts, ends, names = zip(*self.stays, strict=True)
        return Path(points[:, 0], points[:, 1], points[:, 2], np.array(starts), np.array(ends), list(names))
