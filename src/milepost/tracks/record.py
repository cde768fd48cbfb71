"""The canonical record of what tags and home units reported: three columnar tables.

Every reader ends here and everything else starts here. All times are UTC, microseconds since the
epoch. Positions are fixed-point integers, degrees x 10^7 (1 unit is about 1 cm), WGS 84, so that a
value never changes by being stored. Units are in the names. Null means "not said", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum

import pyarrow as pa

from milepost.problems import ProblemList

UTC_US = pa.timestamp("us", tz="UTC")


class Source(IntEnum):
    """How a position was found. Names and meaning follow the crime-matching tables' GeolocationMechanism."""

    UNKNOWN = 0
    GPS = 1
    RF = 4
    LBS = 5
    WIFI = 6


class Quality(IntFlag):
    """Flags on a fix. A flag never deletes or moves a fix: the rules say what a flagged fix may prove."""

    NONE = 0
    IMPOSSIBLE_SPEED = 1
    """Cannot be reached from the last trusted fix at any plausible speed."""
    MOCK = 2
    """The phone itself says that an app supplied the position."""
    DUPLICATE = 4
    """Same device, time, sequence and source as an earlier row."""
    FUTURE = 8
    """Recorded after it was received: the device's clock is wrong."""
    STALE = 16
    """Received long after it was recorded. Evidence all the same."""
    UNKNOWN_PRECISION = 32
    """No precision was given, or it was given as 0."""
    ZERO_ISLAND = 64
    """At latitude 0, longitude 0: a device's way to say "no fix"."""
    SWAPPED_AXES = 128
    """Latitude and longitude look exchanged for the area that the other fixes lie in."""
    WEEK_ROLLOVER = 256
    """The time was 1,024 GPS weeks off and has been corrected; the reader kept the raw time."""
    NOT_VALID = 512
    """The device marked its own fix as not valid."""


class PresenceState(IntEnum):
    """What a home unit says of a tag."""

    OUT_OF_RANGE = 0
    IN_RANGE = 1


class DeviceEventKind(StrEnum):
    """Device events, normalised. The device's own code is kept beside each in ``raw_code``."""

    STRAP_TAMPER = "strap_tamper"
    STRAP_RESTORED = "strap_restored"
    CASE_TAMPER = "case_tamper"
    CASE_RESTORED = "case_restored"
    POWER_OFF = "power_off"
    POWER_ON = "power_on"
    UNIT_MOVED = "unit_moved"
    UNIT_STILL = "unit_still"
    BATTERY_LOW = "battery_low"
    BATTERY_DEAD = "battery_dead"
    BATTERY_OK = "battery_ok"
    CHARGING = "charging"
    NOT_CHARGING = "not_charging"
    DEVICE_FAULT = "device_fault"
    FAULT_CLEARED = "fault_cleared"
    ALCOHOL = "alcohol"
    ALCOHOL_INTERFERENCE = "alcohol_interference"
    HEARTBEAT = "heartbeat"
    OTHER = "other"
    """Understood as an event, meaning not known: kept, shown, never judged."""


FIXES = pa.schema(
    [
        pa.field("device_id", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("recorded_at_utc", UTC_US, nullable=False),
        pa.field("received_at_utc", UTC_US),
        pa.field("sequence", pa.int64()),
        pa.field("source", pa.uint8(), nullable=False),  # Source
        pa.field("lon_e7", pa.int32(), nullable=False),
        pa.field("lat_e7", pa.int32(), nullable=False),
        pa.field("precision_m", pa.float32()),  # 95 % radius; null = unknown, never 0
        pa.field("speed_mps", pa.float32()),
        pa.field("heading_deg", pa.float32()),  # 0 to 360, clockwise from north
        pa.field("altitude_m", pa.float32()),
        pa.field("battery_pct", pa.float32()),  # 0 to 100
        pa.field("quality", pa.uint16(), nullable=False),  # Quality flags
        pa.field("payload_ref", pa.string()),  # where the raw message is: file name and row, or its hash
    ]
)

PRESENCE = pa.schema(
    [
        pa.field("device_id", pa.dictionary(pa.int32(), pa.string()), nullable=False),  # the home unit
        pa.field("recorded_at_utc", UTC_US, nullable=False),
        pa.field("received_at_utc", UTC_US),
        pa.field("sequence", pa.int64()),
        pa.field("tag_id", pa.string()),  # the tag it listens for; null = the only one
        pa.field("state", pa.uint8(), nullable=False),  # PresenceState
        pa.field("heartbeat", pa.bool_(), nullable=False),  # true: repeats the state, did not just change
        pa.field("quality", pa.uint16(), nullable=False),
        pa.field("payload_ref", pa.string()),
    ]
)

DEVICE_EVENTS = pa.schema(
    [
        pa.field("device_id", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("recorded_at_utc", UTC_US, nullable=False),
        pa.field("received_at_utc", UTC_US),
        pa.field("sequence", pa.int64()),
        pa.field("kind", pa.string(), nullable=False),  # DeviceEventKind
        pa.field("value", pa.float64()),  # battery %, breath or sweat alcohol reading; unit in ``unit``
        pa.field("unit", pa.string()),
        pa.field("raw_code", pa.string()),
        pa.field("quality", pa.uint16(), nullable=False),
        pa.field("payload_ref", pa.string()),
    ]
)

DEGREES_TO_E7 = 10_000_000


@dataclass(slots=True)
class Signals:
    """What was read: the three tables, what could not be, and nothing lost.

    ``n_rows_read`` counts every row met; it equals the rows in the tables plus the rows in error.
    """

    fixes: pa.Table = field(default_factory=FIXES.empty_table)
    presence: pa.Table = field(default_factory=PRESENCE.empty_table)
    device_events: pa.Table = field(default_factory=DEVICE_EVENTS.empty_table)
    problems: ProblemList = field(default_factory=ProblemList)
    n_rows_read: int = 0

    @property
    def n_rows(self) -> int:
        return self.fixes.num_rows + self.presence.num_rows + self.device_events.num_rows
