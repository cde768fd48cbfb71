"""The endpoints, one module a subject. Each reads what ``visible_to`` lets through and changes through actions."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404

from milepost.service.accounts.models import User
from milepost.service.people.models import Person


def person_of(user: User, reference: str) -> Person:
    """Raises Http404: there is none, or ``user`` may not see it."""
    person: Person = get_object_or_404(Person.objects.visible_to(user), reference=reference)
    return person


def one_of(model: Any, user: User, **where: Any) -> Any:
    """As ``person_of``, for what belongs to a person."""
    return get_object_or_404(model.objects.visible_to(user).select_related("person"), **where)
