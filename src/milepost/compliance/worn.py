"""Section 1: whose signal is it? Rows of fixes to the people who wore the devices."""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from milepost.compliance.columns import Columns
from milepost.compliance.times import FOREVER_US, to_us
from milepost.orders.model import Activation, OrderFile
from milepost.tracks.record import Quality


@dataclass(frozen=True, slots=True)
class Wearing:
    """An activation with its times as microseconds, half-open."""

    activation_id: str
    device_id: str
    person_id: str
    from_us: int
    until_us: int
    device_kind: str
    place: str | None

    @classmethod
    def of(cls, activation: Activation) -> Wearing:
        return cls(
            activation.id,
            activation.device_id,
            activation.person_id,
            to_us(activation.from_utc),
            to_us(activation.until_utc) if activation.until_utc else FOREVER_US,
            activation.device_kind,
            activation.place,
        )


SAID_BY_THE_DEVICE = ~int(Quality.DUPLICATE | Quality.IMPOSSIBLE_SPEED) & 0xFFFF
"""Flags that count in the order; the other two are decided by the engine itself."""
TAGS = ("tag", "radio_tag")


def exclusive(wearings: list[Wearing]) -> list[tuple[int, int, Wearing]]:
    """Who wore a tag when, at most one at a time: the fitting that began last counts, then the lowest id."""
    if len(wearings) == 1 and wearings[0].from_us < wearings[0].until_us:  # as nearly every tag
        return [(wearings[0].from_us, wearings[0].until_us, wearings[0])]
    cuts = sorted({t for w in wearings for t in (w.from_us, w.until_us)})
    spans: list[tuple[int, int, Wearing]] = []
    for a, b in itertools.pairwise(cuts):
        worn = [w for w in wearings if w.from_us <= a < w.until_us]
        if not worn:
            continue
        last = min(worn, key=lambda w: (-w.from_us, w.activation_id))
        if spans and spans[-1][1] == a and spans[-1][2] == last:
            spans[-1] = (spans[-1][0], b, last)
        else:
            spans.append((a, b, last))
    return spans


@dataclass(slots=True)
class Wearings:
    """All activations: tags by device as exclusive spans, home units by device, everything by person."""

    tag_spans: dict[str, list[tuple[int, int, Wearing]]] = field(default_factory=dict)
    units: dict[str, list[Wearing]] = field(default_factory=dict)
    by_person: dict[str, list[Wearing]] = field(default_factory=dict)

    @classmethod
    def of(cls, order_file: OrderFile) -> Wearings:
        tags: dict[str, list[Wearing]] = defaultdict(list)
        units: dict[str, list[Wearing]] = defaultdict(list)
        by_person: dict[str, list[Wearing]] = defaultdict(list)
        for wearing in map(Wearing.of, order_file.activations):
            (tags if wearing.device_kind in TAGS else units)[wearing.device_id].append(wearing)
            by_person[wearing.person_id].append(wearing)
        for wearings in by_person.values():
            wearings.sort(key=lambda w: (w.from_us, w.activation_id))
        return cls({d: exclusive(w) for d, w in tags.items()}, dict(units), dict(by_person))

    def wearer(self, device_id: str, when_us: int) -> Wearing | None:
        """Who wore the tag at that time."""
        spans = self.tag_spans.get(device_id, ())
        if not spans or when_us < spans[0][0]:
            return None
        i = bisect.bisect_right(spans, when_us, key=lambda span: span[0]) - 1 if len(spans) > 1 else 0
        return spans[i][2] if when_us < spans[i][1] else None

    def households(self, device_id: str, when_us: int) -> list[Wearing]:
        """Whom a home unit served at that time: one activation for each person."""
        best: dict[str, Wearing] = {}
        for w in sorted(self.units.get(device_id, ()), key=lambda w: (-w.from_us, w.activation_id)):
            if w.from_us <= when_us < w.until_us:
                best.setdefault(w.person_id, w)
        return [best[person] for person in sorted(best)]

    def of_device(self, device_id: str, when_us: int) -> list[Wearing]:
        """Whose signal this is: the wearer's if it is a tag, else of everyone a home unit serves."""
        worn = self.wearer(device_id, when_us)
        return [worn] if worn else self.households(device_id, when_us)

    def fitted(self, person_id: str, kinds: tuple[str, ...] = TAGS) -> list[tuple[int, int]]:
        """When a tag was fitted: disjoint half-open intervals in order."""
        spans: list[list[int]] = []
        for wearing in self.by_person.get(person_id, []):
            if wearing.device_kind not in kinds:
                continue
            if spans and wearing.from_us <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], wearing.until_us)
            else:
                spans.append([wearing.from_us, wearing.until_us])
        return [(a, b) for a, b in spans]


@dataclass(slots=True)
class WornFixes:
    """Fixes in order by device and time, and for each person the slices of rows that are theirs."""

    columns: Columns
    slices: dict[str, list[tuple[int, int, Wearing]]]
    nobody_wore: int
    repeats: int
    first_us: int | None
    last_us: int | None
    future: int
    """Fixes whose time is not known, because their device's clock was ahead; of whoever's device."""


