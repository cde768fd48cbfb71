"""What goes wrong in a life: late, out, into the zone, not at the appointment.

Every misdeed is an outing like any other, only at the wrong time or place. Whether and for how long it
broke a condition is not taken from here but measured on the path afterwards (see ``truth``).
"""

from __future__ import annotations

import numpy as np

from milepost.synth.days import APPOINTMENT, MISDEED, Outing, curfews, travel_s
from milepost.synth.motion import Disc, is_inside
from milepost.synth.noise import Noise
from milepost.synth.people import Resident
from milepost.synth.routes import cut_route
from milepost.synth.town import Spot, spot_at

CURFEW_SHARES = {"late": 0.45, "left": 0.25, "early": 0.22, "all_night": 0.08}
"""How the broken nights divide (assumed)."""


def plan_misdeeds(
    rng: np.random.Generator,
    resident: Resident,
    noise: Noise,
    outings: list[Outing],
    start_s: float,
    end_s: float,
) -> list[Outing]:
    """The outings with misdeeds added, and with appointments missed, late or cut short."""
    added: list[Outing] = []
    for window, home in curfews(resident):
        if window.end_s <= start_s or window.start_s >= end_s:
            continue
        if rng.random() < min(noise.curfew_violation_share * resident.trouble, 0.5):
            added.append(_break_curfew(rng, resident, home, window.start_s, window.end_s))
        elif rng.random() < min(noise.pop_out_share * resident.trouble, 0.5):
            pop = _pop_out(rng, resident, home, window.start_s, window.end_s)
            added += [pop] if pop else []
    days = (end_s - start_s) / 86_400
    for condition_id in resident.zone_areas:
        if condition_id.endswith(("exclusion_zone", "restriction_zone")):
            for _ in range(rng.poisson(min(noise.zone_entry_per_day * resident.trouble, 0.6) * days)):
                entry = _wrong_place(rng, resident, condition_id, start_s, end_s)
                added += [entry] if entry else []
    kept = [outing for outing in outings if _attends(rng, resident, noise, outing)]
    return kept + added


def _break_curfew(
    rng: np.random.Generator, resident: Resident, home: Spot, start_s: float, end_s: float
) -> Outing:
    spot = resident.visits[int(rng.integers(len(resident.visits)))]
    way_s = travel_s(resident, resident.route(home, spot))
    kind = rng.choice(list(CURFEW_SHARES), p=list(CURFEW_SHARES.values()))
    length_s = end_s - start_s
    if kind == "late":
        late_s = min(60 * float(rng.lognormal(np.log(25.0), 0.9)), length_s / 2)
        return Outing(spot, start_s - 60 * rng.uniform(20, 80), start_s + late_s - way_s, MISDEED)
    if kind == "left":
        out_s = min(60 * float(rng.lognormal(np.log(40.0), 0.8)), length_s / 3)
        at = start_s + way_s + rng.uniform(0.1, 0.6) * length_s
        return Outing(spot, at, at + out_s, MISDEED)
    if kind == "early":
        early_s = min(60 * float(rng.lognormal(np.log(20.0), 0.8)), length_s / 3)
        return Outing(spot, end_s - early_s + way_s, end_s + 60 * rng.uniform(10, 90), MISDEED)
    return Outing(spot, start_s - 3600, end_s + 60 * rng.uniform(20, 120), MISDEED)


def _pop_out(
    rng: np.random.Generator, resident: Resident, home: Spot, start_s: float, end_s: float
) -> Outing | None:
    """Out of the door and the place's circle, along the street, and back: away for one to four minutes."""
    place = next(disc for disc in resident.place_areas.values() if (disc.x, disc.y) == (home.x, home.y))
    toward = resident.route(home, resident.shops[0])
    beyond_m = rng.uniform(15.0, 90.0)
    way = cut_route(toward, place.radius_m + 30.0 + beyond_m)
    x, y = float(way[-1, 0]), float(way[-1, 1])
    if np.hypot(x - place.x, y - place.y) < place.radius_m + 5 or end_s - start_s < 7_200:
        return None
    at = rng.uniform(start_s + 1_200, end_s - 1_800)
    return Outing(Spot("corner", x, y, (x, y), (-1, -1)), at, at + rng.uniform(10.0, 80.0), MISDEED, way)


def _wrong_place(
    rng: np.random.Generator, resident: Resident, condition_id: str, start_s: float, end_s: float
) -> Outing | None:
    """Into an exclusion zone or out of a restriction zone: half drive through, half stay a while."""
    area = resident.zone_areas[condition_id]
    nodes = resident.town.nodes
    inside = is_inside(area, nodes[:, 0], nodes[:, 1])
    reachable = np.array([bool(near) for near in resident.town.neighbours])
    wanted = np.flatnonzero((inside if condition_id.endswith("exclusion_zone") else ~inside) & reachable)
    if not len(wanted):
        return None
    node = int(rng.choice(wanted))
    if isinstance(area, Disc):
        node = int(wanted[np.argmin(np.hypot(nodes[wanted, 0] - area.x, nodes[wanted, 1] - area.y))])
    spot = spot_at(resident.town, node, f"crossing {node}")
    if not np.isfinite(travel_s(resident, resident.route(resident.home, spot))):
        return None
    stay_s = 5.0 if rng.random() < 0.4 else 60 * float(rng.lognormal(np.log(12.0), 0.8))
    way_s = travel_s(resident, resident.route(resident.home, spot))
    for _ in range(20):
        at = rng.uniform(start_s, max(end_s - stay_s, start_s + 1))
        free = all(at + stay_s + way_s < w.start_s or at - way_s > w.end_s for w, _ in curfews(resident))
        hour = (at % 86_400) / 3600
        if free and 8 < hour < 22:
            return Outing(spot, at, at + stay_s, MISDEED)
    return None


def _attends(rng: np.random.Generator, resident: Resident, noise: Noise, outing: Outing) -> bool:
    """May make an appointment late or short (in place); False if it is missed."""
    if outing.weight != APPOINTMENT:
        return True
    failed = rng.random() < min(noise.attendance_failed_share * resident.trouble, 0.6)
    if not failed:
        return True
    length_s = outing.leave_s - outing.arrive_s
    kind = rng.random()
    if kind < 0.4:
        return False
    if kind < 0.75:
        outing.arrive_s += 60 * rng.uniform(12.0, 16.0) + rng.uniform(0.1, 0.5) * length_s
    else:
        outing.leave_s -= 60 * rng.uniform(4.0, 6.0) + rng.uniform(0.2, 0.6) * length_s
    return True
