"""The map of an incident: its fixes with true accuracy, the places of its conditions, the silences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from milepost.compliance.explain import Explanation
from milepost.orders.obligations import Shape
from milepost.service.maps.features import MapData, build_map
from milepost.service.maps.rows import KIND_OF_CONDITION, FixRow, GapRow, ZoneKind, ZoneRow, fixes_of
from milepost.service.monitoring.evidence import Material
from milepost.service.monitoring.policy_data import board_numbers
from milepost.times import MINUTE_US


def map_of(material: Material, rows: Sequence[Mapping[str, Any]], timezone: str) -> MapData | None:
    """None where neither a place nor a position is known."""
    around_us = board_numbers().incident.map_before_minutes * MINUTE_US
    from_us = min(row["start_utc"] for row in rows) - around_us
    until_us = max(row["end_utc"] for row in rows) + around_us
    shown_of = material.explanations.values()
    fixes = _marked(_between(material, from_us, until_us), _evidence(shown_of))
    zones = list(_zones(shown_of))
    if not fixes and not zones:
        return None
    gaps = [
        GapRow(row["start_utc"], row["end_utc"], row["cause"] or "no_signal")
        for row in material.timeline
        if row["label"] == "no_data" and row["end_utc"] > from_us and row["start_utc"] < until_us
    ]
    return build_map(fixes=fixes, zones=zones, gaps=gaps, timezone=timezone)


def _between(material: Material, from_us: int, until_us: int) -> list[FixRow]:
    table = material.signals.fixes
    if not table.num_rows:
        return []
    times = pc.cast(table.column("recorded_at_utc"), "int64")
    return fixes_of(table.filter(pc.and_(pc.greater_equal(times, from_us), pc.less_equal(times, until_us))))


def _evidence(explanations: Iterable[Explanation]) -> dict[tuple[str, int], str]:
    """Which fix is first, last or between in a finding."""
    found: dict[tuple[str, int], str] = {}
    for explanation in explanations:
        keys = [(row.device_id, row.time_us) for row in explanation.evidence if row.lon is not None]
        found |= dict.fromkeys(keys, "during")
        if keys:
            found[keys[-1]] = "last"
            found[keys[0]] = "first"
    return found


def _marked(fixes: list[FixRow], evidence: Mapping[tuple[str, int], str]) -> list[FixRow]:
    """With their part in the findings. Of very many, some of those that prove nothing are left out, evenly."""
    marked = [fix._replace(evidence=evidence.get((fix.device_id, fix.time_us), "")) for fix in fixes]  # type: ignore[arg-type]
    most = board_numbers().incident.map_fixes_at_most
    step = -(-len(marked) // most)
    return (
        [fix for i, fix in enumerate(marked) if i % step == 0 or fix.evidence in ("first", "last")]
        if step > 1
        else marked
    )


def _zones(explanations: Iterable[Explanation]) -> Iterable[ZoneRow]:
    seen = set()
    for explanation in explanations:
        case = explanation.case
        if case.obligation is None or case.obligation.target is None or case.condition is None:
            continue
        if case.condition.id in seen:
            continue
        seen.add(case.condition.id)
        kind = KIND_OF_CONDITION.get(case.condition.kind.value, ZoneKind.HOME)
        for shape in case.obligation.target.shapes:
            yield _zone(case.place, kind, shape)


def _zone(name: str, kind: ZoneKind, shape: Shape) -> ZoneRow:
    if not shape.rings:
        return ZoneRow(name, kind, circle=(shape.lon, shape.lat, shape.radius_m))
    rings = [[[lon, lat] for lon, lat in (*ring, ring[0])] for ring in shape.rings]
    return ZoneRow(name, kind, geometry={"type": "Polygon", "coordinates": rings})
