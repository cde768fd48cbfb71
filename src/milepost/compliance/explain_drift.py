"""What looks like a drift of the receiver in one finding, in sentences, and what a person can check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from milepost.compliance.display_contacts import Contact
from milepost.compliance.display_geometry import LocalPlane
from milepost.compliance.drift import Drift, DriftSign, Position, Sign, lie_near, signs_of_drift
from milepost.compliance.explain_case import Case
from milepost.compliance.explain_evidence import away_m, contacts_between, easily_explained
from milepost.compliance.plain_times import SECOND_US
from milepost.compliance.plain_words import metres_words
from milepost.language import to_say


@dataclass(frozen=True, slots=True)
class SignInWords:
    """One sign: its name, its figures (units in their names) and what it says, in the language of the explanation."""

    sign: str
    says: str
    figures: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, lengths to a tenth."""
        figures = {name: round(value, 1) for name, value in self.figures.items()}
        return {"sign": self.sign, "says": self.says, "figures": figures}


SAYS: dict[Sign, str] = {
    Sign.NO_WAY: to_say(
        "There is no position on the way there: {jump} in {within}, faster than anybody runs."
    ),
    Sign.SLID: to_say("The positions moved slower than people walk, at most {fastest} metres a second."),
    Sign.STILL: to_say("In {still} of {of} positions the device said that it was not moving."),
    Sign.RESTING_PACE: to_say(
        "This device reports more often on the move. It did not: there were {quickest} and more between positions, "
        "as when it rests."
    ),
    Sign.CAME_BACK: to_say("Afterwards they came back to within {apart} of where they had been before."),
    Sign.OTHER_SOURCE: to_say("{other} of {of} positions were found in another way than before and after."),
    Sign.LESS_EXACT: to_say("The device said that it was less sure: {precision}, where {usual} is usual."),
}
NO_PROOF = to_say(
    "None of this proves a drift: somebody who goes a short way slowly can look the same. What can be checked: call "
    "the person and ask; if it happens again, ask for a home unit, which hears whether the tag is near."
)


def drift_of(case: Case) -> Drift | None:
    """What looks like a drift, by the finding's rule table; None where nothing does, or the table names none."""
    rule = case.table.evidence.drift if case.table else None
    by_positions_alone = case.finding["witness"] == "fixes"  # the word of a home unit stands by itself
    if rule is None or case.geometry is None or not case.description.of_places or not by_positions_alone:
        return None
    start, end = case.us("start_utc"), case.us("end_utc")
    around_us = int(rule.around_s * SECOND_US)
    contacts = [
        c for c in contacts_between(case, start - around_us, end + around_us) if c.standing == "strong"
    ]
    if not contacts:
        return None
    plane = LocalPlane(contacts[0].fix.lon, contacts[0].fix.lat)
    during = [c for c in contacts if start <= c.fix.time_us <= end]
    if not lie_near([_position(case, plane, c) for c in during], rule):
        return None
    return signs_of_drift([_position(case, plane, c) for c in contacts], start, end, rule)


def _position(case: Case, plane: LocalPlane, contact: Contact) -> Position:
    assert case.table is not None
    fix, away = contact.fix, away_m(case, contact)
    east, north = plane.metres(fix.lon, fix.lat)
    return Position(
        time_us=fix.time_us,
        east_m=east,
        north_m=north,
        precision_m=contact.used_precision_m,
        away_m=away,
        kept=easily_explained(case.table.evidence, contact, away),
        source=fix.source,
        speed_mps=fix.speed_mps,
    )


def signs_in_words(case: Case) -> tuple[SignInWords, ...]:
    """The signs, each with what it says; empty where it does not look like a drift.

    The first, "near", is where the positions lie.
    """
    drift = drift_of(case)
    if drift is None:
        return ()
    near = SignInWords(
        "near",
        _near(case, drift),
        {"positions": drift.positions, "spread_m": drift.spread_m, "farthest_m": drift.farthest_m},
    )
    return (near, *(SignInWords(s.sign.value, words_of_sign(case, s), s.figures) for s in drift.signs))


def drift_sentences(case: Case, told: tuple[SignInWords, ...]) -> list[str]:
    """The signs as an explanation tells them: what they may mean before, what they do not after."""
    if not told:
        return []
    say = case.language.say
    return [
        say("This looks like a drift of the receiver rather than travel."),
        *(sign.says for sign in told),
        say(NO_PROOF),
    ]


def _near(case: Case, drift: Drift) -> str:
    language = case.language
    singular, plural = (
        (
            to_say("{n} position, no more than {far} outside {place}."),
            to_say("{n} positions, spread over {spread}, none more than {far} outside {place}."),
        )
        if case.breach_side == "outside"
        else (
            to_say("{n} position, no more than {far} inside {place}."),
            to_say("{n} positions, spread over {spread}, none more than {far} inside {place}."),
        )
    )
    return language.say_n(
        singular,
        plural,
        drift.positions,
        spread=metres_words(drift.spread_m, language),
        far=metres_words(drift.farthest_m, language),
        place=case.place,
    )


def words_of_sign(case: Case, sign: DriftSign) -> str:
    """What one sign says, its figures filled in."""
    language, figures = case.language, sign.figures
    words: dict[str, str] = {}
    for name, value in figures.items():
        stem, _, unit = name.rpartition("_")
        if unit == "m":
            words[stem] = metres_words(value, language)
        elif unit == "mps":
            words[stem] = language.decimal(value, 1)
        elif unit == "s":
            words[stem] = language.say_n("{n} second", "{n} seconds", round(value))
        else:
            words[name] = language.number(round(value))
    return language.say(SAYS[sign.sign], **words)
