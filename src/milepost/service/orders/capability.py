"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.accounts.roles import Role
from milepost.service.kit.declaration import (
    Addresses,
    Capability,
    Entry,
    Event,
    FirstPage,
    Queue,
    Records,
    Retention,
    Today,
)

TODAY = "milepost.service.orders.today"

CAPABILITY = Capability(
    addresses=(Addresses("orders/", "milepost.service.orders.urls"),),
    navigation=(
        Entry(_("Orders"), "orders:list", P.VIEW_ORDERS, 50, covers=("orders",)),
        Entry(
            _("Devices"),
            "orders:devices",
            P.FIT_DEVICES,
            60,
            covers=tuple(
                f"orders:{view}"
                for view in (
                    "import-devices",
                    "import-devices-look",
                    "device",
                    "device-register",
                    "device-fit",
                    "device-mark",
                    "device-model",
                    "device-remove",
                    "device-swap",
                    "devices",
                )
            ),
        ),
        Entry(
            _("Imports to check"),
            "orders:to-check",
            P.CHECK_IMPORTS,
            65,
            covers=("orders:to-check", "orders:to-check-one"),
        ),
    ),
    first_pages=(FirstPage("orders:to-check", (Role.RECORDS_OFFICER,), 10),),
    records=(
        Records("absences", "orders.Absence", "person", 50),
        Records("documents", "orders.Document", "order__person", 60),
        Records("order_versions", "orders.OrderVersion", "order__person", 70),
        Records("orders", "orders.Order", "person", 80),
        Records("activations", "orders.Activation", "person", 90),
        Records("to_judge", "orders.ToJudge", "person", 110),
    ),
    retention=(
        Retention(
            "people", _("People whose supervision has ended"), "milepost.service.orders.retention:people"
        ),
        Retention("uploads", _("Uploaded order files"), "milepost.service.orders.retention:uploads"),
    ),
    events=(
        Event(
            "order.approved", _("An order was approved"), "milepost.service.orders.event_bodies:OrderApproved"
        ),
        Event(
            "device.fitted", _("A device was fitted"), "milepost.service.orders.event_bodies:DeviceChanged"
        ),
        Event(
            "device.removed", _("A device was removed"), "milepost.service.orders.event_bodies:DeviceChanged"
        ),
        Event(
            "absence.authorised",
            _("An absence was authorised"),
            "milepost.service.orders.event_bodies:AbsenceAuthorised",
        ),
    ),
    queues=(Queue("to_judge", _("People to be judged again"), "milepost.service.orders.queues:to_judge"),),
    today=Today(
        sources=tuple(
            f"{TODAY}:{name}"
            for name in (
                "absences_ending",
                "ending",
                "approved",
            )
        ),
        signatures=tuple(
            f"{TODAY}:{name}"
            for name in (
                "absences_to_confirm",
                "to_approve",
            )
        ),
        sentences=f"{TODAY}:SENTENCES",
        next_steps=f"{TODAY}:NEXT_STEPS",
        done=f"{TODAY}:done",
    ),
    audit={
        "absence.add": _("Entered an absence"),
        "absence.confirm": _("Confirmed an absence"),
        "absence.enter": _("Entered an absence"),
        "absence.page": _("Looked at an absence"),
        "absence.withdraw": _("Withdrew an absence"),
        "device.fit": _("Fitted a device"),
        "device.fit_form": _("Opened the form for fitting a device"),
        "device.list": _("Looked at the list of devices"),
        "device.mark": _("Marked a device as faulty, lost or back in stock"),
        "device.model": _("Said which model a device is"),
        "device.page": _("Looked at a device"),
        "device.register": _("Put a device on the register"),
        "device.remove": _("Removed a device"),
        "devices.import_look": _("Looked at a file of devices before importing it"),
        "order.approve": _("Approved an order"),
        "order.discard": _("Discarded a draft of an order"),
        "order.document": _("Downloaded a document of an order"),
        "order.document.add": _("Added a document to an order"),
        "order.document.remove": _("Removed a document from a draft of an order"),
        "order.document_out": _("Opened a document of an order"),
        "order.document_page": _("Opened a form about a document of an order"),
        "order.draft": _("Worked on a draft of an order"),
        "order.page": _("Looked at an order"),
        "order.return": _("Sent a draft of an order back"),
        "order.start": _("Started a draft of an order"),
        "order.start_form": _("Opened the form for beginning an order"),
        "order.submit": _("Submitted an order for approval"),
        "order.take_back": _("Withdrew a draft of an order"),
        "order.vary": _("Started to vary an order"),
        "order.version": _("Looked at a version of an order"),
        "orders.attest": _("A system attested that orders were approved elsewhere"),
        "orders.import": _("Imported orders"),
        "orders.to_check": _("Looked at the imports that wait to be checked"),
        "orders.to_check_leave": _("Left out an import that had to be checked"),
        "orders.to_check_one": _("Looked at an import that waits to be checked"),
        "orders.to_check_take": _("Accepted an import that had to be checked"),
        "orders.import_look": _("Looked at a file of orders before importing it"),
        "orders.list": _("Looked at a list of orders"),
        "person.import": _("Imported people"),
    },
)
