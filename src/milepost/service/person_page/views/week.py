"""The week of a person, and one duty on one day of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from milepost.compliance.explain_case import UNNAMED_PLACE
from milepost.compliance.plain_words import CAUSE_WORDS, CONDITION_WORDS
from milepost.service.accounts.about import about, look_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.local_days import today
from milepost.service.monitoring import words
from milepost.service.monitoring.models import Decision, Finding, row_so_far
from milepost.service.people.models import Person
from milepost.service.people.views.base import find_person
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.views.base import open_page
from milepost.service.person_page.week import Cell, Row, Week, by_cell, monday_of, week_of
from milepost.service.person_page.week_drawing import draw
from milepost.service.web.formats import duration, percent


def requested_day(request: HttpRequest, name: str) -> dt.date:
    text = request.GET.get(name, "")
    try:
        return dt.date.fromisoformat(text) if text else today()
    except ValueError:
        raise Http404("not a date") from None


@about(find_person, "person.week", Permission.VIEW_PEOPLE)
@require_GET
def week(request: HttpRequest, person: Person) -> HttpResponse:
    monday = monday_of(requested_day(request, "from"))
    if not dt.date(1971, 1, 1) < monday < dt.date(2900, 1, 1):
        raise Http404("not a week")
    subject, context = open_page(request, person, "week")
    look_of(request).note(week=monday.isoformat())
    try:
        shown, no_rules = week_of(subject, monday), ""
    except LookupError as error:
        shown, no_rules = None, str(error)
    context |= {
        "week": shown,
        "no_rules": no_rules,
        "monday": monday,
        "sunday": monday + dt.timedelta(days=6),
        "before": monday - dt.timedelta(days=7),
        "after": monday + dt.timedelta(days=7),
        "this_week": monday_of(today()),
    }
    if shown is not None:
        found = by_cell(shown, _findings(subject, shown))
        decided = _decisions(subject, [f["finding_id"] for rows in found.values() for f in rows])
        titles = [title_of(row) for row in shown.rows]
        context |= {
            "titles": titles,
            "day_names": [dateformat.format(day, "D j M") for day in shown.days],
            "drawing": draw(shown, titles) if shown.rows else "",
            "said": lambda cell: cell_words(cell),
            "decided": lambda cell: _decided_words(found.get((cell.order_id, cell.condition_id, cell.day), ()), decided),
            "counted": lambda cell: len(found.get((cell.order_id, cell.condition_id, cell.day), ())),
        }  # fmt: skip
    return render(request, "person_page/week.html", context)


@about(find_person, "person.day", Permission.VIEW_PEOPLE)
@require_GET
def day(request: HttpRequest, person: Person) -> HttpResponse:
    """What happened in one cell of the week; of no duty named, the whole day."""
    on = requested_day(request, "on")
    subject, context = open_page(request, person, "day")
    look_of(request).note(day=on.isoformat())
    for tab in context["tabs"]:
        tab["active"] = tab["href"].endswith("/week")
    try:
        shown = week_of(subject, monday_of(on))
    except (LookupError, OverflowError, ValueError):
        raise Http404("no week") from None
    if "order" not in request.GET:
        return render(request, "person_page/whole-day.html", context | _whole_day(subject, shown, on))
    key = (request.GET.get("order", ""), request.GET.get("condition", ""))
    row = next((row for row in shown.rows if (row.order_id, row.condition_id) == key), None)
    if row is None:
        raise Http404("no such condition in that week")
    cell = row.cells[on.weekday()]
    findings = by_cell(shown, _findings(subject, shown)).get((*key, on), [])
    models = {
        f.finding_id: f
        for f in Finding.objects.filter(
            person=subject.person, finding_id__in=[f["finding_id"] for f in findings], current=True
        )
        .select_related("incident")
        .order_by("start_us", "pk")
    }
    decided = _decisions(subject, list(models))
    context |= {
        "cell": cell,
        "row": row,
        "title": title_of(row),
        "said": cell_words(cell),
        "stretches": [
            (s, _cut(s.start_us, cell), _cut(s.end_us, cell), _label(s.label, s.cause))
            for s in row.stretches
            if any(s.start_us < end and s.end_us > start for start, end in cell.parts)
        ],
        "findings": [(model, decided.get(pk, [])) for pk, model in models.items()],
        "words": words,
        "monday": monday_of(on),
    }  # fmt: skip
    return render(request, "person_page/day.html", context)


def _whole_day(subject: Subject, shown: Week, on: dt.date) -> dict[str, Any]:
    """Each duty of the day with its verdict and how many findings it has."""
    found = by_cell(shown, _findings(subject, shown))
    cells = [(row, row.cells[on.weekday()]) for row in shown.rows]
    return {
        "on": on,
        "monday": monday_of(on),
        "before": on - dt.timedelta(days=1),
        "after": on + dt.timedelta(days=1) if on < today() else None,
        "duties": [
            (
                title_of(row),
                cell,
                cell_words(cell),
                len(found.get((cell.order_id, cell.condition_id, on), ())),
            )
            for row, cell in cells
            if cell.state != "not_owed"
        ],
    }


def _cut(us: int, cell: Cell) -> int:
    """A stretch of a duty that goes on is shown as far as this day."""
    return min(max(us, min(start for start, _ in cell.parts)), max(end for _, end in cell.parts))


def _label(label: str, cause: str) -> str:
    words_of = {
        "met": _("Kept"),
        "breached": _("Broken"),
        "uncertain": _("Uncertain: the positions do not say"),
        "conflict": _("Conflict: positions and home unit disagree"),
        "no_data": _("Nothing known"),
    }
    return words_of[label] + (f": {_(CAUSE_WORDS.get(cause, cause))}" if cause else "")


def title_of(row: Row) -> str:
    kind = str(_(CONDITION_WORDS.get(row.kind, row.kind)))
    kind = kind[:1].upper() + kind[1:]
    return f"{kind}: {row.place}" if row.place != _(UNNAMED_PLACE) else kind


def cell_words(cell: Cell) -> str:
    """One cell in words. Coverage is always beside the verdict."""
    if cell.state == "not_owed":
        return _("Nothing required")
    if cell.state == "not_yet":
        return _("Not yet")
    if cell.state == "cannot":
        return _("Cannot be checked: %(reason)s") % {"reason": cell.reason}
    if not cell.judged_s:
        return _("Unknown: not judged")
    seen = _("%(share)s seen") % {"share": percent(cell.coverage)}
    text = {
        "kept": _("Kept"),
        "broken": _("Broken for %(length)s") % {"length": duration(cell.broken_s)},
        "unknown": _("Unknown for %(length)s") % {"length": duration(cell.unknown_s)},
    }[cell.state]
    if cell.running:  # the time owed goes on, not what was broken in it
        return _("%(what)s so far, %(seen)s") % {"what": text, "seen": seen}
    return f"{text}, {seen}"


def _findings(subject: Subject, shown: Week) -> list[dict[str, Any]]:
    first = min((start for row in shown.rows for start, _ in row.owed), default=shown.bounds_us[0])
    last = max((end for row in shown.rows for _, end in row.owed), default=shown.bounds_us[-1])
    rows = Finding.objects.filter(person=subject.person, current=True, start_us__lt=last)
    rows = rows.filter(Q(end_us__gte=first) | Q(status="open")).order_by("start_us", "pk")
    return [row_so_far(row, so_far) for row, so_far in rows.values_list("row", "so_far")]


def _decisions(subject: Subject, finding_ids: list[str]) -> dict[str, list[Decision]]:
    """Decisions that stand or wait, by the id of each current finding of their incident."""
    found: dict[str, list[Decision]] = defaultdict(list)
    if not finding_ids:
        return found
    incidents: dict[int, list[str]] = defaultdict(list)
    for finding_id, incident in Finding.objects.filter(
        person=subject.person, finding_id__in=finding_ids, current=True, incident__isnull=False
    ).values_list("finding_id", "incident_id"):
        incidents[incident].append(finding_id)
    stand = (Decision.State.STANDS, Decision.State.WAITING)
    for decision in Decision.objects.filter(incident__in=incidents, state__in=stand).select_related(
        "by", "second_by"
    ):
        for finding_id in incidents[decision.incident_id]:
            found[finding_id].append(decision)
    return found


def _decided_words(findings: Any, decided: dict[str, list[Decision]]) -> str:
    kinds = {
        decision.pk: f"{words.of_code(words.DECISIONS, decision.kind)} "
        f"({words.of_code(words.DECISION_STATES, decision.state)})"
        for finding in findings
        for decision in decided.get(finding["finding_id"], ())
    }
    return "; ".join(kinds.values())
