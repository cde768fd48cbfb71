"""A person's positions over a time: the map, its gaps with their causes, its table by pages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from markupsafe import Markup

from milepost.compliance.display_contacts import NO_PLACE, TAGS
from milepost.compliance.display_geometry import TargetGeometry
from milepost.compliance.explain_gaps import cause_between
from milepost.compliance.own_schedule import gaps_between, longest_after_us
from milepost.orders.obligations import Shape
from milepost.orders.schedules import expand
from milepost.service.maps.features import MapData, build_map
from milepost.service.maps.rows import KIND_OF_CONDITION, FixRow, GapRow, ZoneKind, ZoneRow, fixes_of
from milepost.service.maps.table import table_of
from milepost.service.person_page.charge import Hour, charge_words, draw_charge, hours_of
from milepost.service.person_page.history import own_signals
from milepost.service.person_page.jumps import Jump, without_jumps
from milepost.service.person_page.lately import ZONE_KINDS
from milepost.service.person_page.policy_data import trail_policy
from milepost.service.person_page.stops import Leg, Place, legs_of
from milepost.service.person_page.subject import Subject
from milepost.service.web.formats import metres
from milepost.times import DAY_US, SECOND_US
from milepost.tracks.record import Signals


@dataclass(frozen=True, slots=True)
class Trail:
    shown: MapData
    page: Page[int]
    """Numbers of the positions on this page of the table."""
    positions: int
    drawn: int
    """Positions on the map: of very many only some are drawn, evenly."""
    doubtful: int
    gaps: tuple[GapRow, ...]
    silent_s: float
    jumps: tuple[Jump, ...]
    legs: tuple[Leg, ...]
    """Stops, ways between them and gaps, in order of time."""
    hours: tuple[Hour, ...]
    charge: Markup
    charge_words: str


def trail_of(subject: Subject, from_us: int, until_us: int, page: str | None = None) -> Trail:
    """Everything the page shows, worked out from the signals. Times microseconds UTC, half-open."""
    signals = own_signals(subject, from_us, until_us)
    fixes, jumps = _marked(subject, sorted(fixes_of(signals.fixes), key=lambda fix: fix.time_us))
    gaps = _gaps(subject, signals, fixes, from_us, min(until_us, subject.now_us))
    zones = zones_between(subject, from_us, until_us)
    policy = trail_policy()
    legs = legs_of(
        fixes, gaps, namer(subject, from_us, until_us), within_m=policy.stop_within_m.value,
        at_least_minutes=policy.stop_at_least_minutes.value,
    )  # fmt: skip
    for leg in legs:
        if leg.number:
            fixes[leg.first] = fixes[leg.first]._replace(label=_("Stop %(n)s") % {"n": leg.number})
    ends_us = min(until_us, subject.now_us)
    drawn = thinned(fixes, trail_policy().map_positions_at_most.value)
    page_of_table = Paginator(range(len(fixes)), trail_policy().table_page.value).get_page(page)
    numbers = range(page_of_table.start_index() - 1 if fixes else 0, page_of_table.end_index())
    shown = build_map(
        fixes=drawn, zones=zones, gaps=gaps, timezone=settings.LOCAL_TIME_ZONE, table_rows=numbers
    )
    if len(drawn) < len(fixes):  # the table has them all, drawn or not
        shown = replace(shown, table=table_of(fixes, zones, gaps, settings.LOCAL_TIME_ZONE, numbers))
    return Trail(
        shown=shown,
        page=page_of_table,
        positions=len(fixes),
        drawn=len(drawn),
        doubtful=sum(fix.proves_no_place for fix in fixes),
        gaps=tuple(gaps),
        silent_s=sum(gap.end_us - gap.start_us for gap in gaps) / SECOND_US,
        jumps=tuple(jumps),
        legs=tuple(legs),
        hours=tuple(hours_of(fixes, gaps, from_us, ends_us)),
        charge=draw_charge(fixes, gaps, from_us, max(ends_us, from_us + 1)),
        charge_words=charge_words(fixes, gaps),
    )


def _marked(subject: Subject, fixes: list[FixRow]) -> tuple[list[FixRow], list[Jump]]:
    """With no rule table there is no top speed to go by."""
    table = subject.rule_table()
    return (fixes, []) if table is None else without_jumps(fixes, table.evidence)


def namer(subject: Subject, from_us: int, until_us: int) -> Place:
    """Says where something is by the places and zones of the orders: in one of them, else how far from the nearest."""
    known: dict[str, tuple[TargetGeometry, bool]] = {}
    for owed in expand(subject.order_file, from_us - DAY_US, until_us + DAY_US):  # home is home by day too
        if owed.target is not None:
            is_zone = owed.duty == "be_outside" or owed.kind in ZONE_KINDS
            known.setdefault(subject.place_of(owed), (TargetGeometry(owed.target), is_zone))

    def place(lon: float, lat: float, precision_m: float | None) -> str:
        far = {name: -geometry.signed_distance_m(lon, lat) for name, (geometry, _zone) in known.items()}
        for name in sorted(far, key=far.__getitem__):
            if far[name] <= 0:
                return (_("inside %(place)s") if known[name][1] else _("at %(place)s")) % {"place": name}
        homes = [name for name in far if not known[name][1]] or list(far)
        if not homes:
            return ""
        nearest = min(homes, key=far.__getitem__)
        return _("%(distance)s from %(place)s") % {"distance": metres(far[nearest]), "place": nearest}

    return place


def thinned(fixes: Sequence[FixRow], at_most: int) -> list[FixRow]:
    """Every n-th, and the last: enough for the eye."""
    step = -(-len(fixes) // at_most)
    if step <= 1:
        return list(fixes)
    return [fix for n, fix in enumerate(fixes) if n % step == 0 or n == len(fixes) - 1]


def _gaps(
    subject: Subject, signals: Signals, fixes: Sequence[FixRow], from_us: int, until_us: int
) -> list[GapRow]:
    """Silences longer than the device's own schedule lets a gap be, at both ends of the time too.

    ``fixes``: all of ``signals``, in order of time.
    """
    table = subject.rule_table()
    worn = subject.worn_between(from_us, until_us)
    if table is None or until_us <= from_us or not worn:
        return []
    tags = {w.device_id for w in worn if w.device_kind in TAGS}
    own = [fix for fix in fixes if fix.device_id in tags]
    heard = [fix.time_us for fix in own if not int.__and__(fix.quality, NO_PLACE)]
    silent = gaps_between(heard, table.evidence)
    sure = [fix.time_us for fix in fixes if not fix.proves_no_place]
    begins = max(from_us, min(w.from_us for w in worn))
    first, last = (sure[0], sure[-1]) if sure else (until_us, begins)
    if first - begins > longest_after_us([], table.evidence):
        silent.insert(0, (begins, first))
    if sure and until_us - last > longest_after_us(heard, table.evidence):
        silent.append((last, until_us))
    if not silent:
        return []
    readings = [(fix.time_us, fix.battery_pct) for fix in own if fix.battery_pct is not None]
    events = _events(signals)

    def cause(before_us: int, after_us: int) -> str:
        so_far = bisect_right(readings, before_us, key=lambda reading: reading[0])
        battery_pct = readings[so_far - 1][1] if so_far else None
        return cause_between(table.evidence, battery_pct, events, before_us, after_us)

    return [GapRow(before, after, cause(before, after)) for before, after in silent]


def _events(signals: Signals) -> list[tuple[int, str]]:
    """Time and kind, in order of time; of one moment, as the device counts them."""
    table = signals.device_events
    times = table.column("recorded_at_utc").cast(pa.int64()).to_pylist()
    counts = [-1 if count is None else count for count in table.column("sequence").to_pylist()]
    kinds = table.column("kind").to_pylist()
    return [
        (us, kind) for us, _count, kind in sorted(zip(times, counts, kinds, strict=True), key=lambda e: e[:2])
    ]


def zones_between(subject: Subject, from_us: int, until_us: int) -> list[ZoneRow]:
    """Places and zones of duties that held at some time between, each once."""
    found: dict[tuple[str, str, Shape], ZoneRow] = {}
    for owed in expand(subject.order_file, from_us, until_us):
        kind = KIND_OF_CONDITION.get(str(owed.kind), ZoneKind.HOME)
        for shape in owed.target.shapes if owed.target else ():
            name = subject.place_of(owed)
            found.setdefault((name, kind.value, shape), zone_row(name, kind, shape))
    return list(found.values())


def zone_row(name: str, kind: ZoneKind, shape: Shape, when: str = "") -> ZoneRow:
    if not shape.rings:
        return ZoneRow(name, kind, circle=(shape.lon, shape.lat, shape.radius_m), when=when)
    rings = [[[lon, lat] for lon, lat in (*ring, ring[0])] for ring in shape.rings]
    return ZoneRow(name, kind, geometry={"type": "Polygon", "coordinates": rings}, when=when)
