"""What a map is made from: fixes, zones and gaps as plain records.

Degrees are WGS 84. Times are microseconds since the epoch, UTC. None means "not known", never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, cast

import pyarrow as pa

from milepost.compliance.plain_times import as_us
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


@dataclass(frozen=True, slots=True)
class FixRow:
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
        return bool(self.quality & PROVES_NO_PLACE)


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


@dataclass(frozen=True, slots=True)
class GapRow:
    """A time without positions, and why. ``device_id`` may be left out where there is one device."""

    start_us: int
    end_us: int
    cause: str
    """A name of ``NoDataCause`` in lower case (``battery``), or words of the caller's own."""
    device_id: str = ""


def fixes_of(table: pa.Table) -> list[FixRow]:
    """Rows of ``tracks.record.FIXES`` as ``FixRow``, in the order given."""
    return [fix_of(row) for row in table.to_pylist()]


def fix_of(row: Mapping[str, Any]) -> FixRow:
    """One record with the names of ``tracks.record.FIXES``, or with ``lon``, ``lat`` and ``time_us``.

    Raises ``KeyError`` where time or place is missing. A precision of 0 is unknown: no fix is perfect.
    """
    when = row["time_us"] if "time_us" in row else row["recorded_at_utc"]
    if not isinstance(when, int):
        when = cast(int, as_us(when))
    precision_m = row.get("precision_m")
    return FixRow(
        time_us=when,
        lon=float(row["lon"]) if "lon" in row else row["lon_e7"] / 1e7,
        lat=float(row["lat"]) if "lat" in row else row["lat_e7"] / 1e7,
        precision_m=float(precision_m) if precision_m else None,
        source=Source(row.get("source") or 0),
        quality=Quality(row.get("quality") or 0),
        speed_mps=row.get("speed_mps"),
        heading_deg=row.get("heading_deg"),
        battery_pct=row.get("battery_pct"),
        device_id=str(row.get("device_id") or ""),
        evidence=row.get("evidence") or "",
        label=str(row.get("label") or ""),
    )


def in_time(fixes: Iterable[FixRow]) -> list[FixRow]:
    """By time; fixes of one moment stay in the order they came."""
    return sorted(fixes, key=lambda fix: fix.time_us)
