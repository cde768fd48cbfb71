"""Devices on the register, and which is on whom."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Status
from pydantic import Field

from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import listed, one_of, person_of
from milepost.service.api.enums import DeviceKind, DeviceState
from milepost.service.api.logged import consulted_again
from milepost.service.api.once import RepeatKey, once
from milepost.service.api.paging import After, Limit, page_of
from milepost.service.api.problems import wrong
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Asked, Moment, Name, Page, Told, Words
from milepost.service.orders.actions import devices
from milepost.service.orders.models import Activation, Device

router = Router(tags=["Devices"])
READ = needs(Scope.DEVICES_READ, Permission.VIEW_ORDERS)
WRITE = needs(Scope.DEVICES_WRITE, Permission.FIT_DEVICES)
ActivationReference = Annotated[Name, Path(description="Reference of the activation")]


class DeviceRow(Told):
    """A tag, a home unit or a phone."""

    device_id: str = Field(description="What its signals say")
    kind: DeviceKind
    model: str
    state: DeviceState


class ActivationRow(Told):
    """This device, on this person, from-until."""

    reference: str
    device_id: str
    device_kind: DeviceKind
    device_model: str = Field(
        description="What sort of device it is, as tables of learned errors call it; may be empty"
    )
    person: str = Field(description="Reference of the person")
    from_utc: dt.datetime
    until_utc: dt.datetime | None = Field(description="null while it is on")
    place: str = Field(description="For a home unit: id of the place it stands in")


class Fitting(Asked):
    """A device was put on somebody, or into their home."""

    device_id: Name
    person: Name = Field(description="Reference of the person")
    from_utc: Moment = Field(description="When it was fitted; not in the future")
    place: Name | None = Field(default=None, description="For a home unit: id of the place it stands in")


class Removal(Asked):
    """A device was taken off."""

    until_utc: Moment = Field(description="When it was taken off; not in the future")
    reason: Annotated[Words, Field(min_length=3, max_length=200)]
    device_state: Literal["in_stock", "faulty", "lost", "retired"] = "in_stock"


def _row(activation: Activation) -> ActivationRow:
    return ActivationRow(
        reference=activation.reference, device_id=activation.device.device_id,
        device_kind=Device.Kind(activation.device.kind), device_model=activation.device.model,
        person=activation.person.reference,
        from_utc=activation.from_utc, until_utc=activation.until_utc, place=activation.place,
    )  # fmt: skip


@router.get("/devices", response=Page[DeviceRow], auth=WRITE)
def list_devices(
    request: HttpRequest,
    state: Annotated[DeviceState | None, Query(description="Only in this state")] = None,
    cursor: After = None,
    limit: Limit = None,
) -> Page[DeviceRow]:
    """The register of devices. It does not say who wears one: see activations."""
    rows = Device.objects.filter(state=state) if state else Device.objects.all()
    found, after = page_of(rows, ["pk"], cursor, limit)
    items = [
        DeviceRow(device_id=d.device_id, kind=Device.Kind(d.kind), model=d.model, state=Device.State(d.state))
        for d in found
    ]
    return Page[DeviceRow](items=items, next_cursor=after)


@router.get("/activations", response=Page[ActivationRow], auth=READ)
def list_activations(
    request: HttpRequest,
    person: Annotated[Name | None, Query(description="Only of this person")] = None,
    cursor: After = None,
    limit: Limit = None,
) -> Page[ActivationRow]:
    """Which device was on whom, of the people within your reach."""
    rows = Activation.objects.visible_to(caller(request).user).select_related("device", "person")
    found, after = listed(request, "api.activations", rows, ["pk"], cursor, limit, person=person)
    return Page[ActivationRow](items=[_row(a) for a in found], next_cursor=after)


@router.post("/activations", response={201: ActivationRow}, auth=WRITE)
def fit_device(
    request: HttpRequest, response: HttpResponse, fitting: Fitting, key: RepeatKey = None
) -> Status[ActivationRow]:
    """Record that a device was fitted. The engine judges the person again from then on."""
    user = caller(request).user
    person = person_of(user, fitting.person)
    device = Device.objects.filter(device_id=fitting.device_id).first()
    if device is None:
        raise wrong("device_id", "No device with this number is on the register.", "Register it first.")

    def make() -> str:
        made = devices.fit(
            by=user, device=device, person=person, from_utc=fitting.from_utc, place=fitting.place or ""
        )
        return str(made.reference)

    found = _get(user, reference=once(request, response, key, make))
    consulted_again(request, response, found.person)
    return Status(201, _row(found))


def _get(user: Any, **where: Any) -> Activation:
    rows = Activation.objects.visible_to(user).select_related("device", "person")
    found: Activation = get_object_or_404(rows, **where)
    return found


@router.post("/activations/{activation}/removal", response=ActivationRow, auth=WRITE)
def remove_device(request: HttpRequest, activation: ActivationReference, removal: Removal) -> ActivationRow:
    """Record that a device was taken off."""
    user = caller(request).user
    found = one_of(Activation, user, reference=activation)
    devices.remove(
        by=user, activation=found, until_utc=removal.until_utc, reason=removal.reason,
        device_state=removal.device_state,
    )  # fmt: skip
    return _row(_get(user, reference=activation))
