"""Codes of assessments in words."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milepost.service.assessments import policy_data
from milepost.service.assessments.harm import LEVELS, level_in_words

__all__ = ["level_in_words"]
Words = dict[str, str | Promise]

STATES: Words = {
    "draft": gettext_lazy("Draft"),
    "judged": gettext_lazy("Judgement recorded"),
    "awaiting": gettext_lazy("Waits for a second person"),
    "signed": gettext_lazy("Signed, in force"),
    "countersigned": gettext_lazy("Countersigned, in force"),
    "superseded": gettext_lazy("Superseded"),
    "discarded": gettext_lazy("Discarded"),
}
STATE_COLOURS = {
    "draft": "grey", "judged": "blue", "awaiting": "yellow", "signed": "green", "countersigned": "green",
    "superseded": "grey", "discarded": "grey",
}  # fmt: skip
SOURCES: Words = {
    "person": gettext_lazy("The person said so"),
    "officer": gettext_lazy("I saw it, or worked it out"),
    "court": gettext_lazy("Court or prosecution papers"),
    "police": gettext_lazy("Police"),
    "health": gettext_lazy("A health or treatment service"),
    "other": gettext_lazy("Somebody else"),
    "record": gettext_lazy("A record"),
    "previous": gettext_lazy("The assessment before"),
}
REASONS: Words = {
    "first": gettext_lazy("First assessment"),
    "review": gettext_lazy("Review"),
    "event": gettext_lazy("After something happened"),
    "correction": gettext_lazy("Correction"),
}
BECAUSE: Words = {
    "serious_harm": gettext_lazy("the risk of serious harm is judged high or very high"),
    "judged_after_scores": gettext_lazy("the judgement was changed after the scores had been seen"),
}
OVERRIDE_STATES: Words = {
    "waiting": gettext_lazy("Waits for a second person"),
    "stands": gettext_lazy("In effect"),
    "refused": gettext_lazy("Not agreed"),
    "withdrawn": gettext_lazy("Withdrawn"),
}
OVERRIDE_COLOURS = {"waiting": "yellow", "stands": "green", "refused": "grey", "withdrawn": "grey"}
DIRECTIONS: Words = {"up": gettext_lazy("up"), "down": gettext_lazy("down")}
RAISED_BY: Words = {
    "person": gettext_lazy("The person"),
    "solicitor": gettext_lazy("Their solicitor"),
    "family": gettext_lazy("Their family"),
    "advocate": gettext_lazy("Their advocate"),
    "staff": gettext_lazy("A member of staff"),
}
CONTEST_STATES: Words = {
    "raised": gettext_lazy("Not looked at yet"),
    "looked_at": gettext_lazy("Being looked at"),
    "corrected": gettext_lazy("Corrected"),
    "partly": gettext_lazy("Partly corrected"),
    "upheld": gettext_lazy("Stays as it is"),
}
CONTEST_COLOURS = {
    "raised": "yellow",
    "looked_at": "blue",
    "corrected": "green",
    "partly": "green",
    "upheld": "grey",
}
OUTCOMES: Words = {
    code: words for code, words in CONTEST_STATES.items() if code in ("corrected", "partly", "upheld")
}
BANDS: Words = {**LEVELS, "not_applicable": gettext_lazy("Does not apply")}
TIERS: Words = {
    "MISSING": gettext_lazy("No tier: a score is missing"),
    "NOT_SUPERVISED": gettext_lazy("No tier: not supervised"),
}


def value_in_words(value: str) -> str:
    """A band, or a tier."""
    return str(BANDS.get(value) or TIERS.get(value) or value)


def due_because(code: str) -> str:
    """Why the next assessment is due when it is."""
    if code in ("tier", ""):
        return _("by the tier")
    if code == "first":
        return _("the first one")
    event = policy_data.events().get(code)
    return str(event) if event else code


def reason_in_words(code: str) -> str:
    """Of an override."""
    reason = policy_data.override_reasons().get(code)
    return str(reason) if reason else code


NEEDS: Words = {
    "no_need": gettext_lazy("No need"),
    "standard": gettext_lazy("Some need"),
    "severe": gettext_lazy("Great need"),
}


def need_of(level: Any) -> str:
    """A level of need, live or as it was signed; and how large it could be with the answers that are missing."""
    now, most = (
        level[name] if isinstance(level, dict) else getattr(level, name) for name in ("level", "at_most")
    )
    if now is None:
        return _("Not known")
    if now == most:
        return str(NEEDS[now])
    return _("%(now)s; with the missing answers at most: %(most)s") % {
        "now": NEEDS[now], "most": str(NEEDS[most]).lower()
    }  # fmt: skip


MEASURES: Words = {
    "arp": gettext_lazy(
        "Of people with the same answers, how many commit any new proven offence within 2 years, small ones too."
    ),
    "vrp": gettext_lazy(
        "Of people with the same answers, how many commit a new proven violent offence within 2 years."
    ),
    "svrp": gettext_lazy(
        "Of people with the same answers, how many commit a new proven serious violent offence within 2 years."
    ),
    "dc_srp": gettext_lazy(
        "Of people with the same answers, how many commit a new proven sexual offence with contact within 2 years."
    ),
    "iic_srp": gettext_lazy(
        "Of people with the same answers, how many commit a new proven offence of indecent images, or a sexual one "
        "without direct contact, within 2 years."
    ),
    "csrp": gettext_lazy(
        "Of people with the same answers, how many commit a new proven serious offence, violent or sexual, within 2 "
        "years. It adds SVRP, DC-SRP and IIC-SRP. Such offences are rare, so a few in 100 is a lot."
    ),
}
"""What each score counts, in plain words, after the events and bands of the instruments (``milepost.risk``)."""


def short_name(key: str) -> str:
    """Of an instrument, as the tier and other records call it: "ARP", "DC-SRP"."""
    return key.upper().replace("_", "-")


TIER_READS = ("arp", "csrp")
"""The two scores that set most tiers, named in the steps of the tier by their short names."""
