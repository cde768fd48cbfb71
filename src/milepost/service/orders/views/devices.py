"""The register of devices: list, one device, fit, remove, swap, mark."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.service.accounts.about import about, listing, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.actions import devices
from milepost.service.orders.device_finder import KIND_WORDS, STATE_WORDS, DeviceFinder
from milepost.service.orders.forms.register import (
    FindPersonForm,
    FitForm,
    MarkForm,
    ModelForm,
    RegisterForm,
    RemoveForm,
    SwapForm,
)
from milepost.service.orders.last_heard import last_heard
from milepost.service.orders.models import Activation, Device
from milepost.service.orders.place_names import place_names
from milepost.service.orders.views.find import find_activation
from milepost.service.web.lookup import LONGEST, as_json

PAGE = 50
COLOURS = {"in_stock": "blue", "fitted": "green", "faulty": "red", "lost": "orange", "retired": "grey"}


@listing("device.list", Permission.FIT_DEVICES)
@require_safe
def device_list(request: HttpRequest) -> HttpResponse:
    asked, state = request.GET.get("q", "").strip()[:80], request.GET.get("state", "")
    found = Device.objects.order_by("device_id")
    if asked:
        found = found.filter(device_id__icontains=asked)
    if state in Device.State.values:
        found = found.filter(state=state)
    on = Activation.objects.visible_to(user_of(request)).filter(until_utc=None).select_related("person")
    found = found.prefetch_related(Prefetch("activations", queryset=on, to_attr="on"))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    look_of(request).show(activation.person for device in page for activation in cast(Any, device).on)
    query = urlencode({name: value for name, value in (("q", asked), ("state", state)) if value})
    return render(request, "orders/devices.html", {
        "page": page, "query": f"{query}&" if query else "", "asked": asked, "state": state, "states": STATE_WORDS,
        "kinds": KIND_WORDS, "colours": COLOURS,
    })  # fmt: skip


@requires(Permission.FIT_DEVICES)
@require_safe
def pick_device(request: HttpRequest) -> HttpResponse:
    """``?q=``: devices in stock that it may mean."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    return as_json(DeviceFinder().find(text) if text else [])


@requires(Permission.FIT_DEVICES)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device = devices.register_device(by=user_of(request), **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return redirect("orders:device", pk=device.pk)
    return render(request, "orders/form.html", {
        "form": form, "title": _("Register a device"), "button": _("Register"), "cancel": ("orders:devices", {}),
    })  # fmt: skip


@listing("device.page", Permission.FIT_DEVICES)
@require_safe
def device(request: HttpRequest, pk: int) -> HttpResponse:
    """One device: on whom it was, when. Of people one may not see nothing is shown, only that it is not free."""
    found, user = get_object_or_404(Device, pk=pk), user_of(request)
    rows = Activation.objects.visible_to(user).filter(device=found)
    history = list(rows.select_related("person", "fitted_by", "removed_by").order_by("-from_utc")[:100])
    on = next((a for a in history if a.until_utc is None), None)
    hidden = on is None and found.state == Device.State.FITTED
    look_of(request).show(sorted({a.person.reference for a in history}))
    return render(request, "orders/device.html", {
        "device": found, "history": history, "on": on, "places": place_names([a.person for a in history]),
        "hidden": hidden, "heard": None if hidden else last_heard(found.device_id), "states": STATE_WORDS,
        "kinds": KIND_WORDS, "colours": COLOURS, "can_fit": policies.can_fit(found, user),
        "can_mark": policies.can_mark_device(found, user),
    })  # fmt: skip


@listing("device.fit_form", Permission.FIT_DEVICES)
@require_http_methods(["GET", "POST"])
def fit(request: HttpRequest, pk: int) -> HttpResponse:
    """First to whom; then, with the name before one's eyes, from when and where."""
    found, user = get_object_or_404(Device, pk=pk), user_of(request)
    cancel = ("orders:device", {"pk": pk})
    asked = FindPersonForm(request.GET if "person" in request.GET else None, user=user)
    if not asked.is_bound or not asked.is_valid():
        look_of(request).show(asked.finder.shown)
        return render(request, "orders/find_person.html", {
            "form": asked, "title": _("Fit %(device)s: to which person?") % {"device": found.device_id}, "cancel": cancel,
        })  # fmt: skip
    person = asked.cleaned_data["person"]
    look_of(request).show([person])
    form = FitForm(
        request.POST or None,
        places=list(place_names([person]).items()) if found.kind == Device.Kind.HOME_UNIT else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            devices.fit(by=user, device=found, person=person, from_utc=form.moment_utc(),
                        place=form.cleaned_data.get("place", ""))  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("%(device)s is fitted.") % {"device": found.device_id})
            return redirect("orders:device", pk=pk)
    return render(request, "orders/form.html", {
        "form": form, "title": _("Fit %(device)s") % {"device": found.device_id}, "button": _("Fit"), "cancel": cancel,
        "details": [(_("Person"), f"{person.name} ({person.reference})"),
                    (_("Date of birth"), person.date_of_birth)],
    })  # fmt: skip


def _who(activation: Activation) -> list[tuple[str, Any]]:
    person = activation.person
    return [(_("Person"), f"{person.name} ({person.reference})"), (_("Fitted"), activation.from_utc)]


@about(find_activation, "device.page", Permission.FIT_DEVICES)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, activation: Activation) -> HttpResponse:
    form = RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            devices.remove(by=user_of(request), activation=activation, until_utc=form.moment_utc(),
                           reason=data["reason"], device_state=data["device_state"])  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("%(device)s is off.") % {"device": activation.device.device_id})
            return redirect("orders:device", pk=activation.device_id)
    return render(request, "orders/form.html", {
        "form": form, "title": _("Remove %(device)s") % {"device": activation.device.device_id},
        "button": _("Remove"), "cancel": ("orders:device", {"pk": activation.device_id}), "details": _who(activation),
    })  # fmt: skip


