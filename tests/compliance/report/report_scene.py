"""A synthetic week of one synthetic person; the answer is in ``report_answer``.

Seven curfew nights from Monday 23 March 2026 (the clocks go forward on Sunday 29 March): one late
return, one night when tag and home unit disagree, one gap with a flat battery, one zone entry, a strap
tamper, and a zone without geometry. Nothing here is a real person or place.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from milepost.orders.model import OrderFile, Regime
from milepost.orders.obligations import DUTY_OF_KIND, ConditionKind, Obligation, Shape, Target
from milepost.problems import Problem, ProblemList
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Quality, Signals

LONDON = ZoneInfo("Europe/London")
HOME = (-1.5400, 53.8000)
ZONE = ((-1.5300, 53.8040), (-1.5250, 53.8040), (-1.5250, 53.8070), (-1.5300, 53.8070))
STORED_SCRIPT = "<script>alert('stored')</script>"


def us(local: str) -> int:
    """Microseconds UTC of a local time such as ``2026-03-24 19:00``."""
    moment = dt.datetime.fromisoformat(local).replace(tzinfo=LONDON)
    return round(moment.timestamp() * 1_000_000)


def night(day: int) -> tuple[int, int]:
    return us(f"2026-03-{day} 19:00"), us(f"2026-03-{day + 1} 07:00")


def east_of_home(metres: float) -> tuple[float, float]:
    return HOME[0] + metres / (111_320 * math.cos(math.radians(HOME[1]))), HOME[1]


def build_order_file(name: str = "Sam Sample", description: str = "Not to go near the old mill") -> OrderFile:
    start = "2026-03-23T00:00:00+00:00"
    return OrderFile.model_validate(
        {
            "milepost": 1,
            "people": [{"id": "P1", "name": name, "synthetic": True}],
            "activations": [
                {"id": "A1", "device_id": "T1", "person_id": "P1", "from_utc": start},
                {
                    "id": "A2",
                    "device_id": "H1",
                    "person_id": "P1",
                    "from_utc": start,
                    "device_kind": "home_unit",
                },
            ],
            "orders": [
                {
                    "id": "O1",
                    "person_id": "P1",
                    "regime": "community_order",
                    "versions": [
                        {
                            "version": 2,
                            "effective_from_utc": start,
                            "places": [{"id": "home", "name": "home", "circle": circle(*HOME, 50)}],
                            "conditions": [
                                condition(
                                    "curfew",
                                    "curfew",
                                    place="home",
                                    source_document="Order of 20 March, page 2",
                                ),
                                condition("school", "exclusion_zone", purpose="Test School"),
                                condition("mill", "exclusion_zone", description=description),
                            ],
                        }
                    ],
                }
            ],
        }
    )


def circle(lon: float, lat: float, radius_m: float) -> dict[str, float]:
    return {"lon": lon, "lat": lat, "radius_m": radius_m}


def condition(condition_id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": condition_id, "kind": kind, "from": "2026-03-23", "timezone": "Europe/London", **more}


def build_obligations() -> list[Obligation]:
    home = Target((Shape(*HOME, 50.0),), ("home",))
    school = Target((Shape(rings=(ZONE,)),))
    nights = [owed("curfew", ConditionKind.CURFEW, *night(day), home) for day in range(23, 30)]
    week = (us("2026-03-23 00:00"), us("2026-03-30 00:00"))
    return [
        *nights,
        owed("school", ConditionKind.EXCLUSION_ZONE, *week, school),
        owed("mill", ConditionKind.EXCLUSION_ZONE, *week, None, not_evaluable="has no geometry"),
    ]


def owed(
    condition_id: str, kind: ConditionKind, start: int, end: int, target: Target | None, **more: Any
) -> Obligation:
    return Obligation(
        person_id="P1",
        order_id="O1",
        order_version=2,
        condition_id=condition_id,
        regime=Regime.COMMUNITY_ORDER,
        kind=kind,
        duty=DUTY_OF_KIND[kind],
        start_us=start,
        end_us=end,
        timezone="Europe/London",
        target=target,
        **more,
    )


def where(moment: int) -> tuple[float, float] | None:
    """Where the tag is; None while its battery is flat."""
    if us("2026-03-25 23:10") < moment < us("2026-03-26 02:40"):
        return None
    if us("2026-03-24 17:00") <= moment <= us("2026-03-24 19:25"):
        return east_of_home(900)
    if us("2026-03-27 22:00") <= moment <= us("2026-03-27 22:40"):
        return east_of_home(400)
    enters, leaves = us("2026-03-26 14:05"), us("2026-03-26 14:31")
    walk = 15 * 60_000_000
    middle = (-1.5275, 53.8055)
    if enters - walk <= moment <= leaves + walk:
        share = min(1.0, (moment - enters + walk) / walk, (leaves + walk - moment) / walk)
        return tuple(h + share * (m - h) for h, m in zip(HOME, middle, strict=True))  # type: ignore[return-value]
    return HOME


def build_signals() -> Signals:
    chance = random.Random(7)
    fixes = []
    moment, end = us("2026-03-23 12:00"), us("2026-03-30 07:00")
    while moment <= end:
        at = where(moment)
        flat = moment > us("2026-03-25 22:30") and moment < us("2026-03-25 23:11")
        if at is not None:
            fixes.append(
                {
                    "device_id": "T1",
                    "recorded_at_utc": moment,
                    "source": 5 if len(fixes) % 97 == 0 else 1,
                    "lon_e7": round((at[0] + chance.gauss(0, 4e-5)) * 1e7),
                    "lat_e7": round((at[1] + chance.gauss(0, 3e-5)) * 1e7),
                    "precision_m": 900.0 if len(fixes) % 97 == 0 else 8 + 12 * chance.random(),
                    "battery_pct": 1.0 if flat else 80.0,
                    "quality": int(Quality.UNKNOWN_PRECISION) if len(fixes) % 500 == 0 else 0,
                    "payload_ref": f"signals.csv:{len(fixes) + 2}",
                }
            )
        moment += 150_000_000
    presence = [
        {
            "device_id": "H1",
            "recorded_at_utc": us("2026-03-27 21:00") + i * 600_000_000,
            "tag_id": "T1",
            "state": 1,
            "heartbeat": i > 0,
            "quality": 0,
        }
        for i in range(14)
    ]
    events = [
        {
            "device_id": "T1",
            "recorded_at_utc": us("2026-03-28 03:12"),
            "kind": "strap_tamper",
            "raw_code": "TS1",
            "quality": 0,
        },
        {
            "device_id": "T1",
            "recorded_at_utc": us("2026-03-28 03:14"),
            "kind": "strap_restored",
            "raw_code": "TS0",
            "quality": 0,
        },
    ]
    return Signals(
        fixes=table(fixes, FIXES),
        presence=table(presence, PRESENCE),
        device_events=table(events, DEVICE_EVENTS),
        n_rows_read=len(fixes) + len(presence) + len(events) + 1,
    )


def table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    filled = [{name: row.get(name) for name in schema.names} for row in rows]
    return pa.Table.from_pylist(filled, schema=schema)


def build_problems() -> ProblemList:
    problems = ProblemList()
    problems.add(
        Problem(
            "signals.csv",
            812,
            "lat",
            "latitude is not a number",
            "Mend the value and read again.",
            "fifty-three",
        )
    )
    return problems


def build_streets() -> dict[str, Any]:
    lines = [[[-1.55, lat / 1e4], [-1.52, lat / 1e4]] for lat in range(537980, 538090, 15)]
    lines += [[[lon / 1e4, 53.797], [lon / 1e4, 53.809]] for lon in range(-15450, -15230, 25)]
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": line}}
            for line in lines
        ],
    }
