"""Exceptional access: asking for a record that another team holds, and the senior's list of who did."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from milepost.service import clock
from milepost.service.accounts.about import about, listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.people import policies
from milepost.service.people.actions import access as actions
from milepost.service.people.forms import AskForm, ReviewForm
from milepost.service.people.models import ExceptionalAccess, Person
from milepost.service.people.policy_data import exceptional_access_lasts, review_within
from milepost.service.people.search import askable
from milepost.service.people.views.base import page_about

PER_PAGE = 25


def find_askable(user: User, reference: str) -> Person:
    person: Person = get_object_or_404(askable(user).select_related("team"), reference=reference)
    return person


@about(find_askable, "person.ask_form", Permission.ASK_EXCEPTIONAL_ACCESS)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, person: Person) -> HttpResponse:
    """A record outside the user's reach. Nothing of it is shown but the team that holds it."""
    user = user_of(request)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_access(by=user, person=person, reason=form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(
                request, _("You may see this record for now. A senior practitioner will read your reason.")
            )
            return redirect(page_about(person, "overview"))
    return render(
        request,
        "people/ask.html",
        {
            "form": form,
            "reference": person.reference,
            "team": person.team.name if person.team else "",
            "lasts_s": exceptional_access_lasts().total_seconds(),
            "back_href": reverse("people:search"),
        },
    )


@listing("people.access_reviews", Permission.ALLOCATE_PEOPLE)
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    found = _of_my_people(user).order_by(F("reviewed_utc").asc(nulls_first=True), "-at_utc", "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    look_of(request).show(row.person for row in page)
    return render(
        request,
        "people/access-reviews.html",
        {
            "page": page,
            "late_before": clock.now_utc() - review_within(),
            "now": clock.now_utc(),
            "can_review": lambda row: policies.can_review(row, user),
        },
    )


def find_access(user: User, pk: int) -> ExceptionalAccess:
    row: ExceptionalAccess = get_object_or_404(_of_my_people(user), pk=pk)
    return row


@about(find_access, "person.access_review_page", Permission.ALLOCATE_PEOPLE)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, row: ExceptionalAccess) -> HttpResponse:
    form = ReviewForm(request.POST or None)
    back = reverse("people:access-reviews")
    if request.method == "POST" and form.is_valid():
        try:
            actions.review_access(
                by=user_of(request),
                access=row,
                outcome=form.cleaned_data["outcome"],
                note=form.cleaned_data["note"],
            )
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("Your review is recorded."))
            return redirect(back)
    return render(request, "people/access-review.html", {"form": form, "row": row, "back_href": back})


def _of_my_people(user: User):  # type: ignore[no-untyped-def]
    seen = Person.objects.visible_to(user)
    return ExceptionalAccess.objects.filter(person__in=seen).select_related(
        "person", "user__team", "reviewed_by"
    )
