"""OsmAnd tracking over HTTP: the query string, and the JSON of Traccar Client and Transistor's library.

Source: Traccar, OsmAndProtocolDecoder.java. The two differ in units: the query's ``speed`` is knots and
its ``batt`` per cent; in JSON ``coords.speed`` is m/s and ``battery.level`` 0 to 1. ``timestamp`` is
epoch seconds, epoch milliseconds, ISO 8601, or ``yyyy-MM-dd HH:mm:ss`` (taken as UTC, with a warning).
"""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import parse_qsl, unquote_plus

from milepost.tracks.event_codes import kind_of
from milepost.tracks.formats.json_text import as_dict, parts
from milepost.tracks.formats.messages import (
    Collected,
    Raw,
    Where,
    as_text,
    decode,
    is_no,
    read_file,
    read_message,
    unless_minus_one,
)
from milepost.tracks.record import DeviceEventKind, Quality, Source

MOST_SECONDS = 2**31 - 1
"""Traccar's rule: a number below this is seconds, any other milliseconds."""
YES = {"true", "1", "yes"}


def collect(raw: Raw, out: Collected) -> None:
    """Keeps the rows of ``raw`` in ``out``; what makes none is reported there."""
    if isinstance(raw, bytes):
        raw = decode(raw)
    if isinstance(raw, str) and not raw.lstrip().startswith(("{", "[")):
        for line_number, line in enumerate(raw.split("\n"), 1):
            if out.is_too_many:
                return
            if line.strip():
                _query(line.strip(), line_number, out)
        return
    for number, message, location in parts(raw, out, _locations):
        if location is message:
            location = message.get("location") or message
        if isinstance(location, dict) and ("coords" in location or "timestamp" in location):
            _location(location, message, number, out)
        else:
            out.bad(number, "location", "This message holds no location", "Give location.coords.", location)


def _locations(message: dict[str, object]) -> list[object] | None:
    inside = message.get("location")
    return inside if isinstance(inside, list) else None


def _time(value: object, out: Collected) -> dict[str, object]:
    if value is None or value == "":
        # Nothing said: the moment it arrived is the best there is.
        return {"recorded_at_utc": out.received_text}
    text = as_text(value).strip()
    if re.fullmatch(r"-?\d{1,18}(\.\d+)?", text):
        return {"recorded_at_epoch_s" if float(text) < MOST_SECONDS else "recorded_at_epoch_ms": text}
    return {"recorded_at_utc": text}


def _query(line: str, number: int, out: Collected) -> None:
    found = re.search(r"[?]([^\s\"]+)", line)
    query = found[1] if found else line.split(" ")[0]
    said = {key: value for key, value in parse_qsl(query, keep_blank_values=False) if key}
    if not said:
        out.bad(
            number, None, "This is not a query string", "It should read id=…&timestamp=…&lat=…&lon=…", line
        )
        return
    lat, lon = said.get("lat"), said.get("lon")
    if lat is None and lon is None and "location" in said:
        lat, _, lon = unquote_plus(said["location"]).partition(",")
    quality = Quality.NONE
    if "valid" in said and said["valid"].lower() not in YES:
        quality |= Quality.NOT_VALID
    if said.get("mock", "").lower() in YES:
        quality |= Quality.MOCK
    who = {"device_id": said.get("id") or said.get("deviceid"), **_time(said.get("timestamp"), out)}
    fix = {
        "lat": lat,
        "lon": lon,
        "precision_68_m": said.get("accuracy"),
        "hdop": said.get("hdop"),
        "altitude_m": said.get("altitude"),
        "speed_knots": None if said.get("speed") in {"-1", "-1.0"} else said.get("speed"),
        "heading_deg": said.get("bearing") or said.get("heading"),
        "battery_pct": said.get("batt"),
        "quality": quality.value,
    }
    _keep(who, fix, said.get("alarm"), "cell" in said or "wifi" in said, number, out)


def _location(location: dict[str, object], message: dict[str, object], number: Where, out: Collected) -> None:
    coords, battery = as_dict(location.get("coords")), as_dict(location.get("battery"))
    device = next((message[k] for k in ("device_id", "deviceId", "id") if message.get(k)), None)
    device = device or as_dict(location.get("extras")).get("device_id")
    who = {"device_id": device, **_time(location.get("timestamp"), out)}
    quality = Quality.NONE
    if location.get("mock") is True or coords.get("mock") is True:
        quality |= Quality.MOCK
    if is_no(location.get("valid")) or is_no(coords.get("valid")):
        quality |= Quality.NOT_VALID
    fix = {
        "lat": coords.get("latitude"),
        "lon": coords.get("longitude"),
        "precision_68_m": coords.get("accuracy"),
        "altitude_m": coords.get("altitude"),
        "speed_mps": unless_minus_one(coords.get("speed")),
        "heading_deg": unless_minus_one(coords.get("heading")),
        "battery_ratio": unless_minus_one(battery.get("level")),
        "quality": quality.value,
    }
    alarm = location.get("alarm")
    _keep(who, fix, None if alarm is None else as_text(alarm), False, number, out)


def _keep(
    who: dict[str, object],
    fix: dict[str, object],
    alarm: str | None,
    network: bool,
    number: Where,
    out: Collected,
) -> None:
    for code in alarm.split(",") if alarm else []:
        out.keep(number, {**who, "event": kind_of("traccar_alarm", code.strip()), "raw_code": code.strip()})
    if fix["lat"] is not None or fix["lon"] is not None:
        out.keep(number, {**who, **fix})
    elif not alarm:
        # No position, but the device spoke, and that it did is evidence too.
        code = "cell or wifi only" if network else "no position"
        event = {"event": DeviceEventKind.HEARTBEAT.value, "raw_code": code}
        if fix.get("battery_pct") is not None:
            event |= {"value": fix["battery_pct"], "unit": "%"}  # type: ignore[dict-item]
        out.keep(number, {**who, **event})


read = partial(read_file, collect, source_is=Source.GPS)
parse_message = partial(read_message, collect, source_is=Source.GPS)
