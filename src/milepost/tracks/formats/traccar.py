"""Traccar positions and events as JSON (its API and its forwarding). Source: Traccar, model/Position.java.

``speed`` is knots. Three clocks: ``fixTime`` is when the position was found, ``deviceTime`` when the
device sent it, ``serverTime`` when it arrived. ``accuracy`` is the 68 % radius of the phone or
tag (it passes on what Android says), 0 means not known.
"""

from __future__ import annotations

from functools import partial

from milepost.tracks.event_codes import kind_of
from milepost.tracks.formats.json_text import as_dict, as_list, parts
from milepost.tracks.formats.messages import Collected, Raw, Where, as_text, is_no, read_file, read_message
from milepost.tracks.record import DeviceEventKind, Quality, Source


def collect(raw: Raw, out: Collected) -> None:
    """Keeps the rows of ``raw`` in ``out``; what makes none is reported there."""
    for number, message, item in parts(raw, out, _positions_and_events):
        _one(as_dict(item), as_dict(message.get("device")).get("uniqueId"), number, out)


def _positions_and_events(message: dict[str, object]) -> list[object] | None:
    alone = [message[name] for name in ("position", "event") if isinstance(message.get(name), dict)]
    return [*as_list(message.get("positions")), *alone] or None


def _one(message: dict[str, object], unique: object, number: Where, out: Collected) -> None:
    # ``uniqueId`` is the device's own id; ``deviceId`` only the number of a row in Traccar's database.
    device = unique or message.get("uniqueId") or out.device_id or message.get("deviceId")
    if "eventTime" in message and "latitude" not in message:
        attributes = as_dict(message.get("attributes"))
        code = as_text(attributes.get("alarm") or message.get("type"))
        when = {"device_id": device, "recorded_at_utc": message["eventTime"]}
        out.keep(number, {**when, "event": kind_of("traccar_alarm", code), "raw_code": code})
    elif "latitude" in message or "fixTime" in message or "deviceTime" in message:
        _position(message, device, number, out)
    else:
        out.bad(
            number,
            None,
            "This is no Traccar position or event",
            "Give objects with latitude and fixTime.",
            message,
        )


def _position(message: dict[str, object], device: object, number: Where, out: Collected) -> None:
    attributes = as_dict(message.get("attributes"))
    outdated = message.get("outdated") is True
    quality = Quality.NOT_VALID if outdated or is_no(message.get("valid")) else Quality.NONE
    if attributes.get("mock") is True:
        quality |= Quality.MOCK
    received = {"received_at_utc": message.get("serverTime")}
    out.keep(
        number,
        {
            **received,
            "device_id": device,
            "recorded_at_utc": message.get("fixTime") or message.get("deviceTime"),
            "lat": message.get("latitude"),
            "lon": message.get("longitude"),
            "precision_68_m": message.get("accuracy"),
            "altitude_m": message.get("altitude"),
            "speed_knots": message.get("speed"),
            "heading_deg": message.get("course"),
            "battery_pct": attributes.get("batteryLevel"),
            "sequence": attributes.get("index"),
            "source": Source.LBS.name if attributes.get("approximate") is True else None,
            "quality": quality.value,
        },
    )
    sent = {
        **received,
        "device_id": device,
        "recorded_at_utc": message.get("deviceTime") or message.get("fixTime"),
    }
    alarms = attributes.get("alarm")
    for code in as_text(alarms).split(",") if alarms else []:
        out.keep(number, {**sent, "event": kind_of("traccar_alarm", code.strip()), "raw_code": code.strip()})
    if (event := attributes.get("event")) is not None:
        raw_code = f"event {as_text(event)}"
        out.keep(number, {**sent, "event": DeviceEventKind.OTHER.value, "raw_code": raw_code})
    if outdated:
        # The position is an old one, but the device spoke: that is a sign of life at its own time.
        out.keep(number, {**sent, "event": DeviceEventKind.HEARTBEAT.value, "raw_code": "outdated position"})


read = partial(read_file, collect, source_is=Source.GPS)
parse_message = partial(read_message, collect, source_is=Source.GPS)
