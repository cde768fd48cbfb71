"""OwnTracks JSON (MQTT and HTTP). Source: OwnTracks booklet, "JSON".

``location`` gives a fix: ``vel`` is km/h, ``acc`` metres (68 % radius), ``batt`` per cent, ``tst`` epoch
seconds.
``transition`` gives its position and an event; ``lwt`` (the broker lost the app) an event. What holds
no signal (cards, waypoints, configuration, encrypted messages) is reported, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from milepost.tracks.event_codes import event_codes, kind_of
from milepost.tracks.formats.json_text import parts
from milepost.tracks.formats.messages import (
    Collected,
    Raw,
    Where,
    as_text,
    read_message,
    read_text,
    unless_minus_one,
)
from milepost.tracks.formats.owntracks_recorder import answered, device_of_rec, is_rec, rec_messages
from milepost.tracks.formats.settle import Context
from milepost.tracks.record import DeviceEventKind, Quality, Signals, Source

LAST_KNOWN = ("l", "L")
"""Triggers of Greenwich devices for "last known position": not where it is now."""


def read(
    path: Path,
    *,
    context: Context | None = None,
    device_id: str | None = None,
    source_is: Source = Source.GPS,
) -> Signals:
    """A file of one message, an array, one message per line, an answer of the Recorder's API, or a ``.rec``
    file of the Recorder, whose folders name the device."""
    text = read_text(path)
    if device_id is None and is_rec(text):
        device_id = device_of_rec(path)
    out = Collected(path.name, context or Context.of(), device_id, source_is)
    collect(text, out)
    return out.finish()


def parse_message(
    raw: Raw,
    *,
    topic: str | None = None,
    device_id: str | None = None,
    received_at_utc: datetime | None = None,
    context: Context | None = None,
    source_is: Source = Source.GPS,
) -> Signals:
    """One message (or an array). ``topic`` is the MQTT topic, ``owntracks/<user>/<device>``."""
    return read_message(
        collect,
        raw,
        device_id=device_id or (device_of_topic(topic) if topic else None),
        received_at_utc=received_at_utc,
        context=context,
        source_is=source_is,
    )


def device_of_topic(topic: str) -> str:
    """``user/device`` of a topic; the topic itself if it has no such parts."""
    parts = topic.strip("/").split("/")
    return "/".join(parts[1:3]) if len(parts) >= 3 else topic


def collect(raw: Raw, out: Collected) -> None:
    """Keeps the rows of ``raw`` in ``out``; what makes none is reported there."""
    found: Iterator[tuple[Where, dict[str, object]]] = _unwrapped(raw, out)
    if isinstance(raw, str) and is_rec(raw):
        found = rec_messages(raw, out)
    for number, message in found:
        kind = message.get("_type")
        if kind == "location":
            _location(message, number, out)
        elif kind == "transition":
            _transition(message, number, out)
        elif kind == "lwt":
            event = {"event": DeviceEventKind.OTHER.value, "raw_code": "lwt"}
            out.keep(number, {**_who_and_when(message, out), **event})
        else:
            out.bad(
                number,
                "_type",
                "This message holds no signal",
                "Nothing to do; it was left out.",
                kind or message,
            )


def _unwrapped(raw: Raw, out: Collected) -> Iterator[tuple[Where, dict[str, object]]]:
    for number, _, item in parts(raw, out, answered):
        yield number, item if isinstance(item, dict) else {"data": item}


def _who_and_when(message: dict[str, object], out: Collected) -> dict[str, object]:
    topic = message.get("topic")
    device = device_of_topic(topic) if isinstance(topic, str) and topic else None
    if device is None and message.get("username") and message.get("device"):  # the Recorder's API
        device = f"{as_text(message['username'])}/{as_text(message['device'])}"
    who = {
        "device_id": device or out.device_id or message.get("tid"),
        "recorded_at_epoch_s": message.get("tst"),
    }
    if message.get("tst") is None and "received" in message:  # a line of a .rec file
        who["recorded_at_utc"] = message["received"]
    return who


def _location(message: dict[str, object], number: Where, out: Collected) -> None:
    who = _who_and_when(message, out)
    trigger = message.get("t")
    out.keep(
        number,
        {
            **who,
            "lat": message.get("lat"),
            "lon": message.get("lon"),
            "precision_68_m": message.get("acc"),
            "altitude_m": message.get("alt"),
            "speed_kmh": unless_minus_one(message.get("vel")),
            "heading_deg": message.get("cog"),
            "battery_pct": message.get("batt"),
            "quality": Quality.NOT_VALID.value if trigger in LAST_KNOWN else None,
        },
    )
    if isinstance(trigger, str) and trigger in event_codes("owntracks_trigger"):
        out.keep(number, {**who, "event": kind_of("owntracks_trigger", trigger), "raw_code": f"t={trigger}"})


def _transition(message: dict[str, object], number: Where, out: Collected) -> None:
    who = _who_and_when(message, out)
    place = next((message[name] for name in ("desc", "rid") if message.get(name)), "")
    code = f"transition {as_text(message.get('event'))} {as_text(place)}".strip()
    out.keep(number, {**who, "event": DeviceEventKind.OTHER.value, "raw_code": code})
    if message.get("lat") is not None or message.get("lon") is not None:
        place_said = {
            "lat": message.get("lat"),
            "lon": message.get("lon"),
            "precision_68_m": message.get("acc"),
        }
        out.keep(number, {**who, **place_said})
