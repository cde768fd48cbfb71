"""The register of devices, and which is on whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.events import announce
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.device_models import set_model
from milepost.service.orders.engine_file import judge_anew
from milepost.service.orders.models import Activation, Device
from milepost.service.orders.policy_data import FAR_OFF, sight_after_removal
from milepost.service.orders.references import new_reference
from milepost.service.orders.states import DEVICE_LIFE
from milepost.service.people.models import Person


@transaction.atomic
def register_device(*, by: User, device_id: str, kind: str, model: str = "", note: str = "") -> Device:
    if not by.may(Permission.FIT_DEVICES):
        raise Refused(_("Your role does not include this."))
    if Device.objects.filter(device_id=device_id).exists():
        raise Refused({"device_id": _("A device with this number is on the register already.")})
    device = Device.objects.create(device_id=device_id, kind=kind, model=model, note=note)
    write(by=by, operation=Operation.COLLECTION, what="device.register",
          details={"device": device_id, "kind": kind, "model": model})  # fmt: skip
    return device


@transaction.atomic
def correct_model(*, by: User, device: Device, model: str) -> None:
    """Which model it is, or that this is not known (empty). Findings about everyone who wore it are worked out again."""
    device = Device.objects.select_for_update().get(pk=device.pk)
    policies.check_can_correct_model(by)
    before = device.model
    if before == model:
        return
    wearers = set_model(device, model)
    write(by=by, operation=Operation.ALTERATION, what="device.model", shown=wearers,
          details={"device": device.device_id, "from": before, "to": model})  # fmt: skip


@transaction.atomic
def mark_device(*, by: User, device: Device, state: str, note: str) -> None:
    """Faulty, lost, retired, or back in stock."""
    device = Device.objects.select_for_update().get(pk=device.pk)
    policies.check_can_mark_device(device, by, state)
    before = device.state
    device.state, device.note = DEVICE_LIFE.change(f"mark_{state}").goes_to, note
    device.save(update_fields=["state", "note"])
    write(by=by, operation=Operation.ALTERATION, what="device.mark",
          details={"device": device.device_id, "from": before, "to": state})  # fmt: skip


@transaction.atomic
def fit(*, by: User, device: Device, person: Person, from_utc: dt.datetime, place: str = "") -> Activation:
    """Puts a device on a person, or into their home."""
    device = Device.objects.select_for_update().get(pk=device.pk)
    policies.check_can_fit(device, by)
    _check_time(from_utc)
    activation = _put_on(by, device, person, from_utc, place)
    _settle(person, from_utc)
    return activation


@transaction.atomic
def remove(
    *, by: User, activation: Activation, until_utc: dt.datetime, reason: str, device_state: str = "in_stock"
) -> None:
    """Takes a device off. ``device_state`` is what it is from then on."""
    activation = Activation.objects.select_for_update(of=("self",)).get(pk=activation.pk)
    policies.check_can_end(activation, by)
    _take_off(by, activation, until_utc, reason, device_state)
    _settle(activation.person, until_utc)


@transaction.atomic
def swap(
    *,
    by: User,
    activation: Activation,
    new_device: Device,
    at_utc: dt.datetime,
    reason: str,
    device_state: str = "faulty",
) -> Activation:
    """The old device off and the new one on at the same moment: no second is without one."""
    activation = Activation.objects.select_for_update(of=("self",)).get(pk=activation.pk)
    new_device = Device.objects.select_for_update().get(pk=new_device.pk)
    policies.check_can_end(activation, by)
    policies.check_can_fit(new_device, by)
    if new_device.kind != activation.device.kind:
        raise Refused({"new_device": _("The new device is of another kind than the old one.")})
    _take_off(by, activation, at_utc, reason, device_state)
    fitted = _put_on(by, new_device, activation.person, at_utc, activation.place)
    _settle(activation.person, at_utc)
    return fitted


def _check_time(moment: dt.datetime) -> None:
    if moment > clock.now_utc() + dt.timedelta(minutes=5):  # clocks of two machines may differ a little
        raise Refused({"date": _("The time is in the future. Record it when it has happened.")})


def _put_on(by: User, device: Device, person: Person, from_utc: dt.datetime, place: str) -> Activation:
    on_then = Activation.objects.filter(Q(until_utc=None) | Q(until_utc__gt=from_utc), device=device)
    if on_then.exists():
        raise Refused(
            {"date": _("The register has this device as free only from a later time. Enter a later time.")}
        )
    activation = Activation.objects.create(
        reference=new_reference("A"),
        device=device,
        person=person,
        from_utc=from_utc,
        place=place,
        fitted_by=by,
    )
    Device.objects.filter(pk=device.pk).update(state=DEVICE_LIFE.change("fit").goes_to)
    _log_and_announce(by, activation, "device.fit", "device.fitted", from_utc)
    return activation


def _take_off(
    by: User, activation: Activation, until_utc: dt.datetime, reason: str, device_state: str
) -> None:
    _check_time(until_utc)
    policies.check_is_off(device_state)
    if until_utc <= activation.from_utc:
        raise Refused({"date": _("The device was fitted later than that. Correct the time.")})
    activation.until_utc, activation.removed_by, activation.removal_reason = until_utc, by, reason
    activation.save(update_fields=["until_utc", "removed_by", "removal_reason"])
    Device.objects.filter(pk=activation.device_id).update(
        state=DEVICE_LIFE.change(f"remove_{device_state}").goes_to
    )
    _log_and_announce(by, activation, "device.remove", "device.removed", until_utc)


def _log_and_announce(by: User, activation: Activation, what: str, event: str, moment: dt.datetime) -> None:
    body: dict[str, Any] = {
        "activation": activation.reference,
        "device": activation.device.device_id,
        "person": activation.person.reference,
        "at_utc": moment.isoformat(),
    }
    details = {name: value for name, value in body.items() if name != "person"}
    write(by=by, operation=Operation.ALTERATION, what=what, subject=activation.person.reference,
          details=details)  # fmt: skip
    announce(event, body)


def _settle(person: Person, changed_utc: dt.datetime) -> None:
    """Who may see the record follows from what is on the person; the engine looks again, from the change on."""
    mine = Activation.objects.filter(person=person).values_list("until_utc", flat=True)
    ended = [until for until in mine if until is not None]
    until = max(ended) + sight_after_removal() if len(ended) == len(mine) else FAR_OFF
    Person.objects.filter(pk=person.pk).update(monitored_until_utc=until)
    judge_anew(person, changed_utc)
