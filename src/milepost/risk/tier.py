"""The tier, A to G: the highest of eight steps, with the step that set it and whether it is provisional.

Source: ``data/tier.toml`` (Ministry of Justice, hmpps-tier). A tier orders work; it decides nothing about a person.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from milepost.language import ENGLISH, Language, Said, to_say
from milepost.risk.data_files import fingerprint, load

FILE = "tier.toml"
Basis = Literal["static", "dynamic"]
STEPS = {
    "reoffending": to_say("ARP and CSRP together"),
    "sexual_reoffending": to_say("DC-SRP"),
    "mappa_serious_harm": to_say("MAPPA and risk of serious harm"),
    "lifer": to_say("Life sentence or IPP, time since release"),
    "domestic_abuse": to_say("Domestic abuse is registered"),
    "stalking": to_say("Stalking is registered"),
    "child_protection": to_say("Child protection is registered"),
    "sexual_offence": to_say("Ever committed a sexual offence"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TierInputs:
    """What the tier reads. Percentages as the instruments publish them; bands ``low`` ... ``very_high``.

    ``serious_harm`` None is not known. ``latest_release_date`` counts only with ``lifer``.
    """

    supervised: bool = True
    arp_percentage: float | None = None
    arp_basis: Basis | None = None
    csrp_percentage: float | None = None
    csrp_basis: Basis | None = None
    dc_srp_percentage: float | None = None
    dc_srp_band: str | None = None
    mappa: bool = False
    serious_harm: str | None = None
    lifer: bool = False
    latest_release_date: dt.date | None = None
    domestic_abuse: bool = False
    stalking: bool = False
    child_protection: bool = False
    ever_sexual_offence: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its tier, or None where it does not apply, and what it read in words.

    ``said`` is ``read`` apart from its language; None in a record from before it was kept.
    """

    name: str
    label: str
    tier: str | None
    read: str
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """``tier`` is A to G, ``MISSING`` or ``NOT_SUPERVISED``. ``set_by``: the steps that gave it.

    ``why_said`` is ``why_provisional`` apart from its language, ``words_said`` is ``words``, where there is no tier.
    """

    tier: str
    provisional: bool
    set_by: tuple[str, ...]
    steps: tuple[Step, ...]
    why_provisional: tuple[str, ...]
    words: str
    version: str
    source: str
    data_hash: str
    why_said: tuple[Said, ...] = ()
    words_said: Said | None = None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def tier(inputs: TierInputs, as_of: dt.date) -> Tier:
    """The tier on a day. Raises ``ValueError`` for a word or a DC-SRP score that its band cannot have."""
    if not inputs.supervised:
        return _answer("NOT_SUPERVISED", Said(to_say("No active sentence: there is no tier."), {}))
    if inputs.arp_percentage is None or inputs.csrp_percentage is None:
        lacking = Said(to_say("There is no tier without ARP and CSRP."), {})
        if inputs.arp_percentage is not None:
            lacking = Said(to_say("There is no tier without CSRP."), {})
        elif inputs.csrp_percentage is not None:
            lacking = Said(to_say("There is no tier without ARP."), {})
        return _answer("MISSING", lacking)
    steps = _steps(inputs, inputs.arp_percentage, inputs.csrp_percentage, as_of)
    found = {step.name: step.tier for step in steps}
    top = highest(*found.values())
    set_by = tuple(step.label for step in steps if step.tier == top)
    why = tuple(_why_provisional(inputs, inputs.arp_percentage, inputs.csrp_percentage, found))
    return _answer(top, None, steps, set_by, why)


def tier_words(tier: str, set_by: Sequence[str], *, provisional: bool, language: Language = ENGLISH) -> str:
    """The tier and the labels of the steps that set it, as a sentence."""
    steps = "; ".join(language.say(label) for label in set_by)
    if provisional:
        return language.say("Tier {tier}, provisional. Set by: {steps}.", tier=tier, steps=steps)
    return language.say("Tier {tier}. Set by: {steps}.", tier=tier, steps=steps)


def highest(*tiers: str | None) -> str:
    """The highest of the tiers; the lowest there is if none is given."""
    order: list[str] = load(FILE)["order"]
    return order[max((order.index(tier) for tier in tiers if tier), default=0)]


def reoffending(arp: float, csrp: float) -> str:
    """The cell of the table."""
    t = load(FILE)["reoffending"]
    row = sum(csrp < edge for edge in t["csrp_edges"])
    column = sum(arp < edge for edge in t["arp_edges"])
    cell: str = t["table"][row][column]
    return cell


def sexual_reoffending(percentage: float | None, band: str | None) -> str | None:
    """By band, and within medium by percentage. None where there is no score above 0."""
    if percentage is None or percentage <= 0 or band in (None, "not_applicable"):
        return None
    t = load(FILE)["sexual"]
    if band != "medium":
        return str(t[_word(band, ("low", "high", "very_high"), "DC-SRP band")])
    for edge, found in zip(t["medium_edges"], t["medium"], strict=True):
        if percentage >= edge:
            return str(found)
    raise ValueError(f"A DC-SRP of {percentage}% cannot be medium.")


