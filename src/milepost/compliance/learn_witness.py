"""Errors that something else bears witness to: the home unit that hears the tag, or long nights in one place.

While a home unit hears a tag, the tag is at home, and a position's distance from the place in the order is its
error (that the circle was drawn a little off is part of it: it is an error to whoever is judged by it). A long
dwell has no such witness. The middle of many nights stands for the true place, so an error that is the same every
night cannot be seen, and a walk at night looks like one. Only the middle half of such errors is worth anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milepost.compliance import compiled
from milepost.compliance import kernel as k
from milepost.compliance.columns import Columns, columns_of
from milepost.compliance.display_geometry import centre, metres_per_degree
from milepost.compliance.learned_errors import Witness, models_of
from milepost.compliance.presence import PresenceEvent, streams_by_person
from milepost.compliance.worn import Wearings, WornFixes, attribute
from milepost.orders.model import OrderFile
from milepost.orders.schedules import expand
from milepost.policy_files import PolicyFile, Strict
from milepost.tracks.record import DEGREES_TO_E7, PresenceState, Signals

SECOND_US, HOUR_US, DAY_US = 1_000_000, 3_600_000_000, 86_400_000_000

PROVES_NO_PLACE = k.FUTURE | k.MOCK | k.SAYS_NOTHING


class HomeUnitRule(Strict):
    settle_s: float
    lag_s: float
    gap_s: float


class DwellRule(Strict):
    from_hour: int
    until_hour: int
    reach_m: float
    least_nights: int


class EnoughRule(Strict):
    fixes: int
    nights: int
    devices: int
    nights_for_tails: int


class ShapeRule(Strict):
    bands_m: list[float]
    shares: list[float]
    share_of_tails: float
    share_within_reach: float
    longest_correlation_s: float


class RuleTrial(Strict):
    wronged_nights: float
    step: float
    steps: int
    share_of_row: float


class LearningRules(PolicyFile):
    """How errors are learned (``learn_errors.toml``)."""

    home_unit: HomeUnitRule
    dwell: DwellRule
    enough: EnoughRule
    shape: ShapeRule
    rule: RuleTrial


@dataclass(slots=True)
class Witnessed:
    """Errors, one array a field. ``east_m`` and ``north_m`` are position less truth; ``stated_m`` NaN where the
    device said nothing; ``night`` counts days from noon to noon, UTC; ``by_unit``: a home unit heard the tag."""

    device: np.ndarray
    t: np.ndarray
    source: np.ndarray
    stated_m: np.ndarray
    east_m: np.ndarray
    north_m: np.ndarray
    by_unit: np.ndarray
    devices: list[str]
    models: dict[str, str]

    @property
    def night(self) -> np.ndarray:
        return (self.t - DAY_US // 2) // DAY_US

    @property
    def error_m(self) -> np.ndarray:
        return np.hypot(self.east_m, self.north_m)

    def witnesses(self) -> dict[Witness, np.ndarray]:
        return {"home_unit": self.by_unit, "dwells": ~self.by_unit}


def witnessed_errors(order_file: OrderFile, signals: Signals, rules: LearningRules) -> Witnessed:
    """Errors of all tags that were worn: by home unit where there is one, by dwells for the other devices."""
    columns = columns_of(signals.fixes)
    wearings = Wearings.of(order_file)
    worn = attribute(columns, wearings, compiled.choose(3 * len(columns)))
    found = _by_home_unit(order_file, signals, wearings, worn, rules.home_unit)
    seen = np.unique(worn.columns.device[found[0]]) if len(found[0]) else np.zeros(0, np.int32)
    more = _by_dwell(worn.columns, seen, rules.dwell)
    rows = np.concatenate([found[0], more[0]])
    c = worn.columns
    return Witnessed(
        device=c.device[rows],
        t=c.t[rows],
        source=c.source[rows],
        stated_m=np.where(c.precision_m[rows] > 0, c.precision_m[rows], np.nan),
        east_m=np.concatenate([found[1], more[1]]),
        north_m=np.concatenate([found[2], more[2]]),
        by_unit=np.arange(len(rows)) < len(found[0]),
        devices=c.devices,
        models=models_of(order_file),
    )


Found = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Rows of the fixes, metres east and north of where the tag was."""


def _nothing() -> list[Found]:
    return [(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))]


def _joined(parts: list[Found]) -> Found:
    rows, east, north = (np.concatenate(x) for x in zip(*(parts or _nothing()), strict=True))
    return rows, east, north


