"""Who looked at whose record, when, and why. References and codes: the auditor sees no person's name."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission, Role
from milepost.service.audit.models import Checkpoint, Entry, Head, Verification
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.audit_pages import asking, patterns
from milepost.service.audit_pages.policy_data import pattern_numbers
from milepost.service.audit_pages.words import in_words, operation_in_words
from milepost.service.kit.downloads import CSV, attachment, csv_lines
from milepost.service.kit.local_days import local_day
from milepost.service.web.formats import iso_utc

ON_A_PAGE = 50
COLUMNS = (
    "number", "at_us", "at_utc", "actor", "role", "operation", "what", "subject", "recipient", "reason",
    "request_id", "details", "seal",
)  # fmt: skip
TABS = (
    (_("All entries"), "audit:search"),
    (_("Exceptional access"), "audit:exceptional"),
    (_("Refused"), "audit:denied"),
    (_("Worth a look"), "audit:patterns"),
    (_("Is the log sound?"), "audit:status"),
)
PEOPLE = "by=people"
"""The search for what people did, machines left out."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is shown."""

    number: int
    at_us: int
    who: str
    role: str
    operation: str
    what: str
    subject: str
    reason: str


def _names(actors: Iterable[str]) -> dict[str, str]:
    """Actor to the name of the user it is: staff are named, persons on record never."""
    keys = {a.removeprefix("user:") for a in actors if a.startswith("user:")}
    found = User.objects.filter(pk__in=[key for key in keys if key.isdigit()]).values_list("pk", "name")
    return {f"user:{pk}": name for pk, name in found}


def _role(code: str) -> str:
    return str(Role(code).facts.title) if code in set(Role) else code


def _lines(rows: list[Entry]) -> list[Line]:
    names = _names(row.actor for row in rows)
    return [
        Line(
            row.number, row.at_us, f"{names[row.actor]} ({row.actor})" if row.actor in names else row.actor,
            _role(row.role), operation_in_words(row.operation), in_words(row.what), row.subject, row.reason,
        )
        for row in rows
    ]  # fmt: skip


def _tabs(here: str, by: str = "") -> list[dict[str, Any]]:
    """Machines write a hundred lines for each of a person's, so what people did has a list of its own."""
    people = here == "audit:search" and by == "people"
    first = {
        "text": _("What people did"),
        "href": f"{reverse('audit:search')}?{PEOPLE}",
        "active": people,
    }
    rest = [
        {"text": text, "href": reverse(view), "active": view == here and not people} for text, view in TABS
    ]
    return [first, *rest]


def _page(request: HttpRequest, template: str, view: str, rows: QuerySet[Entry], **more: Any) -> HttpResponse:
    """A page of entries. Older ones are reached by the number they stand before: nothing has to be counted."""
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(number__lt=int(before))
    shown = list(rows[: ON_A_PAGE + 1])
    older = shown[ON_A_PAGE - 1].number if len(shown) > ON_A_PAGE else None
    look_of(request).show(row.subject for row in shown[:ON_A_PAGE] if row.subject)
    context = {
        "tabs": _tabs(view, request.GET.get("by", "")),
        "lines": _lines(shown[:ON_A_PAGE]),
        "older": older,
        **more,
    }
    return render(request, template, context)


