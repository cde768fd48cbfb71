"""Absences of an order: add, confirm, withdraw."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.actions import absences
from milepost.service.orders.forms.register import AbsenceForm
from milepost.service.orders.models import Absence, Order, VersionState
from milepost.service.orders.policy_data import words_of
from milepost.service.orders.summary import ABSENCE_WORDS, summarise
from milepost.service.orders.terms import draft_version
from milepost.service.orders.views.find import find_absence, find_order
from milepost.service.web.formats import weekday_time
from milepost.service.web.notices import act_and_show


def _conditions(order: Order) -> list[tuple[str, str]]:
    newest = order.versions.filter(state=VersionState.APPROVED).order_by("version").last()
    return [(words.id, words.title) for words in summarise(draft_version(newest))] if newest else []


@about(find_order, "absence.page", Permission.AUTHORISE_ABSENCES)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, order: Order) -> HttpResponse:
    """Enters an absence. One that overlaps another is told before it is kept."""
    user = user_of(request)
    form = AbsenceForm(request.POST or None, user=user, conditions=_conditions(order),
                       initial={"condition_id": "", "kind": Absence.Kind.AUTHORISED_ABSENCE})  # fmt: skip
    overlaps: list[Absence] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        overlaps = absences.overlapping(order, form.from_utc(), form.until_utc(), data["condition_id"])
        if overlaps and not data["overlap_seen"]:
            form.add_error("overlap_seen", _("It overlaps: %(list)s. Tick if it is meant") % {
                "list": "; ".join(_times(absence) for absence in overlaps)})  # fmt: skip
        else:
            try:
                absence = absences.add_absence(
                    by=user, order=order, from_utc=form.from_utc(), until_utc=form.until_utc(), kind=data["kind"],
                    condition_id=data["condition_id"], reason_code=data["reason_code"], reason=data["reason"],
                    evidence=data["evidence"],
                )  # fmt: skip
            except Refused as refused:
                form.add_refusal(refused)
            else:
                messages.success(request, _("It waits for a second person.") if absence.waits_for_second
                                 else _("The requirement is lifted for that time."))  # fmt: skip
                return redirect("orders:order", reference=order.reference)
    if not overlaps and "overlap_seen" not in form.errors:
        form.fields["overlap_seen"].widget = form.fields["overlap_seen"].hidden_widget()
    return render(request, "orders/form.html", {
        "form": form, "title": _("Authorise an absence"), "button": _("Authorise"),
        "details": [(_("Person"), f"{order.person.name} ({order.person.reference})"), (_("Order"), order.reference)],
        "cancel": ("orders:order", {"reference": order.reference}),
    })  # fmt: skip


def _times(absence: Absence) -> str:
    return f"{weekday_time(absence.from_utc)} – {weekday_time(absence.until_utc)}"


def _details(absence: Absence) -> list[dict[str, dict[str, str]]]:
    rows = [
        (_("Person"), f"{absence.person.name} ({absence.person.reference})"),
        (_("What"), str(ABSENCE_WORDS[absence.kind])),
        (_("From"), weekday_time(absence.from_utc)),
        (_("Until"), weekday_time(absence.until_utc)),
        (_("Why"), ": ".join(part for part in (words_of(absence.reason_code), absence.reason) if part)),
        (_("What was seen"), absence.evidence or "–"),
        (_("Entered by"), absence.by.name),
    ]
    return [{"key": {"text": key}, "value": {"text": value}} for key, value in rows]


@about(find_absence, "absence.page", Permission.SECOND_DECISIONS)
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, absence: Absence) -> HttpResponse:
    reference = absence.order.reference
    user = user_of(request)
    if request.method == "POST":
        act_and_show(
            request, lambda: absences.confirm_absence(by=user, absence=absence),
            _("Confirmed: the requirement is lifted for that time."),
        )  # fmt: skip
        return redirect("orders:order", reference=reference)
    if not act_and_show(request, lambda: policies.check_can_second(absence, user)):
        return redirect("orders:order", reference=reference)
    return render(request, "confirm.html", {
        "title": _("Confirm this absence?"), "details": _details(absence), "confirm_text": _("Confirm"),
        "text": _("The engine uses it from now on. If it is wrong, withdraw it instead."),
        "cancel_href": reverse("orders:order", kwargs={"reference": reference}),
    })  # fmt: skip


@about(find_absence, "absence.page", Permission.AUTHORISE_ABSENCES)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, absence: Absence) -> HttpResponse:
    reference = absence.order.reference
    if request.method == "POST":
        act_and_show(
            request, lambda: absences.withdraw_absence(by=user_of(request), absence=absence),
            _("Withdrawn: the requirement applies."),
        )  # fmt: skip
        return redirect("orders:order", reference=reference)
    return render(request, "confirm.html", {
        "title": _("Withdraw this absence?"), "details": _details(absence), "confirm_text": _("Withdraw"),
        "text": _("The requirement applies again, and that time is judged again. The entry stays on record."),
        "cancel_href": reverse("orders:order", kwargs={"reference": reference}), "danger": True,
    })  # fmt: skip
