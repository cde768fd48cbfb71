"""Exceptions written into the order: add, change and remove them in a draft."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from milepost.orders.model import Absence
from milepost.service.accounts.about import about
from milepost.service.accounts.roles import Permission
from milepost.service.orders import draft_document as doc
from milepost.service.orders.forms.exceptions import ExceptionForm
from milepost.service.orders.models import OrderVersion
from milepost.service.orders.summary import describe_absence
from milepost.service.orders.views.draft import draft_address, page
from milepost.service.orders.views.find import find_draft
from milepost.service.orders.views.parts import bare_form, find_part, save, section_of


def _list(version: OrderVersion, part_id: str) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
    """The condition, its exceptions, and the page to go back to."""
    part = find_part(version, "conditions", part_id)
    back = draft_address(version, "orders:condition", part_id=part_id)
    return part, list(part.get("exceptions") or []), back


def _put(version: OrderVersion, part_id: str, exceptions: list[dict[str, Any]]) -> doc.Document:
    return doc.put_part(version.document, "conditions", part_id, {"exceptions": exceptions or None})


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def exception(
    request: HttpRequest, version: OrderVersion, part_id: str, index: int | None = None
) -> HttpResponse:
    """Changes one, or adds one where no ``index`` (from 0) is given."""
    part, listed, back = _list(version, part_id)
    if index is not None and index >= len(listed):
        raise Http404
    before = {} if index is None else listed[index]
    form = ExceptionForm(request.POST or None, before=before, timezone=part.get("timezone", "Europe/London"))
    if request.method == "POST" and form.is_valid():
        if index is None:
            listed.append(form.changed())
        else:
            listed[index] = form.changed()
        if save(request, version, section_of(part), _put(version, part_id, listed), form):
            return redirect(back)
    return render(request, "orders/section_form.html", page(
        version, form=form, title=_("Add an exception") if index is None else _("Change the exception"),
        cancel=back, answers=[],
        text=_("The order itself lifts the requirement for this time. For leave that was asked for later, "
               "authorise an absence instead: that needs no new version."),
    ))  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def remove_exception(request: HttpRequest, version: OrderVersion, part_id: str, index: int) -> HttpResponse:
    part, listed, back = _list(version, part_id)
    if index >= len(listed):
        raise Http404
    form = bare_form(request)
    words = describe_absence(Absence.model_validate(listed[index]))
    if request.method == "POST":
        left = [one for n, one in enumerate(listed) if n != index]
        if save(request, version, section_of(part), _put(version, part_id, left), form):
            return redirect(back)
    return render(request, "confirm.html", {
        "title": _("Remove this exception?"), "form": form, "confirm_text": _("Remove"), "cancel_href": back,
        "text": words, "danger": True,
    })  # fmt: skip
