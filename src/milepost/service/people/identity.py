"""Who this is, and what staff must know first: the bar on every page about a person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from milepost.service.kit.local_days import today
from milepost.service.people.models import Person, StaffRisk

LANGUAGES = {"en-gb": "English", "cy": "Cymraeg"}
"""Languages by their own names. Others are shown by their code."""


@dataclass(frozen=True, slots=True)
class IdentityBar:
    """What the macro ``people/identity-bar.html`` shows. ``age_years`` is None where the birth date is unknown."""

    reference: str
    name: str
    also_known_as: str
    date_of_birth: dt.date | None
    age_years: int | None
    practitioner: str
    team: str
    restricted: bool
    synthetic: bool
    language: str
    """Empty where it is English."""
    communication_needs: str
    risks: tuple[StaffRisk, ...]
    href: str


def identity_of(person: Person) -> IdentityBar:
    """The bar of ``person``: at most three queries, fewer with ``select_related("team", "practitioner")``."""
    language = person.preferred_language
    return IdentityBar(
        reference=person.reference,
        name=person.name,
        also_known_as=person.also_known_as,
        date_of_birth=person.date_of_birth,
        age_years=age_years(person.date_of_birth, today()),
        practitioner=person.practitioner.name if person.practitioner else "",
        team=person.team.name if person.team else "",
        restricted=person.restricted,
        synthetic=person.synthetic,
        language="" if language == "en-gb" else LANGUAGES.get(language, language),
        communication_needs=person.communication_needs,
        risks=tuple(standing_risks(person)),
        href=page_of(person.reference),
    )


def standing_risks(person: Person) -> list[StaffRisk]:
    return list(StaffRisk.objects.filter(person=person, ended=None).order_by("since", "pk"))


def page_of(reference: str) -> str:
    try:
        return reverse("person_page:overview", kwargs={"reference": reference})
    except NoReverseMatch:  # an area may run without that app
        return ""


def age_years(born: dt.date | None, on: dt.date) -> int | None:
    """Whole years. Somebody born on 29 February has their birthday on 1 March of other years."""
    if born is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
