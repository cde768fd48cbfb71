"""One person's assessment in force: tier, scores as they were signed, when the next is due."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import person_of
from milepost.service.api.endpoints.people import PersonReference
from milepost.service.api.logged import consulted
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Told
from milepost.service.assessments import read

router = Router(tags=["People"], auth=needs(Scope.ASSESSMENTS_READ, Permission.VIEW_ASSESSMENTS))


class TierNow(Told):
    """The tier somebody has now. It orders work; it decides nothing about a person."""

    tier: str = Field(description="A to G, or MISSING: too little is known")
    step: str = Field(description="What set it")
    provisional: bool
    overridden: bool = Field(description="A person set it, with a reason, otherwise than the rules say")
    at_utc: dt.datetime


class SignedScore(Told):
    """A score as it was signed. ``percentage`` and ``band`` are null where there was too little to score."""

    instrument: str
    version: str
    data_hash: str = Field(description="Of the coefficients that were used")
    percentage: float | None
    band: str | None


class SignedAssessment(Told):
    number: int = Field(description="Counts the person's assessments, from 1")
    state: str
    assessed_on: dt.date = Field(description="The local day for which the answers hold")
    signed_utc: dt.datetime | None
    next_due: dt.date | None
    scores: list[SignedScore]


class AssessmentNow(Told):
    """Null is not "low": it is not known."""

    tier: TierNow | None = Field(description="null where nobody has set one yet")
    assessment: SignedAssessment | None = Field(description="The one in force; null where none was signed")


@router.get("/people/{person}/assessment", response=AssessmentNow)
def get_assessment(request: HttpRequest, person: PersonReference) -> AssessmentNow:
    """The tier of one person, and the assessment in force with its scores."""
    found = person_of(caller(request).user, person)
    consulted(request, "api.assessment", subject=found.reference)
    tier = read.latest_tiers([found.pk]).get(found.pk)
    signed = read.latest_signed([found.pk]).get(found.pk)
    return AssessmentNow(
        tier=TierNow.model_validate(tier, from_attributes=True) if tier else None,
        assessment=_signed(signed) if signed else None,
    )


def _signed(signed: read.SignedNow) -> SignedAssessment:
    scores = [
        SignedScore(
            instrument=score.instrument, version=score.version, data_hash=score.data_hash,
            percentage=score.percentage, band=score.band or None,
        )
        for score in read.scores_of(signed.assessment_id)
    ]  # fmt: skip
    return SignedAssessment(
        number=signed.number, state=signed.state, assessed_on=signed.assessed_on, signed_utc=signed.signed_utc,
        next_due=signed.next_due, scores=scores,
    )  # fmt: skip
