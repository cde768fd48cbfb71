"""Files of an order, and files that are imported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.problems import UnreadableFile
from milepost.service.accounts.about import about, listing, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.roles import Permission
from milepost.service.audit.operations import Operation
from milepost.service.kit.downloads import attachment
from milepost.service.kit.refusals import Refused
from milepost.service.orders.actions import documents, importing
from milepost.service.orders.document_kinds import kinds_in_words
from milepost.service.orders.forms.order import UploadForm
from milepost.service.orders.load import Loaded
from milepost.service.orders.models import Document, Order, Upload
from milepost.service.orders.policies import can_remove_document, check_can_remove_document
from milepost.service.orders.policy_data import document_limits
from milepost.service.orders.views.find import find_document, find_order
from milepost.service.web.notices import show_refusal

MOST_PROBLEMS = 200


@about(find_order, "order.document_page", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, order: Order) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            documents.add_document(by=user_of(request), order=order, name=file.name, content=file.read())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("The document is kept with the order."))
            return redirect("orders:order", reference=order.reference)
    most = document_limits().largest_bytes // 1_048_576
    return render(request, "orders/form.html", {
        "form": form, "title": _("Add a document to %(reference)s") % {"reference": order.reference}, "button": _("Add"),
        "text": _("One of: %(kinds)s. At most %(most)s MB.") % {"kinds": kinds_in_words(), "most": most},
        "cancel": ("orders:order", {"reference": order.reference}),
    })  # fmt: skip


@about(find_document, "order.document_out", Permission.VIEW_ORDERS, operation=Operation.DISCLOSURE)
@require_safe
def download(request: HttpRequest, document: Document) -> HttpResponseBase:
    """Always as an attachment: a browser never runs or draws what somebody attached."""
    content = documents.hand_out(by=user_of(request), document=document)
    return attachment(content, document.name, document.content_type)


@about(find_document, "order.document_page", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, document: Document) -> HttpResponse:
    reference = document.order.reference
    if request.method == "POST" or not can_remove_document(document, user_of(request)):
        try:
            check_can_remove_document(document, user_of(request))
            documents.remove_document(by=user_of(request), document=document)
        except Refused as refused:
            show_refusal(request, refused)
        return redirect("orders:order", reference=reference)
    return render(request, "confirm.html", {
        "title": _("Remove this document?"), "text": document.name, "confirm_text": _("Remove"), "danger": True,
        "cancel_href": order_address(reference),
    })  # fmt: skip


def order_address(reference: str) -> str:
    from django.urls import reverse

    return reverse("orders:order", kwargs={"reference": reference})


@requires(Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def import_orders(request: HttpRequest) -> HttpResponse:
    return _upload(request, devices=False)


@requires(Permission.FIT_DEVICES)
@require_http_methods(["GET", "POST"])
def import_devices(request: HttpRequest) -> HttpResponse:
    return _upload(request, devices=True)


def _upload(request: HttpRequest, devices: bool) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = importing.keep_upload(
                by=user_of(request), name=file.name, content=file.read(), devices=devices
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return redirect("orders:import-devices-look" if devices else "orders:import-look", pk=upload.pk)
    text = _("A CSV file with the columns device_id, person_id and from_utc.") if devices else _(
        "An order file of Milepost, the JSON of the create-an-order service, or zones as GeoJSON. You see what "
        "would be made before anything is.")  # fmt: skip
    return render(request, "orders/form.html", {
        "form": form, "title": _("Import who wears which device") if devices else _("Import orders"), "text": text,
        "button": _("Look at it"), "cancel": ("orders:devices" if devices else "orders:list", {}),
    })  # fmt: skip


@listing("orders.import_look", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def look_at_orders(request: HttpRequest, pk: int) -> HttpResponse:
    return _look(request, pk, [Upload.Kind.ORDERS, Upload.Kind.ZONES])


@listing("devices.import_look", Permission.FIT_DEVICES)
@require_http_methods(["GET", "POST"])
def look_at_devices(request: HttpRequest, pk: int) -> HttpResponse:
    return _look(request, pk, [Upload.Kind.DEVICES])


def _look(request: HttpRequest, pk: int, kinds: list[Any]) -> HttpResponse:
    """What the file would make; then, on the word, what it made."""
    user = user_of(request)
    upload = get_object_or_404(Upload, pk=pk, by=user, kind__in=kinds, done_utc=None)
    loaded, unreadable = Loaded(), None
    done = request.method == "POST"
    try:
        if done:
            loaded = importing.take_in(by=user, upload=upload)
        else:
            loaded = importing.look_at(by=user, upload=upload)
    except UnreadableFile as error:
        unreadable, done = error.problem, False
    except Refused as refused:
        show_refusal(request, refused)
        return redirect("orders:list")
    look_of(request).show([*loaded.seen, *loaded.people])
    devices = upload.kind == Upload.Kind.DEVICES
    return render(request, "orders/import.html", {
        "upload": upload, "loaded": loaded, "unreadable": unreadable, "done": done, "devices": devices,
        "problems": loaded.problems[:MOST_PROBLEMS], "n_problems": len(loaded.problems),
    })  # fmt: skip