def _by_home_unit(
    order_file: OrderFile, signals: Signals, wearings: Wearings, worn: WornFixes, rule: HomeUnitRule
) -> Found:
    streams, _ = streams_by_person(signals.presence, wearings)
    homes = _homes(order_file, worn)
    parts: list[Found] = []
    for person, of_person in streams.items():
        for stream in of_person:
            home = _home_of(homes.get(person, {}), stream.place)
            if home is None:
                continue
            for a, b in heard_spans(stream.events, rule):
                for i0, i1, _ in worn.slices.get(person, ()):
                    i, j = np.searchsorted(worn.columns.t[i0:i1], (a, b)) + i0
                    rows = np.arange(i, j)
                    rows = rows[(worn.columns.quality[rows] & PROVES_NO_PLACE) == 0]
                    parts.append((rows, *_metres_from(worn.columns, rows, *home)))
    return _joined(parts)


def _homes(order_file: OrderFile, worn: WornFixes) -> dict[str, dict[str, tuple[float, float]]]:
    """The centre of each curfew place that is one shape, degrees: by person, then place id."""
    homes: dict[str, dict[str, tuple[float, float]]] = {}
    if worn.first_us is None or worn.last_us is None:
        return homes
    for owed in expand(order_file, worn.first_us, worn.last_us + 1):
        target = owed.target
        if owed.kind == "curfew" and target and len(target.shapes) == 1 and len(target.place_ids) == 1:
            homes.setdefault(owed.person_id, {})[target.place_ids[0]] = centre(target.shapes[0])
    return homes


def _home_of(homes: dict[str, tuple[float, float]], place: str | None) -> tuple[float, float] | None:
    """A home unit that names no place stands at the only one there is."""
    if place is not None:
        return homes.get(place)
    return next(iter(homes.values())) if len(homes) == 1 else None


def heard_spans(events: list[PresenceEvent], rule: HomeUnitRule) -> list[tuple[int, int]]:
    """When the tag was surely at home: half-open, microseconds UTC. A long silence of the unit ends a span."""
    spans: list[tuple[int, int]] = []
    since: int | None = None
    last = 0

    def close(end: int) -> None:
        if since is not None and end > since + rule.settle_s * SECOND_US:
            spans.append((since + int(rule.settle_s * SECOND_US), end))

    for event in events:
        heard = event.state == PresenceState.IN_RANGE
        if since is not None and event.t - last > rule.gap_s * SECOND_US:
            close(last)
            since = None
        if not heard and since is not None:
            close(event.t - int(rule.lag_s * SECOND_US))
            since = None
        elif heard and since is None:
            since = event.t
        last = event.t
    close(last)
    return spans


def _by_dwell(c: Columns, but: np.ndarray, rule: DwellRule) -> Found:
    hour = c.t % DAY_US // HOUR_US
    use = (hour >= rule.from_hour) & (hour < rule.until_hour) & ((c.quality & PROVES_NO_PLACE) == 0)
    use &= ~np.isin(c.device, but)
    parts: list[Found] = []
    for device in np.unique(c.device[use]).tolist():
        rows = np.flatnonzero(use & (c.device == device))
        night = c.t[rows] // DAY_US
        nights = np.unique(night)
        middles = np.array([_middle(c, rows[night == n]) for n in nights.tolist()])
        usual = np.median(middles, axis=0)
        east, north = metres_per_degree(float(usual[1]))
        near = np.hypot((middles[:, 0] - usual[0]) * east, (middles[:, 1] - usual[1]) * north) <= rule.reach_m
        if near.sum() >= rule.least_nights:
            rows = rows[np.isin(night, nights[near])]
            parts.append((rows, *_metres_from(c, rows, float(usual[0]), float(usual[1]))))
    return _joined(parts)


def _middle(c: Columns, rows: np.ndarray) -> tuple[float, float]:
    return (
        float(np.median(c.lon_e7[rows])) / DEGREES_TO_E7,
        float(np.median(c.lat_e7[rows])) / DEGREES_TO_E7,
    )


def _metres_from(c: Columns, rows: np.ndarray, lon: float, lat: float) -> tuple[np.ndarray, np.ndarray]:
    east, north = metres_per_degree(lat)
    return (c.lon_e7[rows] / DEGREES_TO_E7 - lon) * east, (c.lat_e7[rows] / DEGREES_TO_E7 - lat) * north
