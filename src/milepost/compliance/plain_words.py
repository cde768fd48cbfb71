"""Domain words in plain English. One place, so that every page and export says the same."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from milepost.compliance.results import FindingKind, NoDataCause
from milepost.orders.model import ConditionKind, Regime
from milepost.tracks.record import Quality, Source

CERTAINTY_WORDS = Path(__file__).with_name("certainty_words.toml")

FINDING_TITLES: dict[str, str] = {
    FindingKind.LATE_RETURN: "Came back late",
    FindingKind.LEFT_DURING: "Left during the curfew",
    FindingKind.OUT_AT_START: "Not in when the curfew began",
    FindingKind.OUT_AT_END: "Left before the curfew ended",
    FindingKind.ABSENT_ENTIRE: "Away for the whole curfew",
    FindingKind.ZONE_ENTRY: "Went into an exclusion zone",
    FindingKind.ZONE_EXIT: "Left the area they must stay in",
    FindingKind.ATTENDANCE_MISSED: "Missed an appointment",
    FindingKind.ATTENDANCE_LATE: "Late for an appointment",
    FindingKind.ATTENDANCE_LEFT_EARLY: "Left an appointment early",
    FindingKind.EVIDENCE_CONFLICT: "Tag and home unit disagree",
    FindingKind.STRAP_TAMPER: "Strap tamper reported",
    FindingKind.CASE_TAMPER: "Case tamper reported",
    FindingKind.POWER_OFF: "Device without power",
    FindingKind.UNIT_MOVED: "Home unit moved",
    FindingKind.BATTERY_LOW: "Battery low",
    FindingKind.BATTERY_DEAD: "Battery flat",
    FindingKind.DEVICE_FAULT: "Device fault",
    FindingKind.NO_CONTACT: "Nothing heard from the tag",
    FindingKind.ALCOHOL: "Alcohol reading",
}

CONDITION_WORDS: dict[str, str] = {
    ConditionKind.CURFEW: "curfew",
    ConditionKind.EXCLUSION_ZONE: "exclusion zone",
    ConditionKind.INCLUSION_ZONE: "inclusion zone",
    ConditionKind.RESTRICTION_ZONE: "restriction zone",
    ConditionKind.ATTENDANCE: "appointment",
    ConditionKind.TRAIL: "location monitoring",
    ConditionKind.ALCOHOL: "alcohol monitoring",
    ConditionKind.CHARGE_AND_WEAR: "charge and wear the tag",
}

REGIME_WORDS: dict[str, str] = {regime.value: regime.value.replace("_", " ") for regime in Regime}

LEVEL_WORDS = {"urgent": "Urgent", "review": "Review", "note": "Note"}

LABEL_WORDS = {
    "met": "kept",
    "breached": "broken",
    "uncertain": "uncertain",
    "conflict": "conflict",
    "no_data": "no data",
}

CAUSE_WORDS: dict[str, str] = {
    NoDataCause.NO_SIGNAL.name.lower(): "no signal reached us",
    NoDataCause.NOT_FITTED.name.lower(): "no tag was fitted",
    NoDataCause.BEFORE_INPUT.name.lower(): "earlier than the data given",
    NoDataCause.BATTERY.name.lower(): "flat battery",
    NoDataCause.POWER.name.lower(): "switched off",
    NoDataCause.FAULT.name.lower(): "device fault",
    NoDataCause.NO_POSITION.name.lower(): "the tag was heard but gave no position",
}

SOURCE_WORDS: dict[Source, str] = {
    Source.UNKNOWN: "position, source not said",
    Source.GPS: "satellites (GPS)",
    Source.RF: "radio (RF)",
    Source.LBS: "phone masts (LBS)",
    Source.WIFI: "Wi-Fi",
}

QUALITY_WORDS: dict[Quality, tuple[str, str]] = {
    Quality.IMPOSSIBLE_SPEED: ("Impossible speed", "Shown, but proves no place."),
    Quality.MOCK: ("Position supplied by an app", "Shown, but proves no place."),
    Quality.DUPLICATE: ("Duplicate", "Counted once."),
    Quality.FUTURE: ("Recorded after it was received", "Not judged: the time is not known."),
    Quality.STALE: ("Arrived late", "Used as any other."),
    Quality.UNKNOWN_PRECISION: ("No precision given", "The rule table's assumed precision is used."),
    Quality.ZERO_ISLAND: ("At latitude 0, longitude 0", "Says nothing of the place."),
    Quality.SWAPPED_AXES: ("Latitude and longitude look exchanged", "Says nothing of the place."),
    Quality.WEEK_ROLLOVER: ("GPS week corrected", "Used with the corrected time."),
    Quality.NOT_VALID: ("Marked not valid by the device", "Says nothing of the place."),
}

ABSENCES = (
    FindingKind.LATE_RETURN,
    FindingKind.LEFT_DURING,
    FindingKind.OUT_AT_START,
    FindingKind.OUT_AT_END,
    FindingKind.ABSENT_ENTIRE,
)
ZONE_KINDS = (FindingKind.ZONE_ENTRY, FindingKind.ZONE_EXIT)
ATTENDANCE_KINDS = (
    FindingKind.ATTENDANCE_MISSED,
    FindingKind.ATTENDANCE_LATE,
    FindingKind.ATTENDANCE_LEFT_EARLY,
)
PLACE_KINDS = (*ABSENCES, *ZONE_KINDS, *ATTENDANCE_KINDS)
"""Findings that rest on where the tag was."""


def words(name: str, table: dict[str, str]) -> str:
    """The words for a name; the name itself, without underscores, where there are none."""
    return table.get(name, name.replace("_", " "))


def metres_words(metres: float) -> str:
    """``212 m`` or ``3.4 km``; one decimal under 10 m."""
    metres = abs(metres)
    if metres >= 10_000:
        return f"{metres / 1000:,.0f} km"
    if metres >= 1_000:
        return f"{metres / 1000:.1f} km"
    return f"{metres:.1f} m" if metres < 10 else f"{metres:.0f} m"


def percent_words(share: float) -> str:
    """``97.3%``. Nothing is ever printed as 0% or 100% that is not exactly so."""
    if share in (0, 1):
        return f"{share:.0%}"
    if share > 0.999:
        return "over 99.9%"
    if share < 0.001:
        return "under 0.1%"
    return f"{share * 100:.1f}%"


def chance_words(probability: float) -> str:
    """As ``percent_words``, but a calculated probability is never certain, however it was rounded."""
    return percent_words(min(max(probability, 0.000_1), 0.999_9))


def count_words(number: int, what: str, plural: str | None = None) -> str:
    """``1 position``, ``1,204 positions``."""
    return f"{number:,} {what if number == 1 else plural or what + 's'}"


@lru_cache(maxsize=1)
def _certainty_scale() -> tuple[tuple[float, str], ...]:
    scale = tomllib.loads(CERTAINTY_WORDS.read_text(encoding="utf-8"))["words"]
    return tuple((step["from"], step["words"]) for step in scale)


def certainty_words(certainty: float) -> str:
    """The words of ``certainty_words.toml`` for a certainty of 0 to 1."""
    return next((text for start, text in _certainty_scale() if certainty >= start), "not known")
