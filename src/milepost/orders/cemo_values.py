"""Single values of the create-an-order JSON: dates, regimes, addresses, days written as free text."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

from milepost.orders.model import Regime

LONDON = "Europe/London"
_NO_END = {dt.date(2040, 1, 1), dt.date(2999, 12, 12), dt.date(2999, 12, 31)}
"""Dates that stand for "no end": 2040 in what is sent to the field service (CEMO API
MonitoringOrderForwardMapper), 2999 in the crime-matching tables (helpers/NullIfSentinelDate)."""

_BY_DESCRIPTION = {
    "DAPO": Regime.CIVIL_ORDER,
    "DAPOL": Regime.LICENCE,
    "DAPOL_HDC": Regime.HOME_DETENTION_CURFEW,
    "GPS_ACQUISITIVE_CRIME_HDC": Regime.HOME_DETENTION_CURFEW,
    "GPS_ACQUISITIVE_CRIME_PAROLE": Regime.LICENCE,
}
_BY_SENTENCE = {
    "COMMUNITY_YRO": Regime.YOUTH_REHABILITATION_ORDER,
    "COMMUNITY_SUSPENDED_SENTENCE": Regime.SUSPENDED_SENTENCE_ORDER,
    "COMMUNITY_SDO": Regime.COMMUNITY_ORDER,
    "COMMUNITY": Regime.COMMUNITY_ORDER,
    "BAIL": Regime.BAIL,
    "BAIL_RLAA": Regime.BAIL,
    "BAIL_SUPERVISION_SUPPORT": Regime.BAIL,
}
_BY_ORDER_TYPE = {
    "CIVIL": Regime.CIVIL_ORDER,
    "COMMUNITY": Regime.COMMUNITY_ORDER,
    "IMMIGRATION": Regime.IMMIGRATION_BAIL,
    "POST_RELEASE": Regime.LICENCE,
    "PRE_TRIAL": Regime.BAIL,
    "BAIL": Regime.BAIL,
}
_BY_CONDITION_TYPE = {
    "REQUIREMENT_OF_A_COMMUNITY_ORDER": Regime.COMMUNITY_ORDER,
    "LICENSE_CONDITION_OF_A_CUSTODIAL_ORDER": Regime.LICENCE,
    "POST_SENTENCE_SUPERVISION_REQUIREMENT": Regime.LICENCE,
    "BAIL_ORDER": Regime.BAIL,
}


def find_regime(monitoring: dict[str, Any]) -> Regime | None:
    """The regime, from CEMO API models/MonitoringConditions: the most telling field first.

    None if no field tells.
    """
    if monitoring.get("hdc") == "YES":
        return Regime.HOME_DETENTION_CURFEW
    for field, table in (
        ("orderTypeDescription", _BY_DESCRIPTION),
        ("sentenceType", _BY_SENTENCE),
        ("orderType", _BY_ORDER_TYPE),
        ("conditionType", _BY_CONDITION_TYPE),
    ):
        value = monitoring.get(field)
        if isinstance(value, str) and value in table:
            return table[value]
    return None


def parse_date_or_time(value: Any, is_end: bool) -> dt.date | dt.datetime | None:
    """A date of the order. None means none, or an end that stands for no end.

    Times without offset are local (they are kept so). An end at 23:59 is what the form fills in for a
    date alone, and becomes that date: through its last moment. A start at 00:00 likewise. A number is
    seconds (or milliseconds) since 1970, UTC, as Java writes a time that is not made text.
    Raises ``ValueError`` if it is no date.
    """
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        moment = _read_number(value)
    elif isinstance(value, str):
        text = re.sub(r"\[[\w/+-]+\]$", "", value.strip())  # Java appends [Europe/London]
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = dt.date.fromisoformat(text)
            return None if is_end and day in _NO_END else day
        moment = dt.datetime.fromisoformat(text)
    else:
        raise ValueError("is not a date")
    if is_end and moment.date() in _NO_END:
        return None
    if moment.tzinfo is None:
        whole_day = (moment.hour, moment.minute) == ((23, 59) if is_end else (0, 0))
        return moment.date() if whole_day else moment
    try:
        local = moment.astimezone(ZoneInfo(LONDON))
    except OverflowError:  # the first or last day of the calendar
        return moment
    return local.date() if is_end and (local.hour, local.minute) == (23, 59) else moment


_MILLISECONDS_FROM = 100_000_000_000
"""As seconds this is the year 5138: a larger number counts milliseconds."""


def _read_number(number: float) -> dt.datetime:
    try:
        seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    except OverflowError:  # "not a number" raises ValueError by itself
        raise ValueError("is not a date") from None


def parse_date(value: Any) -> dt.date | None:
    """The day of a field that holds a day and no time (release, variation, birth).

    Such a day comes as a date, as midnight in London, or as midnight UTC. Raises ``ValueError``.
    """
    moment = parse_date_or_time(value, is_end=False)
    if not isinstance(moment, dt.datetime):
        return moment
    if moment.tzinfo is None:
        return moment.date()
    try:
        utc, local = moment.astimezone(dt.UTC), moment.astimezone(ZoneInfo(LONDON))
    except OverflowError:  # the first or last day of the calendar
        return moment.date()
    return utc.date() if utc.time() == dt.time() else local.date()


def normalise_addresses(value: Any) -> list[str]:
    """``PRIMARY_ADDRESS,SECONDARY_ADDRESS`` (or without the ending) as place ids."""
    if not isinstance(value, str):
        return []
    names = [name.strip().upper() for name in value.split(",") if name.strip()]
    return [name if name.endswith("_ADDRESS") else f"{name}_ADDRESS" for name in names]


def join_address(address: dict[str, Any]) -> str | None:
    lines = [address.get(f"addressLine{n}") for n in range(1, 5)] + [address.get("postcode")]
    return ", ".join(str(line).strip() for line in lines if line and str(line).strip()) or None


_DAY_WORDS = {
    **dict.fromkeys(("monday", "mondays", "mon", "mo"), "mon"),
    **dict.fromkeys(("tuesday", "tuesdays", "tue", "tues", "tu"), "tue"),
    **dict.fromkeys(("wednesday", "wednesdays", "wed", "weds", "we"), "wed"),
    **dict.fromkeys(("thursday", "thursdays", "thu", "thur", "thurs", "th"), "thu"),
    **dict.fromkeys(("friday", "fridays", "fri", "fr"), "fri"),
    **dict.fromkeys(("saturday", "saturdays", "sat", "sa"), "sat"),
    **dict.fromkeys(("sunday", "sundays", "sun", "su"), "sun"),
}
_ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_FORTNIGHT_WORDS = {"fortnightly", "fortnight", "alternate", "other"}
_FILLING_WORDS = {"every", "each", "on", "and", "weekly", "week", "the", "a", "once"}


def parse_days(text: Any) -> tuple[list[str], int] | None:
    """The days and the weeks off between them, from free text such as "fortnightly on Mondays".

    None if any word is not understood: a guess would make up a duty.
    """
    if not isinstance(text, str):
        return None
    words = re.findall(r"[a-z0-9]+", text.lower())
    days: list[str] = []
    weeks_off = 0
    for word in words:
        if word in _DAY_WORDS:
            days.append(_DAY_WORDS[word])
        elif word in _FORTNIGHT_WORDS:
            weeks_off = 1
        elif word in ("daily", "day"):
            days.extend(_ALL_DAYS)
        elif word not in _FILLING_WORDS:
            return None
    # "Monday to Friday" holds "to", "Mon-Fri" a dash: ranges are not read, and so not misread.
    if not days or re.search(r"[a-z]\s*[-–/]\s*[a-z]", text.lower()):
        return None
    return list(dict.fromkeys(days)), weeks_off
