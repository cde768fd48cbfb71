from __future__ import annotations

from django.db import transaction

from milepost.service.accounts.roles import Role
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from tests.service.walk.cases import View

AUDITOR = [Role.AUDITOR]


def one_entry(world) -> dict:
    with transaction.atomic():
        entry = write(by=world.nora, operation=Operation.CONSULTATION, what="person.page", subject="P000001")
    return {"number": entry.number}


def more_entries(world) -> None:
    for role, user in world.users.items():
        for i in range(8):
            with transaction.atomic():
                write(
                    by=user,
                    operation=Operation.CONSULTATION,
                    what="person.page",
                    subject=f"P9{i}",
                    reason="x",
                )
                write(by=user, operation=Operation.DENIED, what="view.denied", details={"role": str(role)})


def some_entries(world) -> dict:
    """So that no query is left out because there is nothing to ask it about."""
    more_entries(world)
    return {}


def view(**more) -> View:
    return View(right=AUDITOR, more=more_entries, **more)


VIEWS = {
    "audit:search": view(data=lambda world: {"subject": "P000001"}),
    "audit:entry": view(args=one_entry),
    "audit:exceptional": view(args=some_entries),
    "audit:denied": view(args=some_entries),
    "audit:patterns": view(args=some_entries),
    "audit:status": view(),
    "audit:verify": View(right=AUDITOR, method="post", status=302),
    "audit:users": view(data=lambda world: {"q": "example"}),
    "audit:export": view(),
}
