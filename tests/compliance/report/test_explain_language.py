"""An explanation in another language: no word of it is English, and in English it is what it was."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from report_answer import TABLE, finding
from report_scene import HOME, build_order_file, build_signals, owed, table, us
from tests.foreign import Foreign, left_in_english, sentences_of_the_catalogue

from milepost.compliance import plain_words as words
from milepost.compliance.explain import Explanation, explain_finding
from milepost.compliance.explain_case import UNNAMED_PLACE, place_words
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.plain_times import clock, duration_words, exact_local, span_words
from milepost.compliance.results import Label, NoDataCause
from milepost.compliance.rule_tables import read_rules
from milepost.language import ENGLISH, Language
from milepost.orders.clock import FAR_FUTURE_US
from milepost.orders.model import Condition, ConditionKind, OrderFile
from milepost.orders.obligations import Obligation, Shape, Target
from milepost.tracks.record import DEVICE_EVENTS, PRESENCE, DeviceEventKind, PresenceState

RULES = read_rules()
HEAD = next(one for one in RULES.tables if one.name == TABLE).table
NAMES = (HEAD.owner, HEAD.source_document.rstrip("."), TABLE)
"""Words of the rule table: they are quoted, not said."""
REFERENCE = re.compile(r"T1@\S+|(?<=\d)T(?=\d\d:)|(?<=:\d\d)Z")
"""A device, and the letters in a time in UTC."""
HOUR_US = 3_600_000_000
START, END = us("2026-03-24 18:00"), us("2026-03-25 07:00")
HOME_AREA = Target((Shape(*HOME, 50.0),), ("1", "2"))


def order_file() -> OrderFile:
    """That of the scene with figures for all names, so that every letter of a text was said by the library."""
    held = build_order_file().model_dump(mode="json", by_alias=True)
    held["people"][0]["name"] = "7"
    version = held["orders"][0]["versions"][0]
    version["places"] = [version["places"][0] | {"id": name, "name": name} for name in ("1", "2")]
    first = version["conditions"][0] | {"place": ["1", "2"], "source_document": "5"}
    version["conditions"] = [
        first | {"id": str(number), "kind": kind, "purpose": "9"} for number, kind in enumerate(ConditionKind)
    ]
    return OrderFile.model_validate(held)


def obligation(kind: ConditionKind, *, end_us: int = END) -> Obligation:
    number = str(list(ConditionKind).index(kind))
    return owed(number, kind, START, end_us, HOME_AREA)


def signals() -> Any:
    """The scene's positions, the home unit's word and a report of every sort, out of doors on one evening."""
    found = build_signals()
    around = [us("2026-03-24 19:00") + n * 10_000_000 for n in range(40)]
    found.presence = table(
        [
            {
                "device_id": "H1", "recorded_at_utc": moment, "tag_id": "T1", "heartbeat": n % 4 > 1, "quality": 0,
                "state": int(PresenceState.OUT_OF_RANGE if n % 2 else PresenceState.IN_RANGE),
            }
            for n, moment in enumerate(around)
        ],
        PRESENCE,
    )  # fmt: skip
    found.device_events = table(
        [
            {
                "device_id": "T1", "recorded_at_utc": around[n], "kind": kind.value, "quality": 0,
                "raw_code": str(n), "value": 35.0, "unit": "%",
            }
            for n, kind in enumerate(DeviceEventKind)
        ],
        DEVICE_EVENTS,
    )  # fmt: skip
    return found


SIGNALS = signals()


def row_of(kind: str, **more: Any) -> dict[str, Any]:
    row = finding(
        kind, "0", us("2026-03-24 19:00"), us("2026-03-24 19:25"),
        obligation_start_utc=START, obligation_end_utc=END, start_earliest_utc=us("2026-03-24 18:50"),
        end_latest_utc=us("2026-03-24 19:27:30"), coverage=0.9, obligation_coverage=0.8, action="3",
        act_within_minutes=61, rule="4", finding_id="6", first_evidence="", supersedes="8",
    )  # fmt: skip
    return row | more


def explain(
    row: dict[str, Any], kind: ConditionKind = ConditionKind.CURFEW, language: Language = ENGLISH, **more: Any
) -> Explanation:
    return explain_finding(
        row,
        order_file=order_file(),
        obligations=[obligation(kind, **more)],
        signals=SIGNALS,
        rules=RULES,
        language=language,
    )


def texts_of(told: Explanation) -> list[str]:
    rows = [
        text for row in told.evidence for text in (row.time_local, row.source, row.says, row.distance_words)
    ]
    texts = [told.title, *told.sentences, *rows, *told.as_text().splitlines(), told.case.place]
    for name in NAMES:
        texts = [text.replace(name, "") for text in texts]
    return [re.sub(r"\b[POH]1\b", "", REFERENCE.sub("", text)) for text in texts]


def all_is_said(told: Explanation, foreign: Foreign) -> None:
    assert left_in_english(texts_of(told)) == []
    assert foreign.asked - sentences_of_the_catalogue() == set()


@pytest.mark.parametrize("status", ["open", "closed"])
@pytest.mark.parametrize("kind", list(FindingKind))
def test_no_kind_of_finding_has_a_word_that_cannot_be_translated(kind: FindingKind, status: str) -> None:
    foreign = Foreign()
    zone = ConditionKind.EXCLUSION_ZONE if kind == "zone_entry" else ConditionKind.CURFEW
    told = explain(row_of(kind, status=status), zone, foreign.spoken)
    assert told.evidence or kind == "zone_entry", "there are signals to put into words"
    all_is_said(told, foreign)
    assert len(told.sentences) > 8


@pytest.mark.parametrize("kind", list(ConditionKind))
@pytest.mark.parametrize("end_us", [END, END + 366 * 24 * HOUR_US, FAR_FUTURE_US])
def test_neither_has_any_duty(kind: ConditionKind, end_us: int) -> None:
    foreign = Foreign()
    number = str(list(ConditionKind).index(kind))
    told = explain(row_of("zone_exit", condition_id=number), kind, foreign.spoken, end_us=end_us)
    all_is_said(told, foreign)
    assert words.CONDITION_WORDS[kind] in foreign.asked


@pytest.mark.parametrize(
    "more",
    [
        {"witness": "device"},
        {"witness": "home_unit", "certainty": 0.3},
        {"witness": "both", "certainty": None},
        {"rule_table": "77@9"},
        {"order_id": "77", "obligation_start_utc": None},
        {"order_id": "77"},
        {"person_id": "77"},
        {"condition_id": ""},
        {"evidence_count": 1, "act_within_minutes": 1},
        {"coverage": 0.9999, "obligation_coverage": 0.00001},
        {"coverage": 1.0, "obligation_coverage": 1.0},
        {"seconds": 7200.0},
        {"seconds": 5.0},
        {"seconds": 0.0, "end_utc": us("2026-03-24 19:00"), "kind": "strap_tamper"},
        {"start_earliest_utc": us("2026-03-24 19:00"), "end_latest_utc": us("2026-03-24 19:25")},
        {"start_utc": us("2026-03-25 20:00"), "end_utc": us("2026-03-26 05:00")},  # a flat battery between
        {"kind": "alcohol", "start_utc": us("2026-03-23 15:00"), "first_evidence": "T1@2026-03-24T19:00:00Z/alcohol",
         "end_utc": us("2026-03-23 16:00")},
    ],
)  # fmt: skip
def test_neither_has_an_explanation_of_which_something_is_missing_or_unusual(more: dict[str, Any]) -> None:
    foreign = Foreign()
    all_is_said(explain(row_of("late_return") | more, language=foreign.spoken), foreign)


def test_the_tests_above_would_see_an_english_word() -> None:
    told = explain(row_of("late_return"), language=Language(gettext=lambda message: message))
    assert left_in_english(texts_of(told))
    assert "satellites (GPS)" in left_in_english(texts_of(told)), "in the evidence too"


def test_every_word_that_pages_say_by_themselves_is_in_the_catalogue() -> None:
    """Pages put single words of these tables into their own sentences."""
    said = sentences_of_the_catalogue()
    for table_of_words in (
        words.FINDING_TITLES, words.CONDITION_WORDS, words.REGIME_WORDS, words.LEVEL_WORDS, words.CAUSE_WORDS,
        words.SOURCE_WORDS, words.EVENT_WORDS,
    ):  # fmt: skip
        assert set(table_of_words.values()) <= said
    assert {text for both in words.QUALITY_WORDS.values() for text in both} <= said
    assert {text for _from, text in words.certainty_scale()} <= said
    codes = {code.name.lower().replace("_", " ") for kind in (NoDataCause, Label) for code in kind}
    assert codes <= said


def test_what_is_no_text_is_written_by_the_language() -> None:
    other = Language(
        decimal=lambda value, places: f"{value:.{places}f}".replace(".", ","),
        number=lambda value: f"<{value}>",
        clock="{:%H.%M}".format,
        day=lambda day: f"<{day:%d.%m.}>",
        short_day=lambda day: f"<{day:%d.%m.}>",
        ngettext=lambda one, many, n: f"{many} ({n})",
    )
    start, end = us("2026-03-24 19:05"), us("2026-03-25 07:00")
    assert span_words(start, end, "Europe/London", language=other) == (
        "from 19.05 on <24.03.> until 07.00 on <25.03.>"
    )
    assert exact_local(start, "Europe/London", language=other) == "<24.03.> 2026 19:05:00"
    assert clock(us("2026-03-29 03:00"), "Europe/London", with_offset=True, language=other) == (
        "03.00 (BST, UTC+1)"
    )
    assert duration_words(3660, language=other) == "<1> hours (1) <1> minutes (1)"
    assert words.percent_words(0.973, other) == "97,3%"
    assert words.chance_words(1.0, other) == "over 99,9%"
    assert words.metres_words(3420, other) == "3,4 km"
    assert words.metres_words(12_345, other) == "<12> km"


def test_a_place_without_a_name_can_be_told_from_one_with_a_name() -> None:
    """A page leaves out what the order does not name, in whatever language it is made."""
    other = Language(gettext=str.upper)
    condition = Condition.model_validate(
        {"id": "trail", "kind": "trail", "from": dt.date(2026, 3, 1), "timezone": "UTC"}
    )
    assert place_words(None, condition, None, other) == other.say(UNNAMED_PLACE) == UNNAMED_PLACE.upper()


SEEN = {
    "late_return": "The tag was away from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "left_during": "The tag was away from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "out_at_start": "The tag was away from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "out_at_end": "The tag was away from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "absent_entire": "The tag was away from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "zone_entry": "The tag was in the zone from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "zone_exit": "The tag was outside the area from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "attendance_missed": "The tag was never seen there in that time.",
    "attendance_late": "The tag was not there from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "attendance_left_early": "The tag was not there from 19:00 until 19:25 on Tuesday 24 March: 25 minutes.",
    "evidence_conflict": (
        "The tag and the home unit did not agree from 19:00 until 19:25 on Tuesday 24 March: 25 minutes."
    ),
    "strap_tamper": (
        "The tag reported that its strap was pulled, cut or opened from 19:00 until 19:25 on Tuesday 24 March."
    ),
    "case_tamper": (
        "The device reported that its case was opened from 19:00 until 19:25 on Tuesday 24 March."
    ),
    "power_off": "The device reported that it had no power from 19:00 until 19:25 on Tuesday 24 March.",
    "unit_moved": "The home unit reported that it was moved from 19:00 until 19:25 on Tuesday 24 March.",
    "battery_low": "The tag said that its battery was low from 19:00 until 19:25 on Tuesday 24 March.",
    "battery_dead": "The tag’s battery ran flat from 19:00 until 19:25 on Tuesday 24 March.",
    "device_fault": "The device reported a fault from 19:00 until 19:25 on Tuesday 24 March.",
    "no_contact": "Nothing was heard from the tag from 19:00 until 19:25 on Tuesday 24 March.",
    "alcohol": "The device sent an alcohol reading from 19:00 until 19:25 on Tuesday 24 March.",
}
OWED = {
    "curfew": "7 (P1) had to be at 1 or 2 {when}.",
    "exclusion_zone": "7 (P1) had to stay out of the zone “9” {when}.",
    "inclusion_zone": "7 (P1) had to stay inside the zone “9” {when}.",
    "restriction_zone": "7 (P1) had to stay inside the zone “9” {when}.",
    "attendance": "7 (P1) had to be at 1 or 2 {when}.",
    "trail": "7 (P1) had to wear a tag that shows where it is {when}.",
    "alcohol": "7 (P1) had to drink no alcohol {when}.",
    "charge_and_wear": "7 (P1) had to wear the tag and keep it charged {when}.",
}


@pytest.mark.parametrize("kind", list(FindingKind))
def test_what_was_seen_in_english(kind: FindingKind) -> None:
    still = " It was still so at 19:25, the last we know."
    open_ended = SEEN[kind].replace(
        "from 19:00 until 19:25 on Tuesday 24 March", "from 19:00 on Tuesday 24 March"
    )
    assert explain(row_of(kind)).parts["summary"][1] == SEEN[kind]
    goes_on = "" if kind.startswith("attendance_") or kind == "evidence_conflict" else still
    assert explain(row_of(kind, status="open")).parts["summary"][1] == open_ended + goes_on


@pytest.mark.parametrize("kind", list(ConditionKind))
def test_what_was_owed_in_english(kind: ConditionKind) -> None:
    number = str(list(ConditionKind).index(kind))
    row = row_of("late_return", condition_id=number)
    assert explain(row, kind).sentences[0] == OWED[kind].format(
        when="from 18:00 on Tuesday 24 March until 07:00 on Wednesday 25 March"
    )
    assert explain(row, kind, end_us=FAR_FUTURE_US).sentences[0] == OWED[kind].format(
        when="from 18:00 on Tuesday 24 March 2026, with no end set"
    )


def test_the_whole_of_one_in_english() -> None:
    told = explain(row_of("late_return", evidence_count=1204, revision=1200))
    distance = next(row.distance_words for row in told.evidence if row.distance_m is not None)
    assert re.fullmatch(r"8\d\d m outside", distance)
    first = next(sentence for sentence in told.parts["evidence"] if sentence.startswith("The last:"))
    assert re.fullmatch(
        r"The last: Tue 24 Mar 2026 19:25:00, 8\d\d m outside the boundary by satellites \(GPS\), precision \d+(\.\d)? m, "
        r"so the chance that the tag was outside is over 99\.9%\.",
        first,
    )
    for sentence in (
        "It may have started as early as 18:50. It may have gone on until 19:27.",
        "This comes from condition 0 (curfew) of order O1, version 2 (community order), as written in 5.",
        "1,204 signals show this.",
        "We have evidence for 90.0% of this time.",
        "The evidence is strong: 98.0% sure.",
        "Level: note. 3 Act within 1 hour 1 minute.",
        "Row “4” of rule table illustrative-community-order@1 sets this level.",
        f"Owner of the table: {HEAD.owner}. In force from {HEAD.effective_from.isoformat()}.",
        "This is revision 1200. It takes the place of 8.",
    ):
        assert sentence in told.sentences


def test_a_row_as_json_has_the_distance_once() -> None:
    shown = explain(row_of("late_return")).as_dict()["evidence"][-1]
    assert "distance_words" not in shown
    assert shown["side"] == "outside"
    assert explain(row_of("late_return"), language=Foreign().spoken).evidence[-1].side == "outside"


def test_a_text_is_looked_up_once_however_many_signals_say_it() -> None:
    asked: list[str] = []

    def gettext(message: str) -> str:
        asked.append(message)
        return message

    told = explain(row_of("late_return"), language=Language(gettext=gettext))
    assert len(told.evidence) > 5
    assert asked.count("satellites (GPS)") == 1
