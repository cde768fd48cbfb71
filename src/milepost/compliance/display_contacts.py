"""One person's signals, as the rules see them: sections 1 and 2 of "How the engine decides".

For showing only. It reads small parts of the record into plain objects; the engine does not use it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import isfinite
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from milepost.compliance.columns import NO_SEQUENCE
from milepost.compliance.display_geometry import metres_per_degree, used_precision_m
from milepost.compliance.homes import FOREVER_US, Homes, metres_from_home
from milepost.compliance.learned_errors import ErrorRow, LearnedErrors, believed_m, in_force
from milepost.compliance.own_schedule import gaps_between
from milepost.compliance.plain_times import SECOND_US, as_us
from milepost.compliance.rule_tables import Evidence
from milepost.compliance.times import from_us
from milepost.orders.model import Activation
from milepost.tracks.record import DEGREES_TO_E7, Quality, Signals, Source

Standing = Literal["strong", "weak", "ignored"]
NO_PLACE = Quality.FUTURE | Quality.DUPLICATE | Quality.ZERO_ISLAND | Quality.NOT_VALID | Quality.SWAPPED_AXES
NO_PLACE_FLAGS, MOCK_FLAG, SPEED_FLAG = int(NO_PLACE), int(Quality.MOCK), int(Quality.IMPOSSIBLE_SPEED)
"""As plain numbers: arithmetic on flags is slow, and a person has thousands of fixes."""
TAGS = ("tag", "radio_tag")
FIX_COLUMNS = (
    "device_id", "time_us", "sequence", "source", "lon_e7", "lat_e7", "precision_m", "battery_pct", "quality",
    "payload_ref", "speed_mps",
)  # fmt: skip
"""The fields of ``Fix``, in its order."""
STREAM_ORDER = ["time_us", "sequence", "source", "lon_e7", "lat_e7", "precision_m", "device_id"]

UNSAID_FIRST = {"sequence": NO_SEQUENCE, "precision_m": -math.inf}


@dataclass(frozen=True, slots=True)
class Fix:
    """One reported position. Degrees WGS 84, microseconds UTC, ``precision_m`` None where not said."""

    device_id: str
    time_us: int
    sequence: int | None
    source: Source
    lon: float
    lat: float
    precision_m: float | None
    battery_pct: float | None
    quality: Quality
    payload_ref: str | None
    speed_mps: float | None = None
    """As the device said it."""
    learned: ErrorRow | None = None
    """What was learned of positions like this one, where something was."""
    learned_from: str = ""
    """The table it was learned in, ``id@version``."""
    from_home_m: float = 0.0
    """Metres from the nearest curfew place of the wearer; infinite: none is known."""

    @property
    def believed_m(self) -> float | None:
        """The stated precision, or what was learned to take its place; None where neither is known."""
        return believed_m(self.learned, self.precision_m, self.from_home_m)


@dataclass(frozen=True, slots=True)
class Contact:
    """A fix and its standing: strong fixes may prove a place, weak ones only that the tag is alive."""

    fix: Fix
    standing: Standing
    used_precision_m: float


@dataclass(slots=True)
class Heard:
    """The contacts of one person that say something, in order of time, and the silences between them."""

    contacts: list[Contact]
    times_us: list[int]
    gaps: list[tuple[int, int]]
    """Longer than the device's own schedule lets them be, as (from, until)."""

    def between(self, first_us: int, last_us: int) -> list[Contact]:
        """Those of [first_us, last_us]."""
        return self.contacts[bisect_left(self.times_us, first_us) : bisect_right(self.times_us, last_us)]


@dataclass(slots=True)
class PersonSignals:
    """What the devices of one person said while they were theirs, each list in order of time."""

    person_id: str
    fixes: list[Fix] = field(default_factory=list)
    presence: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    _heard: dict[int, Heard] = field(default_factory=dict)

    def heard(self, evidence: Evidence) -> Heard:
        """What the fixes are worth under a rule table's evidence section, those left out that say nothing."""
        key = id(evidence)
        if key not in self._heard:
            contacts = [c for c in contacts_of(self.fixes, evidence) if c.standing != "ignored"]
            times_us = [c.fix.time_us for c in contacts]
            self._heard[key] = Heard(contacts, times_us, gaps_between(times_us, evidence))
        return self._heard[key]


