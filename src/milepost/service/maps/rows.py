"""What a map is made from: fixes, zones and gaps as plain records.

Degrees are WGS 84. Times are microseconds since the epoch, UTC. None means "not known", never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from milepost.tracks.record import Quality, Source

PROVES_NO_PLACE = (
    Quality.IMPOSSIBLE_SPEED
    | Quality.MOCK
    | Quality.FUTURE
    | Quality.ZERO_ISLAND
    | Quality.SWAPPED_AXES
    | Quality.NOT_VALID
)
"""Flags under which a fix is drawn, crossed out, and the trail does not run through it."""
_NO_PLACE = int(PROVES_NO_PLACE)
_SOURCES = {int(source): source for source in Source}

Evidence = Literal["", "first", "last", "during"]


class ZoneKind(StrEnum):
    EXCLUSION = "exclusion"
    INCLUSION = "inclusion"
    RESTRICTION = "restriction"
    ATTENDANCE = "attendance"
    HOME = "home"


KIND_OF_CONDITION = {
    "exclusion_zone": ZoneKind.EXCLUSION,
    "inclusion_zone": ZoneKind.INCLUSION,
    "restriction_zone": ZoneKind.RESTRICTION,
    "attendance": ZoneKind.ATTENDANCE,
    "curfew": ZoneKind.HOME,
}
"""From ``milepost.orders.model.ConditionKind`` to the way its place is drawn."""


class FixRow(NamedTuple):
    """A day has 1,440 of them: a named tuple is made in a quarter of the time of a frozen dataclass."""

    time_us: int
    lon: float
    lat: float
    precision_m: float | None = None
    """Radius that holds the true place 95 times in 100."""
    source: Source = Source.UNKNOWN
    quality: Quality = Quality.NONE
    speed_mps: float | None = None
    heading_deg: float | None = None
    """0 to 360, clockwise from north."""
    battery_pct: float | None = None
    device_id: str = ""
    evidence: Evidence = ""
    """Whether a finding rests on this fix, and whether it is its first or last."""
    label: str = ""
    """Short words beside the fix, such as a person's reference on a map of many."""

    @property
    def proves_no_place(self) -> bool:
        return int.__and__(self.quality, _NO_PLACE) != 0  # a flag's own "&" makes a new flag each time


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone: a GeoJSON Polygon or MultiPolygon, or a circle (lon, lat, radius in metres)."""

    name: str
    kind: ZoneKind
    geometry: Mapping[str, Any] | None = None
    circle: tuple[float, float, float] | None = None
    buffer_m: float | None = None
    """A second line this far outside; inside where negative."""
    when: str = ""
    """When it counts, in words."""
    why_not: str = ""
    """Why it has no shape that can be used, in words."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """A time without positions, and why. ``device_id`` may be left out where there is one device."""

    start_us: int
    end_us: int
    cause: str
    """A name of ``NoDataCause`` in lower case (``battery``), or words of the caller's own."""
    device_id: str = ""


def fixes_of(table: pa.Table) -> list[FixRow]:
    """Rows of ``tracks.record.FIXES`` as ``FixRow``, in the order given.

    A precision of 0 is unknown: no fix is perfect.
    """
    qualities: dict[int, Quality] = {}

    def quality(flags: int) -> Quality:
        if flags not in qualities:
            qualities[flags] = Quality(flags)
        return qualities[flags]

    return [
        FixRow(time_us, lon / 1e7, lat / 1e7, precision_m or None, _SOURCES[source], quality(flags), speed_mps,
               heading_deg, battery_pct, device_id)
        for time_us, lon, lat, precision_m, source, flags, speed_mps, heading_deg, battery_pct, device_id in zip(
            table.column("recorded_at_utc").cast(pa.int64()).to_pylist(),
            *(table.column(name).to_pylist() for name in (
                "lon_e7", "lat_e7", "precision_m", "source", "quality", "speed_mps", "heading_deg", "battery_pct")),
            _device_ids(table),
            strict=True,
        )
    ]  # fmt: skip


def _device_ids(table: pa.Table) -> list[str]:
    """One string for all rows of a device."""
    coded = table.column("device_id").combine_chunks()
    names = coded.dictionary.to_pylist()
    return [names[code] for code in coded.indices.to_pylist()]


def in_time(fixes: Iterable[FixRow]) -> list[FixRow]:
    """By time; fixes of one moment stay in the order they came."""
    return sorted(fixes, key=lambda fix: fix.time_us)
