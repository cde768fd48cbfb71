"""Places and conditions of a draft: add, change, remove; hours and appointments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.orders.model import Absence, ConditionKind
from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.gazetteer.finder import address_source
from milepost.service.kit.refusals import Refused
from milepost.service.orders import draft_document as doc
from milepost.service.orders import policies
from milepost.service.orders.actions import drafts
from milepost.service.orders.draft_checks import SECTION_OF_KIND, check_draft
from milepost.service.orders.draft_map import map_of
from milepost.service.orders.forms import conditions as kinds
from milepost.service.orders.forms.timetable import COPIES, TimetableForm, copied_data
from milepost.service.orders.models import OrderVersion
from milepost.service.orders.summary import (
    KIND_WORDS,
    clock_words,
    describe_absence,
    describe_condition,
    describe_rules,
)
from milepost.service.orders.terms import draft_version
from milepost.service.orders.views.draft import ADDS, all_places, draft_address, page
from milepost.service.orders.views.find import find_draft
from milepost.service.web.formats import weekday_date
from milepost.service.web.forms import Form

HAS_HOURS = {"curfew", "attendance", "exclusion_zone", "inclusion_zone", "restriction_zone"}


def save(
    request: HttpRequest, version: OrderVersion, section: str, document: doc.Document, form: Form | None
) -> bool:
    """Whether it was saved; if not, the form says why."""
    try:
        drafts.save_draft(by=user_of(request), version=version, section=section, document=document)
    except Refused as refused:
        if form is not None:
            form.add_refusal(refused)
        return False
    return True


def bare_form(request: HttpRequest) -> Form:
    """A form without questions, which can say why something was refused."""
    form = Form(request.POST if request.method == "POST" else None)
    form.is_valid()
    return form


def find_part(version: OrderVersion, kind: doc.Kind, part_id: str) -> dict[str, Any]:
    part = doc.find_part(version.document, kind, part_id)
    if part is None:
        raise Http404
    return part


def section_of(condition: dict[str, Any]) -> str:
    return SECTION_OF_KIND[ConditionKind(condition["kind"])]


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, version: OrderVersion, part_id: str = "") -> HttpResponse:
    """Adds a place, or changes one."""
    before = find_part(version, "places", part_id) if part_id else {}
    first = not doc.parts(version.document, "places")
    form = kinds.PlaceForm(request.POST or None, before=before, name=_("Home") if first else "")
    if request.method == "POST" and form.is_valid():
        wanted = part_id or doc.new_id(version.document, "places", form.cleaned_data["name"])
        document = doc.put_part(version.document, "places", wanted, form.changes())
        if save(request, version, "places", document, form):
            messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["name"]})
            return redirect(draft_address(version))
    return render(request, "orders/section_form.html", page(
        version, form=form, title=_("Change the place") if part_id else _("Add a place"), drawing=True,
        shown=map_of(version), cancel=draft_address(version, "orders:section", part="places"),
        answers=[], finding=True, source=address_source(),
        text=_("Find it by postcode or address, then move the point onto the house, or draw its outline. A place whose "
               "position is not known can be saved, but nothing can be judged there."),
    ))  # fmt: skip


def _form_of(kind: str, version: OrderVersion, before: dict[str, Any], data: Any) -> Any:
    common: dict[str, Any] = {"before": before, "places": all_places(version.document)}
    if kind == "curfew":
        return kinds.CurfewForm(data, **common)
    if kind == "attendance":
        return kinds.AttendanceForm(data, **common)
    if kind in ("exclusion_zone", "inclusion_zone", "restriction_zone"):
        centres = {p["id"]: (p["circle"]["lon"], p["circle"]["lat"])
                   for p in doc.parts(version.document, "places") if p.get("circle")}  # fmt: skip
        return kinds.ZoneForm(data, centres=centres, **common)
    return kinds.PlainConditionForm(data, **common)


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def add_condition(request: HttpRequest, version: OrderVersion, kind: str) -> HttpResponse:
    if kind not in {k for listed in ADDS.values() for k in listed}:
        raise Http404
    first = version.effective_from_utc
    before = {
        "kind": kind,
        "timezone": "Europe/London",
        **({"from": first.date().isoformat()} if first else {}),
    }
    form = _form_of(kind, version, before, request.POST or None)
    section = SECTION_OF_KIND[ConditionKind(kind)]
    if request.method == "POST" and form.is_valid():
        changes = {"kind": kind, "timezone": "Europe/London", **form.changes()}
        part_id = doc.new_id(
            version.document, "conditions", changes.get("x_name") or changes["kind"].split("_")[0]
        )
        if kind in ("trail", "alcohol", "charge_and_wear"):
            part_id = doc.new_id(version.document, "conditions", kind)
        if save(
            request, version, section, doc.put_part(version.document, "conditions", part_id, changes), form
        ):
            if kind in ("curfew", "attendance"):
                return redirect(draft_address(version, "orders:timetable", part_id=part_id, index=0))
            return redirect(draft_address(version, "orders:condition", part_id=part_id))
    title = _("Add: %(kind)s") % {"kind": KIND_WORDS[ConditionKind(kind)]}
    if section == "zones":
        title = _("Add a zone")
    return render(request, "orders/section_form.html", page(
        version, form=form, title=title, cancel=draft_address(version, "orders:section", part=section), answers=[],
        drawing=section == "zones",
        finding=section == "zones", source=address_source(), shown=map_of(version) if section == "zones" else None,
    ))  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def change_condition(request: HttpRequest, version: OrderVersion, part_id: str) -> HttpResponse:
    before = find_part(version, "conditions", part_id)
    form = _form_of(before["kind"], version, before, request.POST or None)
    if request.method == "POST" and form.is_valid():
        document = doc.put_part(version.document, "conditions", part_id, form.changes())
        if save(request, version, section_of(before), document, form):
            return redirect(draft_address(version, "orders:condition", part_id=part_id))
    zone = section_of(before) == "zones"
    return render(request, "orders/section_form.html", page(
        version, form=form, title=_("Change: %(kind)s") % {"kind": KIND_WORDS[ConditionKind(before["kind"])]},
        cancel=draft_address(version, "orders:condition", part_id=part_id), drawing=zone, answers=[],
        finding=zone, source=address_source(),
        shown=map_of(version) if zone else None,
    ))  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_safe
def condition(request: HttpRequest, version: OrderVersion, part_id: str) -> HttpResponse:
    """One condition: what it says, its hours, what the checks say of it."""
    part = find_part(version, "conditions", part_id)
    read = draft_version(version)
    words = next(describe_condition(c, read) for c in read.conditions if c.id == part_id)
    tables = [{"index": n, "lines": describe_rules(rules)} for n, rules in enumerate(doc.timetables(part))]
    answers = [a for a in check_draft(version) if part_id in a.condition_ids]
    return render(request, "orders/condition.html", page(
        version, part=part, words=words, timetables=tables, answers=answers, section=section_of(part),
        has_hours=part["kind"] in HAS_HOURS, editable=policies.can_edit(version, user_of(request)),
        dates=list(enumerate(_nights(part))), exceptions=list(enumerate(_exceptions(part))),
    ))  # fmt: skip


def _nights(part: dict[str, Any]) -> list[str]:
    """ "Tuesday 5 January 2027, 10am to 11am"."""
    return [
        f"{weekday_date(dt.date.fromisoformat(night['date']))}, "
        + _("%(start)s to %(end)s")
        % {"start": clock_words(night["from_time"]), "end": clock_words(night["until_time"])}
        for night in part.get("dates") or []
    ]


def _exceptions(part: dict[str, Any]) -> list[str]:
    return [describe_absence(Absence.model_validate(one)) for one in part.get("exceptions") or []]


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def remove_part(request: HttpRequest, version: OrderVersion, kind: str, part_id: str) -> HttpResponse:
    """Asks, then removes a place or a condition. A place that a condition names stays."""
    if kind not in ("places", "conditions"):
        raise Http404
    part = find_part(version, kind, part_id)  # type: ignore[arg-type]
    section = "places" if kind == "places" else section_of(part)
    back = draft_address(version, "orders:section", part=section)
    uses = doc.uses_of_place(version.document, part_id) if kind == "places" else []
    form = bare_form(request)
    if request.method == "POST":
        if uses:
            form.add_error(
                None, _("%(names)s still uses this place. Change that first.") % {"names": ", ".join(uses)}
            )
        elif save(request, version, section, doc.remove_part(version.document, kind, part_id), form):  # type: ignore[arg-type]
            return redirect(back)
    name = part.get("name") or part.get("x_name") or part_id
    return render(request, "confirm.html", {
        "title": _("Remove %(name)s from the draft?") % {"name": name},
        "text": _("Approved versions keep it. The change applies when this draft is approved."), "form": form,
        "confirm_text": _("Remove"), "cancel_href": back, "danger": True,
    })  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def timetable(request: HttpRequest, version: OrderVersion, part_id: str, index: int) -> HttpResponse:
    """The weekly grid. "Copy Monday" fills the page and saves nothing."""
    part = find_part(version, "conditions", part_id)
    groups = doc.timetables(part)
    if part["kind"] not in HAS_HOURS or index > len(groups):
        raise Http404
    rules = groups[index] if index < len(groups) else []
    places, copying = all_places(version.document), request.POST.get("copy", "")
    data = copied_data(request.POST, copying) if copying in COPIES else request.POST or None
    form = TimetableForm(data, rules=rules, places=places)
    back = draft_address(version, "orders:condition", part_id=part_id)
    if request.method == "POST" and not copying and form.is_valid():
        document = doc.put_timetable(version.document, part_id, index, form.hours(), form.settings())
        if save(request, version, section_of(part), document, form):
            return redirect(back)
    if copying:
        form.is_valid()
        form.errors.clear()
    return render(request, "orders/timetable.html", page(
        version, form=form, part=part, back=back, index=index, is_new=index == len(groups),
        words=KIND_WORDS[ConditionKind(part["kind"])],
    ))  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def remove_timetable(request: HttpRequest, version: OrderVersion, part_id: str, index: int) -> HttpResponse:
    part = find_part(version, "conditions", part_id)
    groups = doc.timetables(part)
    if index >= len(groups):
        raise Http404
    back = draft_address(version, "orders:condition", part_id=part_id)
    form = bare_form(request)
    if request.method == "POST":
        document = doc.put_timetable(version.document, part_id, index, {}, {})
        if save(request, version, section_of(part), document, form):
            return redirect(back)
    return render(request, "confirm.html", {
        "title": _("Remove these hours?"), "text": " ".join(describe_rules(groups[index])), "form": form,
        "confirm_text": _("Remove the hours"), "cancel_href": back, "danger": True,
    })  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def add_appointment(request: HttpRequest, version: OrderVersion, part_id: str) -> HttpResponse:
    part = find_part(version, "conditions", part_id)
    if part["kind"] != "attendance":
        raise Http404
    form = kinds.AppointmentForm(request.POST or None)
    back = draft_address(version, "orders:condition", part_id=part_id)
    if request.method == "POST" and form.is_valid():
        dates = sorted(
            [*(part.get("dates") or []), form.appointment()], key=lambda d: (d["date"], d["from_time"])
        )
        document = doc.put_part(version.document, "conditions", part_id, {"dates": dates})
        if save(request, version, "attendance", document, form):
            return redirect(back)
    return render(request, "orders/section_form.html", page(
        version, form=form, title=_("Add an appointment"), cancel=back, answers=[],
    ))  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def remove_appointment(request: HttpRequest, version: OrderVersion, part_id: str, index: int) -> HttpResponse:
    part = find_part(version, "conditions", part_id)
    dates = list(part.get("dates") or [])
    if index >= len(dates):
        raise Http404
    back = draft_address(version, "orders:condition", part_id=part_id)
    form = bare_form(request)
    if request.method == "POST":
        gone = dates.pop(index)
        document = doc.put_part(version.document, "conditions", part_id, {"dates": dates or None})
        if gone and save(request, version, "attendance", document, form):
            return redirect(back)
    text = _nights(part)[index]
    return render(request, "confirm.html", {
        "title": _("Remove this appointment?"), "form": form, "confirm_text": _("Remove"), "cancel_href": back,
        "text": text, "danger": True,
    })  # fmt: skip
