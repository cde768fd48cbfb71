"""How often devices like the one that a finding rests on have been seen to err, in a sentence."""

from __future__ import annotations

from collections import Counter

from milepost.compliance.explain_case import Case
from milepost.compliance.explain_evidence import contacts_between
from milepost.compliance.learn_report import WORTH_SAYING
from milepost.compliance.learned_errors import ErrorRow
from milepost.compliance.plain_words import SOURCE_WORDS, metres_words
from milepost.language import to_say
from milepost.tracks.record import Source


def erring(case: Case) -> str:
    """Of the positions in the finding's time: what was learned of most of them. Nothing where nothing was."""
    if not case.description.of_places:
        return ""
    start, end = case.us("start_utc"), case.us("end_utc")
    fixes = [c.fix for c in contacts_between(case, start, end) if c.standing == "strong"]
    rows = Counter((fix.learned_from, fix.learned) for fix in fixes if fix.learned is not None)
    if not rows:
        return ""
    (table, row), _ = rows.most_common(1)[0]
    source = next(fix.source for fix in fixes if fix.learned is row)
    told = _how_often(case, row, table, source)
    if row.none_stated or row.factor <= 1 or row.times_off < WORTH_SAYING:
        return told
    times = case.language.decimal(row.times_off, 1)
    counted = to_say("That is {times} times as far off as they say, which is counted against them.")
    return f"{told} {case.language.say(counted, times=times)}"


def _how_often(case: Case, row: ErrorRow, table: str, source: Source) -> str:
    """Of 100 positions, how many were how far from where the tag was. The row holds the radii of 95 and 99 of 100."""
    language = case.language
    places = {
        "far": metres_words(row.real_95_m, language),
        "farther": metres_words(row.real_99_m, language),
        "table": table,
        "source": language.say(SOURCE_WORDS[source]),
        "model": row.device_model or "",
    }
    if row.none_stated and row.device_model:
        return language.say_n(
            "In {n} night, positions of the device model {model} that do not say how exact they are ({source}) were "
            "further than {far} from where the tag was in 5 of 100, and further than {farther} in 1 of 100 (learned "
            "errors, {table}).",
            "In {n} nights, positions of the device model {model} that do not say how exact they are ({source}) were "
            "further than {far} from where the tag was in 5 of 100, and further than {farther} in 1 of 100 (learned "
            "errors, {table}).",
            row.nights,
            **places,
        )
    if row.none_stated:
        return language.say_n(
            "In {n} night, positions that do not say how exact they are ({source}) were further than {far} from where "
            "the tag was in 5 of 100, and further than {farther} in 1 of 100 (learned errors, {table}).",
            "In {n} nights, positions that do not say how exact they are ({source}) were further than {far} from where "
            "the tag was in 5 of 100, and further than {farther} in 1 of 100 (learned errors, {table}).",
            row.nights,
            **places,
        )
    if row.device_model:
        return language.say_n(
            "In {n} night, positions like these of the device model {model} ({source}) were further than {far} from "
            "where the tag was in 5 of 100, and further than {farther} in 1 of 100 (learned errors, {table}).",
            "In {n} nights, positions like these of the device model {model} ({source}) were further than {far} from "
            "where the tag was in 5 of 100, and further than {farther} in 1 of 100 (learned errors, {table}).",
            row.nights,
            **places,
        )
    return language.say_n(
        "In {n} night, positions like these ({source}) were further than {far} from where the tag was in 5 of 100, and "
        "further than {farther} in 1 of 100 (learned errors, {table}).",
        "In {n} nights, positions like these ({source}) were further than {far} from where the tag was in 5 of 100, and "
        "further than {farther} in 1 of 100 (learned errors, {table}).",
        row.nights,
        **places,
    )
