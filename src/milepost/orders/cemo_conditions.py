"""The conditions of one version of a create-an-order order (CEMO API models/OrderVersion)."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from milepost.orders.cemo_values import (
    LONDON,
    join_address,
    normalise_addresses,
    parse_date,
    parse_date_or_time,
    parse_days,
)
from milepost.orders.checks import warn_of_dates_outside
from milepost.orders.complaints import Complaints
from milepost.orders.model import Condition, FirstNight, Place, ScheduleRule
from milepost.orders.places import NO_GEOMETRY
from milepost.orders.weekly import DAYS

_ZONE_KINDS = {
    "EXCLUSION": "exclusion_zone",
    "INCLUSION": "inclusion_zone",
    "RESTRICTION": "restriction_zone",
}


class VersionReader:
    """Reads one version. Rows of problems are paths in the JSON that was given."""

    def __init__(self, raw: dict[str, Any], row: str, complaints: Complaints) -> None:
        self.raw = raw
        self.row = row
        self.complaints = complaints
        self.places: list[Place] = []
        self.conditions: list[Condition] = []

    def read(self) -> None:
        self._read_addresses()
        self._read_curfew()
        for number, item in enumerate(self._items("enforcementZoneConditions")):
            self._read_zone(item, number)
        for number, item in enumerate(self._items("mandatoryAttendanceConditions")):
            self._read_attendance(item, number)
        self._read_simple("monitoringConditionsTrail", "trail", "trail", "deviceType")
        self._read_simple("monitoringConditionsAlcohol", "alcohol", "alcohol", "monitoringType")

    def _items(self, key: str) -> list[Any]:
        items = self.raw.get(key)
        if items is None:
            return []
        if not isinstance(items, list):
            self.complaints.add(self._at(key), None, "is not a list; it was left out", "Send a list", items)
            return []
        return items

    def _at(self, key: str) -> str:
        return f"{self.row}.{key}".lstrip(".")

    def _object(self, key: str) -> dict[str, Any] | None:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, dict):
            self.complaints.add(self._at(key), None, "is not an object; it was left out", "Correct it", value)
        return value if isinstance(value, dict) else None

    def _warn(self, row: str, field: str | None, message: str, remedy: str, value: object = None) -> None:
        self.complaints.add(row, field, message, remedy, value, "warning")

    def _read_addresses(self) -> None:
        for number, item in enumerate(self._items("addresses")):
            row = self._at(f"addresses[{number}]")
            kind = item.get("addressType") if isinstance(item, dict) else None
            if not isinstance(item, dict) or not isinstance(kind, str):
                self.complaints.add(row, "addressType", "has no type; it was left out", "Use PRIMARY", item)
                continue
            for place_id in normalise_addresses(kind) or ["ADDRESS"]:  # "PRIMARY,SECONDARY" is both
                self._add_place(place_id, kind.replace("_", " ").lower() + " address", join_address(item))

    def _add_place(self, place_id: str, name: str, address: str | None) -> None:
        if all(place.id != place_id for place in self.places):
            self.places.append(Place(id=place_id, name=name, address=address))

    def _dates(self, item: dict[str, Any], row: str) -> dict[str, Any] | None:
        """``from`` and ``until``; None (and a problem) if the condition cannot be dated."""
        dates: dict[str, Any] = {}
        for field, name in (("startDate", "from"), ("endDate", "until")):
            try:
                dates[name] = parse_date_or_time(item.get(field), is_end=name == "until")
            except ValueError:
                self.complaints.add(row, field, "is not a date; the condition was left out",
                                    "Write it as 2025-03-01T00:00:00Z", item.get(field))  # fmt: skip
                return None
        if dates["from"] is None:
            self.complaints.add(row, "startDate", "is missing; the condition was left out",
                                "Say from when it runs")  # fmt: skip
            return None
        return dates

    def _add(self, row: str, fields: dict[str, Any]) -> None:
        try:
            condition = Condition.model_validate({"timezone": LONDON, **fields})
        except ValidationError as error:
            self.complaints.add_validation_error(row, error, fields)
            return
        warn_of_dates_outside(condition, row, self.complaints)
        self.conditions.append(condition)

    def _places_of(self, value: Any, row: str, field: str) -> str | list[str] | None:
        ids = normalise_addresses(value)
        known = {place.id for place in self.places}
        for place_id in ids:
            if place_id not in known:
                self._warn(row, field, "no address of this type is in the order; cannot be evaluated there",
                           "Add the address", place_id)  # fmt: skip
        return ids[0] if len(ids) == 1 else ids or None

    def _read_curfew(self) -> None:
        item = self._object("curfewConditions")
        rows = self._items("curfewTimeTable")
        release = self._object("curfewReleaseDateConditions")
        if item is None:
            if rows or release:
                self.complaints.add(self._at("curfewConditions"), None,
                                    "is missing, so the curfew timetable has no dates; it was left out",
                                    "Give the curfew its start and end")  # fmt: skip
            return
        row = self._at("curfewConditions")
        dates = self._dates(item, row)
        if dates is None:
            return
        schedule = self._read_timetable(rows)
        if schedule is None:
            self.complaints.add(row, None, "a row of its timetable cannot be read; the curfew was left out",
                                "Correct the row named above")  # fmt: skip
            return
        first_night = self._read_release(release) if release else None
        if not schedule and first_night is None:
            self._warn(row, None, "curfew has no hours, cannot be evaluated", "Give it a timetable")
        default = item.get("curfewAddress") or ("PRIMARY_ADDRESS" if self._has("PRIMARY_ADDRESS") else None)
        self._add(row, {
            "id": "curfew", "kind": "curfew", **dates,
            "place": self._places_of(default, row, "curfewAddress"),
            "schedule": schedule or None, "first_night": first_night,
            "description": item.get("curfewAdditionalDetails"),
        })  # fmt: skip

    def _has(self, place_id: str) -> bool:
        return any(place.id == place_id for place in self.places)

    def _read_timetable(self, rows: list[Any]) -> list[ScheduleRule] | None:
        """None if one row is bad: a curfew with a night missing would be another curfew."""
        rules: list[ScheduleRule] = []
        complete = True
        for number, item in enumerate(rows):
            row = self._at(f"curfewTimeTable[{number}]")
            try:
                start, end = _clock(item["startTime"]), _clock(item["endTime"])
                day = DAYS.index(str(item["dayOfWeek"])[:3].lower())
                # An end at or before the start is on the next day; the day is the one it starts on.
                until = DAYS[(day + 1) % 7] if end <= start else DAYS[day]
                place = self._places_of(item.get("curfewAddress"), row, "curfewAddress")
                rules.append(ScheduleRule.model_validate({
                    "from_day": DAYS[day], "from_time": start, "until_day": until, "until_time": end,
                    "place": place,
                }))  # fmt: skip
            except (KeyError, TypeError, ValueError, ValidationError):
                complete = False
                self.complaints.add(row, None, "is not a day with a start and an end time",
                                    "Use MONDAY, 19:00:00, 07:00:00", item)  # fmt: skip
        return rules if complete else None

    def _read_release(self, item: dict[str, Any]) -> FirstNight | None:
        row = self._at("curfewReleaseDateConditions")
        try:
            day = parse_date(item.get("releaseDate"))
            ids = self._places_of(item.get("curfewAddress"), row, "curfewAddress")
            return FirstNight.model_validate({
                "date": day, "from_time": _clock(item["startTime"]), "until_time": _clock(item["endTime"]),
                "place": ids,
            })  # fmt: skip
        except (KeyError, TypeError, ValueError, ValidationError):
            self._warn(row, None, "the first night cannot be read; the weekly hours hold on it",
                       "Give releaseDate, startTime and endTime", item)  # fmt: skip
            return None

    def _read_zone(self, item: Any, number: int) -> None:
        row = self._at(f"enforcementZoneConditions[{number}]")
        kind = item.get("zoneType") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(kind, str) or kind not in _ZONE_KINDS:
            self.complaints.add(row, "zoneType", "is not a zone type; the zone was left out",
                                "Use EXCLUSION, INCLUSION or RESTRICTION", item)  # fmt: skip
            return
        dates = self._dates(item, row)
        if dates is None:
            return
        index = item.get("zoneId")
        zone_id = f"zone-{number if index is None else index}"
        name = item.get("name")
        shown = f"{zone_id} ({name})" if name else zone_id
        self._warn(row, None, f"zone {shown} {NO_GEOMETRY}",
                   "Draw it and give it to `milepost orders convert --places`", item.get("description"))  # fmt: skip
        if item.get("duration"):
            self._warn(row, "duration", "the hours of the zone are free text; it is read as always in force",
                       "Write a schedule for it after converting", item.get("duration"))  # fmt: skip
        self._add(row, {
            "id": zone_id, "kind": _ZONE_KINDS[kind], **dates,
            "description": item.get("description"), "source_document": item.get("fileName"),
            "x_name": name, "x_duration": item.get("duration"),
        })  # fmt: skip

    def _read_attendance(self, item: Any, number: int) -> None:
        row = self._at(f"mandatoryAttendanceConditions[{number}]")
        if not isinstance(item, dict):
            self.complaints.add(row, None, "is not an object; it was left out", "Correct it", item)
            return
        dates = self._dates(item, row)
        if dates is None:
            return
        place_id = f"ATTENDANCE_{number + 1}"
        self._add_place(place_id, str(item.get("purpose") or "attendance"), join_address(item))
        self._add(row, {
            "id": f"attendance-{number + 1}", "kind": "attendance", **dates, "place": place_id,
            "purpose": item.get("purpose"), "description": item.get("appointmentDay"),
            "schedule": self._read_appointments(item, row),
        })  # fmt: skip

    def _read_appointments(self, item: dict[str, Any], row: str) -> list[dict[str, Any]] | None:
        found = parse_days(item.get("appointmentDay"))
        try:
            start, end = _clock(item["startTime"]), _clock(item["endTime"])
        except (KeyError, TypeError, ValueError):
            found = None
        if found is None:
            self._warn(row, "appointmentDay", "the appointments are not understood, cannot be evaluated",
                       "Write a schedule or dates for it after converting",
                       item.get("appointmentDay"))  # fmt: skip
            return None
        days, weeks_off = found
        return [
            {
                "from_day": day, "from_time": start, "until_time": end, "weeks_off": weeks_off,
                "until_day": DAYS[(DAYS.index(day) + 1) % 7] if end <= start else day,
            }
            for day in days
        ]  # fmt: skip

    def _read_simple(self, key: str, kind: str, condition_id: str, detail: str) -> None:
        item = self._object(key)
        if item is None:
            return
        dates = self._dates(item, self._at(key))
        if dates is not None:
            self._add(
                self._at(key), {"id": condition_id, "kind": kind, **dates, f"x_{detail}": item.get(detail)}
            )


def _clock(value: Any) -> str:
    """``19:00:00`` or ``19:00`` as ``19:00``; seconds stay if they are not zero."""
    text = str(value).strip()
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(len(part) == 2 and part.isdigit() for part in parts):
        raise ValueError("is not a time of day")
    return ":".join(parts[:2]) if parts[2:] in ([], ["00"]) else text
