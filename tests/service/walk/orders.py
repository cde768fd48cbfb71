from __future__ import annotations

import datetime as dt
import json

from django.utils import timezone

from milepost.service.accounts.roles import Role
from milepost.service.orders.actions.importing import keep_upload
from milepost.service.orders.models import Absence, Activation, Device, Document, Order, OrderVersion, ToCheck
from tests.service.walk.cases import Queries, View
from tests.service.world import DOCUMENT, World

OFFICERS = [Role.MONITORING_OFFICER, Role.MONITORING_SUPERVISOR]
PRACTITIONERS = [Role.PRACTITIONER, Role.SENIOR_PRACTITIONER]
SEE = [*PRACTITIONERS, *OFFICERS]
SECOND = [Role.SENIOR_PRACTITIONER, Role.MONITORING_SUPERVISOR]


def of(world: World) -> dict:
    return {"reference": world.order.reference}


def bens(world: World) -> Order:
    """An order of another team, of somebody who wears no tag."""
    order, _made = Order.objects.get_or_create(
        reference="O000009", defaults={"person": world.ben, "regime": "licence", "by": world.sam}
    )
    if _made:
        OrderVersion.objects.create(
            order=order, version=1, state="draft", document=DOCUMENT, made_by=world.sam
        )
    return order


def hidden(world: World) -> dict:
    return {"reference": bens(world).reference}


def draft(world: World, **more) -> dict:
    """A draft of Ada's order, written by a practitioner who is neither of those who ask."""
    version = world.order.versions.exclude(state="approved").first() or OrderVersion.objects.create(
        order=world.order, version=2, made_by=world.sam, hands=[world.sam.pk], document=draft_document(),
        terms={"regime": "community_order"}, effective_from_utc=dt.datetime(2027, 1, 4, tzinfo=dt.UTC),
    )  # fmt: skip
    return {"reference": world.order.reference, "number": version.version, **more}


def draft_document() -> dict:
    document = json.loads(json.dumps(DOCUMENT))
    document["conditions"][0]["exceptions"] = [
        {"from": "2027-01-09", "until": "2027-01-10", "reason": "funeral"}
    ]
    document["conditions"].append(
        {"id": "visit", "kind": "attendance", "from": "2027-01-04", "place": "home",
         "dates": [{"date": "2027-01-05", "from_time": "10:00", "until_time": "11:00"}]}
    )  # fmt: skip
    return document


def hidden_draft(world: World, **more) -> dict:
    return {"reference": bens(world).reference, "number": 1, **more}


def waiting(world: World) -> dict:
    draft(world)
    world.order.versions.filter(version=2).update(state="waiting", submitted_by=world.sam)
    return {**of(world), "number": 2}


def document(world: World) -> Document:
    draft(world)
    version = world.order.versions.get(version=2)
    return Document.objects.get_or_create(
        order=world.order, name="order.pdf",
        defaults={"version": version, "content_type": "application/pdf", "size_bytes": 5, "sha256": "0" * 64,
                  "content": b"%PDF-", "by": world.nora},
    )[0]  # fmt: skip


def document_at(world: World) -> dict:
    return {**of(world), "pk": document(world).pk}


def hidden_document(world: World) -> dict:
    return {"reference": bens(world).reference, "pk": document(world).pk}


def upload(role: Role, content: bytes, devices: bool = False):
    def make(world: World) -> dict:
        return {"pk": keep_upload(by=world.users[role], name="file", content=content, devices=devices).pk}

    return make


def waits(world: World, reference: str = "N1") -> ToCheck:
    return ToCheck.objects.get_or_create(
        reference=reference, defaults={"kind": "person", "part": {"people": [{"id": reference}]}, "sha256": reference,
                                       "by": world.nora, "team": world.north},
    )[0]  # fmt: skip


def more_waits(world: World) -> None:
    for i in range(6):
        waits(world, f"N{i + 2}")


def stock(world: World) -> dict:
    return {"pk": Device.objects.get_or_create(device_id="tag-9")[0].pk}


def on_ada(world: World) -> dict:
    return {"pk": Activation.objects.get(reference="A000001").pk}


def on_ben(world: World) -> dict:
    other = Device.objects.get_or_create(device_id="tag-8")[0]
    return {"pk": Activation.objects.get_or_create(
        reference="A8", defaults={"device": other, "person": world.ben, "from_utc": timezone.now()})[0].pk}  # fmt: skip


def absence(world: World, order: Order | None = None) -> dict:
    order = order or world.order
    now = timezone.now()
    return {"pk": Absence.objects.get_or_create(
        order=order, reason_code="order_suspended",
        defaults={"person": order.person, "kind": "suspension", "from_utc": now, "until_utc": now + dt.timedelta(1),
                  "by": world.nora, "waits_for_second": True, "evidence": "Letter"},
    )[0].pk}  # fmt: skip


def hidden_absence(world: World) -> dict:
    return absence(world, bens(world))


