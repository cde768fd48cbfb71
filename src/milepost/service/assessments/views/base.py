"""Finds what a page is about, among what its user may see, and notes that they looked."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from milepost.service.accounts.access import UserRequest
from milepost.service.accounts.models import User
from milepost.service.assessments import words
from milepost.service.assessments.models import Assessment, Contest, Override
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused
from milepost.service.people.identity import identity_of
from milepost.service.people.models import Person

OF_PERSON = "person__team", "person__practitioner", "person__characteristics"


def user_of(request: HttpRequest) -> User:
    return cast(UserRequest, request).user


def find_person(request: HttpRequest, reference: str) -> Person:
    seen = Person.objects.visible_to(user_of(request)).filter(erased_utc=None)
    person: Person = get_object_or_404(
        seen.select_related("team", "practitioner", "characteristics"), reference=reference
    )
    return person


def find_assessment(request: HttpRequest, pk: int) -> Assessment:
    seen = Assessment.objects.visible_to(user_of(request)).select_related(
        *OF_PERSON, "made_by", "signed_by", "countersigned_by", "supersedes"
    )
    return cast(Assessment, get_object_or_404(seen, pk=pk))


def find_override(request: HttpRequest, pk: int) -> Override:
    seen = Override.objects.visible_to(user_of(request)).select_related(*OF_PERSON, "assessment", "by")
    return cast(Override, get_object_or_404(seen, pk=pk))


def find_contest(request: HttpRequest, pk: int) -> Contest:
    seen = Contest.objects.visible_to(user_of(request)).select_related(
        *OF_PERSON, "assessment", "by", "looked_by", "answered_by", "correction"
    )
    return cast(Contest, get_object_or_404(seen, pk=pk))


def note_look(request: HttpRequest, person: Person, what: str, **details: Any) -> None:
    """Reads of a person's record are logged, once for each page."""
    with transaction.atomic():
        write(by=user_of(request), operation=Operation.CONSULTATION, what=what, subject=person.reference,
              details=details)  # fmt: skip


def address(assessment: Assessment, view: str = "task-list", **more: Any) -> str:
    return reverse(f"assessments:{view}", kwargs={"pk": assessment.pk, **more})


def page(person: Person, **more: Any) -> dict[str, Any]:
    """What every page about a person's assessments reads."""
    return {"bar": identity_of(person), "person": person, "words": words, **more}


def refused_aloud(request: HttpRequest, refused: Refused) -> None:
    """Shows a refusal at the top of the next page."""
    messages.error(request, str(refused))
