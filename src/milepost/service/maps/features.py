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

``title`` is a line of text. ``facts`` is a list of numbers: places in the collection's own list ``facts``, where each
[term, value] stands once, for a day's fixes say the same few hundred things again and again. All of it is text, never
HTML. The collection has a ``bbox`` of what can be trusted: a fix at 0, 0 is drawn, but the map does not open on the
Gulf of Guinea.
"""  # noqa: E501 -- a row of the table is one line

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from milepost.service.maps import geometry as geo
from milepost.service.maps import map_words
from milepost.service.maps.addresses import map_addresses
from milepost.service.maps.map_words import _
from milepost.service.maps.rows import FixRow, GapRow, ZoneRow, in_time
from milepost.service.maps.table import MapTable, table_of
from milepost.times import SECOND_US
from milepost.tracks.record import Source

SOURCE_NAMES = {source: source.name.lower() for source in Source}
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
    ordered, kept, silences, facts = in_time(fixes), list(zones), list(gaps), Facts()
    with map_words.words_once():
        features = [
            *zone_features(kept, facts),
            *trail_features(ordered, silences, timezone, facts),
            *fix_features(ordered, silences, timezone, facts),
        ]
        table = table_of(ordered, kept, silences, timezone, table_rows)
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": features,
        "facts": facts.as_rows(),
        "timezone": timezone,
        "addresses": map_addresses(),
    }
    box = _trusted_box(ordered, features)
    if box is not None:
        collection["bbox"] = list(box)
    return MapData(collection, table)


class Facts:
    """Each [term, value] once, by its place."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], int] = {}

    def place(self, term: str, value: str) -> int:
        return self._places.setdefault((term, value), len(self._places))

    def as_rows(self) -> list[list[str]]:
        return [list(fact) for fact in self._places]


def fix_features(
    fixes: Sequence[FixRow], gaps: Sequence[GapRow], timezone: str, facts: Facts
) -> list[Feature]:
    """Points, oldest first. ``fixes`` in order of time."""
    dwell_s = _dwells(fixes, gaps)
    first_us, span_us = _span(fixes)
    facts_of = teller(facts)
    return [
        {
            "type": "Feature",
            "properties": {
                "layer": "fix",
                "id": f"fix-{n}",
                "n": n,
                "t": fix.time_us / SECOND_US,
                "source": SOURCE_NAMES[fix.source],
                "doubt": fix.proves_no_place,
                "precision_m": fix.precision_m,
                "speed_mps": fix.speed_mps,
                "heading_deg": fix.heading_deg,
                "evidence": fix.evidence,
                "dwell_s": dwell_s[n],
                "order": round((fix.time_us - first_us) / span_us, 4),
                "label": fix.label,
                "mark": map_words.mark_words(fix, timezone),
                "title": map_words.time_words(fix.time_us, timezone),
                "facts": facts_of(fix),
            },
            "geometry": {"type": "Point", "coordinates": [round(fix.lon, 7), round(fix.lat, 7)]},
        }
        for n, fix in enumerate(fixes)
    ]


def teller(facts: Facts) -> Callable[[FixRow], list[int]]:
    """What the pop-up of a fix says. How accurate it is comes first, for the player says just that. Each value is put
    into words once: a day has 1,440 fixes and a few hundred values."""
    accuracy = cache(lambda metres: facts.place(_("Accuracy"), map_words.accuracy_words(metres)))
    source = cache(lambda found_by: facts.place(_("Found by"), map_words.source_name(found_by)))
    speed = cache(lambda mps: facts.place(_("Speed"), map_words.speed_words(mps)))
    direction = cache(lambda degrees: facts.place(_("Direction"), map_words.heading_words(degrees)))
    battery = cache(lambda percent: facts.place(_("Battery"), f"{percent:.0f} %"))

    def facts_of(fix: FixRow) -> list[int]:
        said = [
            accuracy(fix.precision_m), source(fix.source), speed(fix.speed_mps), direction(fix.heading_deg)
        ]  # fmt: skip
        if fix.battery_pct is not None:
            said.append(battery(fix.battery_pct))
        if fix.evidence:
            said.append(facts.place(_("Finding"), map_words.evidence_words(fix)))
        if doubt := map_words.doubt_words(fix):
            said.append(facts.place(_("Doubt"), doubt))
        if fix.device_id:
            said.append(facts.place(_("Device"), fix.device_id))
        return said

    return facts_of


def trail_features(
    fixes: Sequence[FixRow], gaps: Sequence[GapRow], timezone: str, facts: Facts
) -> list[Feature]:
    """Lines through the fixes of each device: whole where the tag was heard, a gap where it was not.

    A line says only that one fix followed another, not which way the person went.
    """
    first_us, span_us = _span(fixes)
    found: list[Feature] = []
    for numbers, silent in steps_of(fixes, gaps):
        sure = [fixes[n] for n in numbers]
        pieces = [
            (int((fix.time_us - first_us) / span_us * SHADES), gap)
            for fix, gap in zip(sure, silent, strict=False)
        ]
        for (_shade, number), group in groupby(range(len(silent)), key=pieces.__getitem__):
            steps = list(group)
            line = _line(sure[steps[0] : steps[-1] + 2])
            if number is None:
                order = (sure[steps[-1] + 1].time_us - first_us) / span_us
                found.append(_feature("trail", line, order=round(order, 4)))
                continue
            found += _gap_features(line, gaps[number], f"gap-{number}", timezone, facts)
    return found


