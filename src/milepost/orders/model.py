"""The order file: people, activations, orders, versions, places and conditions.

This module is the shape and nothing else. ``orders.read`` reads it with errors that name the path,
``orders.schedules`` turns it into UTC intervals, ``orders.validators`` checks it against the law.

Fields that Milepost does not know are kept as they are, so that reading and writing loses nothing.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$|^24:00$")]
"""Local wall-clock time, ``19:00``. ``24:00`` is the end of the day."""
LocalDate = dt.date


def _keep_a_date_a_date(value: Any) -> Any:
    """Stops pydantic from reading the text ``2025-03-01`` as midnight: the last day would be lost."""
    if isinstance(value, str) and len(value) == 10:
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    return value


DateOrTime = Annotated[AwareDatetime | dt.datetime | dt.date, BeforeValidator(_keep_a_date_a_date)]
"""A date alone means from its first moment, or until its last. A time without offset is local."""


class Regime(StrEnum):
    """Under what the person is supervised. Each has a rule table."""

    COMMUNITY_ORDER = "community_order"
    SUSPENDED_SENTENCE_ORDER = "suspended_sentence_order"
    YOUTH_REHABILITATION_ORDER = "youth_rehabilitation_order"
    HOME_DETENTION_CURFEW = "home_detention_curfew"
    LICENCE = "licence"
    BAIL = "bail"
    IMMIGRATION_BAIL = "immigration_bail"
    CIVIL_ORDER = "civil_order"


class ConditionKind(StrEnum):
    CURFEW = "curfew"
    EXCLUSION_ZONE = "exclusion_zone"
    INCLUSION_ZONE = "inclusion_zone"
    RESTRICTION_ZONE = "restriction_zone"
    ATTENDANCE = "attendance"
    TRAIL = "trail"
    ALCOHOL = "alcohol"
    CHARGE_AND_WEAR = "charge_and_wear"


class Part(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True, frozen=False)


class Circle(Part):
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    radius_m: float = Field(gt=0, le=20_037_508)
    """At most half the way round the Earth: a larger circle would be the whole globe."""


class Geometry(Part):
    """GeoJSON Polygon or MultiPolygon, coordinates in lon, lat order (RFC 7946)."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class Place(Part):
    id: str
    name: str | None = None
    address: str | None = None
    circle: Circle | None = None
    geometry: Geometry | None = None


class Person(Part):
    id: str
    name: str | None = None
    date_of_birth: LocalDate | None = None
    synthetic: bool | None = None


class Activation(Part):
    """This device, on this person (or for this person's home), from-until. Signals belong to it."""

    id: str
    device_id: str
    person_id: str
    from_utc: AwareDatetime
    until_utc: AwareDatetime | None = None
    device_kind: Literal["tag", "radio_tag", "home_unit"] = "tag"
    """A ``tag`` reports its own position; a ``radio_tag`` is only heard by a home unit."""
    place: str | None = None
    """For a home unit: the id of the place it stands in. None: every curfew place of the person."""
    device_model: str | None = None
    """What sort of device it is, as tables of learned errors call it. None: not known."""


class ScheduleRule(Part):
    """One repeated interval, day and time on both ends, in the condition's time zone.

    The shape follows CVL's CurfewTimes (explicit end day) and TPIM's CurfewSegment (weeks on, weeks
    off, offset, public holidays, travel time).
    """

    from_day: Day
    from_time: ClockTime
    until_day: Day
    until_time: ClockTime
    weeks_on: int = Field(default=1, ge=1)
    weeks_off: int = Field(default=0, ge=0)
    weeks_offset: int = Field(default=0, ge=0)
    public_holidays: Literal["apply", "skip", "only"] = "apply"
    travel_before_min: int = Field(default=0, ge=0)
    """Minutes allowed to arrive: the obligation starts this much later."""
    travel_after_min: int = Field(default=0, ge=0)
    """Minutes allowed to leave: the obligation ends this much earlier."""
    place: str | list[str] | None = None
    """Overrides the condition's place for this interval. A list means any of them."""


class FirstNight(Part):
    """The night of release or sentence, with its own hours. ``until_time <= from_time`` ends next day."""

    date: LocalDate
    from_time: ClockTime
    until_time: ClockTime
    place: str | list[str] | None = None


class Absence(Part):
    """An authorised absence, an order's suspension or a permitted purpose: the duty is lifted."""

    from_: DateOrTime = Field(alias="from")
    until: DateOrTime
    kind: Literal["authorised_absence", "suspension", "permitted_purpose"] = "authorised_absence"
    reason: str | None = None
    travel_before_min: int = Field(default=0, ge=0)
    travel_after_min: int = Field(default=0, ge=0)
    authorised_by: str | None = None


class Condition(Part):
    id: str
    kind: ConditionKind
    from_: DateOrTime = Field(alias="from")
    until: DateOrTime | None = None
    timezone: str = "Europe/London"
    place: str | list[str] | None = None
    """Curfew and attendance: where to be. A list means any of them."""
    geometry: Geometry | None = None
    circle: Circle | None = None
    schedule: list[ScheduleRule] | None = None
    """None on a zone means always; on a curfew or attendance it is an error."""
    dates: list[FirstNight] | None = None
    """Single dated appointments (attendance), beside or instead of the weekly schedule."""
    first_night: FirstNight | None = None
    exceptions: list[Absence] = Field(default_factory=list)
    holiday_nation: Literal["england_and_wales", "scotland", "northern_ireland"] = "england_and_wales"
    purpose: str | None = None
    description: str | None = None
    """Free text. A zone with text and no geometry is kept and reported: it cannot be evaluated."""
    source_document: str | None = None


class OrderVersion(Part):
    version: int = Field(ge=1)
    effective_from_utc: AwareDatetime
    places: list[Place] = Field(default_factory=list)
    conditions: list[Condition] = Field(default_factory=list)
    suspensions: list[Absence] = Field(default_factory=list)
    """Suspensions of the whole order: every condition is lifted."""


class Order(Part):
    id: str
    person_id: str
    regime: Regime
    ends_utc: AwareDatetime | None = None
    versions: list[OrderVersion]


class OrderFile(Part):
    """A whole file. ``milepost`` is the version of the format."""

    milepost: Literal[1] = 1
    people: list[Person] = Field(default_factory=list)
    activations: list[Activation] = Field(default_factory=list)
    orders: list[Order] = Field(default_factory=list)
