"""Parts of an import that wait until somebody who may see both sides has checked them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from milepost.orders import model as shape
from milepost.orders.write import to_plain
from milepost.service.orders.load_state import BATCH, Load
from milepost.service.orders.models import ToCheck


def keep_to_check(load: Load, order_file: shape.OrderFile, held: Iterable[shape.Order]) -> None:
    """Keeps the part of each person whom the sender does not see, and of each device that was not free.

    One part a person, and the same questions to the database for whomever it is about. Sent again by the same user
    while it waits, it waits once. Nothing that a system brings waits: it sees everybody.
    """
    if load.by is None or load.checked_by is not None:
        return
    orders: dict[str, list[shape.Order]] = defaultdict(list)
    for order in held:
        orders[order.person_id].append(order)
    people = {person.id: person for person in order_file.people}
    activations: dict[str, list[shape.Activation]] = defaultdict(list)
    for told in order_file.activations:
        if told.person_id in load.unseen:
            activations[told.person_id].append(told)
    parts = [
        (ToCheck.Kind.PERSON, ref, shape.OrderFile(
            people=[people.get(ref) or shape.Person(id=ref)], orders=orders[ref], activations=activations[ref]))
        for ref in sorted(load.unseen)
    ] + [
        (ToCheck.Kind.DEVICE, told.device_id, shape.OrderFile(activations=[told])) for told in load.not_free
    ]  # fmt: skip
    rows = {row.sha256: row for row in (_row(load, *part) for part in parts)}
    load.done.to_check = list(dict.fromkeys(row.reference for row in rows.values()))
    if rows:
        waiting = ToCheck.objects.filter(by=load.by, state=ToCheck.State.WAITING, sha256__in=list(rows))
        for digest in waiting.values_list("sha256", flat=True):
            del rows[digest]
        ToCheck.objects.bulk_create(rows.values(), batch_size=BATCH)


def _row(load: Load, kind: ToCheck.Kind, reference: str, part: shape.OrderFile) -> ToCheck:
    plain: dict[str, Any] = to_plain(part)
    text = json.dumps(plain, sort_keys=True)
    return ToCheck(
        kind=kind, reference=reference, part=plain, sha256=hashlib.sha256(text.encode()).hexdigest(),
        source=load.source[:200], team=load.team, by=load.by, at_utc=load.now,
    )  # fmt: skip
