"""Silences that count as broken because they left no way back (section 4 of "How the engine decides"), in words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from milepost.compliance.display_contacts import Contact
from milepost.compliance.display_geometry import needed_distance_m
from milepost.compliance.explain_case import Case
from milepost.compliance.explain_evidence import away_m, contacts_between, side_shown, silences
from milepost.compliance.plain_times import SECOND_US, clock, duration_words
from milepost.compliance.plain_words import metres_words
from milepost.language import to_say

MILES_PER_HOUR_IN_MPS = 0.44704
"""Exact: the international mile."""


@dataclass(frozen=True, slots=True)
class Held:
    """A time between two positions, microseconds UTC; ``way_m`` would have been the way back and there again."""

    start_us: int
    end_us: int
    way_m: float
    speed_mps: float


def held_times(case: Case) -> list[Held]:
    """The silences within the finding that left no way back, in order."""
    if case.table is None or case.geometry is None or not case.description.of_places:
        return []
    start, end = case.us("start_utc"), case.us("end_utc")
    gaps = [(a, b) for a, b in silences(case) if start <= a and b <= end]
    strong = [c for c in contacts_between(case, start, end) if c.standing == "strong"]
    return [
        held
        for before, after in pairwise(strong)
        if any(before.fix.time_us <= a and b <= after.fix.time_us for a, b in gaps)
        if (held := _held(case, before, after)) is not None
    ]


def _held(case: Case, before: Contact, after: Contact) -> Held | None:
    assert case.table is not None
    if not side_shown(case, before) == side_shown(case, after) == case.breach_side:
        return None
    rules = case.table.evidence
    reach_m = [needed_distance_m(c.used_precision_m, rules.breach.probability) for c in (before, after)]
    way_m = away_m(case, before) + away_m(case, after) - sum(reach_m)
    seconds = (after.fix.time_us - before.fix.time_us) / SECOND_US
    speed_mps = rules.there_and_back_mps if seconds <= rules.hold_s else rules.max_speed_mps
    if seconds * speed_mps >= way_m:
        return None
    return Held(before.fix.time_us, after.fix.time_us, way_m, speed_mps)


def no_way_back(case: Case) -> str:
    """Why silences count as broken: the longest of them told, the others counted. Nothing where there is none."""
    held = held_times(case)
    if not held:
        return ""
    language = case.language
    longest = max(held, key=lambda h: h.end_us - h.start_us)
    sentence = (
        to_say(
            "{who} could not have left {place} and come back in the {length} between {start} and {end}: the "
            "distance is at least {way}, at {speed} mph at most. So this time counts as inside."
        )
        if case.breach_side == "inside"
        else to_say(
            "{who} could not have been at {place} and back in the {length} between {start} and {end}: the "
            "distance is at least {way}, at {speed} mph at most. So this time counts as away."
        )
    )

    def clock_words(us: int) -> str:
        return clock(us, case.timezone, with_offset=case.with_offset, language=language)

    said = language.say(
        sentence,
        who=case.who,
        place=case.place,
        length=duration_words((longest.end_us - longest.start_us) / SECOND_US, language=language),
        start=clock_words(longest.start_us),
        end=clock_words(longest.end_us),
        way=metres_words(longest.way_m, language),
        speed=language.decimal(longest.speed_mps / MILES_PER_HOUR_IN_MPS, 0),
    )
    others = len(held) - 1
    if not others:
        return said
    more = language.say_n(
        "The same applies to {n} other silence.", "The same applies to {n} other silences.", others
    )
    return f"{said} {more}"
