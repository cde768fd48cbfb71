"""One order: its versions, what holds, documents, devices, absences, history. And one version, with its changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.orders import model as shape
from milepost.service import clock
from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.local_days import local_day, today
from milepost.service.kit.refusals import Refused
from milepost.service.orders import compare, policies
from milepost.service.orders.actions import deciding, drafts
from milepost.service.orders.calendar_preview import NIGHTS, Preview, preview, strip_svg, table_of
from milepost.service.orders.draft_checks import check_draft
from milepost.service.orders.draft_map import map_of
from milepost.service.orders.engine_file import order_file_of, version_of
from milepost.service.orders.forms.order import DecideForm, VaryForm
from milepost.service.orders.models import Absence, Activation, Order, OrderVersion, VersionState
from milepost.service.orders.policy_data import words_of
from milepost.service.orders.states import EDITABLE, OPEN
from milepost.service.orders.summary import ABSENCE_WORDS, REGIME_WORDS, name_of_place, summarise
from milepost.service.orders.terms import draft_version, order_of_terms
from milepost.service.orders.views.find import find_order, find_version
from milepost.service.orders.views.lists import STATE_COLOURS, STATE_WORDS
from milepost.service.web.notices import act_and_show, show_refusal


def in_force(versions: list[OrderVersion], now: dt.datetime) -> OrderVersion | None:
    """The approved version that holds now; the first to come if none does yet."""
    approved = [v for v in versions if v.state == VersionState.APPROVED and v.effective_from_utc]
    begun = [v for v in approved if v.effective_from_utc and v.effective_from_utc <= now]
    key = lambda v: (v.effective_from_utc, v.version)  # noqa: E731 - said twice below
    return max(begun, key=key) if begun else min(approved, key=key, default=None)


def preview_of(order: Order, draft: OrderVersion | None = None) -> Preview | None:
    """The next nights under what is approved, or as they would be with a draft."""
    first = today()
    whole = next((o for o in order_file_of([order.person]).orders if o.id == order.reference), None)
    if draft is not None:
        absences = list(Absence.objects.filter(order=order, withdrawn_utc=None, waits_for_second=False))
        starts = draft.effective_from_utc or clock.now_utc()
        first = max(first, local_day(starts))
        told = whole.versions if whole else []
        terms = draft.terms
        versions = [*told, version_of(draft, absences, starts)]
        whole = order_of_terms(order, terms, versions)
    elif whole and whole.versions:
        starts = min(version.effective_from_utc for version in whole.versions)
        first = max(first, local_day(starts))
    return preview(whole, first, NIGHTS) if whole else None


def preview_context(shown: Preview | None) -> dict[str, Any]:
    if shown is None:
        return {"preview": None, "strip": "", "nights": []}
    return {"preview": shown, "strip": strip_svg(shown.nights), "nights": table_of(shown.nights)}


def places_in_words(version: shape.OrderVersion) -> list[str]:
    return [name_of_place(place) for place in version.places]


@about(find_order, "order.page", Permission.VIEW_ORDERS)
@require_safe
def order(request: HttpRequest, found: Order) -> HttpResponse:
    user = user_of(request)
    versions = list(
        found.versions.select_related("made_by", "decided_by", "submitted_by", "attestation").order_by(
            "-version"
        )
    )
    holds = in_force(versions, clock.now_utc())
    open_one = next((v for v in versions if v.state in OPEN), None)
    activations = (
        Activation.objects.filter(person=found.person).select_related("device").order_by("-from_utc")
    )
    absences = found.absences.select_related("by", "second_by").order_by("-from_utc")[:50]
    documents = found.documents.defer("content").select_related("by", "version").order_by("-at_utc")
    read = draft_version(holds) if holds else None
    return render(
        request, "orders/order.html",
        {"order": found, "versions": versions, "holds": holds, "open": open_one,
         "conditions": summarise(read) if read else [], "places": places_in_words(read) if read else [],
         "activations": list(activations[:50]), "absences": list(absences), "documents": list(documents),
         "can": {"vary": any(v.state == "approved" for v in versions) and not open_one
                 and user.may(Permission.EDIT_ORDERS),
                 "add_absence": holds is not None and user.may(Permission.AUTHORISE_ABSENCES),
                 "add_document": policies.can_add_document(found, user),
                 "remove_document": {d.pk: policies.can_remove_document(d, user) for d in documents}},
         "states": STATE_WORDS, "colours": STATE_COLOURS, "regimes": REGIME_WORDS, "words_of": words_of,
         "absence_words": ABSENCE_WORDS, "now": clock.now_utc(), "editable": EDITABLE,
         **preview_context(preview_of(found))},
    )  # fmt: skip


@about(find_version, "order.version", Permission.VIEW_ORDERS)
@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, found: OrderVersion) -> HttpResponse:
    """One version beside the approved one before it; whoever may, decides here."""
    user = user_of(request)
    deciding_here = policies.can_decide(found, user)
    backdated = deciding.is_backdated(found) and found.state == VersionState.WAITING
    form = DecideForm(
        request.POST if request.method == "POST" else None,
        backdated=backdated,
        initial={"revision": found.revision},
    )
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, found, form)
        except Refused as refused:
            show_refusal(request, refused)
            return redirect("orders:version", reference=found.order.reference, number=found.version)
        return redirect("orders:order", reference=found.order.reference)
    return render(request, "orders/version.html", {
        "order": found.order, "version": found, "form": form if deciding_here else None,
        "why_not": _why_not(found, user) if not deciding_here else "", "backdated": backdated,
        "answers": check_draft(found) if found.state in OPEN else [],
        "can_take_back": policies.can_take_back(found, user), "can_edit": policies.can_edit(found, user),
        "states": STATE_WORDS, "colours": STATE_COLOURS, "regimes": REGIME_WORDS,
        "shown": map_of(found), **compare.compare_with_earlier(found),
        **preview_context(preview_of(found.order, found) if found.state in OPEN else None),
    }, status=200)  # fmt: skip


def _why_not(found: OrderVersion, user: Any) -> str:
    if found.state != VersionState.WAITING or not user.may(Permission.APPROVE_ORDERS):
        return ""
    try:
        policies.check_can_decide(found, user)
    except Refused as refused:
        return str(refused)
    return ""


def _decide(request: HttpRequest, found: OrderVersion, form: DecideForm) -> None:
    user, data = user_of(request), form.cleaned_data
    if data["revision"] != found.revision:
        raise Refused(_("The version has changed since you opened the page. Read it again."))
    if data["decision"] == "approve":
        deciding.approve(by=user, version=found, note=data["note"])
        messages.success(request, _("Version %(n)s is approved.") % {"n": found.version})
    else:
        deciding.send_back(by=user, version=found, note=data["note"])
        messages.success(request, _("Version %(n)s is returned to its author.") % {"n": found.version})


@about(find_order, "order.page", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def vary(request: HttpRequest, found: Order) -> HttpResponse:
    user = user_of(request)
    form = VaryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = drafts.vary_order(
                by=user,
                order=found,
                why=form.cleaned_data["why"],
                effective_from_utc=form.effective_from_utc(),
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return redirect("orders:draft", reference=found.reference, number=draft.version)
    return render(request, "orders/form.html", {
        "form": form, "title": _("Vary order %(reference)s") % {"reference": found.reference}, "button": _("Continue"),
        "text": _("A draft is made from the newest approved version, which applies until the change does."),
        "cancel": ("orders:order", {"reference": found.reference}),
    })  # fmt: skip


@about(find_version, "order.page", Permission.EDIT_ORDERS)
@require_POST
def take_back(request: HttpRequest, found: OrderVersion) -> HttpResponse:
    taken = act_and_show(request, lambda: deciding.take_back(by=user_of(request), version=found))
    page = "orders:draft" if taken else "orders:version"
    return redirect(page, reference=found.order.reference, number=found.version)