def signals_of_person(
    signals: Signals,
    activations: Iterable[Activation],
    person_id: str,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    learned: Sequence[LearnedErrors] = (),
    homes: Homes | None = None,
) -> PersonSignals:
    """The signals of a person's activations, in [from_us, until_us] where given (microseconds UTC).

    Without ``homes`` (``homes_of`` the orders) every position is taken to be near home."""
    own = [a for a in activations if a.person_id == person_id]
    models = {a.device_id: a.device_model for a in own if a.device_model}
    fixes = _rows(signals.fixes, [a for a in own if a.device_kind in TAGS], from_us, until_us)
    units = _rows(signals.presence, [a for a in own if a.device_kind == "home_unit"], from_us, until_us)
    return PersonSignals(
        person_id=person_id,
        fixes=_fixes(fixes, learned, models, homes) if fixes.num_rows else [],
        presence=units.to_pylist(),
        events=_rows(signals.device_events, own, from_us, until_us).to_pylist(),
    )


def rows_of_devices(table: pa.Table, devices: Iterable[str]) -> pa.Table:
    """The rows of a table of signals that these devices sent, in one piece and with their ids as plain text.

    Of a large record no text is looked at row by row.
    """
    wanted = pa.array(sorted(devices), pa.string())
    column = table.column("device_id")
    if not pa.types.is_dictionary(column.type):
        return table.filter(pc.is_in(column, value_set=wanted.cast(column.type)))
    masks = []
    for chunk in column.chunks:
        theirs = pc.is_in(chunk.dictionary.cast(pa.string()), value_set=wanted).to_numpy(zero_copy_only=False)
        masks.append(pa.array(theirs[chunk.indices.to_numpy()]))
    own = table.filter(pa.chunked_array(masks, pa.bool_())).combine_chunks()
    return own.set_column(
        own.column_names.index("device_id"), "device_id", own.column("device_id").cast(pa.string())
    )


def _rows(
    table: pa.Table, activations: list[Activation], from_us: int | None, until_us: int | None
) -> pa.Table:
    """What these devices said while they were fitted, in order, ``time_us`` instead of the two times."""
    table = rows_of_devices(table, {a.device_id for a in activations})
    time = table.column("recorded_at_utc").cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    table = table.drop_columns(["recorded_at_utc", "received_at_utc"]).append_column("time_us", time)
    time_us, device = time.to_numpy(), table.column("device_id").to_numpy()
    asked = np.zeros(len(time_us), bool)
    for a in activations:
        from_, until = as_us(a.from_utc) or 0, as_us(a.until_utc)
        asked |= (
            (device == a.device_id)
            & (time_us >= from_)
            & (time_us < (FOREVER_US if until is None else until))
        )
    if from_us is not None:
        asked &= time_us >= from_us
    if until_us is not None:
        asked &= time_us <= until_us
    own = table.filter(pa.array(asked))
    keys = {name: own.column(name) for name in STREAM_ORDER if name in own.column_names}
    for name, least in UNSAID_FIRST.items():
        if name in keys:
            keys[name] = pc.fill_null(keys[name], least)
    return own.take(pc.sort_indices(pa.table(keys), sort_keys=[(name, "ascending") for name in keys]))


def _fixes(
    rows: pa.Table, learned: Sequence[LearnedErrors], models: Mapping[str, str], homes: Homes | None
) -> list[Fix]:
    """By column: a person has thousands."""
    (devices, times, sequences, sources, lons, lats, precisions, batteries, flags, references, speeds) = (
        rows.column(name).to_pylist() for name in FIX_COLUMNS
    )
    fixes = [
        Fix(
            device,
            time_us,
            sequence,
            _SOURCES.get(source, Source.UNKNOWN),
            lon_e7 / DEGREES_TO_E7,
            lat_e7 / DEGREES_TO_E7,
            precision_m if precision_m is not None and isfinite(precision_m) else None,
            battery_pct,
            _quality(quality),
            reference,
            speed_mps if speed_mps is not None and isfinite(speed_mps) else None,
        )
        for (
            device, time_us, sequence, source, lon_e7, lat_e7, precision_m, battery_pct, quality, reference, speed_mps
        ) in zip(
            devices, times, sequences, sources, lons, lats, precisions, batteries, flags, references, speeds, strict=True
        )
    ]  # fmt: skip
    if not learned:
        return fixes
    return [
        _as_learned(fix, learned, models.get(fix.device_id), homes, lon_e7, lat_e7)
        for fix, lon_e7, lat_e7 in zip(fixes, lons, lats, strict=True)
    ]


