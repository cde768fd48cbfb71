"""Parts of imports that wait to be checked: the list, and one of them with both its sides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.orders import model as shape
from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.actions import checking
from milepost.service.orders.forms.checks import CheckForm
from milepost.service.orders.models import ToCheck

PAGE = 50


def _waiting() -> Any:
    rows = ToCheck.objects.filter(state=ToCheck.State.WAITING)
    return rows.select_related("by", "team").defer("part").order_by("at_utc", "pk")


@listing("orders.to_check", Permission.CHECK_IMPORTS)
@require_safe
def to_check(request: HttpRequest) -> HttpResponse:
    """Oldest first. The list does not say which of them is of somebody who is here already."""
    page = Paginator(_waiting(), PAGE).get_page(request.GET.get("page"))
    look_of(request).show(part.reference for part in page if part.kind == ToCheck.Kind.PERSON)
    return render(request, "orders/to_check.html", {"page": page, "query": ""})


@listing("orders.to_check_one", Permission.CHECK_IMPORTS)
@require_http_methods(["GET", "POST"])
def to_check_one(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent beside what is here. Each look is logged with everybody it names."""
    user = user_of(request)
    part: ToCheck = get_object_or_404(_waiting().defer(None), pk=pk)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            if form.cleaned_data["decision"] == "take":
                checking.take_part_in(by=user, part=part, note=note)
            else:
                checking.leave_part_out(by=user, part=part, note=note)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("It is decided."))
            return redirect("orders:to-check")
    sent, here = shape.OrderFile.model_validate(part.part), checking.other_side(part)
    named = [part.reference] if part.kind == ToCheck.Kind.PERSON else [a.person_id for a in sent.activations]
    look_of(request).show([*named, *(worn.person.reference for worn in here.wearing)])
    return render(request, "orders/to_check_one.html", {
        "part": part, "form": form, "here": here, "orders": sent.orders,
        "told": sent.people[0] if sent.people else None, "worn": sent.activations,
        "may": policies.can_check(part, user),
    })  # fmt: skip
