"""From fixes, zones and gaps to what the map draws and what its table says.

``build_map`` gives two things from the same records, so that they cannot disagree.

``features``: a GeoJSON FeatureCollection (RFC 7946). Every feature has ``properties.layer``:

| layer | geometry | properties |
|---|---|---|
| ``fix`` | Point | ``id``, ``n`` (order, from 0), ``t`` (seconds since the epoch, UTC), ``source`` (gps, rf, lbs, wifi, unknown), ``doubt`` (proves no place), ``precision_m`` or null, ``speed_mps``, ``heading_deg``, ``evidence`` (first, last, during or empty), ``dwell_s`` (until the next fix; 0 before a gap), ``order`` (0 oldest to 1 newest), ``label``, ``mark`` (the words beside the sign), ``title``, ``facts`` |
| ``trail`` | LineString | ``order`` |
| ``gap`` | LineString | ``id``, ``title``, ``facts``, ``t0``, ``t1`` |
| ``gap-label`` | Point | ``label``, ``t0``, ``t1`` |
| ``zone`` | Polygon or MultiPolygon | ``id``, ``kind``, ``title``, ``facts`` |
| ``buffer`` | Polygon or MultiPolygon | ``kind`` |
| ``zone-label`` | Point | ``kind``, ``label`` |

``title`` is a line of text, ``facts`` a list of [term, value]: both are text, never HTML. The collection has
a ``bbox`` of what can be trusted: a fix at 0, 0 is drawn, but the map does not open on the Gulf of Guinea.
"""  # noqa: E501 -- a row of the table is one line

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from milepost.service.maps import geometry as geo
from milepost.service.maps import say
from milepost.service.maps.addresses import map_addresses
from milepost.service.maps.rows import FixRow, GapRow, ZoneRow, in_time
from milepost.service.maps.say import _
from milepost.service.maps.twin import MapTable, table_of

SECOND_US = 1_000_000
SHADES = 32
"""Steps of shade from the oldest piece of a trail to the newest. Display only."""

Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MapData:
    """``features`` for the map, ``table`` for its twin; both go to the macro ``map``."""

    features: dict[str, Any]
    table: MapTable


def build_map(
    *,
    fixes: Iterable[FixRow] = (),
    zones: Iterable[ZoneRow] = (),
    gaps: Iterable[GapRow] = (),
    timezone: str = "Europe/London",
    table_rows: range | None = None,
) -> MapData:
    """Everything one map shows. Fixes may come in any order; fixes of several devices get a trail each.

    ``table_rows``: for a table by pages, the numbers (in order of time) of the fixes on its page; None: all.

    ``features["addresses"]`` names the tiles and streets that lie beneath, as the settings say.
    """
    ordered, kept, silences = in_time(fixes), list(zones), list(gaps)
    with say.words_once():
        features = [
            *zone_features(kept),
            *trail_features(ordered, silences, timezone),
            *fix_features(ordered, silences, timezone),
        ]
        table = table_of(ordered, kept, silences, timezone, table_rows)
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": features,
        "timezone": timezone,
        "addresses": map_addresses(),
    }
    box = _trusted_box(ordered, features)
    if box is not None:
        collection["bbox"] = list(box)
    return MapData(collection, table)


def fix_features(fixes: Sequence[FixRow], gaps: Sequence[GapRow], timezone: str) -> list[Feature]:
    """Points, oldest first. ``fixes`` in order of time."""
    dwell_s = _dwells(fixes, gaps)
    first_us, span_us = _span(fixes)
    return [
        _feature(
            "fix",
            {"type": "Point", "coordinates": [round(fix.lon, 7), round(fix.lat, 7)]},
            id=f"fix-{n}",
            n=n,
            t=fix.time_us / SECOND_US,
            source=fix.source.name.lower(),
            doubt=fix.proves_no_place,
            precision_m=fix.precision_m,
            speed_mps=fix.speed_mps,
            heading_deg=fix.heading_deg,
            evidence=fix.evidence,
            dwell_s=dwell_s[n],
            order=round((fix.time_us - first_us) / span_us, 4),
            label=fix.label,
            mark=say.mark_words(fix, timezone),
            title=say.time_words(fix.time_us, timezone),
            facts=facts_of(fix),
        )
        for n, fix in enumerate(fixes)
    ]


def facts_of(fix: FixRow) -> list[list[str]]:
    """What the pop-up of a fix says, as [term, value]."""
    facts = [
        [_("Accuracy"), say.accuracy_words(fix.precision_m)],
        [_("Found by"), say.source_words(fix)],
        [_("Speed"), say.speed_words(fix.speed_mps)],
        [_("Direction"), say.heading_words(fix.heading_deg)],
    ]
    if fix.battery_pct is not None:
        facts.append([_("Battery"), f"{fix.battery_pct:.0f} %"])
    for term, value in (
        (_("Finding"), say.evidence_words(fix)),
        (_("Doubt"), say.doubt_words(fix)),
        (_("Device"), fix.device_id),
    ):
        if value:
            facts.append([term, value])
    return facts


