"""People: search, and one record."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import Field

from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import person_of
from milepost.service.api.logged import consulted
from milepost.service.api.paging import After, Limit, page_of
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Name, Page, Told, Words
from milepost.service.people.models import Person
from milepost.service.people.search import called

router = Router(tags=["People"], auth=needs(Scope.PEOPLE_READ, Permission.VIEW_PEOPLE))
PersonReference = Annotated[Name, Path(description="Reference of the person")]


class PersonRow(Told):
    """A person under supervision, in a list."""

    reference: str = Field(description="Their id in orders, signals, findings and the audit log")
    name: str
    team: str | None = Field(description="Name of the team; null where there is none")
    on_tag: bool = Field(description="Whether a device is on them now, or was a short while ago")
    restricted: bool = Field(description="Seen only by those named on the record")
    synthetic: bool = Field(description="Made up: no real person")


class PersonRecord(PersonRow):
    """One person's record."""

    also_known_as: str
    date_of_birth: dt.date | None
    preferred_language: str
    communication_needs: str
    practitioner: str | None = Field(description="Name of the practitioner; null where there is none")
    staff_risks: list[str] = Field(description="What staff must know before they call or visit")
    monitored_until_utc: dt.datetime | None = Field(
        description="Until when monitoring officers see the record"
    )


def _row(person: Person, now: dt.datetime) -> dict[str, object]:
    return {
        "reference": person.reference,
        "name": person.name,
        "team": person.team.name if person.team else None,
        "on_tag": person.monitored_until_utc is not None and person.monitored_until_utc >= now,
        "restricted": person.restricted,
        "synthetic": person.synthetic,
    }


@router.get("/people", response=Page[PersonRow])
def list_people(
    request: HttpRequest,
    text: Annotated[Words | None, Query(description="The beginnings of names, or a whole reference")] = None,
    cursor: After = None,
    limit: Limit = None,
) -> Page[PersonRow]:
    """Search people within your reach. A record you may not see is not in the list, nor counted."""
    people = Person.objects.visible_to(caller(request).user).select_related("team")
    sought = (text or "").strip()
    if sought:
        people = people.filter(pk__in=called(sought))
    found, after = page_of(people, ["pk"], cursor, limit)
    consulted(request, "api.people", shown=[person.reference for person in found])
    now = dt.datetime.now(dt.UTC)
    return Page[PersonRow](items=[PersonRow(**_row(p, now)) for p in found], next_cursor=after)


@router.get("/people/{person}", response=PersonRecord)
def get_person(request: HttpRequest, person: PersonReference) -> PersonRecord:
    """One person's record."""
    found = person_of(caller(request).user, person)
    consulted(request, "api.person", subject=found.reference)
    risks = found.staff_risks.filter(ended=None).order_by("pk").values_list("text", flat=True)
    return PersonRecord(
        **_row(found, dt.datetime.now(dt.UTC)),
        also_known_as=found.also_known_as,
        date_of_birth=found.date_of_birth,
        preferred_language=found.preferred_language,
        communication_needs=found.communication_needs,
        practitioner=found.practitioner.name if found.practitioner else None,
        staff_risks=list(risks),
        monitored_until_utc=found.monitored_until_utc,
    )
