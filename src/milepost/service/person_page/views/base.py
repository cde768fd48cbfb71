"""What every page about a person begins with: the subject and the frame."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.capabilities import person_tabs
from milepost.service.people.identity import identity_of
from milepost.service.people.models import Person
from milepost.service.person_page.subject import Subject


def open_page(request: HttpRequest, person: Person, tab: str) -> tuple[Subject, dict[str, Any]]:
    """The subject, and what the frame of the page needs."""
    return Subject(person), frame(request, person, tab)


def frame(request: HttpRequest, person: Person, tab: str) -> dict[str, Any]:
    user = user_of(request)
    return {
        "assessed": user.may(Permission.VIEW_ASSESSMENTS),
        "bar": identity_of(person),
        "name_is_heading": False,
        "person": person,
        "tabs": [
            {
                "text": one.text,
                "href": reverse(one.view, kwargs={"reference": person.reference}),
                "active": one.name == tab,
            }
            for one in person_tabs()
            if user.may(one.permission)
        ],
    }