def zone_features(zones: Sequence[ZoneRow], facts: Facts) -> list[Feature]:
    """Areas, their buffer lines and their labels. A zone with no geometry is in the table alone."""
    found: list[Feature] = []
    for n, zone in enumerate(zones):
        area = geo.drawn(zone)
        if area is None:
            continue
        said = [facts.place(_("Kind"), map_words.kind_words(zone.kind))]
        if zone.when:
            said.append(facts.place(_("When"), zone.when))
        found.append(
            _feature("zone", area, id=f"zone-{n}", kind=zone.kind.value, title=zone.name, facts=said)
        )
        wider = geo.widened(area, zone.buffer_m) if zone.buffer_m else None
        if wider is not None:
            found.append(_feature("buffer", wider, kind=zone.kind.value))
        point = {"type": "Point", "coordinates": geo.top_point(area)}
        label = f"{map_words.short_kind(zone.kind)}: {zone.name}"
        found.append(_feature("zone-label", point, kind=zone.kind.value, label=label))
    return found


def _feature(layer: str, geometry: Any, **properties: Any) -> Feature:
    return {"type": "Feature", "properties": {"layer": layer, **properties}, "geometry": geometry}


def _line(fixes: Sequence[FixRow]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[round(f.lon, 7), round(f.lat, 7)] for f in fixes]}


def _gap_features(
    line: dict[str, Any], gap: GapRow, row_id: str, timezone: str, facts: Facts
) -> list[Feature]:
    """The dotted line, and a point in its middle for its words: a line may be too short to write along."""
    length = map_words.length_words((gap.end_us - gap.start_us) / SECOND_US)
    cause = map_words.cause_words(gap.cause)
    times = {"t0": gap.start_us / SECOND_US, "t1": gap.end_us / SECOND_US}
    said = [
        facts.place(_("From"), map_words.time_words(gap.start_us, timezone)),
        facts.place(_("Until"), map_words.time_words(gap.end_us, timezone)),
        facts.place(_("Cause"), cause),
    ]
    (lon0, lat0), (lon1, lat1) = line["coordinates"][0], line["coordinates"][-1]
    middle = {"type": "Point", "coordinates": [(lon0 + lon1) / 2, (lat0 + lat1) / 2]}
    label = _("No position for %(length)s: %(cause)s") % {"length": length, "cause": cause}
    return [
        _feature("gap", line, id=row_id, title=_("No position"), facts=said, **times),
        _feature("gap-label", middle, label=label, **times),
    ]


def steps_of(fixes: Sequence[FixRow], gaps: Sequence[GapRow]) -> list[tuple[list[int], list[int | None]]]:
    """For each device: the numbers of the fixes that prove a place, and which gap, if any, lies in each step from one
    to the next. Where gaps overlap the first counts."""
    by_device: dict[str, list[int]] = {}
    for n, fix in enumerate(fixes):
        if not fix.proves_no_place:
            by_device.setdefault(fix.device_id, []).append(n)
    found = []
    for device, numbers in by_device.items():
        times = [fixes[n].time_us for n in numbers]
        silent: list[int | None] = [None] * (len(numbers) - 1)
        for number, gap in reversed(list(enumerate(gaps))):
            if not gap.device_id or gap.device_id == device:
                first = max(bisect_right(times, gap.start_us) - 1, 0)
                last = min(bisect_left(times, gap.end_us), len(silent))
                silent[first:last] = [number] * (last - first)
        found.append((numbers, silent))
    return found


def _dwells(fixes: Sequence[FixRow], gaps: Sequence[GapRow]) -> list[float]:
    """Seconds until the same device's next fix: what a fix weighs on the heat map. Nothing across a gap."""
    found = [0.0] * len(fixes)
    for numbers, silent in steps_of(fixes, gaps):
        for here, there, gap in zip(numbers, numbers[1:], silent, strict=False):
            if gap is None:
                found[here] = (fixes[there].time_us - fixes[here].time_us) / SECOND_US
    return found


def _span(fixes: Sequence[FixRow]) -> tuple[int, int]:
    if not fixes:
        return 0, 1
    return fixes[0].time_us, max(1, fixes[-1].time_us - fixes[0].time_us)


def _trusted_box(fixes: Sequence[FixRow], features: Sequence[Feature]) -> geo.Box | None:
    sure = [fix for fix in fixes if not fix.proves_no_place] or fixes
    areas = [geo.bounds(f["geometry"]) for f in features if f["properties"]["layer"] == "zone"]
    return geo.join([geo.box_around((fix.lon, fix.lat) for fix in sure), *areas])
