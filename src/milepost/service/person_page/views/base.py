"""What every page about a person begins with: the subject and the frame."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.people.identity import identity_of
from milepost.service.people.models import Person
from milepost.service.person_page.subject import Subject


def open_page(request: HttpRequest, person: Person, tab: str) -> tuple[Subject, dict[str, Any]]:
    """The subject, and what the frame of the page needs."""
    return Subject(person), frame(request, person, tab)


def frame(request: HttpRequest, person: Person, tab: str) -> dict[str, Any]:
    user = user_of(request)
    tabs = [
        ("overview", _("Overview"), Permission.VIEW_PEOPLE),
        ("week", _("Week"), Permission.VIEW_PEOPLE),
        ("trail", _("Trail"), Permission.VIEW_TRAILS),
        ("zones", _("Zones"), Permission.VIEW_ORDERS),
        ("orders", _("Orders"), Permission.VIEW_ORDERS),
        ("history", _("Findings and decisions"), Permission.VIEW_PEOPLE),
        ("devices", _("Devices"), Permission.VIEW_PEOPLE),
        ("notes", _("Notes"), Permission.VIEW_PEOPLE),
        ("details", _("Details"), Permission.VIEW_PEOPLE),
    ]
    return {
        "assessed": user.may(Permission.VIEW_ASSESSMENTS),
        "bar": identity_of(person),
        "person": person,
        "tabs": [
            {
                "text": text,
                "href": reverse(f"person_page:{name}", kwargs={"reference": person.reference}),
                "active": name == tab,
            }
            for name, text, permission in tabs
            if user.may(permission)
        ],
    }