def more_orders(world: World) -> None:
    for i in range(6):
        order = Order.objects.create(reference=f"M{i}", person=world.ada, regime="licence")
        OrderVersion.objects.create(order=order, version=1, state="waiting", document=DOCUMENT, made_by=world.sam,
                                    submitted_by=world.sam)  # fmt: skip
        Absence.objects.create(order=world.order, person=world.ada, reason_code="court", by=world.nora,
                               from_utc=timezone.now(), until_utc=timezone.now() + dt.timedelta(hours=i + 1))  # fmt: skip
        device = Device.objects.create(device_id=f"more-{i}", state="fitted")
        Activation.objects.create(
            reference=f"MA{i}", device=device, person=world.ada, from_utc=timezone.now()
        )
        Document.objects.create(order=world.order, name=f"{i}.pdf", content_type="application/pdf", size_bytes=5,
                                sha256="0", content=b"%PDF-", by=world.nora)  # fmt: skip


def edit(**more) -> dict:
    return {"right": PRACTITIONERS, "args": lambda world: draft(world, **more),
            "other_team": lambda world: hidden_draft(world, **more), "more": more_orders}  # fmt: skip


ORDER_FILE = json.dumps({"milepost": 1, "people": [{"id": "N1"}], "orders": []}).encode()
DEVICES = b"device_id,person_id,from_utc\ntag-5,P000001,2026-03-01T00:00:00Z\n"

DRY_RUN = Queries(38, "a whole file is tried out: what each of its parts would meet is looked up in one go")

VIEWS = {
    "orders:list": View(right=SEE, more=more_orders),
    "orders:start": View(right=PRACTITIONERS),
    "orders:import": View(right=PRACTITIONERS),
    "orders:import-look": View(
        right=[Role.PRACTITIONER], args=upload(Role.PRACTITIONER, ORDER_FILE),
        other_team=upload(Role.SENIOR_PRACTITIONER, ORDER_FILE), queries=DRY_RUN,
    ),
    "orders:import-devices": View(right=OFFICERS),
    "orders:import-devices-look": View(
        right=[Role.MONITORING_OFFICER], args=upload(Role.MONITORING_OFFICER, DEVICES, True),
        other_team=upload(Role.MONITORING_SUPERVISOR, DEVICES, True), queries=DRY_RUN,
    ),
    "orders:to-check": View(right=[Role.RECORDS_OFFICER], args=lambda world: waits(world) and {}, more=more_waits),
    "orders:to-check-one": View(right=[Role.RECORDS_OFFICER], args=lambda world: {"pk": waits(world).pk}),
    "orders:devices": View(right=OFFICERS, more=more_orders),
    "orders:device-pick": View(right=OFFICERS, data=lambda world: {"q": "tag"}),
    "orders:device-register": View(right=OFFICERS),
    "orders:device": View(right=OFFICERS, args=lambda world: {"pk": world.tag.pk}, more=more_orders),
    "orders:device-fit": View(right=OFFICERS, args=stock, data=lambda world: {"person": "P000001"}),
    "orders:device-model": View(right=OFFICERS, args=stock),
    "orders:device-mark": View(right=OFFICERS, args=stock),
    "orders:device-remove": View(right=OFFICERS, args=on_ada, other_team=on_ben),
    "orders:device-swap": View(right=OFFICERS, args=on_ada, other_team=on_ben),
    "orders:absence-confirm": View(right=SECOND, args=absence, other_team=hidden_absence),
    "orders:absence-withdraw": View(right=SEE, args=absence, other_team=hidden_absence),
    "orders:absence-add": View(right=SEE, args=of, other_team=hidden, more=more_orders),
    "orders:order": View(right=SEE, args=of, other_team=hidden, more=more_orders),
    "orders:vary": View(right=PRACTITIONERS, args=of, other_team=hidden),
    "orders:document-add": View(right=PRACTITIONERS, args=of, other_team=hidden),
    "orders:document": View(right=SEE, args=document_at, other_team=hidden_document),
    "orders:document-remove": View(right=PRACTITIONERS, args=document_at, other_team=hidden_document),
    "orders:version": View(
        right=SEE, args=waiting, other_team=lambda world: hidden_draft(world), more=more_orders
    ),
    "orders:take-back": View(right=PRACTITIONERS, args=waiting, method="post", status=302,
                             other_team=lambda world: hidden_draft(world)),
    "orders:draft": View(**edit()),
    "orders:terms": View(**edit()),
    "orders:check": View(**edit()),
    "orders:discard": View(**edit()),
    "orders:section": View(**edit(part="zones")),
    "orders:section-done": View(
        right=PRACTITIONERS, args=lambda world: draft(world, part="alcohol"), method="post", status=302,
        other_team=lambda world: hidden_draft(world, part="alcohol"),
    ),
    "orders:place-add": View(**edit()),
    "orders:place": View(**edit(part_id="home")),
    "orders:condition-add": View(**edit(kind="exclusion_zone")),
    "orders:condition": View(**edit(part_id="curfew")),
    "orders:condition-change": View(**edit(part_id="market")),
    "orders:timetable": View(**edit(part_id="curfew", index=0)),
    "orders:timetable-remove": View(**edit(part_id="curfew", index=0)),
    "orders:appointment-add": View(**edit(part_id="visit")),
    "orders:appointment-remove": View(**edit(part_id="visit", index=0)),
    "orders:exception-add": View(**edit(part_id="curfew")),
    "orders:exception": View(**edit(part_id="curfew", index=0)),
    "orders:exception-remove": View(**edit(part_id="curfew", index=0)),
    "orders:part-remove": View(**edit(kind="conditions", part_id="market")),
}  # fmt: skip
