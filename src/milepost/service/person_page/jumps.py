"""Positions that nobody could have come from or gone to in the time: marked, left out of lines and of fitting, listed.

The engine's own rule says which (its section on contacts): farther from the last position that counts than the top speed of
the rule table allows, both circles taken off. Such a position is weak there and proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from milepost.compliance.display_contacts import Fix, contacts_of
from milepost.compliance.display_geometry import metres_per_degree
from milepost.compliance.rule_tables import Evidence
from milepost.service.maps.rows import FixRow
from milepost.times import SECOND_US
from milepost.tracks.record import Quality


@dataclass(frozen=True, slots=True)
class Jump:
    """From the last position that counts, ``from_us``, to one that cannot be. ``number``: of the position, from 0."""

    number: int
    at_us: int
    from_us: int
    way_m: float
    seconds: float

    @property
    def speed_mps(self) -> float:
        return self.way_m / max(self.seconds, 1.0)


def without_jumps(fixes: Sequence[FixRow], evidence: Evidence) -> tuple[list[FixRow], list[Jump]]:
    """``fixes`` in order of time; those beyond the top speed come back flagged, so that they prove no place."""
    marked, jumps = list(fixes), []
    last: FixRow | None = None
    for number, (fix, contact) in enumerate(
        zip(fixes, contacts_of(map(_as_fix, fixes), evidence), strict=True)
    ):
        rule = evidence.sources[fix.source.name]  # type: ignore[index]
        too_fast = contact.standing == "weak" and rule.may_confirm and not fix.quality & Quality.MOCK
        if not too_fast:
            if contact.standing == "strong":
                last = fix
            continue
        marked[number] = fix._replace(quality=fix.quality | Quality.IMPOSSIBLE_SPEED)
        if last is not None:
            jumps.append(
                Jump(
                    number,
                    fix.time_us,
                    last.time_us,
                    way_m(last, fix),
                    (fix.time_us - last.time_us) / SECOND_US,
                )
            )
    return marked, jumps


def _as_fix(row: FixRow) -> Fix:
    return Fix(
        device_id=row.device_id, time_us=row.time_us, sequence=None, source=row.source, lon=row.lon, lat=row.lat,
        precision_m=row.precision_m, battery_pct=row.battery_pct, quality=row.quality, payload_ref="",
        speed_mps=row.speed_mps,
    )  # fmt: skip


def way_m(one: FixRow, other: FixRow) -> float:
    """As the crow flies."""
    east_m, north_m = metres_per_degree((one.lat + other.lat) / 2)
    turn = (other.lon - one.lon + 180) % 360 - 180
    return math.hypot(turn * east_m, (other.lat - one.lat) * north_m)