def in_order(columns: Columns, kernel: ModuleType) -> tuple[Columns, np.ndarray, bool, bool]:
    """The rows sorted as section 1 says within each device, and where each device's run starts; whether some are of the
    future, and whether some may repeat others."""
    noted = np.zeros(2, np.int64)
    run_i0 = np.empty(2 * len(columns.devices) + 16, np.int64)
    n_runs = kernel.order_pass(
        len(columns), columns.device, columns.t, columns.sequence, columns.source, columns.lon_e7,
        columns.lat_e7, columns.precision_m, columns.quality, SAID_BY_THE_DEVICE, columns.battery_pct, run_i0, noted,
    )  # fmt: skip
    if n_runs >= 0 and len(np.unique(columns.device[run_i0[:n_runs]])) == n_runs:
        return columns, run_i0[:n_runs], bool(noted[0]), bool(noted[1])
    columns = columns.take(_sorted_rows(columns))
    future = bool(((columns.quality & kernel.FUTURE) != 0).any())
    return columns, np.flatnonzero(np.diff(columns.device, prepend=-1)), future, True


def _sorted_rows(columns: Columns) -> np.ndarray:
    precision = np.nan_to_num(columns.precision_m, nan=-1.0)
    keys = (
        columns.device, columns.t, columns.sequence, columns.source, columns.lon_e7, columns.lat_e7, precision,
        columns.quality & SAID_BY_THE_DEVICE, np.nan_to_num(columns.battery_pct, nan=-1.0),
    )  # fmt: skip
    if len(columns) < 500_000:
        return np.lexsort(keys[::-1])
    import polars as pl  # sorts on all cores; only large inputs pay for its import

    frame = pl.DataFrame({str(i): key for i, key in enumerate(keys)}).with_row_index("row")
    rows: np.ndarray = frame.sort([str(i) for i in range(len(keys))])["row"].to_numpy()
    return rows


def in_time_order(columns: Columns, rows: np.ndarray) -> np.ndarray:
    """Rows of one person, of whatever devices, in the order of section 1."""
    c = columns
    precision, battery = (np.nan_to_num(v[rows], nan=-1.0) for v in (c.precision_m, c.battery_pct))
    flags = c.quality[rows] & SAID_BY_THE_DEVICE
    by = (c.t, c.sequence, c.source, c.lon_e7, c.lat_e7)
    keys = (*(key[rows] for key in by), precision, c.device[rows], flags, battery)
    return rows[np.lexsort(keys[::-1])]


def attribute(
    columns: Columns, wearings: Wearings, kernel: ModuleType, until_us: int | None = None
) -> WornFixes:
    """Gives each run of a device's rows to the people who wore it, up to the end of the evaluation."""
    columns, runs, some_future, some_repeat = in_order(columns, kernel)
    ends = np.append(runs[1:], len(columns)) if len(runs) else runs
    future = (columns.quality & kernel.FUTURE) != 0 if some_future else np.zeros(len(columns), bool)
    slices: dict[str, list[tuple[int, int, Wearing]]] = defaultdict(list)
    worn = 0
    first: int | None = None
    last: int | None = None
    for a, b in zip(runs.tolist(), ends.tolist(), strict=True):
        t = columns.t[a:b]
        for from_us, taken_off_us, wearing in wearings.tag_spans.get(columns.devices[columns.device[a]], ()):
            i0, i1 = (int(i) for i in a + np.searchsorted(t, (from_us, taken_off_us)))
            worn += i1 - i0
            first, last = _reach(columns.t, future, i0, i1, first, last)
            if until_us is not None:
                i1 = min(i1, a + int(np.searchsorted(t, until_us, "right")))
            if i0 < i1:
                slices[wearing.person_id].append((i0, i1, wearing))
    nobody = len(columns) - worn
    if some_future:
        in_slices = sum(int(future[i0:i1].sum()) for of in slices.values() for i0, i1, _ in of)
        nobody -= int(future.sum()) - in_slices
    repeats = _repeats(columns, future, slices) if some_repeat else 0
    return WornFixes(
        columns, dict(slices), nobody, repeats, first, last, int(future.sum()) if some_future else 0
    )


def _reach(
    t: np.ndarray, future: np.ndarray, i0: int, i1: int, first: int | None, last: int | None
) -> tuple[int | None, int | None]:
    """First and last known time so far, with those of rows i0 to i1."""
    while i0 < i1 and future[i0]:
        i0 += 1
    while i0 < i1 and future[i1 - 1]:
        i1 -= 1
    if i0 >= i1:
        return first, last
    a, b = int(t[i0]), int(t[i1 - 1])
    return a if first is None else min(first, a), b if last is None else max(last, b)


def _repeats(columns: Columns, future: np.ndarray, slices: dict[str, list[tuple[int, int, Wearing]]]) -> int:
    """Rows of worn devices that repeat an earlier one (same device, time, sequence and source)."""
    c = columns
    same = np.flatnonzero((c.t[1:] == c.t[:-1]) & (c.device[1:] == c.device[:-1])) + 1
    same = same[(c.sequence[same] == c.sequence[same - 1]) & (c.source[same] == c.source[same - 1])]
    same = same[~future[same] & ~future[same - 1]]
    spans = sorted((i0, i1) for of in slices.values() for i0, i1, _ in of)
    if not len(same) or not spans:
        return 0
    starts = np.array([i0 for i0, _ in spans])
    ends = np.array([i1 for _, i1 in spans])
    span = np.searchsorted(starts, same, "right") - 1
    return int(((span >= 0) & (same < ends[span])).sum())