def mappa_serious_harm(mappa: bool, serious_harm: str | None) -> str | None:
    words = ("low", "medium", "high", "very_high")
    key = "unknown" if serious_harm is None else _word(serious_harm, words, "risk of serious harm")
    return load(FILE)["serious_harm"]["mappa" if mappa else "no_mappa"][key] or None


def lifer(released: dt.date | None, as_of: dt.date) -> str | None:
    """Of someone with a life sentence or IPP; None before the first release."""
    if released is None:
        return None
    t = load(FILE)["lifer"]
    passed = sum(released < years_before(as_of, years) for years in t["within_years"])
    return str(t["tiers"][passed])


def years_before(day: dt.date, years: int) -> dt.date:
    """29 February becomes the 28th where there is none."""
    year = day.year - years
    return dt.date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def _steps(inputs: TierInputs, arp: float, csrp: float, as_of: dt.date) -> tuple[Step, ...]:
    flags = load(FILE)["flags"]
    harm = {"level": (inputs.serious_harm or to_say("not known")).replace("_", " ")}
    contact = inputs.dc_srp_percentage
    released = inputs.latest_release_date
    no, yes = Said(to_say("no"), {}), Said(to_say("yes"), {})
    freed = Said(to_say("released not yet"), {})
    if released is not None:
        freed = Said(to_say("released {released_on}"), {"released_on": released.isoformat()})
    found: dict[str, tuple[str | None, Said]] = {
        "reoffending": (
            reoffending(arp, csrp),
            Said(to_say("ARP {arp_percent}, CSRP {csrp_percent}"), {"arp_percent": arp, "csrp_percent": csrp}),
        ),
        "sexual_reoffending": (
            sexual_reoffending(contact, inputs.dc_srp_band),
            Said(to_say("DC-SRP {percentage_percent}, {band}"),
                 {"percentage_percent": contact, "band": str(inputs.dc_srp_band)})
            if contact else Said(to_say("no score"), {}),
        ),
        "mappa_serious_harm": (
            mappa_serious_harm(inputs.mappa, inputs.serious_harm),
            Said(to_say("MAPPA, risk of serious harm {level}"), harm) if inputs.mappa
            else Said(to_say("no MAPPA, risk of serious harm {level}"), harm),
        ),
        "lifer": (lifer(released, as_of) if inputs.lifer else None, freed if inputs.lifer else no),
    }  # fmt: skip
    for name, flag in (
        ("domestic_abuse", inputs.domestic_abuse),
        ("stalking", inputs.stalking),
        ("child_protection", inputs.child_protection),
        ("sexual_offence", inputs.ever_sexual_offence),
    ):
        found[name] = (flags[name] if flag else None, yes if flag else no)
    return tuple(
        Step(name, STEPS[name], tier, ENGLISH.of(said), said) for name, (tier, said) in found.items()
    )


def _why_provisional(inputs: TierInputs, arp: float, csrp: float, found: dict[str, str | None]) -> list[Said]:
    order: list[str] = load(FILE)["order"]
    arp_static, csrp_static = inputs.arp_basis == "static", inputs.csrp_basis == "static"
    others = highest(*(tier for name, tier in found.items() if name != "reoffending"))
    why: list[Said] = []
    if arp_static or csrp_static:
        most = order[-1]
        if not csrp_static:
            most = reoffending(float("inf"), csrp)
        elif not arp_static:
            most = reoffending(arp, float("inf"))
        if order.index(others) < order.index(most):
            which = to_say("CSRP is static: with the dynamic answers the tier could be as high as {tier}.")
            if arp_static and csrp_static:
                which = to_say(
                    "ARP and CSRP are static: with the dynamic answers the tier could be as high as {tier}."
                )
            elif arp_static:
                which = to_say("ARP is static: with the dynamic answers the tier could be as high as {tier}.")
            why.append(Said(which, {"tier": most}))
    if inputs.serious_harm is None:
        limits = load(FILE)["provisional"]
        floor = limits["without_serious_harm_mappa" if inputs.mappa else "without_serious_harm_no_mappa"]
        dynamic = inputs.arp_basis == inputs.csrp_basis == "dynamic"
        without = {
            name: tier
            for name, tier in found.items()
            if name != "mappa_serious_harm" and (dynamic or name != "reoffending")
        }
        if order.index(highest(*without.values())) < order.index(floor):
            why.append(Said(to_say("The risk of serious harm is not known."), {}))
    return why


def _answer(
    found: str,
    no_tier: Said | None,
    steps: tuple[Step, ...] = (),
    set_by: tuple[str, ...] = (),
    why: tuple[Said, ...] = (),
) -> Tier:
    """``no_tier`` says why there is none."""
    about = load(FILE)
    source = f"{about['source']} @ {about['commit'][:7]}"
    words = ENGLISH.of(no_tier) if no_tier else tier_words(found, set_by, provisional=bool(why))
    return Tier(
        found, bool(why), set_by, steps, tuple(map(ENGLISH.of, why)), words, about["version"], source, fingerprint(FILE),
        why, no_tier,
    )  # fmt: skip


def _word(value: Any, words: tuple[str, ...], what: str) -> str:
    if value not in words:
        raise ValueError(f"The {what} is one of {', '.join(words)}, not {value!r}.")
    return str(value)
