"""The page for the person, which staff print."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from markupsafe import Markup

from milepost.service.accounts.about import about
from milepost.service.accounts.roles import Permission
from milepost.service.maps.picture import map_picture
from milepost.service.people.models import Person
from milepost.service.people.views.base import find_person
from milepost.service.person_page.plain_page import plain_page
from milepost.service.person_page.subject import Subject


@about(find_person, "person.plain_page", Permission.VIEW_ORDERS)
@require_safe
def plain(request: HttpRequest, person: Person) -> HttpResponse:
    subject = Subject(person)
    told = plain_page(subject)
    title = _("Map of your areas")
    drawn = (
        map_picture(zones=told.areas, timezone=settings.LOCAL_TIME_ZONE, title=title) if told.areas else ""
    )
    context = {"person": person, "told": told, "drawn": Markup(drawn), "map_title": title}
    return render(request, "person_page/plain.html", context)
