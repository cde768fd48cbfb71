"""Which device was on whom, of a file; and what follows for who may see the person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from milepost.orders import model as shape
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.orders import load_checks as checks
from milepost.service.orders.device_models import set_model
from milepost.service.orders.load_state import BATCH, Load, existing
from milepost.service.orders.models import Activation, Device
from milepost.service.orders.policy_data import FAR_OFF, sight_after_removal, sight_before_fitting
from milepost.service.orders.references import new_reference
from milepost.service.people.models import Person


def load_activations(load: Load, order_file: shape.OrderFile) -> None:
    wanted = [
        a
        for a in order_file.activations
        if a.person_id in load.people and checks.fits_activation(load.refuse, a)
    ]
    new = _new_ones(load, wanted)
    made_now = {id(a) for a in new}
    there = [a for a in wanted if a.device_model and id(a) not in made_now]
    wanted = new
    devices = existing(
        Device.objects.all(), "device_id", list(dict.fromkeys(a.device_id for a in [*wanted, *there]))
    )
    spans = checks.spans_of(list(devices.values()))
    kept: list[shape.Activation] = []
    for told in sorted(wanted, key=lambda a: a.from_utc):
        known = devices.get(told.device_id)
        if not checks.fits_device(load.refuse, told, known):
            continue
        if checks.is_free(load.refuse, told, spans, by_the_system=load.by_the_system):
            kept.append(told)
        else:
            load.not_free.append(told)
    on = {a.device_id for a in kept if a.until_utc is None or a.until_utc > load.now}
    fresh: dict[str, Device] = {}
    for told in kept:
        if told.device_id not in devices and told.device_id not in fresh:
            state = Device.State.FITTED if told.device_id in on else Device.State.IN_STOCK
            fresh[told.device_id] = Device(
                device_id=told.device_id, kind=told.device_kind, model=told.device_model or "", state=state
            )
    for device in Device.objects.bulk_create(fresh.values(), batch_size=BATCH):
        devices[device.device_id] = device
        load.done.devices.append(device.device_id)
    put_on = [devices[d].pk for d in on if d not in fresh]
    for at in range(0, len(put_on), BATCH):
        Device.objects.filter(pk__in=put_on[at : at + BATCH]).update(state=Device.State.FITTED)
    rows = [
        Activation(reference=a.id if load.by_the_system else new_reference("A"), device=devices[a.device_id],
                   person=load.people[a.person_id], from_utc=a.from_utc, until_utc=a.until_utc, place=a.place or "",
                   fitted_by=load.by)
        for a in kept
    ]  # fmt: skip
    for activation in Activation.objects.bulk_create(rows, batch_size=BATCH):
        load.done.activations.append(activation.reference)
    _fill_in_models(load, [*there, *kept], devices)
    _set_monitored(load, kept)


def _fill_in_models(load: Load, told_of: list[shape.Activation], devices: dict[str, Device]) -> None:
    """A device whose model was not known gets it from the file; one that is known by another stays what it is."""
    for told in told_of:
        device = devices.get(told.device_id)
        if device is None or not told.device_model or device.model == told.device_model:
            continue
        if device.model:
            load.refuse(f"activation {told.id}", "device_model", f"the device is on the register as {device.model}, "
                        "which stays", "Correct the file, or the model on the device's page", told.device_model)  # fmt: skip
            continue
        wearers = set_model(device, told.device_model)
        write(by=load.checked_by or load.by, operation=Operation.ALTERATION, what="device.model", shown=wearers,
              details={"device": device.device_id, "from": "", "to": told.device_model})  # fmt: skip


def _new_ones(load: Load, wanted: list[shape.Activation]) -> list[shape.Activation]:
    """Without those that are here. The system's are known by their id; a user's by device, person and beginning: ids
    in their files say nothing beyond the person."""
    if load.by_the_system:
        there = existing(Activation.objects.all(), "reference", [a.id for a in wanted])
        load.done.known["activations"] += len(there)
        return [a for a in wanted if a.id not in there]
    known: set[tuple[int, str, dt.datetime]] = set()
    for at in range(0, len(wanted), BATCH):
        people = {load.people[a.person_id].pk for a in wanted[at : at + BATCH]}
        rows = Activation.objects.filter(person__in=people)
        known.update(rows.values_list("person_id", "device__device_id", "from_utc"))
    new = [a for a in wanted if (load.people[a.person_id].pk, a.device_id, a.from_utc) not in known]
    load.done.known["activations"] += len(wanted) - len(new)
    return new


def _set_monitored(load: Load, kept: list[shape.Activation]) -> None:
    changed: dict[dt.datetime, set[int]] = defaultdict(set)

    def see(person: Person, until: dt.datetime) -> None:
        if person.monitored_until_utc is None or until > person.monitored_until_utc:
            if person.monitored_until_utc is not None:
                changed[person.monitored_until_utc].discard(person.pk)
            person.monitored_until_utc = until
            changed[until].add(person.pk)

    for told in kept:
        person = load.touch(told.person_id, told.from_utc)
        see(person, FAR_OFF if told.until_utc is None else told.until_utc + sight_after_removal())
    people = {person.pk: person for person in load.people.values()}
    for order, _version in load.approved:  # whoever is to fit the device must find the person
        if order.ends_utc is None or order.ends_utc > load.now:
            see(people[order.person_id], load.now + sight_before_fitting())
    for until, pks in changed.items():  # a handful of dates stands for thousands of people
        ordered = sorted(pks)
        for at in range(0, len(ordered), BATCH):
            Person.objects.filter(pk__in=ordered[at : at + BATCH]).update(monitored_until_utc=until)
