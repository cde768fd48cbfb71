"""Domain words in plain English. One place, so that every page and export says the same.

The tables hold what is given to a translation; a function with ``language`` says it. Texts that are made from names of
codes, and those of the data file, are listed in ``milepost.compliance.texts``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from milepost.compliance.finding_kinds import DESCRIPTIONS
from milepost.compliance.results import NoDataCause
from milepost.language import ENGLISH, Language, to_say
from milepost.orders.model import ConditionKind, Regime
from milepost.policy_files import PolicyFile, Strict, read_policy_file
from milepost.tracks.record import DeviceEventKind, Quality, Source

CERTAINTY_WORDS = Path(__file__).with_name("certainty_words.toml")

FINDING_TITLES: dict[str, str] = {described.kind: described.title for described in DESCRIPTIONS}

CONDITION_WORDS: dict[str, str] = {
    ConditionKind.CURFEW: to_say("curfew"),
    ConditionKind.EXCLUSION_ZONE: to_say("exclusion zone"),
    ConditionKind.INCLUSION_ZONE: to_say("inclusion zone"),
    ConditionKind.RESTRICTION_ZONE: to_say("restriction zone"),
    ConditionKind.ATTENDANCE: to_say("appointment"),
    ConditionKind.TRAIL: to_say("location monitoring"),
    ConditionKind.ALCOHOL: to_say("alcohol monitoring"),
    ConditionKind.CHARGE_AND_WEAR: to_say("charge and wear the tag"),
}

REGIME_WORDS: dict[str, str] = {regime.value: regime.value.replace("_", " ") for regime in Regime}

EVENT_WORDS: dict[str, str] = {kind.value: kind.value.replace("_", " ") for kind in DeviceEventKind}

LEVEL_WORDS = {"urgent": to_say("Urgent"), "review": to_say("Review"), "note": to_say("Note")}

# Of the report only, which is in English.
LABEL_WORDS = {
    "met": "kept",
    "breached": "broken",
    "uncertain": "uncertain",
    "conflict": "conflict",
    "no_data": "no data",
}

CAUSE_WORDS: dict[str, str] = {
    NoDataCause.NO_SIGNAL.name.lower(): to_say("no signal reached us"),
    NoDataCause.NOT_FITTED.name.lower(): to_say("no tag was fitted"),
    NoDataCause.BEFORE_INPUT.name.lower(): to_say("earlier than the data given"),
    NoDataCause.BATTERY.name.lower(): to_say("flat battery"),
    NoDataCause.POWER.name.lower(): to_say("switched off"),
    NoDataCause.FAULT.name.lower(): to_say("device fault"),
    NoDataCause.NO_POSITION.name.lower(): to_say("the tag was heard but gave no position"),
}

SOURCE_WORDS: dict[Source, str] = {
    Source.UNKNOWN: to_say("position, source not said"),
    Source.GPS: to_say("satellites (GPS)"),
    Source.RF: to_say("radio (RF)"),
    Source.LBS: to_say("phone masts (LBS)"),
    Source.WIFI: to_say("Wi-Fi"),
}

QUALITY_WORDS: dict[Quality, tuple[str, str]] = {
    Quality.IMPOSSIBLE_SPEED: (to_say("Impossible speed"), to_say("Shown, but proves no place.")),
    Quality.MOCK: (to_say("Position supplied by an app"), to_say("Shown, but proves no place.")),
    Quality.DUPLICATE: (to_say("Duplicate"), to_say("Counted once.")),
    Quality.FUTURE: (to_say("Recorded after it was received"), to_say("Not judged: the time is not known.")),
    Quality.STALE: (to_say("Arrived late"), to_say("Used as any other.")),
    Quality.UNKNOWN_PRECISION: (
        to_say("No precision given"),
        to_say("The rule table's assumed precision is used."),
    ),
    Quality.ZERO_ISLAND: (to_say("At latitude 0, longitude 0"), to_say("Says nothing of the place.")),
    Quality.SWAPPED_AXES: (
        to_say("Latitude and longitude look exchanged"),
        to_say("Says nothing of the place."),
    ),
    Quality.WEEK_ROLLOVER: (to_say("GPS week corrected"), to_say("Used with the corrected time.")),
    Quality.NOT_VALID: (to_say("Marked not valid by the device"), to_say("Says nothing of the place.")),
}


def words(name: str, table: dict[str, str], language: Language = ENGLISH) -> str:
    """The words for a name; the name itself, without underscores, where there are none."""
    return language.say(table.get(name, name.replace("_", " ")))


def metres_words(metres: float, language: Language = ENGLISH) -> str:
    """``212 m`` or ``3.4 km``; one decimal under 10 m."""
    metres = abs(metres)
    if metres >= 10_000:
        return language.say("{length} km", length=language.number(round(metres / 1000)))
    if metres >= 1_000:
        return language.say("{length} km", length=language.decimal(metres / 1000, 1))
    return language.say("{length} m", length=language.decimal(metres, 1 if metres < 10 else 0))


def percent_words(share: float, language: Language = ENGLISH) -> str:
    """``97.3%``. Nothing is ever printed as 0% or 100% that is not exactly so."""
    if share in (0, 1):
        return language.say("{number}%", number=language.decimal(share * 100, 0))
    if share > 0.999:
        return language.say("over {percent}", percent=_one_decimal(0.999, language))
    if share < 0.001:
        return language.say("under {percent}", percent=_one_decimal(0.001, language))
    return _one_decimal(share, language)


def _one_decimal(share: float, language: Language) -> str:
    return language.say("{number}%", number=language.decimal(share * 100, 1))


def chance_words(probability: float, language: Language = ENGLISH) -> str:
    """As ``percent_words``, but a calculated probability is never certain, however it was rounded."""
    return percent_words(min(max(probability, 0.000_1), 0.999_9), language)


def count_words(number: int, what: str, plural: str | None = None) -> str:
    """``1 position``, ``1,204 positions``: for the report, which is in English."""
    return f"{number:,} {what if number == 1 else plural or what + 's'}"


class _Step(Strict):
    start: float = Field(alias="from")
    words: str


class _CertaintyWords(PolicyFile):
    words: list[_Step]


@lru_cache(maxsize=1)
def certainty_scale() -> tuple[tuple[float, str], ...]:
    """From which certainty (0 to 1) each of the words of ``certainty_words.toml`` is used, the highest first."""
    return tuple(
        (step.start, step.words) for step in read_policy_file(CERTAINTY_WORDS, _CertaintyWords).words
    )


def certainty_words(certainty: float, language: Language = ENGLISH) -> str:
    """The words of ``certainty_words.toml`` for a certainty of 0 to 1."""
    found = next((text for start, text in certainty_scale() if certainty >= start), to_say("not known"))
    return language.say(found)
