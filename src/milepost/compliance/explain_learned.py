"""How often devices like the one that a finding rests on have been seen to err, in a sentence."""

from __future__ import annotations

from collections import Counter

from milepost.compliance.explain_case import Case
from milepost.compliance.explain_evidence import contacts_in
from milepost.compliance.learn_report import WORTH_SAYING
from milepost.compliance.plain_words import SOURCE_WORDS, metres_words


def erring(case: Case) -> str:
    """Of the positions in the finding's time: what was learned of most of them. Nothing where nothing was."""
    if not case.description.of_places:
        return ""
    start, end = case.us("start_utc"), case.us("end_utc")
    fixes = [c.fix for c in contacts_in(case) if c.standing == "strong" and start <= c.fix.time_us <= end]
    rows = Counter((fix.learned_from, fix.learned) for fix in fixes if fix.learned is not None)
    if not rows:
        return ""
    (table, row), _ = rows.most_common(1)[0]
    language, nights = case.language, row.nights
    if row.none_stated:
        return language.say_n(
            "Positions that do not say how exact they are: 95 in 100 have been within {distance}, in {n} night "
            "(learned errors, {table}).",
            "Positions that do not say how exact they are: 95 in 100 have been within {distance}, in {n} nights "
            "(learned errors, {table}).",
            nights,
            distance=metres_words(row.real_95_m, language),
            table=table,
        )
    if row.factor <= 1 or row.times_off < WORTH_SAYING:
        return ""
    times = language.decimal(row.times_off, 1)
    if row.device_model:
        return language.say_n(
            "Positions like these of the device model {model} have been {times} times as far off as they say, in {n} "
            "night (learned errors, {table}). This is counted against them.",
            "Positions like these of the device model {model} have been {times} times as far off as they say, in {n} "
            "nights (learned errors, {table}). This is counted against them.",
            nights,
            model=row.device_model,
            times=times,
            table=table,
        )
    return language.say_n(
        "Positions like these ({source}) have been {times} times as far off as they say, in {n} night "
        "(learned errors, {table}). This is counted against them.",
        "Positions like these ({source}) have been {times} times as far off as they say, in {n} nights "
        "(learned errors, {table}). This is counted against them.",
        nights,
        source=language.say(SOURCE_WORDS[fixes[0].source]),
        times=times,
        table=table,
    )
