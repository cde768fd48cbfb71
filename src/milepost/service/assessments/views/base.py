"""Finds what a page is about, among what its user may see."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.urls import reverse

from milepost.service.accounts.models import User
from milepost.service.assessments import words
from milepost.service.assessments.models import Assessment, Contest, Override
from milepost.service.people.identity import identity_of
from milepost.service.people.models import Person

OF_PERSON = "person__team", "person__practitioner", "person__characteristics"


def find_person(user: User, reference: str) -> Person:
    seen = Person.objects.visible_to(user).filter(erased_utc=None)
    person: Person = get_object_or_404(
        seen.select_related("team", "practitioner", "characteristics"), reference=reference
    )
    return person


def find_assessment(user: User, pk: int) -> Assessment:
    seen = Assessment.objects.visible_to(user).select_related(
        *OF_PERSON, "made_by", "signed_by", "countersigned_by", "supersedes"
    )
    return cast(Assessment, get_object_or_404(seen, pk=pk))


def find_override(user: User, pk: int) -> Override:
    seen = Override.objects.visible_to(user).select_related(*OF_PERSON, "assessment", "by")
    return cast(Override, get_object_or_404(seen, pk=pk))


def find_contest(user: User, pk: int) -> Contest:
    seen = Contest.objects.visible_to(user).select_related(
        *OF_PERSON, "assessment", "by", "looked_by", "answered_by", "correction"
    )
    return cast(Contest, get_object_or_404(seen, pk=pk))


def address(assessment: Assessment, view: str = "task-list", **more: Any) -> str:
    return reverse(f"assessments:{view}", kwargs={"pk": assessment.pk, **more})


def page(person: Person, **more: Any) -> dict[str, Any]:
    """What every page about a person's assessments reads."""
    return {"bar": identity_of(person), "person": person, "words": words, **more}