@about(find_activation, "device.page", Permission.FIT_DEVICES)
@require_http_methods(["GET", "POST"])
def swap(request: HttpRequest, activation: Activation) -> HttpResponse:
    form = SwapForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            fitted = devices.swap(
                by=user_of(request), activation=activation, new_device=data["new_device"], at_utc=form.moment_utc(),
                reason=data["reason"], device_state=data["device_state"],
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(
                request, _("Swapped: %(device)s is on now.") % {"device": fitted.device.device_id}
            )
            return redirect("orders:device", pk=fitted.device_id)
    return render(request, "orders/form.html", {
        "form": form, "title": _("Swap %(device)s for another") % {"device": activation.device.device_id},
        "button": _("Swap"), "cancel": ("orders:device", {"pk": activation.device_id}), "details": _who(activation),
        "text": _("The old device goes off and the new one on at the same moment."),
    })  # fmt: skip


@requires(Permission.FIT_DEVICES)
@require_http_methods(["GET", "POST"])
def model(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Device, pk=pk)
    form = ModelForm(request.POST or None, initial={"model": found.model})
    if request.method == "POST" and form.is_valid():
        devices.correct_model(by=user_of(request), device=found, model=form.cleaned_data["model"])
        return redirect("orders:device", pk=pk)
    return render(request, "orders/form.html", {
        "form": form, "title": _("Which model is %(device)s?") % {"device": found.device_id}, "button": _("Save"),
        "cancel": ("orders:device", {"pk": pk}),
        "text": _("Findings about everyone who wore it are worked out again, with what is known of this model."),
    })  # fmt: skip


@requires(Permission.FIT_DEVICES)
@require_http_methods(["GET", "POST"])
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Device, pk=pk)
    form = MarkForm(request.POST or None, initial={"state": found.state, "note": found.note})
    if request.method == "POST" and form.is_valid():
        try:
            devices.mark_device(by=user_of(request), device=found, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return redirect("orders:device", pk=pk)
    return render(request, "orders/form.html", {
        "form": form, "title": _("Mark %(device)s") % {"device": found.device_id}, "button": _("Save"),
        "cancel": ("orders:device", {"pk": pk}),
    })  # fmt: skip