def trail_features(fixes: Sequence[FixRow], gaps: Sequence[GapRow], timezone: str) -> list[Feature]:
    """Lines through the fixes of each device: whole where the tag was heard, a gap where it was not.

    A line says only that one fix followed another, not which way the person went.
    """
    first_us, span_us = _span(fixes)
    found: list[Feature] = []
    for device in dict.fromkeys(fix.device_id for fix in fixes):
        sure = [fix for fix in fixes if fix.device_id == device and not fix.proves_no_place]
        steps = [(before, after, _gap_between(before, after, gaps)) for before, after in pairwise(sure)]

        def piece(step: tuple[FixRow, FixRow, GapRow | None]) -> tuple[int, GapRow | None]:
            return int((step[0].time_us - first_us) / span_us * SHADES), step[2]

        for (_shade, gap), group in groupby(steps, key=piece):
            run = list(group)
            line = _line([run[0][0], *(after for _, after, _ in run)])
            if gap is None:
                order = (run[-1][1].time_us - first_us) / span_us
                found.append(_feature("trail", line, order=round(order, 4)))
                continue
            found += _gap_features(line, gap, f"gap-{gaps.index(gap)}", timezone)
    return found


def zone_features(zones: Sequence[ZoneRow]) -> list[Feature]:
    """Areas, their buffer lines and their labels. A zone with no geometry is in the table alone."""
    found: list[Feature] = []
    for n, zone in enumerate(zones):
        area = geo.drawn(zone)
        if area is None:
            continue
        facts = [[_("Kind"), say.kind_words(zone.kind)]]
        if zone.when:
            facts.append([_("When"), zone.when])
        found.append(
            _feature("zone", area, id=f"zone-{n}", kind=zone.kind.value, title=zone.name, facts=facts)
        )
        wider = geo.widened(area, zone.buffer_m) if zone.buffer_m else None
        if wider is not None:
            found.append(_feature("buffer", wider, kind=zone.kind.value))
        point = {"type": "Point", "coordinates": geo.top_point(area)}
        label = f"{say.short_kind(zone.kind)}: {zone.name}"
        found.append(_feature("zone-label", point, kind=zone.kind.value, label=label))
    return found


def _feature(layer: str, geometry: Any, **properties: Any) -> Feature:
    return {"type": "Feature", "properties": {"layer": layer, **properties}, "geometry": geometry}


def _line(fixes: Sequence[FixRow]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[round(f.lon, 7), round(f.lat, 7)] for f in fixes]}


def _gap_features(line: dict[str, Any], gap: GapRow, row_id: str, timezone: str) -> list[Feature]:
    """The dotted line, and a point in its middle for its words: a line may be too short to write along."""
    length = say.length_words((gap.end_us - gap.start_us) / SECOND_US)
    cause = say.cause_words(gap.cause)
    times = {"t0": gap.start_us / SECOND_US, "t1": gap.end_us / SECOND_US}
    facts = [
        [_("From"), say.time_words(gap.start_us, timezone)],
        [_("Until"), say.time_words(gap.end_us, timezone)],
        [_("Cause"), cause],
    ]
    (lon0, lat0), (lon1, lat1) = line["coordinates"][0], line["coordinates"][-1]
    middle = {"type": "Point", "coordinates": [(lon0 + lon1) / 2, (lat0 + lat1) / 2]}
    label = _("No position for %(length)s: %(cause)s") % {"length": length, "cause": cause}
    return [
        _feature("gap", line, id=row_id, title=_("No position"), facts=facts, **times),
        _feature("gap-label", middle, label=label, **times),
    ]


def _gap_between(before: FixRow, after: FixRow, gaps: Sequence[GapRow]) -> GapRow | None:
    for gap in gaps:
        same = not gap.device_id or gap.device_id == before.device_id
        if same and gap.start_us < after.time_us and gap.end_us > before.time_us:
            return gap
    return None


def _dwells(fixes: Sequence[FixRow], gaps: Sequence[GapRow]) -> list[float]:
    """Seconds until the same device's next fix: what a fix weighs on the heat map. Nothing across a gap."""
    found = [0.0] * len(fixes)
    last: dict[str, int] = {}
    for n, fix in enumerate(fixes):
        if fix.proves_no_place:
            continue
        before = last.get(fix.device_id)
        if before is not None and _gap_between(fixes[before], fix, gaps) is None:
            found[before] = (fix.time_us - fixes[before].time_us) / SECOND_US
        last[fix.device_id] = n
    return found


def _span(fixes: Sequence[FixRow]) -> tuple[int, int]:
    if not fixes:
        return 0, 1
    return fixes[0].time_us, max(1, fixes[-1].time_us - fixes[0].time_us)


def _trusted_box(fixes: Sequence[FixRow], features: Sequence[Feature]) -> geo.Box | None:
    sure = [fix for fix in fixes if not fix.proves_no_place] or fixes
    areas = [geo.bounds(f["geometry"]) for f in features if f["properties"]["layer"] == "zone"]
    return geo.join([geo.box_around((fix.lon, fix.lat) for fix in sure), *areas])
