"""Section 3: inside or outside?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from milepost.compliance.reference.contacts import Contact, precision_of
from milepost.compliance.reference.geometry import signed_distance_m
from milepost.compliance.results import Label
from milepost.compliance.rule_tables import Evidence
from milepost.orders.obligations import Target

Class = Literal["breach", "apart", "explained", "kept", "none"]
"""``breach`` and ``kept``: an error alone hardly explains it. ``apart``: not easily explained from the kept side."""
RADIUS_95_IN_SIGMAS = math.sqrt(-2 * math.log(0.05))
"""A round two-dimensional normal error lies within 2.448 sigma in 95 % of cases: the root of -2 ln 0.05."""


@dataclass(frozen=True, slots=True)
class Classed:
    """A contact seen from a target. ``away_m``: metres beyond the kept side, negative on it."""

    contact: Contact
    side: Class
    away_m: float
    sigma_m: float

    @property
    def time(self) -> int:
        return self.contact.time


def reach_m(probability: float, sigma_m: float) -> float:
    """The distance that a two-dimensional error stays within so probably: exp(-r^2 / 2 sigma^2) are larger."""
    return math.sqrt(-2 * math.log(1 - probability)) * sigma_m


def kept_m(evidence: Evidence, sigma_m: float) -> float:
    """How deep on the kept side a contact shows it by itself."""
    return max(reach_m(evidence.kept.probability, sigma_m), evidence.kept.buffer_m)


def explained_m(evidence: Evidence, sigma_m: float) -> float:
    """Up to where beyond the kept side a contact is easily explained from it."""
    return evidence.explained.sigmas * sigma_m


def class_of(contact: Contact, target: Target, evidence: Evidence, claim: Label) -> Classed:
    """``claim`` is the side that would be a breach: Label.INSIDE or Label.OUTSIDE."""
    if not contact.strong:
        return Classed(contact, "none", 0.0, 0.0)
    sigma_m = precision_of(contact.fix, evidence) / RADIUS_95_IN_SIGMAS
    away_m = away_from_kept_m(target, contact.fix.lon, contact.fix.lat, claim)
    if away_m > explained_m(evidence, sigma_m) and away_m > 0:
        sure = away_m >= reach_m(evidence.breach.probability, sigma_m)
        return Classed(contact, "breach" if sure else "apart", away_m, sigma_m)
    if away_m < 0 and -away_m >= kept_m(evidence, sigma_m):
        return Classed(contact, "kept", away_m, sigma_m)
    return Classed(contact, "explained", away_m, sigma_m)


def away_from_kept_m(target: Target, lon: float, lat: float, claim: Label) -> float:
    inside_m = signed_distance_m(target, lon, lat)
    return inside_m if claim == Label.INSIDE else -inside_m


def classes_of(
    contacts: Iterable[Contact], target: Target, evidence: Evidence, claim: Label
) -> list[Classed]:
    return [class_of(contact, target, evidence, claim) for contact in contacts]
