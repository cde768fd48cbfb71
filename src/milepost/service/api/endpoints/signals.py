"""Signals of one person: a trail. Asked for with a purpose, which is kept in the audit log."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BeforeValidator, Field

from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import person_of
from milepost.service.api.endpoints.duties import From, Until
from milepost.service.api.endpoints.people import PersonReference
from milepost.service.api.logged import consulted
from milepost.service.api.paging import After, digits, pack, unpack
from milepost.service.api.policy_data import numbers
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Told, check_window
from milepost.service.people.models import Person
from milepost.service.person_page.subject import Subject
from milepost.service.signals.worn import TABLES, signals_while_worn
from milepost.times import to_us
from milepost.tracks.record import PresenceState, Quality, Signals, Source

router = Router(tags=["Signals"], auth=needs(Scope.SIGNALS_READ, Permission.VIEW_TRAILS))
Purpose = StrEnum("Purpose", {p.code.upper(): p.code for p in numbers().purpose})  # type: ignore[misc]


class FixRow(Told):
    """A position as it was reported: never moved, never dropped. Its quality is said beside it."""

    device_id: str
    recorded_at_utc: dt.datetime
    received_at_utc: dt.datetime | None
    source: str = Field(description="GPS, RF, LBS, WIFI or UNKNOWN")
    lon: float = Field(description="Degrees, WGS 84")
    lat: float = Field(description="Degrees, WGS 84")
    precision_m: float | None = Field(description="Radius that holds 95 % of cases; null: unknown")
    speed_mps: float | None
    heading_deg: float | None
    battery_pct: float | None
    quality: list[str] = Field(description="Flags: IMPOSSIBLE_SPEED, MOCK, DUPLICATE, FUTURE, STALE ...")


class PresenceRow(Told):
    """What a home unit says of a tag."""

    device_id: str = Field(description="The home unit")
    recorded_at_utc: dt.datetime
    tag_id: str | None
    in_range: bool
    heartbeat: bool = Field(description="Repeats the state, did not just change")


class EventRow(Told):
    """What a device says of itself."""

    device_id: str
    recorded_at_utc: dt.datetime
    kind: str
    raw_code: str | None = Field(description="The device's own code")


class Trail(Told):
    """Signals by time. Positions are only those recorded while the device was on this person."""

    fixes: list[FixRow]
    presence: list[PresenceRow]
    device_events: list[EventRow]
    next_cursor: str | None = Field(description="For the rest; null where this is all")


@router.get("/people/{person}/signals", response=Trail)
def get_trail(
    request: HttpRequest,
    person: PersonReference,
    from_utc: From,
    until_utc: Until,
    purpose: Annotated[Purpose, Query(description="Why you ask. It is kept in the audit log")],
    cursor: After = None,
    limit: Annotated[
        Annotated[int, BeforeValidator(digits), Field(ge=1, le=numbers().windows.signal_rows_at_most)] | None,
        Query(description=f"Signals on a page; {numbers().windows.signal_rows} if not given"),
    ] = None,
) -> Trail:
    """Where a person was, as their devices said. Every page of it is logged with your purpose."""
    check_window(from_utc, until_utc, numbers().windows.signals_days)
    found = person_of(caller(request).user, person)
    from_us, until_us = to_us(from_utc), to_us(until_utc)
    start_us = max(from_us, unpack(cursor, int)[0]) if cursor else from_us
    consulted(
        request, "api.trail", subject=found.reference, reason=str(purpose), from_us=from_us, until_us=until_us
    )
    signals = _worn(found, start_us, until_us)
    shown, after = _first_rows(signals, limit or numbers().windows.signal_rows)
    return Trail(
        fixes=[_fix(row) for row in shown.fixes.to_pylist()],
        presence=[
            PresenceRow(
                in_range=row["state"] == PresenceState.IN_RANGE,
                **{n: row[n] for n in ("device_id", "recorded_at_utc", "tag_id", "heartbeat")},
            )
            for row in shown.presence.to_pylist()
        ],
        device_events=[
            EventRow(**{n: row[n] for n in ("device_id", "recorded_at_utc", "kind", "raw_code")})
            for row in shown.device_events.to_pylist()
        ],
        next_cursor=pack([after]) if after is not None else None,
    )


def _worn(person: Person, from_us: int, until_us: int) -> Signals:
    """Signals of each device for the time in which it was this person's, no longer; by time."""
    found = signals_while_worn(Subject(person).worn, from_us, until_us)
    for name in TABLES:
        setattr(found, name, getattr(found, name).sort_by([("recorded_at_utc", "ascending")]))
    return found


def _times(table: pa.Table) -> Any:
    return table.column("recorded_at_utc").cast(pa.int64()).to_numpy()


def _first_rows(signals: Signals, limit: int) -> tuple[Signals, int | None]:
    """The first signals by time, all those of one instant together, and the instant at which the rest begins."""
    times = np.sort(np.concatenate([_times(getattr(signals, name)) for name in TABLES]))
    if len(times) <= limit:
        return signals, None
    cut = int(times[limit])
    if cut == int(times[0]):  # more in one instant than fit on a page: the page is longer
        later = times[times > cut]
        if not len(later):
            return signals, None
        cut = int(later[0])
    shown = Signals()
    for name in TABLES:
        table = getattr(signals, name)
        setattr(shown, name, table.filter(pa.array(_times(table) < cut)))
    return shown, cut


def _fix(row: dict[str, Any]) -> FixRow:
    same = (
        "device_id", "recorded_at_utc", "received_at_utc", "precision_m", "speed_mps", "heading_deg", "battery_pct",
    )  # fmt: skip
    return FixRow(
        source=Source(row["source"]).name,
        lon=row["lon_e7"] / 1e7,
        lat=row["lat_e7"] / 1e7,
        quality=[flag.name for flag in Quality(row["quality"]) if flag.name],
        **{name: row[name] for name in same},
    )
