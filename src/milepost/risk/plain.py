"""A result in plain words, for somebody who has never seen a score: read aloud, it must be understood.

A test holds it to a reading grade of 8 or less. The exact figures are in :mod:`milepost.risk.result_text`.
"""

from __future__ import annotations

from milepost.language import ENGLISH, Language
from milepost.risk.data_files import load
from milepost.risk.fields import field_table
from milepost.risk.instruments import SCREENERS, instruments
from milepost.risk.result import Result, band_words, of_people

SHOWN = 4
"""Answers named in one sentence."""


def plain(result: Result, language: Language = ENGLISH) -> list[str]:
    """A few short paragraphs. They say what was counted, what pushed it up, what is not known, and who decides."""
    say = language.say
    if not result.scored:
        return _no_score(result, language)
    if result.band == "not_applicable":
        return [say("This score is not made for this person, so there is none. That is not a low score.")]
    if result.band == "omission":
        return [say("Too many answers are missing, so there is no result. That is not a low need.")]
    if result.instrument in SCREENERS:
        return _screen(result, language)
    return [
        _count(result, language),
        say("The score counts people. It cannot tell which of them this person is, or what this person will do."),
        *_band(result, language),
        *_up(result, language),
        *_missing(result, language),
        *_change(result, language),
        say("A person decides what to do, not the score. If an answer is wrong, say so: the score must be done again."),
    ]  # fmt: skip


def _count(result: Result, language: Language) -> str:
    say, say_n = language.say, language.say_n
    count, base = of_people(result.percentage or 0.0)
    asked = instruments()[result.instrument].event
    event = say(asked)
    if years := result.horizon_years:
        event = say_n("{event} in the next {n} year", "{event} in the next {n} years", years, event=event)
    said = [say("Think of {base} people with the same answers.", base=base)]
    if not count:
        said.append(say("Fewer than 1 of them will {event}. That is few, but it is not none.", event=event))
    elif count == base:
        said.append(say("Nearly all of them will {event}.", event=event))
    else:
        said.append(
            say_n("About {n} of them will {event}.", "About {n} of them will {event}.", count, event=event)
        )
        left = base - count
        said.append(say_n("About {n} will not.", "About {n} will not.", left))
    if "proven" in asked:
        said.append(say("Proven means that a court or a caution says so."))
    return " ".join(said)


def _band(result: Result, language: Language) -> list[str]:
    if result.band is None:
        return []
    say = language.say
    said = [say("The name for this level is {band}.", band=band_words(result.band, language))]
    bands = instruments()[result.instrument].bands
    higher = bands.index(result.band) + 1 if result.band in bands else len(bands)
    if result.edge_unit == "percentage points" and result.to_next_band is not None and higher < len(bands):
        edge = round((result.percentage or 0.0) + result.to_next_band, 2)
        up = band_words(bands[higher], language)
        said.append(say("The next level up, {band}, starts at {edge} in 100.", band=up, edge=edge))
        if result.to_next_band < max(edge * 0.05, 0.1):
            said.append(say("That is close."))
    return [" ".join(said)]


def _up(result: Result, language: Language) -> list[str]:
    say = language.say
    told = _plain_labels()
    terms = sorted(result.terms, key=lambda term: -term.value)
    up = [say(told[term.field]) for term in terms if term.field in told and term.value > 0]
    found = []
    if result.instrument not in ("csrp", "rsr"):
        found.append(
            say("Much of it comes from age and from the past, such as how often a court dealt with them.")
        )
    if up:
        found.append(say("These things about life now push it up: {list}.", list=_list(up, language)))
    return [" ".join(found)] if found else []


def _missing(result: Result, language: Language) -> list[str]:
    say = language.say
    if not result.missing:
        asked = result.basis == "static" and instruments()[result.instrument].dynamic_checks
        told = say("Only age and the past were counted, not life now. That is what was asked for.")
        return [told] if asked else []
    labels = _list([say(item.label) for item in result.missing], language)
    said = language.say_n(
        "{n} answer is missing: {list}.", "{n} answers are missing: {list}.", len(result.missing), list=labels
    )
    if result.basis == "static":
        said += " " + say("So only age and the past were counted, not life now.")
        return [said + " " + say("With all the answers, it could go up or down.")]
    said += " " + say("Each was counted as if there was no problem.")
    return [said + " " + say("If there is one, the true number is higher.")]


def _change(result: Result, language: Language) -> list[str]:
    if not result.changes:
        return []
    say = language.say
    best = result.changes[0]
    about = say(_plain_labels().get(best.field, best.label.lower()))
    count, base = of_people(best.percentage)
    less = say("about {count}", count=count) if count else say("fewer than 1")
    return [
        " ".join((
            say("What could bring it down most: {about}.", about=about),
            say("If that was no longer a problem, and all else stayed the same, it would be {less} in {base}.",
                less=less, base=base),
            say("That is a sum, not a promise."),
        ))
    ]  # fmt: skip


def _screen(result: Result, language: Language) -> list[str]:
    say = language.say
    return [
        say("This is a check list. It adds up answers, to show who may need a closer look. It does not say what "
            "will happen."),
        say("The result is: {band}.", band=band_words(result.band or "none", language)),
        say("A person looks at it and decides. If an answer is wrong, say so."),
    ]  # fmt: skip


def _no_score(result: Result, language: Language) -> list[str]:
    say = language.say
    found = [say("There is no score. That does not mean that all is well. It means that we do not know.")]
    labels = dict.fromkeys(field_table()[p.field].label for p in result.problems if p.field)
    if labels:
        listed = _list([say(label) for label in labels], language)
        found.append(say("Please look at: {list}.", list=listed))
    return found


def _plain_labels() -> dict[str, str]:
    """What an answer is about, by field."""
    words: dict[str, str] = load("labels.toml")["plain"]
    return words


def _list(items: list[str], language: Language) -> str:
    shown = list(dict.fromkeys(items))
    more = len(shown) - SHOWN
    semicolons = any("," in item for item in shown)
    if more > 0:
        first = ("; " if semicolons else ", ").join(shown[:SHOWN])
        if semicolons:
            return language.say_n("{list}; and {n} more", "{list}; and {n} more", more, list=first)
        return language.say_n("{list} and {n} more", "{list} and {n} more", more, list=first)
    if semicolons or len(shown) == 1:
        return "; ".join(shown)
    return language.say("{list} and {last}", list=", ".join(shown[:-1]), last=shown[-1])
