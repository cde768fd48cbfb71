"""What is known while an order file is taken in: by whom, as what, what was made, whom it touched."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from milepost.orders import model as shape
from milepost.problems import Problem
from milepost.service.accounts.models import Team, User
from milepost.service.orders.models import Attestation, Order, OrderVersion
from milepost.service.people.models import Person

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Attested:
    """A named system says that the orders it brings were approved there. Only code can say so, no user.

    ``system``: its name, at most 100 characters. ``statement``: what it says and where the approvals are on record,
    at most 300.
    """

    system: str
    statement: str


@dataclass(slots=True)
class Loaded:
    """What was made, what was there already, and what could not be kept."""

    people: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    file_references: dict[str, str] = field(default_factory=dict)
    """Of the orders made: by their reference here, their id in the file."""
    versions: list[tuple[str, int]] = field(default_factory=list)
    """Order reference and version number."""
    devices: list[str] = field(default_factory=list)
    activations: list[str] = field(default_factory=list)
    to_check: list[str] = field(default_factory=list)
    """People and devices whose part waits until somebody has checked it. Nobody asked if they are there."""
    seen: list[str] = field(default_factory=list)
    """References of people who were here and whom the file may speak of."""
    known: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How many of each kind were there already, and stayed as they were."""
    problems: list[Problem] = field(default_factory=list)

    def __iadd__(self, more: Loaded) -> Loaded:
        """With what the next piece of the same file made."""
        for name in (
            "people",
            "orders",
            "versions",
            "devices",
            "activations",
            "to_check",
            "seen",
            "problems",
        ):
            getattr(self, name).extend(getattr(more, name))
        self.file_references |= more.file_references
        for kind, n in more.known.items():
            self.known[kind] += n
        return self

    @property
    def n_made(self) -> int:
        """How many rows were made."""
        made: tuple[Sized, ...] = (self.people, self.orders, self.versions, self.devices, self.activations)
        return sum(len(kind) for kind in made)


@dataclass(slots=True)
class Load:
    """One file on its way in."""

    by: User | None
    checked_by: User | None
    attestation: Attestation | None
    team: Team | None
    source: str
    now: dt.datetime
    done: Loaded = field(default_factory=Loaded)
    people: dict[str, Person] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)
    """References whose part is kept to be checked."""
    not_free: list[shape.Activation] = field(default_factory=list)
    """Whose device was on somebody then."""
    touched: dict[str, Person] = field(default_factory=dict)
    changed: dict[str, dt.datetime] = field(default_factory=dict)
    """From when on something changed that the engine heeds, by the person's reference."""
    approved: list[tuple[Order, OrderVersion]] = field(default_factory=list)
    left_out: set[int] = field(default_factory=set)
    """Object ids of orders of the file that were refused after they were looked for."""
    documents: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Of each version, by its object's id: made once, for it is most of the work."""

    @property
    def by_the_system(self) -> bool:
        """Whether the references of orders and activations are taken as the file has them."""
        return self.by is None

    def seen(self) -> QuerySet[Person]:
        """The people that this file may speak of. Whoever checked a part may see both sides of it."""
        people: QuerySet[Person] = Person.objects.all()
        if self.by is not None and self.checked_by is None:
            people = Person.objects.visible_to(self.by)
        return people

    def touch(self, reference: str, from_utc: dt.datetime | None) -> Person:
        """Notes whom the engine has to judge again, and from when on; None: nothing that holds changed."""
        person = self.touched[reference] = self.people[reference]
        if from_utc is not None:
            self.changed[reference] = min(from_utc, self.changed.get(reference, from_utc))
        return person

    def refuse(self, row: str, field_name: str | None, message: str, remedy: str, value: str = "") -> None:
        self.done.problems.append(Problem(self.source, row, field_name, message, remedy, value or None))


def existing(rows: QuerySet[Any], name: str, values: list[str]) -> dict[str, Any]:
    """Of ``rows`` those whose field ``name`` is one of ``values``, by that value."""
    found: dict[str, Any] = {}
    for at in range(0, len(values), BATCH):
        some = rows.filter(**{f"{name}__in": values[at : at + BATCH]})
        found.update({getattr(row, name): row for row in some})
    return found
