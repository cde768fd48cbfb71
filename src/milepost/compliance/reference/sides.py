"""Section 3: inside or outside?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from milepost.compliance.reference.contacts import Contact, precision_of
from milepost.compliance.reference.geometry import signed_distance_m
from milepost.compliance.results import Label
from milepost.compliance.rule_tables import Confirm, Evidence
from milepost.orders.obligations import Target

Class = Literal["breach", "kept", "unclear"]
RADIUS_95_IN_SIGMAS = 2.448
"""A round two-dimensional normal error lies within 2.448 sigma in 95 % of cases: the root of -2 ln 0.05."""


@dataclass(frozen=True, slots=True)
class Classed:
    """A contact seen from a target. ``p_claim`` is the probability of the breach side (0 for weak ones)."""

    contact: Contact
    side: Class
    p_claim: float

    @property
    def time(self) -> int:
        return self.contact.time


def normal_cdf(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def z(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


def needed_m(confirm: Confirm, sigma_m: float) -> float:
    return max(z(confirm.probability) * sigma_m, confirm.buffer_m)


def class_of(contact: Contact, target: Target, evidence: Evidence, claim: Label) -> Classed:
    """``claim`` is the side that would be a breach: Label.INSIDE or Label.OUTSIDE."""
    if not contact.strong:
        return Classed(contact, "unclear", 0.0)
    sigma_m = precision_of(contact.fix, evidence) / RADIUS_95_IN_SIGMAS
    inside_m = signed_distance_m(target, contact.fix.lon, contact.fix.lat)
    breach_m = inside_m if claim == Label.INSIDE else -inside_m
    p_claim = normal_cdf(breach_m / sigma_m)
    if breach_m >= needed_m(evidence.breach, sigma_m):
        return Classed(contact, "breach", p_claim)
    if -breach_m >= needed_m(evidence.kept, sigma_m):
        return Classed(contact, "kept", p_claim)
    return Classed(contact, "unclear", p_claim)


def classes_of(
    contacts: Iterable[Contact], target: Target, evidence: Evidence, claim: Label
) -> list[Classed]:
    return [class_of(contact, target, evidence, claim) for contact in contacts]
