"""Where a person was: a purpose first, then the map and its table, then perhaps a file for somebody else."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from milepost.service import clock
from milepost.service.accounts.about import about, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.kit.downloads import attachment
from milepost.service.kit.local_days import service_zone
from milepost.service.maps.map_words import cause_words
from milepost.service.people.models import Person
from milepost.service.people.views.base import find_person
from milepost.service.person_page import actions
from milepost.service.person_page.exports import CONTENT_TYPES, Marking
from milepost.service.person_page.exports import export as write_export
from milepost.service.person_page.forms import ExportForm, TrailForm
from milepost.service.person_page.history import own_signals
from milepost.service.person_page.models import TrailRequest
from milepost.service.person_page.policy_data import purposes, trail_policy
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.trail import trail_of
from milepost.service.person_page.views.base import frame, open_page
from milepost.service.signals.worn import gone_days
from milepost.times import HOUR_US, from_us

LAST_NIGHT = "last_night"


@about(find_person, "person.trail", Permission.VIEW_TRAILS)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, person: Person) -> HttpResponse:
    subject, context = open_page(request, person, "trail")
    given_post = _of_last_night(request, subject) if request.POST.get("when") == LAST_NIGHT else request.POST
    form = TrailForm(given_post or None, initial=_latest(subject))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.ask_trail(
                by=user_of(request), person=subject.person, purpose=given["purpose"],
                purpose_text=given["purpose_text"] or "", from_us=given["from_us"], until_us=given["until_us"],
                why_longer=given["why_longer"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("person_page:trail-shown", reference=person.reference, pk=made.pk)
    mine = TrailRequest.objects.filter(
        person=subject.person, user=user_of(request), at_utc__gte=_open_since()
    )
    context |= {"form": form, "mine": mine.order_by("-pk"), "purposes": purposes()}
    return render(request, "person_page/trail-ask.html", context)


def last_night(now_us: int) -> tuple[dt.datetime, dt.datetime]:
    """The night that began yesterday, as far as it has gone. Local times, whole minutes."""
    now = from_us(now_us).astimezone(service_zone()).replace(second=0, microsecond=0, tzinfo=None)
    midnight = now.replace(hour=0, minute=0)
    policy = trail_policy()
    begins = midnight - dt.timedelta(days=1) + dt.timedelta(hours=policy.last_night_from_hour.value)
    return begins, min(midnight + dt.timedelta(hours=policy.last_night_until_hour.value), now)


def _of_last_night(request: HttpRequest, subject: Subject) -> QueryDict:
    """What was sent, with the times of last night in place of those in the boxes."""
    sent = request.POST.copy()
    for name, moment in zip(("from", "until"), last_night(subject.now_us), strict=True):
        sent[f"{name}_date-day"], sent[f"{name}_date-month"] = str(moment.day), str(moment.month)
        sent[f"{name}_date-year"], sent[f"{name}_time"] = str(moment.year), f"{moment:%H:%M}"
    return sent


def _latest(subject: Subject) -> dict[str, object]:
    """The last hours that may be asked for without a reason, to whole minutes."""
    until = from_us(subject.now_us).astimezone(service_zone())
    begin = from_us(subject.now_us - trail_policy().window_hours.value * HOUR_US).astimezone(service_zone())
    return {
        "from_date": begin.date(), "from_time": begin.time().replace(second=0, microsecond=0),
        "until_date": until.date(), "until_time": until.time().replace(second=0, microsecond=0),
    }  # fmt: skip


def _open_since() -> dt.datetime:
    return clock.now_utc() - dt.timedelta(minutes=trail_policy().asked_for_minutes.value)


def find_trail(user: User, reference: str, pk: int) -> TrailRequest:
    """One's own, and only for as long as a purpose holds: after that it is asked for anew."""
    person = find_person(user, reference)
    mine = TrailRequest.objects.filter(user=user, person=person, at_utc__gte=_open_since())
    found: TrailRequest = get_object_or_404(mine, pk=pk)
    found.person = person
    return found


@about(find_trail, "person.trail_shown", Permission.VIEW_TRAILS)
@require_GET
def shown(request: HttpRequest, asked: TrailRequest) -> HttpResponse:
    person = asked.person
    page = request.GET.get("page", "")
    look_of(request).note(
        reason="; ".join(filter(None, (asked.purpose_text, asked.why_longer))),
        trail=asked.pk, purpose=asked.purpose, from_us=asked.from_us, until_us=asked.until_us,
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
    )  # fmt: skip
    subject = Subject(person)
    return render(
        request,
        "person_page/trail.html",
        frame(request, person, "trail")
        | {
            "wanted": asked,
            "purpose": purposes().get(asked.purpose, asked.purpose),
            "trail": trail_of(subject, asked.from_us, asked.until_us, page),
            "from_utc": from_us(asked.from_us),
            "until_utc": from_us(asked.until_us),
            "cause_words": cause_words,
            "from_lake": gone_days(asked.from_us, asked.until_us),
        },
    )


@about(find_trail, "person.trail_export_form", Permission.EXPORT_TRAILS)
@asks_again(Because.LEAVES)
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, asked: TrailRequest) -> HttpResponseBase:
    """GET asks; POST writes the disclosure and answers with the file."""
    person = asked.person
    form = ExportForm(request.POST or None, initial={"kind": "csv"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        fixes = own_signals(Subject(person), asked.from_us, asked.until_us).fixes
        number = actions.disclose_trail(
            by=user_of(request), trail=asked, kind=given["kind"], recipient=given["recipient"],
            reason=given["reason"], legal_basis=given["legal_basis"], positions=fixes.num_rows,
        )  # fmt: skip
        marking = Marking(
            person.reference, person.synthetic, from_us(asked.from_us), from_us(asked.until_us), given["recipient"],
            given["legal_basis"], number,
        )  # fmt: skip
        content = write_export(fixes, given["kind"], marking)
        return attachment(content, f"trail-{number}.{given['kind']}", CONTENT_TYPES[given["kind"]])
    context = frame(request, person, "trail") | {"form": form, "wanted": asked}
    context |= {"from_utc": from_us(asked.from_us), "until_utc": from_us(asked.until_us)}
    return render(request, "person_page/trail-export.html", context)