@listing("audit.search", Permission.VIEW_AUDIT)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Asking who looked at somebody is itself a look: a search is logged with what it asked for."""
    form = asking.SearchForm(request.GET if request.GET else {})
    good = form.is_valid()
    asked = form.answered() if good else {}
    look = look_of(request)
    look.note(**asked)
    look.show([asked["subject"]] if "subject" in asked else [])
    rows = asking.entries(form.cleaned_data) if good else Entry.objects.none()
    query = urlencode({k: v for k, v in request.GET.items() if v and k != "before"})
    return _page(
        request,
        "audit_pages/search.html",
        "audit:search",
        rows,
        form=form,
        query=query,
        opened=query not in ("", PEOPLE),
    )


@listing("audit.entry", Permission.VIEW_AUDIT)
@require_safe
def entry(request: HttpRequest, number: int) -> HttpResponse:
    row = get_object_or_404(Entry, number=number)
    look_of(request).show(_named_in(row))
    (line,) = _lines([row])
    details = json.dumps(row.details, indent=1, ensure_ascii=False, sort_keys=True) if row.details else "–"
    return render(request, "audit_pages/entry.html", {"row": row, "line": line, "details": details})


def _named_in(row: Entry) -> set[str]:
    """References of everybody whom an entry names: its subject, and whom a list showed."""
    return {row.subject, *row.details.get("shown", ())} - {""}


@listing("audit.exceptional", Permission.VIEW_AUDIT)
@require_safe
def exceptional(request: HttpRequest) -> HttpResponse:
    text = _(
        "Looks for which a reason had to be given: outside one's own people, location histories, exports."
    )
    rows, heading = asking.exceptional(), _("Exceptional access")
    return _page(request, "audit_pages/listing.html", "audit:exceptional", rows, heading=heading, text=text)


@listing("audit.denied", Permission.VIEW_AUDIT)
@require_safe
def denied(request: HttpRequest) -> HttpResponse:
    text = _("Pages that a role does not include, and sign-ins that failed.")
    rows, heading = asking.denied(), _("Refused")
    return _page(request, "audit_pages/listing.html", "audit:denied", rows, heading=heading, text=text)


@listing("audit.patterns", Permission.VIEW_AUDIT)
@require_safe
def worth_a_look(request: HttpRequest) -> HttpResponse:
    today = local_day(timezone.now())
    try:
        last = min(dt.date.fromisoformat(request.GET.get("until", "")), today)
    except ValueError:
        last = today
    shown = dt.timedelta(days=pattern_numbers().days_shown)
    found = patterns.find(last)
    look_of(request).show(pattern.subject for pattern in found if pattern.subject)
    context = {
        "first": last - shown + dt.timedelta(days=1),
        "last": last,
        "before": last - shown,
        "after": min(last + shown, today) if last < today else None,
        "tabs": _tabs("audit:patterns"),
        "found": found,
        "names": _names(p.actor for p in found),
        "numbers": pattern_numbers(),
    }
    return render(request, "audit_pages/patterns.html", context)


@requires(Permission.VIEW_AUDIT)
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    context = {
        "tabs": _tabs("audit:status"),
        "head": Head.objects.filter(only_row=1).first(),
        "checkpoint": Checkpoint.objects.order_by("-number").first(),
        "verification": Verification.objects.order_by("-pk").first(),
    }
    return render(request, "audit_pages/status.html", context)


@requires(Permission.VIEW_AUDIT)
@asks_again(Because.LEAVES)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """The entries of a search as CSV: asked with a reason, and logged as a disclosure before a row leaves."""
    question = asking.SearchForm(request.GET)
    good = question.is_valid()
    form = asking.ExportForm(request.POST or None)
    if request.method == "POST" and good and form.is_valid():
        asked = question.answered()
        with transaction.atomic():
            write(
                by=user_of(request), operation=Operation.DISCLOSURE, what="audit.csv", **form.cleaned_data,
                subject=asked.get("subject", ""), details={k: v for k, v in asked.items() if k != "subject"},
                shown=_subjects(asking.entries(question.cleaned_data)),
            )  # fmt: skip
        lines = csv_lines(COLUMNS, _rows(asking.entries(question.cleaned_data)))
        return attachment(lines, f"audit-{timezone.now().date().isoformat()}.csv", CSV)
    count = asking.entries(question.cleaned_data).count() if good else 0
    context = {"form": form, "count": count, "query": request.GET.urlencode()}
    return render(request, "audit_pages/export.html", context)


def _subjects(rows: QuerySet[Entry]) -> list[str]:
    """Whom a table of entries names."""
    return list(rows.order_by().exclude(subject="").values_list("subject", flat=True).distinct())


def _rows(rows: QuerySet[Entry]) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=2000):
        details = json.dumps(row.details, ensure_ascii=False, sort_keys=True)
        values = {"at_utc": iso_utc(row.at_us), "details": details}
        yield [values.get(name, getattr(row, name, "")) for name in COLUMNS]
