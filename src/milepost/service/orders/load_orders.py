"""The orders of a file, and their versions."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from milepost.orders import model as shape
from milepost.orders.write import to_plain
from milepost.service.orders import load_checks as checks
from milepost.service.orders.load_state import BATCH, Load, existing
from milepost.service.orders.models import Order, OrderVersion, VersionState
from milepost.service.orders.references import new_reference
from milepost.service.orders.terms import terms_of, write_terms

Rows = dict[int, Order]
"""By the object's id of the order in the file."""


def load_orders(load: Load, order_file: shape.OrderFile) -> list[shape.Order]:
    """Makes what is new of the people in hand. Returns the orders of the others, as far as they can be kept."""
    good = [
        order
        for order in order_file.orders
        if (order.person_id in load.people or order.person_id in load.unseen)
        and checks.fits_order(load.refuse, order)
        and _make_documents(load, order)
    ]
    wanted = _each_once(load, [order for order in good if order.person_id in load.people])
    rows = _system_rows(load, wanted) if load.by_the_system else _own_rows(load, wanted)
    wanted = [order for order in wanted if id(order) not in load.left_out]
    new = [(order, _order(load, order)) for order in wanted if id(order) not in rows]
    Order.objects.bulk_create([row for _told, row in new], batch_size=BATCH)
    for order, row in new:
        rows[id(order)] = row
        load.done.orders.append(row.reference)
        if row.file_reference:
            load.done.file_references[row.reference] = row.file_reference
    _load_versions(load, wanted, rows)
    return [order for order in good if order.person_id in load.unseen]


def _each_once(load: Load, orders: list[shape.Order]) -> list[shape.Order]:
    """An id twice of one person: the first counts. The system's ids are unique beyond a person."""
    kept: dict[tuple[str, str], shape.Order] = {}
    for order in orders:
        key = ("" if load.by_the_system else order.person_id, order.id)
        if key in kept:
            load.refuse(
                f"order {order.id}",
                "id",
                "is there twice; the second was left out",
                "Correct the id",
                order.id,
            )
        else:
            kept[key] = order
    return list(kept.values())


def _system_rows(load: Load, wanted: list[shape.Order]) -> Rows:
    there = existing(Order.objects.all(), "reference", [order.id for order in wanted])
    rows: Rows = {}
    for order in wanted:
        if (known := there.get(order.id)) is None:
            continue
        load.done.known["orders"] += 1
        if known.person_id != load.people[order.person_id].pk:
            load.refuse(f"order {order.id}", "person_id", "belongs to another person; it was left out",
                        "Give the order its own reference", order.id)  # fmt: skip
            load.left_out.add(id(order))
        rows[id(order)] = known
    return rows


def _own_rows(load: Load, wanted: list[shape.Order]) -> Rows:
    """Those orders of the people in hand. Whether anybody else has an order of that id is never asked."""
    there: dict[tuple[int, str], Order] = {}
    for at in range(0, len(wanted), BATCH):
        some = wanted[at : at + BATCH]
        ids = [order.id for order in some]
        people = {load.people[order.person_id].pk for order in some}
        for row in Order.objects.filter(Q(reference__in=ids) | Q(file_reference__in=ids), person__in=people):
            there[row.person_id, row.reference] = row
            there.setdefault((row.person_id, row.file_reference), row)
    rows: Rows = {}
    for order in wanted:
        if (known := there.get((load.people[order.person_id].pk, order.id))) is not None:
            load.done.known["orders"] += 1
            rows[id(order)] = known
    return rows


def _make_documents(load: Load, order: shape.Order) -> bool:
    """False if one holds what no database can keep."""
    for version in order.versions:
        if id(version) not in load.documents:
            load.documents[id(version)] = document_of(version)
    kept = [load.documents[id(version)] for version in order.versions]
    if checks.can_keep([*kept, to_plain(order.model_extra or {})]):
        return True
    load.refuse(f"order {order.id}", None, "holds a sign or number that cannot be kept; it was left out",
                "Remove NUL signs and infinite numbers")  # fmt: skip
    return False


def _order(load: Load, order: shape.Order) -> Order:
    own = not load.by_the_system
    return Order(
        reference=new_reference("O") if own else order.id,
        file_reference=order.id if own else "",
        person=load.people[order.person_id],
        regime=order.regime.value,
        ends_utc=order.ends_utc,
        source=load.source[:200],
        extra=to_plain(order.model_extra or {}),
        by=load.by,
    )


def _load_versions(load: Load, orders: list[shape.Order], rows: Rows) -> None:
    made_now = set(load.done.orders)
    pks = [rows[id(order)].pk for order in orders if rows[id(order)].reference not in made_now]
    there: dict[tuple[int, int], OrderVersion] = {}
    for at in range(0, len(pks), BATCH):
        for version in OrderVersion.objects.filter(order__in=pks[at : at + BATCH]):
            there[version.order_id, version.version] = version
    new: list[OrderVersion] = []
    for order in orders:
        for number, told in enumerate(order.versions):
            row = f"order {order.id}, version {told.version}"
            known = there.get((rows[id(order)].pk, told.version))
            if known is not None:
                load.done.known["versions"] += 1
                if known.document != load.documents[id(told)]:
                    load.refuse(row, None, "differs from the one that is here, which stays as it is",
                                "Give a change a new version number")  # fmt: skip
                continue
            if any(earlier.version == told.version for earlier in order.versions[:number]):
                load.refuse(row, "version", "is there twice; the second was left out", "Number them 1, 2, 3")
                continue
            new.append(_version(load, rows[id(order)], order, told))
            load.touch(order.person_id, told.effective_from_utc if load.attestation else None)
    for made in OrderVersion.objects.bulk_create(new, batch_size=BATCH):
        load.done.versions.append((made.order.reference, made.version))
        if load.attestation is not None:
            load.approved.append((made.order, made))
    for approved, version in load.approved:
        if approved.reference not in made_now and version.terms != terms_of(approved):
            write_terms(approved, version.terms)


def document_of(version: shape.OrderVersion) -> dict[str, Any]:
    """``OrderVersion.document`` of a version: everything but what has a column of its own."""
    plain: dict[str, Any] = to_plain(version)
    return {k: v for k, v in plain.items() if k not in ("version", "effective_from_utc")}


def _version(load: Load, row: Order, order: shape.Order, told: shape.OrderVersion) -> OrderVersion:
    made = OrderVersion(
        order=row,
        version=told.version,
        effective_from_utc=told.effective_from_utc,
        document=load.documents[id(told)],
        terms={
            "regime": order.regime.value,
            "ends_utc": to_plain(order.ends_utc),
            "source": row.source,
            "convicted_on": (order.model_extra or {}).get("x_convicted_on"),
        },
    )
    if load.attestation is not None:
        made.state, made.attestation, made.decided_utc = VersionState.APPROVED, load.attestation, load.now
    else:
        made.made_by = load.by
        made.hands = [load.by.pk] if load.by else []
    return made
