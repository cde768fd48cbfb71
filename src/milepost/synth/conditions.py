"""What is ordered for a synthetic person: regime, conditions, places, versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from milepost.orders.model import (
    Absence,
    Condition,
    ConditionKind,
    Order,
    OrderVersion,
    Place,
    Regime,
    ScheduleRule,
)
from milepost.synth.motion import Disc
from milepost.synth.people import Resident
from milepost.synth.windows import DAYS, local_s
from milepost.synth.zones import as_circle, as_geometry, distance_to_lines, draw_ring, place_zone

K = ConditionKind
MIX: dict[Regime, tuple[float, dict[ConditionKind, float]]] = {
    Regime.COMMUNITY_ORDER: (
        0.22,
        {K.CURFEW: 0.75, K.EXCLUSION_ZONE: 0.35, K.ATTENDANCE: 0.3, K.ALCOHOL: 0.2},
    ),
    Regime.SUSPENDED_SENTENCE_ORDER: (
        0.14,
        {K.CURFEW: 0.7, K.EXCLUSION_ZONE: 0.3, K.ALCOHOL: 0.25, K.ATTENDANCE: 0.3},
    ),
    Regime.YOUTH_REHABILITATION_ORDER: (0.06, {K.CURFEW: 0.8, K.EXCLUSION_ZONE: 0.4, K.INCLUSION_ZONE: 0.3}),
    Regime.HOME_DETENTION_CURFEW: (
        0.2,
        {K.CURFEW: 1.0, K.TRAIL: 0.2, K.EXCLUSION_ZONE: 0.15, K.ATTENDANCE: 0.3},
    ),
    Regime.LICENCE: (
        0.16,
        {K.CURFEW: 0.4, K.EXCLUSION_ZONE: 0.5, K.TRAIL: 0.6, K.ATTENDANCE: 0.5, K.RESTRICTION_ZONE: 0.2},
    ),
    Regime.BAIL: (0.12, {K.CURFEW: 0.8, K.EXCLUSION_ZONE: 0.6, K.RESTRICTION_ZONE: 0.1}),
    Regime.IMMIGRATION_BAIL: (0.06, {K.TRAIL: 1.0, K.CURFEW: 0.3, K.ATTENDANCE: 0.4, K.INCLUSION_ZONE: 0.15}),
    Regime.CIVIL_ORDER: (0.04, {K.EXCLUSION_ZONE: 0.9, K.RESTRICTION_ZONE: 0.4, K.TRAIL: 0.5}),
}
"""Share of each regime and of each condition under it: assumed, so that every kind occurs."""

HOURS = (("19:00", "07:00"), ("19:00", "07:00"), ("20:00", "06:00"), ("21:00", "07:00"), ("18:30", "06:30"))
WITHOUT_PLACE = {K.ALCOHOL, K.TRAIL, K.CHARGE_AND_WEAR}
NEEDS_GPS = {K.EXCLUSION_ZONE, K.INCLUSION_ZONE, K.RESTRICTION_ZONE, K.TRAIL, K.ATTENDANCE}


def choose_regime(rng: np.random.Generator) -> Regime:
    weights = np.array([weight for weight, _ in MIX.values()])
    return list(MIX)[int(rng.choice(len(MIX), p=weights / weights.sum()))]


def regime_for_age(regime: Regime, born: dt.date | None, on: dt.date) -> Regime:
    """What a court would make of it: youth rehabilitation orders are for those under 18, and the orders and licences of
    adults are not (Sentencing Act 2020 s. 173); bail is for both. The draw stays as it was, so that the rest of a
    synthetic life does too."""
    young = born is not None and on < _birthday(born, 18)
    if young:
        return regime if regime is Regime.BAIL else Regime.YOUTH_REHABILITATION_ORDER
    return Regime.COMMUNITY_ORDER if regime is Regime.YOUTH_REHABILITATION_ORDER else regime


def _birthday(born: dt.date, years: int) -> dt.date:
    return dt.date(born.year + years, born.month, min(born.day, 28))


def choose_kinds(rng: np.random.Generator, regime: Regime, *, lean: bool) -> list[ConditionKind]:
    """Which conditions; with ``lean``, two of those that positions are judged by."""
    kinds: list[ConditionKind] = [kind for kind, share in MIX[regime][1].items() if rng.random() < share]
    if lean:
        kinds = [kind for kind in kinds if kind not in WITHOUT_PLACE][:2]
        for usual in (K.CURFEW, K.EXCLUSION_ZONE):
            if len(kinds) < 2 and usual not in kinds:
                kinds.append(usual)
    elif not any(kind in (K.CURFEW, K.EXCLUSION_ZONE, K.TRAIL) for kind in kinds):
        kinds.append(K.CURFEW)
    return kinds


def build_order(
    rng: np.random.Generator,
    resident: Resident,
    regime: Regime,
    kinds: list[ConditionKind],
    first_day: dt.date,
    days: int,
    effective: dt.datetime,
    ends: dt.datetime | None,
) -> Order:
    """An order in force from ``effective``. Its places and zones are noted on the resident, in metres.

    ``first_day`` and ``days`` are the period that will be lived, so that variations and authorised
    absences fall inside it.
    """
    places = _build_places(rng, resident)
    source = "Synthetic order, not a real document"
    conditions: list[Condition] = []
    # Zones last: they are placed around the ways to the appointments that the others bring.
    for kind in sorted(kinds, key=lambda kind: (kind in (K.EXCLUSION_ZONE, K.RESTRICTION_ZONE), kind.value)):
        condition_id = f"{resident.person.id}-{kind.value}"
        base: dict[str, Any] = {
            "id": condition_id,
            "kind": kind,
            "from": effective if effective.date() >= first_day else effective.date(),
            "source_document": source,
        }
        extra = _BUILDERS[kind](rng, resident, condition_id, first_day, days)
        if extra is not None:
            conditions.append(Condition(**base, **extra))
    if resident.has_gps:
        conditions.append(
            Condition(**{**base, "id": f"{resident.person.id}-charge_and_wear", "kind": K.CHARGE_AND_WEAR})
        )
    versions = [OrderVersion(version=1, effective_from_utc=effective, places=places, conditions=conditions)]
    curfews = [c for c in conditions if c.kind is K.CURFEW]
    if curfews and days >= 3 and rng.random() < 0.07:
        versions.append(_vary(rng, versions[0], curfews[0], first_day + dt.timedelta(days=days // 2)))
    return Order(
        id=f"SO-{resident.index + 1:05d}",
        person_id=resident.person.id,
        regime=regime,
        ends_utc=ends,
        versions=versions,
    )


def _build_places(rng: np.random.Generator, resident: Resident) -> list[Place]:
    places = []
    homes = [("home", resident.home)] + (
        [("second-home", resident.second_home)] if resident.second_home else []
    )
    for name, spot in homes:
        place_id = f"{resident.person.id}-{name}"
        disc = Disc(spot.x, spot.y, float(rng.choice([60.0, 75.0, 75.0, 100.0])))
        resident.place_areas[place_id] = disc
        address = f"{int(rng.integers(1, 200))} Synthetic Street, Nowhere-on-Sea {resident.town.index + 1}"
        places.append(
            Place(id=place_id, name=name, address=address, circle=as_circle(resident.town.plane, disc))
        )
    office = resident.town.spots["office"][0]
    disc = Disc(office.x, office.y, 75.0)
    place_id = f"town-{resident.town.index + 1}-office"
    resident.place_areas[place_id] = disc
    places.append(Place(id=place_id, name="Probation office", circle=as_circle(resident.town.plane, disc)))
    return places


def _curfew(
    rng: np.random.Generator, resident: Resident, condition_id: str, first_day: dt.date, days: int
) -> dict[str, Any]:
    begin, end = HOURS[int(rng.integers(len(HOURS)))]
    home = f"{resident.person.id}-home"
    weekend_place = f"{resident.person.id}-second-home" if resident.second_home else None
    other_weekend = rng.random() < 0.25
    alternate = rng.random() < 0.08
    rules = []
    for i, day in enumerate(DAYS):
        weekend = day in ("fri", "sat")
        hours = ("17:30", "09:00") if weekend and other_weekend else (begin, end)
        rules.append(
            ScheduleRule(
                from_day=day,
                from_time=hours[0],
                until_day=DAYS[(i + 1) % 7],
                until_time=hours[1],
                place=weekend_place if weekend else None,
                weeks_off=1 if weekend and alternate else 0,
            )
        )
    exceptions = []
    if rng.random() < 0.05:
        day_free = first_day + dt.timedelta(days=int(rng.integers(days)))
        exceptions.append(
            Absence(
                **{
                    "from": dt.datetime.fromtimestamp(local_s(day_free, "17:00", "Europe/London"), dt.UTC),
                    "until": dt.datetime.fromtimestamp(local_s(day_free, "22:30", "Europe/London"), dt.UTC),
                    "reason": "Synthetic: wedding or funeral of a close relative",
                    "authorised_by": "Synthetic Officer",
                }
            )
        )
    return {"place": home, "schedule": rules, "exceptions": exceptions}


def _exclusion(
    rng: np.random.Generator, resident: Resident, condition_id: str, first_day: dt.date, days: int
) -> dict[str, Any] | None:
    area = place_zone(rng, resident.town.nodes, resident.daily_ways(), 420.0)
    if area is None:
        return None
    resident.zone_areas[condition_id] = area
    plane = resident.town.plane
    return (
        {"circle": as_circle(plane, area)}
        if isinstance(area, Disc)
        else {"geometry": as_geometry(plane, area)}
    )


def _restriction(
    rng: np.random.Generator, resident: Resident, condition_id: str, first_day: dt.date, days: int
) -> dict[str, Any] | None:
    """An area around home that holds all of daily life; None for who goes too far for one."""
    farthest = max(
        float(np.hypot(way[:, 0] - resident.home.x, way[:, 1] - resident.home.y).max())
        for way in resident.daily_ways()
    )
    if farthest > 3_400.0:
        return None
    ring = draw_ring(rng, resident.home.x, resident.home.y, farthest * 1.35 + 120.0)
    if distance_to_lines(resident.home.x, resident.home.y, [ring.points]) < farthest:
        ring = draw_ring(rng, resident.home.x, resident.home.y, farthest * 2.0 + 120.0)
    resident.zone_areas[condition_id] = ring
    return {"geometry": as_geometry(resident.town.plane, ring)}


def _inclusion(
    rng: np.random.Generator, resident: Resident, condition_id: str, first_day: dt.date, days: int
) -> dict[str, Any]:
    """The grounds of a training programme, on three mornings a week."""
    spot = resident.town.spots["programme"][int(rng.integers(2))]
    resident.appointments[condition_id] = spot
    ring = draw_ring(rng, spot.x, spot.y, float(rng.uniform(150.0, 260.0)))
    resident.zone_areas[condition_id] = ring
    hour = int(rng.integers(9, 12))
    rules = [
        ScheduleRule(from_day=day, from_time=f"{hour:02d}:00", until_day=day, until_time=f"{hour + 2:02d}:30")
        for day in ("mon", "wed", "thu")
    ]
    return {"geometry": as_geometry(resident.town.plane, ring), "schedule": rules}


def _attendance(
    rng: np.random.Generator, resident: Resident, condition_id: str, first_day: dt.date, days: int
) -> dict[str, Any]:
    resident.appointments[condition_id] = resident.town.spots["office"][0]
    hour, length = int(rng.integers(9, 16)), int(rng.choice([30, 45, 60]))
    until = f"{hour:02d}:{length:02d}" if length < 60 else f"{hour + 1:02d}:00"
    chosen = rng.choice(5, size=int(rng.integers(1, 3)), replace=False)
    rules = [
        ScheduleRule(from_day=DAYS[i], from_time=f"{hour:02d}:00", until_day=DAYS[i], until_time=until)
        for i in sorted(int(i) for i in chosen)
    ]
    return {"place": f"town-{resident.town.index + 1}-office", "schedule": rules}


def _nothing(
    rng: np.random.Generator, resident: Resident, condition_id: str, first_day: dt.date, days: int
) -> dict[str, Any]:
    return {}


_BUILDERS = {
    K.CURFEW: _curfew,
    K.EXCLUSION_ZONE: _exclusion,
    K.RESTRICTION_ZONE: _restriction,
    K.INCLUSION_ZONE: _inclusion,
    K.ATTENDANCE: _attendance,
    K.TRAIL: _nothing,
    K.ALCOHOL: _nothing,
}


def _vary(rng: np.random.Generator, before: OrderVersion, curfew: Condition, day: dt.date) -> OrderVersion:
    """A new version from noon: the same order with other curfew hours."""
    begin, end = HOURS[int(rng.integers(2, len(HOURS)))]
    rules = [
        rule.model_copy(update={"from_time": begin, "until_time": end}) for rule in curfew.schedule or []
    ]
    conditions = [
        c.model_copy(update={"schedule": rules}) if c.id == curfew.id else c for c in before.conditions
    ]
    effective = dt.datetime.fromtimestamp(local_s(day, "12:00", "Europe/London"), dt.UTC)
    return OrderVersion(version=2, effective_from_utc=effective, places=before.places, conditions=conditions)