def _as_learned(
    fix: Fix,
    learned: Sequence[LearnedErrors],
    model: str | None,
    homes: Homes | None,
    lon_e7: int,
    lat_e7: int,
) -> Fix:
    far_m = 0.0
    if homes is not None:
        far_m = metres_from_home(homes.get(fix.device_id, ()), fix.time_us, lon_e7, lat_e7)
    about, table = learned_of(learned, fix.time_us, fix.source, model, fix.precision_m, far_m)
    return replace(fix, learned=about, learned_from=table, from_home_m=far_m) if about else fix


def learned_of(
    learned: Sequence[LearnedErrors],
    time_us: int,
    source: Source,
    model: str | None,
    stated_m: float | None,
    from_home_m: float = 0.0,
) -> tuple[ErrorRow | None, str]:
    """What was learned of a position, and in which table (``id@version``); None and "" where nothing was.

    Args:
        time_us: when it was recorded, microseconds UTC: the table of that date counts.
        model: the device model, where one is known.
        stated_m: the precision that the device states, metres; None or not positive: not stated.
        from_home_m: how far it was from the wearer's curfew places, metres.
    """
    table = in_force(learned, from_us(time_us).date())
    if table is None:
        return None, ""
    stated = stated_m if stated_m and stated_m > 0 else None
    row = table.row_for(source.name, model, stated)
    if row is None:
        return None, ""
    if row.near_m is not None and from_home_m > row.near_m and (stated is None or row.elsewhere_factor == 1):
        return None, ""  # it is believed as stated: nothing that was learned is about it
    return row, table.table.name


_KNOWN_FLAGS = sum(flag.value for flag in Quality)
_SOURCES = {source.value: source for source in Source}


@cache
def _quality(value: int) -> Quality:
    return Quality(value & _KNOWN_FLAGS)


def contacts_of(fixes: Iterable[Fix], evidence: Evidence) -> list[Contact]:
    """The standing of each fix of one person's stream, impossible speeds refused as section 2 says."""
    contacts: list[Contact] = []
    anchor: Contact | None = None
    refused = 0
    met: set[tuple[str, int, int | None, Source]] = set()
    rules = {source: evidence.sources[source.name] for source in Source}  # type: ignore[index]
    for fix in fixes:
        same = (fix.device_id, fix.time_us, fix.sequence, fix.source)
        again = same in met
        met.add(same)
        rule, flags = rules[fix.source], int(fix.quality)
        contact = Contact(fix, "strong", used_precision_m(fix.believed_m, rule))
        if again or flags & NO_PLACE_FLAGS:
            contacts.append(Contact(fix, "ignored", contact.used_precision_m))
            continue
        if not rule.may_confirm or flags & MOCK_FLAG:
            contacts.append(Contact(fix, "weak", contact.used_precision_m))
            continue
        if (
            anchor is not None
            and refused < evidence.speed_escape_fixes - 1
            and _too_fast(anchor, contact, evidence.max_speed_mps)
        ):
            refused += 1
            contacts.append(Contact(fix, "weak", contact.used_precision_m))
            continue
        anchor, refused = contact, 0
        flagged = flags & SPEED_FLAG
        contacts.append(Contact(fix, "weak" if flagged else "strong", contact.used_precision_m))
    return contacts


def _too_fast(anchor: Contact, contact: Contact, max_speed_mps: float) -> bool:
    a, b = anchor.fix, contact.fix
    east, north = metres_per_degree((a.lat + b.lat) / 2)
    turn = (b.lon - a.lon + 180) % 360 - 180
    away = math.hypot(turn * east, (b.lat - a.lat) * north)
    seconds = (b.time_us - a.time_us) / SECOND_US
    return away - anchor.used_precision_m - contact.used_precision_m > max_speed_mps * seconds
