"""One person's signals, as the rules see them: sections 1 and 2 of "How the engine decides".

For showing only. It reads small parts of the record into plain objects; the engine does not use it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import polars as pl
import pyarrow as pa

from milepost.compliance.display_geometry import metres_per_degree, used_precision_m
from milepost.compliance.homes import Homes, metres_from_home
from milepost.compliance.learned_errors import ErrorRow, LearnedErrors, believed_m, in_force
from milepost.compliance.plain_times import SECOND_US, as_us
from milepost.compliance.rule_tables import Evidence
from milepost.compliance.times import from_us
from milepost.orders.model import Activation
from milepost.tracks.record import DEGREES_TO_E7, Quality, Signals, Source

Standing = Literal["strong", "weak", "ignored"]
NO_PLACE = Quality.FUTURE | Quality.DUPLICATE | Quality.ZERO_ISLAND | Quality.NOT_VALID | Quality.SWAPPED_AXES
TAGS = ("tag", "radio_tag")
STREAM_ORDER = ["time_us", "sequence", "source", "lon_e7", "lat_e7", "precision_m", "device_id"]


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
class PersonSignals:
    """What the devices of one person said while they were theirs, each list in order of time."""

    person_id: str
    fixes: list[Fix] = field(default_factory=list)
    presence: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    _contacts: dict[int, list[Contact]] = field(default_factory=dict)

    def contacts(self, evidence: Evidence) -> list[Contact]:
        """The fixes with their standing under a rule table's evidence section, in order."""
        key = id(evidence)
        if key not in self._contacts:
            self._contacts[key] = contacts_of(self.fixes, evidence)
        return self._contacts[key]


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
    return PersonSignals(
        person_id=person_id,
        fixes=[_fix(row, learned, models, homes) for row in fixes],
        presence=_rows(signals.presence, [a for a in own if a.device_kind == "home_unit"], from_us, until_us),
        events=_rows(signals.device_events, own, from_us, until_us),
    )


def _rows(
    table: pa.Table, activations: list[Activation], from_us: int | None, until_us: int | None
) -> list[dict[str, Any]]:
    if not activations or table.num_rows == 0:
        return []
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    time = pl.col("recorded_at_utc").to_physical()
    belongs = pl.any_horizontal(
        [
            (pl.col("device_id").cast(pl.String) == a.device_id)
            & (time >= (as_us(a.from_utc) or 0))
            & ((time < as_us(a.until_utc)) if a.until_utc else pl.lit(True))
            for a in activations
        ]
    )
    if from_us is not None:
        belongs &= time >= from_us
    if until_us is not None:
        belongs &= time <= until_us
    own = (
        frame.lazy().filter(belongs).with_columns(time.alias("time_us"), pl.col("device_id").cast(pl.String))
    )
    known = [name for name in STREAM_ORDER if name == "time_us" or name in frame.columns]
    shown = own.drop("recorded_at_utc", "received_at_utc").sort(known, nulls_last=False)
    return shown.collect().to_dicts()


def _fix(
    row: dict[str, Any], learned: Sequence[LearnedErrors], models: Mapping[str, str], homes: Homes | None
) -> Fix:
    precision, speed = row["precision_m"], row["speed_mps"]
    fix = Fix(
        device_id=row["device_id"],
        time_us=row["time_us"],
        sequence=row["sequence"],
        source=Source(row["source"]) if row["source"] in set(Source) else Source.UNKNOWN,
        lon=row["lon_e7"] / DEGREES_TO_E7,
        lat=row["lat_e7"] / DEGREES_TO_E7,
        precision_m=precision if precision is not None and math.isfinite(precision) else None,
        battery_pct=row["battery_pct"],
        quality=Quality(row["quality"] & _KNOWN_FLAGS),
        payload_ref=row["payload_ref"],
        speed_mps=speed if speed is not None and math.isfinite(speed) else None,
    )
    far_m = 0.0
    if learned and homes is not None:
        far_m = metres_from_home(homes.get(fix.device_id, ()), fix.time_us, row["lon_e7"], row["lat_e7"])
    model = models.get(fix.device_id)
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


def contacts_of(fixes: Iterable[Fix], evidence: Evidence) -> list[Contact]:
    """The standing of each fix of one person's stream, impossible speeds refused as section 2 says."""
    contacts: list[Contact] = []
    anchor: Contact | None = None
    refused = 0
    met: set[tuple[str, int, int | None, Source]] = set()
    for fix in fixes:
        same = (fix.device_id, fix.time_us, fix.sequence, fix.source)
        again = same in met
        met.add(same)
        rule = evidence.sources[fix.source.name]  # type: ignore[index]
        contact = Contact(fix, "strong", used_precision_m(fix.believed_m, rule))
        if again or fix.quality & NO_PLACE:
            contacts.append(Contact(fix, "ignored", contact.used_precision_m))
            continue
        if not rule.may_confirm or fix.quality & Quality.MOCK:
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
        flagged = bool(fix.quality & Quality.IMPOSSIBLE_SPEED)
        contacts.append(Contact(fix, "weak" if flagged else "strong", contact.used_precision_m))
    return contacts


def _too_fast(anchor: Contact, contact: Contact, max_speed_mps: float) -> bool:
    a, b = anchor.fix, contact.fix
    east, north = metres_per_degree((a.lat + b.lat) / 2)
    turn = (b.lon - a.lon + 180) % 360 - 180
    away = math.hypot(turn * east, (b.lat - a.lat) * north)
    seconds = (b.time_us - a.time_us) / SECOND_US
    return away - anchor.used_precision_m - contact.used_precision_m > max_speed_mps * seconds
