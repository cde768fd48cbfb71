"""A result in plain words, for somebody who has never seen a score: read aloud, it must be understood.

A test holds it to a reading grade of 8 or less. The exact figures are in :mod:`milepost.risk.say`.
"""

from __future__ import annotations

from milepost.risk.data_files import load
from milepost.risk.fields import field_table
from milepost.risk.instruments import SCREENERS, instruments
from milepost.risk.result import Result, of_people

SHOWN = 4
"""Answers named in one sentence."""


def plain(result: Result) -> list[str]:
    """A few short paragraphs. They say what was counted, what pushed it up, what is not known, and who decides."""
    if not result.scored:
        return _no_score(result)
    if result.band == "not_applicable":
        return ["This score is not made for this person, so there is none. That is not a low score."]
    if result.band == "omission":
        return ["Too many answers are missing, so there is no result. That is not a low need."]
    if result.instrument in SCREENERS:
        return _screen(result)
    return [
        _count(result),
        "The score counts people. It cannot tell which of them this person is, or what this person will do.",
        *_band(result),
        *_up(result),
        *_missing(result),
        *_change(result),
        "A person decides what to do, not the score. If an answer is wrong, say so: the score must be done again.",
    ]


def _count(result: Result) -> str:
    count, base = of_people(result.percentage or 0.0)
    who = f"Think of {base:,} people with the same answers."
    years = f" in the next {result.horizon_years} years" if result.horizon_years else ""
    event = instruments()[result.instrument].event
    proven = " Proven means that a court or a caution says so." if "proven" in event else ""
    if not count:
        return f"{who} Fewer than 1 of them will {event}{years}. That is few, but it is not none.{proven}"
    if count == base:
        return f"{who} Nearly all of them will {event}{years}.{proven}"
    one = "1 of them" if count == 1 else f"{count:,} of them"
    return f"{who} About {one} will {event}{years}. About {base - count:,} will not.{proven}"


def _band(result: Result) -> list[str]:
    if result.band is None:
        return []
    text = f"The name for this level is {_words(result.band)}."
    bands = instruments()[result.instrument].bands
    higher = bands.index(result.band) + 1 if result.band in bands else len(bands)
    if result.edge_unit == "percentage points" and result.to_next_band is not None and higher < len(bands):
        edge = round((result.percentage or 0.0) + result.to_next_band, 2)
        near = " That is close." if result.to_next_band < max(edge * 0.05, 0.1) else ""
        text += f" The next level up, {_words(bands[higher])}, starts at {edge:g} in 100.{near}"
    return [text]


def _up(result: Result) -> list[str]:
    told = load("labels.toml")["plain"]
    terms = sorted(result.terms, key=lambda term: -term.value)
    up = [told[term.field] for term in terms if term.field in told and term.value > 0]
    found = []
    if result.instrument not in ("csrp", "rsr"):
        found.append(
            "Much of it comes from age and from the past, such as how often a court dealt with them."
        )
    if up:
        found.append(f"These things about life now push it up: {_list(up)}.")
    return [" ".join(found)] if found else []


def _missing(result: Result) -> list[str]:
    count = len(result.missing)
    if not count:
        asked = result.basis == "static" and instruments()[result.instrument].dynamic_checks
        return (
            ["Only age and the past were counted, not life now. That is what was asked for."] if asked else []
        )
    answers = "1 answer is" if count == 1 else f"{count} answers are"
    labels = [item.label for item in result.missing]
    if result.basis == "static":
        return [
            f"{answers} missing: {_list(labels)}. So only age and the past were counted, not life now. "
            "With all the answers, it could go up or down."
        ]
    return [
        f"{answers} missing: {_list(labels)}. Each was counted as if there was no problem. "
        "If there is one, the true number is higher."
    ]


def _change(result: Result) -> list[str]:
    if not result.changes:
        return []
    best = result.changes[0]
    about = load("labels.toml")["plain"].get(best.field, best.label.lower())
    count, base = of_people(best.percentage)
    less = "fewer than 1" if not count else f"about {count:,}"
    return [
        f"What could bring it down most: {about}. If that was no longer a problem, and all else stayed the same, "
        f"it would be {less} in {base:,}. That is a sum, not a promise."
    ]


def _screen(result: Result) -> list[str]:
    return [
        "This is a check list. It adds up answers, to show who may need a closer look. It does not say what will happen.",
        f"The result is: {_words(result.band or 'none')}.",
        "A person looks at it and decides. If an answer is wrong, say so.",
    ]


def _no_score(result: Result) -> list[str]:
    found = ["There is no score. That does not mean that all is well. It means that we do not know."]
    labels = list(dict.fromkeys(field_table()[p.field].label for p in result.problems if p.field))
    if labels:
        found.append(f"Please look at: {_list(labels)}.")
    return found


def _list(items: list[str]) -> str:
    shown = list(dict.fromkeys(items))
    more = len(shown) - SHOWN
    if any("," in item for item in shown):
        return "; ".join(shown[:SHOWN]) + (f"; and {more} more" if more > 0 else "")
    if more > 0:
        return f"{', '.join(shown[:SHOWN])} and {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _words(name: str) -> str:
    return name.replace("_", " ")
