"""Who looked at whose record, when, and why. References and codes: the auditor sees no person's name."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.roles import Permission
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.audit_pages import asking, outside, patterns
from milepost.service.audit_pages.lines import folded, lines, machines_by_kind, names_of
from milepost.service.audit_pages.outside import Asked
from milepost.service.audit_pages.policy_data import pattern_numbers
from milepost.service.audit_pages.tabs import ALL, BY_PEOPLE, tabs
from milepost.service.kit.downloads import CSV, attachment, csv_lines
from milepost.service.kit.local_days import local_day, start_of_local_day_us
from milepost.service.web.formats import iso_utc
from milepost.service.web.lookup import LONGEST, as_json

ON_A_PAGE = 50
COLUMNS = (
    "number", "at_us", "at_utc", "actor", "role", "operation", "what", "subject", "recipient", "reason",
    "request_id", "details", "seal",
)  # fmt: skip
LATELY = 5
"""So many exceptional accesses stand before what people did."""


def _before(request: HttpRequest) -> int | None:
    """The entry before which a page begins."""
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _page(
    request: HttpRequest, template: str, view: str, rows: QuerySet[Entry], *, by: str = "", fold: bool = False,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    """A page of entries. Older ones are reached by the number they stand before: nothing has to be counted.

    ``fold``: the rows are all of people's, so that what stands between them is of machines.
    """
    before = _before(request)
    if before is not None:
        rows = rows.filter(number__lt=before)
    shown = list(rows[: ON_A_PAGE + 1])
    listed = lines(shown[:ON_A_PAGE])
    look_of(request).show(row.subject for row in shown[:ON_A_PAGE] if row.subject)
    context = {
        "tabs": tabs(view, by),
        "lines": listed,
        "older": listed[-1].number if len(shown) > ON_A_PAGE else None,
        "folded": folded(listed) if fold else {},
        "machines": machines_by_kind(listed) if fold else [],
        "fold": fold,
        **more,
    }
    return render(request, template, context)


@listing("audit.search", Permission.VIEW_AUDIT)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Asking who looked at somebody is itself a look: a search is logged with what it asked for.

    Nothing asked: what people did, and before it what was exceptional lately.
    """
    given = {k: v for k, v in request.GET.items() if v and k != "before"}
    data = given or {"by": "people"}
    form = asking.SearchForm(data)
    good = form.is_valid()
    asked = form.answered() if good else {}
    look = look_of(request)
    look.note(**(asked if given else {}))
    look.show([asked["subject"]] if "subject" in asked else [])
    rows = asking.entries(form.cleaned_data) if good else Entry.objects.none()
    by = str(data.get("by", ""))
    # What stands between two entries of people is all of machines only where nothing else was asked.
    fold = good and by == "people" and asked.keys() <= {"by", "since", "until"}
    lately = [] if given.keys() - {"by"} or by != "people" else _lately(request)
    query = urlencode(data)
    return _page(
        request, "audit_pages/search.html", "audit:search", rows, form=form, query=query, by=by, lately=lately,
        opened=query not in (BY_PEOPLE, ALL), fold=fold,
    )  # fmt: skip


def _lately(request: HttpRequest) -> list[Asked]:
    """The newest exceptional accesses of some days."""
    if request.GET.get("before"):
        return []
    first = local_day(timezone.now()) - dt.timedelta(days=pattern_numbers().days_looked_back - 1)
    since = asking.exceptional().filter(at_us__gte=start_of_local_day_us(first))
    found = outside.accesses(list(since[:LATELY]))
    look_of(request).show(one.subject for one in found)
    return found


@listing("audit.entry", Permission.VIEW_AUDIT)
@require_safe
def entry(request: HttpRequest, number: int) -> HttpResponse:
    row = get_object_or_404(Entry, number=number)
    look_of(request).show(_named_in(row))
    (line,) = lines([row])
    details = json.dumps(row.details, indent=1, ensure_ascii=False, sort_keys=True) if row.details else "–"
    return render(request, "audit_pages/entry.html", {
        "row": row, "line": line, "details": details, "shown": row.details.get("shown", []),
    })  # fmt: skip


def _named_in(row: Entry) -> set[str]:
    """References of everybody whom an entry names: its subject, and whom a list showed."""
    return {row.subject, *row.details.get("shown", ())} - {""}


@listing("audit.exceptional", Permission.VIEW_AUDIT)
@require_safe
def exceptional(request: HttpRequest) -> HttpResponse:
    """What nothing opened first, then what was asked for with a reason."""
    last, first = _days(request)
    days = [last - dt.timedelta(days=back) for back in range((last - first).days + 1)]
    rows = asking.exceptional().filter(at_us__lt=start_of_local_day_us(last + dt.timedelta(days=1)))
    before = _before(request)
    if before is not None:
        rows = rows.filter(number__lt=before)
    newest = list(rows[: ON_A_PAGE + 1])
    asked = outside.accesses(newest[:ON_A_PAGE])
    found = outside.outside(days)
    look_of(request).show([one.subject for one in asked] + [one.subject for one in found[:ON_A_PAGE]])
    context = {
        **_around(first, last), "tabs": tabs("audit:exceptional"), "asked": asked, "outside": found[:ON_A_PAGE],
        "n_outside": len(found), "names": names_of(one.actor for one in found[:ON_A_PAGE]),
        "older_asked": asked[-1].number if len(newest) > ON_A_PAGE else None,
    }  # fmt: skip
    return render(request, "audit_pages/exceptional.html", context)


@listing("audit.denied", Permission.VIEW_AUDIT)
@require_safe
def denied(request: HttpRequest) -> HttpResponse:
    text = _("Pages that a role does not include, and sign-ins that failed.")
    rows, heading = asking.denied(), _("Refused")
    return _page(request, "audit_pages/listing.html", "audit:denied", rows, heading=heading, text=text)


@listing("audit.patterns", Permission.VIEW_AUDIT)
@require_safe
def worth_a_look(request: HttpRequest) -> HttpResponse:
    last, first = _days(request)
    found = patterns.find(last)
    look_of(request).show(pattern.subject for pattern in found if pattern.subject)
    context = {
        **_around(first, last), "tabs": tabs("audit:patterns"), "found": found,
        "names": names_of(p.actor for p in found), "numbers": pattern_numbers(),
    }  # fmt: skip
    return render(request, "audit_pages/patterns.html", context)


def _today() -> dt.date:
    return local_day(timezone.now())


def _days(request: HttpRequest) -> tuple[dt.date, dt.date]:
    """The last day that the address asks for, today if none, and the first of the days that are shown."""
    try:
        last = min(dt.date.fromisoformat(request.GET.get("until", "")), _today())
    except ValueError:
        last = _today()
    return last, last - dt.timedelta(days=pattern_numbers().days_shown - 1)


def _around(first: dt.date, last: dt.date) -> dict[str, dt.date | None]:
    shown = last - first + dt.timedelta(days=1)
    after = min(last + shown, _today()) if last < _today() else None
    return {"first": first, "last": last, "before": last - shown, "after": after}


@requires(Permission.VIEW_AUDIT)
@require_safe
def users(request: HttpRequest) -> HttpResponse:
    """``?q=``: users whom it may mean. Staff alone; whose record is looked for is asked by reference."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    finder = asking.ActorFinder()
    return as_json(finder.find(text), finder.nothing(text))


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
