"""A few people whose night has everything in it, and what their tags send of it. Synthetic.

The night ended some hours ago: all findings are closed, so that what is right does not depend on the moment at
which a test looks.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from milepost.orders.model import OrderFile

HOME, ZONE, ELSEWHERE = (1.70, 53.70), (1.75, 53.70), (1.66, 53.72)
MINUTE_US = 60_000_000
HOURS = 10
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONDON = ZoneInfo("Europe/London")


def device_of(i: int) -> str:
    """Every fifth person carries a phone that speaks MQTT: its device is named after its topic."""
    return f"town/phone{i:02d}" if i % 5 == 4 else f"tag{i:02d}"


def order_file(people: int, end: dt.datetime) -> OrderFile:
    """A curfew from nine to three hours before ``end``, and a zone to be kept out of."""
    begins, ends = ((end - dt.timedelta(hours=h)).astimezone(LONDON) for h in (9, 3))
    night = {
        "from_day": DAYS[begins.weekday()], "from_time": f"{begins:%H:%M}",
        "until_day": DAYS[ends.weekday()], "until_time": f"{ends:%H:%M}",
    }  # fmt: skip
    since = end - dt.timedelta(days=3)
    from_date = since.date().isoformat()
    version = {
        "version": 1,
        "effective_from_utc": since.isoformat(),
        "places": [{"id": "home", "circle": {"lon": HOME[0], "lat": HOME[1], "radius_m": 60}}],
        "conditions": [
            {"id": "curfew", "kind": "curfew", "from": from_date, "place": "home", "schedule": [night]},
            {
                "id": "zone", "kind": "exclusion_zone", "from": from_date,
                "circle": {"lon": ZONE[0], "lat": ZONE[1], "radius_m": 300},
            },
        ],
    }  # fmt: skip
    worn = (end - dt.timedelta(hours=HOURS)).isoformat()
    file: dict[str, Any] = {"milepost": 1, "people": [], "activations": [], "orders": []}
    for i in range(people):
        person = f"P{i:06d}"
        file["people"].append({"id": person, "name": f"Synthetic {i}", "synthetic": True})
        file["activations"].append(
            {"id": f"A{i:06d}", "device_id": device_of(i), "person_id": person, "from_utc": worn}
        )
        file["orders"].append(
            {"id": f"O{i:06d}", "person_id": person, "regime": "community_order", "versions": [version]}
        )
    return OrderFile.model_validate(file)


def place_at(i: int, minute: int) -> tuple[float, float]:
    """Where person ``i`` is, ``minute`` minutes after the tag was fitted (the curfew begins at 60)."""
    story = i % 4
    if story == 1 and minute < 100:  # comes home forty minutes late
        return ELSEWHERE
    if story == 2 and 200 <= minute < 235:  # goes out during the night
        return ELSEWHERE
    if story == 2 and 450 <= minute < 470:  # goes where they must not
        return ZONE
    if story == 3 and 20 <= minute < 32:
        return ZONE
    return HOME


@dataclass(frozen=True, slots=True)
class Message:
    """One message: ``path`` or ``topic`` says which way it goes; ``signals`` are the (device, time) in it."""

    body: bytes
    path: str = ""
    topic: str = ""
    signals: tuple[tuple[str, int], ...] = ()


def messages(
    people: int, end: dt.datetime, seed: int, skew_minutes: Mapping[int, int] | None = None
) -> list[Message]:
    """All of the night, in the order of sending: some late, some twice, single and in batches.

    ``skew_minutes``: how far ahead the clock of a person's device is.
    """
    chance = random.Random(seed)
    begin_us = int((end - dt.timedelta(hours=HOURS)).timestamp()) * 1_000_000
    skew = skew_minutes or {}
    due: list[tuple[float, Message]] = []
    for i in range(people):
        device = device_of(i)
        in_batches = i % 3 == 0 and "/" not in device
        waiting: list[tuple[int, tuple[float, float]]] = []
        for minute in range(HOURS * 60 - 1):
            us = begin_us + (minute + skew.get(i, 0)) * MINUTE_US + i * 1_000_000
            lon, lat = place_at(i, minute)
            late = chance.randrange(1, 180) if chance.random() < 0.05 else 0
            lon, lat = round(lon + chance.gauss(0, 2e-5), 6), round(lat + chance.gauss(0, 2e-5), 6)
            if in_batches:
                waiting.append((us, (lon, lat)))
                if len(waiting) == 15:
                    due.append((minute + late, batch(device, waiting)))
                    waiting = []
                continue
            made = _phone(device, us, lon, lat) if "/" in device else _tag(device, us, lon, lat)
            due.append((minute + late, made))
            if chance.random() < 0.02:
                due.append((minute + late + chance.randrange(5), made))
        if waiting:
            due.append((HOURS * 60, batch(device, waiting)))
        if i % 4 == 3 and "/" not in device:
            us = begin_us + 300 * MINUTE_US
            body = f"id={device}&timestamp={us // 1000}&alarm=removing".encode()
            due.append((300.0, Message(body, "/ingest/osmand")))
    due.sort(key=lambda one: one[0])
    return [message for _, message in due]


def _tag(device: str, us: int, lon: float, lat: float) -> Message:
    body = f"id={device}&timestamp={us // 1000}&lat={lat}&lon={lon}&accuracy=4&batt=80".encode()
    return Message(body, "/ingest/osmand", signals=((device, us),))


def _phone(device: str, us: int, lon: float, lat: float) -> Message:
    said = {"_type": "location", "tst": us // 1_000_000, "lat": lat, "lon": lon, "acc": 4, "batt": 80}
    return Message(json.dumps(said).encode(), topic=f"owntracks/{device}", signals=((device, us),))


def batch(device: str, rows: list[tuple[int, tuple[float, float]]]) -> Message:
    """Positions of one device as lines."""
    lines = [
        json.dumps(
            {
                "type": "fix", "device_id": device, "recorded_at_epoch_us": us, "lon": lon, "lat": lat,
                "source": "GPS", "precision_m": 10, "battery_pct": 80,
            }
        )
        for us, (lon, lat) in rows
    ]  # fmt: skip
    return Message("\n".join(lines).encode(), "/ingest/ndjson", signals=tuple((device, us) for us, _ in rows))
