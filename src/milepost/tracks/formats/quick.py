"""A few rows to the record without a data frame: what a service needs for single positions.

``settle`` works on columns, and costs milliseconds however few the rows are. Here the rows that are plain
(every number a number, every time plausible, nothing to warn of) become the same values one by one.
Anything else raises ``Doubt``, and the columns decide: so there is one place that says what is wrong,
and the tests hold the two ways against each other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import pyarrow as pa

from milepost.tracks.formats.arrow import SHAPES
from milepost.tracks.formats.columns import NUMBERS
from milepost.tracks.formats.convert import FLAGS, SOURCES, STATES
from milepost.tracks.formats.messages import Collected
from milepost.tracks.formats.settle import KINDS
from milepost.tracks.formats.settle_clock import DAY_US, latest_plausible_us
from milepost.tracks.formats.settle_place import METRES_PER_DEGREE
from milepost.tracks.limits import QualityLimits
from milepost.tracks.record import FIXES, Quality

MOST_ROWS = 200
"""Beyond so many rows in one message, columns are faster."""
SMALLEST = 1e-36
"""Below it, in any unit, a number may become a zero in the record's 32 bits, and that zero may have a sign."""

Row = tuple[Any, ...]
_STRUCTS = {shape: pa.struct(list(schema)) for shape, schema in SHAPES.items()}
EMPTY = {shape: schema.empty_table() for shape, schema in SHAPES.items()}
"""Tables without rows, made once: to make them costs more than to read a message."""
_is_number = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,20})?(?:e-?[0-9]{1,2})?").fullmatch
_is_integer = re.compile(r"-?[0-9]{1,15}").fullmatch
_is_time = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
).fullmatch
_SPEEDS = tuple((name, factor) for name, (field, factor) in NUMBERS.items() if field == "speed_mps")
_PRECISION_68 = NUMBERS["precision_68_m"][1]
_NAMES = frozenset(
    {
        "device_id", "recorded_at_utc", "recorded_at_epoch_s", "recorded_at_epoch_ms", "recorded_at_epoch_us",
        "received_at_utc", "sequence", "source", "lat", "lon", "lat_e7", "lon_e7", "precision_m",
        "precision_68_m", "hdop", "altitude_m", "heading_deg", "battery_pct", "battery_ratio", "quality",
        "payload_ref", "event", "raw_code", "value", "unit", "presence", "heartbeat", "tag_id",
        *(name for name, _ in _SPEEDS),
    }
)  # fmt: skip
_LON, _LAT, _HEADING = (FIXES.get_field_index(name) for name in ("lon_e7", "lat_e7", "heading_deg"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Doubt(Exception):
    """The row is not plain: the columns must look at it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The limits of times in microseconds, worked out once for many rows."""

    earliest_us: int
    latest_us: int
    placeholder_days: frozenset[int]
    rollover_from_us: float
    future_us: float
    stale_us: float
    latest_now_us: float

    @classmethod
    def of(cls, limits: QualityLimits, now_us: int | None) -> Clock:
        future_us = limits.future_tolerance_s * 1e6
        return cls(
            limits.earliest_plausible_us,
            latest_plausible_us(limits),
            frozenset(limits.placeholder_days),
            limits.rollover_us - limits.rollover_agreement_s * 1e6,
            future_us,
            limits.stale_after_s * 1e6,
            math.inf if now_us is None else now_us + future_us,
        )


class QuickTables:
    """Rows gathered for the three tables, in the order they came."""

    def __init__(self, limits: QualityLimits, now_us: int | None) -> None:
        self.clock = Clock.of(limits, now_us)
        self.fixes: list[Row] = []
        self.presence: list[Row] = []
        self.device_events: list[Row] = []

    def take(self, out: Collected) -> tuple[int, int, int] | None:
        """How many rows of each table one message gave, or None if it must go the way of the columns."""
        if len(out.rows) > MOST_ROWS or out.columns.columns:
            return None
        fixes: list[Row] = []
        presence: list[Row] = []
        events: list[Row] = []
        try:
            for said in out.rows:
                if not said.keys() <= _NAMES:
                    return None
                if "event" in said:
                    events.append(_event(said, out, self.clock))
                elif "presence" in said:
                    presence.append(_presence(said, out, self.clock))
                else:
                    fixes.append(_fix(said, out, self.clock))
            if len(fixes) > 2:
                _look_at_all(fixes, out.context.limits)
        except (Doubt, KeyError, ValueError, OverflowError):
            return None
        self.fixes += fixes
        self.presence += presence
        self.device_events += events
        return len(fixes), len(presence), len(events)

    def flush(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """The tables of what was gathered; then nothing is."""
        tables = (
            _table(self.fixes, "fixes"),
            _table(self.presence, "presence"),
            _table(self.device_events, "device_events"),
        )
        self.fixes, self.presence, self.device_events = [], [], []
        return tables

    def __bool__(self) -> bool:
        return bool(self.fixes or self.presence or self.device_events)


def _table(rows: list[Row], shape: str) -> pa.Table:
    if not rows:
        return EMPTY[shape]
    # One call for all columns: each call of its own would cost more than a row.
    return pa.Table.from_arrays(pa.array(rows, _STRUCTS[shape]).flatten(), schema=SHAPES[shape])


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    if not _is_number(text):
        raise Doubt
    value = float(text) + 0.0  # takes the sign off a zero, as ``plain_floats`` does in columns
    if 0 < abs(value) < SMALLEST:
        raise Doubt
    return value


def _text(text: str | None) -> str | None:
    if text is None:
        return None
    if not text or text != text.strip() or "\x00" in text:
        raise Doubt
    return text


def _time_us(text: str) -> int:
    if not _is_time(text):
        raise Doubt
    since = datetime.fromisoformat(text) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _epoch_us(text: str, per_unit: int) -> int:
    if _is_integer(text):
        return int(text) * per_unit
    if not _is_number(text):
        raise Doubt
    return round(float(text) * per_unit)


_RECORDED: tuple[tuple[str, Callable[[str], int]], ...] = (
    ("recorded_at_utc", _time_us),
    ("recorded_at_epoch_s", lambda text: _epoch_us(text, 1_000_000)),
    ("recorded_at_epoch_ms", lambda text: _epoch_us(text, 1_000)),
    ("recorded_at_epoch_us", lambda text: _epoch_us(text, 1)),
)


def _who_and_when(said: Mapping[str, str], clock: Clock) -> tuple[str, int, int | None, int | None, int]:
    """Device, recorded, received, sequence and quality flags. As ``settle`` and ``settle_clock`` do."""
    device = _text(said["device_id"])
    recorded_us = None
    for name, read in _RECORDED:
        if name in said:
            if recorded_us is not None:
                raise Doubt
            recorded_us = read(said[name])
    if device is None or recorded_us is None or not clock.earliest_us <= recorded_us <= clock.latest_us:
        raise Doubt
    quality = 0
    given = said.get("quality")
    if given is not None:
        if not _is_integer(given):
            raise Doubt
        quality = int(given) & 0xFFFF
    received_us = None
    received = said.get("received_at_utc")
    if received is not None:
        received_us = _time_us(received)
        behind_us = received_us - recorded_us
        if behind_us > clock.rollover_from_us or received_us // DAY_US in clock.placeholder_days:
            raise Doubt
        if -behind_us > clock.future_us:
            quality |= Quality.FUTURE.value
        if behind_us > clock.stale_us:
            quality |= Quality.STALE.value
    if recorded_us > clock.latest_now_us:
        quality |= Quality.FUTURE.value
    sequence = said.get("sequence")
    if sequence is not None and not _is_integer(sequence):
        raise Doubt
    return device, recorded_us, received_us, None if sequence is None else int(sequence), quality


def _degrees(said: Mapping[str, str], axis: str, most: float) -> float:
    text = said.get(f"{axis}_e7")
    degrees = _number(said[axis]) if text is None else (_number(text) or 0.0) / 1e7
    if degrees is None or not -most <= degrees <= most:
        raise Doubt
    return degrees


def _fix(said: Mapping[str, str], out: Collected, clock: Clock) -> Row:
    device, recorded_us, received_us, sequence, quality = _who_and_when(said, clock)
    lat, lon = _degrees(said, "lat", 90.0), _degrees(said, "lon", 180.0)
    if abs(lat) < 5e-8 and abs(lon) < 5e-8:
        quality |= Quality.ZERO_ISLAND.value
    precision_m = _number(said.get("precision_m"))
    if "precision_68_m" in said:
        if precision_m is not None:
            raise Doubt
        precision_m = (_number(said["precision_68_m"]) or 0.0) * _PRECISION_68
    if precision_m is None or not 1e-6 < precision_m < 3e38:
        if precision_m is not None and precision_m < 0:
            raise Doubt
        quality |= Quality.UNKNOWN_PRECISION.value
        precision_m = None
    _number(said.get("hdop"))  # used only where a device's maker says what it means
    speed_mps = None
    for name, factor in _SPEEDS:
        if name in said:
            if speed_mps is not None:
                raise Doubt
            speed_mps = (_number(said[name]) or 0.0) * factor
    heading_deg = _number(said.get("heading_deg"))
    battery_pct = _number(said.get("battery_pct"))
    if "battery_ratio" in said:
        if battery_pct is not None:
            raise Doubt
        battery_pct = (_number(said["battery_ratio"]) or 0.0) * 100.0
    source = int(out.source_is)
    if "source" in said:
        source = SOURCES[said["source"].strip().lower()]
    return (
        device, recorded_us, received_us, sequence, source, round(lon * 1e7), round(lat * 1e7), precision_m,
        _at_least_0(speed_mps, 3e38), _at_least_0(0.0 if heading_deg == 360.0 else heading_deg, 360.0),
        _altitude_m(said.get("altitude_m")), _at_least_0(battery_pct, 100.0), quality,
        _text(said.get("payload_ref")),
    )  # fmt: skip


def _at_least_0(value: float | None, most: float) -> float | None:
    if value is None or value == -1:  # −1 is how phones say "not known"
        return None
    if not 0 <= value <= most:
        raise Doubt
    return value


def _altitude_m(text: str | None) -> float | None:
    altitude_m = _number(text)
    if altitude_m is not None and not -3e38 <= altitude_m <= 3e38:
        raise Doubt
    return altitude_m


def _presence(said: Mapping[str, str], out: Collected, clock: Clock) -> Row:
    device, recorded_us, received_us, sequence, quality = _who_and_when(said, clock)
    if "lat" in said or "lon" in said:
        raise Doubt
    heartbeat = FLAGS[said["heartbeat"].strip().lower()] if "heartbeat" in said else False
    return (
        device, recorded_us, received_us, sequence, _text(said.get("tag_id")),
        STATES[said["presence"].strip().lower()], heartbeat, quality, _text(said.get("payload_ref")),
    )  # fmt: skip


def _event(said: Mapping[str, str], out: Collected, clock: Clock) -> Row:
    device, recorded_us, received_us, sequence, quality = _who_and_when(said, clock)
    kind = said["event"]
    if kind not in KINDS or "lat" in said or "lon" in said or "presence" in said:
        raise Doubt
    return (
        device, recorded_us, received_us, sequence, kind, _number(said.get("value")), _text(said.get("unit")),
        _text(said.get("raw_code")), quality, _text(said.get("payload_ref")),
    )  # fmt: skip


def _look_at_all(fixes: Sequence[Row], limits: QualityLimits) -> None:
    """Raises ``Doubt`` where what a fix means may depend on the message's other fixes: exchanged axes
    (``settle_place``), headings in radians."""
    places = [(float(row[_LAT]), float(row[_LON])) for row in fixes if row[_LAT] or row[_LON]]
    if len(places) > 2:
        near_e7 = limits.swapped_further_than_m / METRES_PER_DEGREE / 2 * 1e7 - 1
        for axis in (0, 1):
            values = [place[axis] for place in places]
            middle = median(values)
            if max(abs(value - middle) for value in values) > near_e7:
                raise Doubt
    moving = [row[_HEADING] for row in fixes if row[_HEADING]]
    if len(moving) >= 10 and max(moving) <= limits.radians_at_most:
        raise Doubt
