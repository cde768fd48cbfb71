"""What the pages that change a person's record share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse

from milepost.service.accounts.access import user_of
from milepost.service.accounts.models import User
from milepost.service.people.identity import identity_of
from milepost.service.people.models import Person
from milepost.service.web.forms import PlainErrors


def find_person(user: User, reference: str) -> Person:
    """404 for a person who is not there and for one whom the user may not see, alike."""
    seen = Person.objects.visible_to(user).filter(erased_utc=None)
    person: Person = get_object_or_404(seen.select_related("team", "practitioner"), reference=reference)
    return person


def page_about(person: Person, name: str) -> str:
    """A page of the person, or the search where the service runs without that app."""
    try:
        return reverse(f"person_page:{name}", kwargs={"reference": person.reference})
    except NoReverseMatch:
        return reverse("people:search")


def change_page(
    request: HttpRequest,
    person: Person,
    form: Any,
    *,
    title: str,
    button: str,
    act: Callable[[Any], str | None],
    then: str,
    intro: str = "",
    quoted: str = "",
    danger: bool = False,
) -> HttpResponse:
    """Shows a form about a person; when it is sent and right, acts, says so and goes to ``then``.

    ``act`` returns what to say (None: nothing). Somebody who loses sight of the record by it goes to the search.
    """
    if request.method == "POST" and form.is_valid():
        try:
            said = act(form)
        except ValidationError as refusal:
            cast(PlainErrors, form).add_refusal(refusal)
        else:
            if said:
                messages.success(request, said)
            sees = Person.objects.visible_to(user_of(request)).filter(pk=person.pk).exists()
            return redirect(then if sees else reverse("people:search"))
    return render(
        request,
        "people/form.html",
        {
            "bar": identity_of(person),
            "form": form,
            "title": title,
            "button": button,
            "intro": intro,
            "quoted": quoted,
            "danger": danger,
            "back_href": then,
        },
    )
