"""A small synthetic world for the tests: named people whom every test can speak of.

Two teams (North, South), a user of every role, and
- Ada Vale: on tag, supervised by North's practitioner, with an approved curfew order and a fitted tag;
- Ben Moor: on probation with South, no tag;
- Cy Ashe: on tag, supervised by North, and restricted: only Nora (North's practitioner) is named on the record.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max, QuerySet

from milepost.service.accounts.models import Team, User
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.orders.load import Attested
from milepost.service.orders.models import Activation, Approval, Device, Order, OrderVersion, VersionState
from milepost.service.people.models import NamedAccess, Person

FAR_OFF = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
FITTED = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)
HOME = (1.700000, 53.700000)
"""Ada's home, lon and lat, in the invented country of the synthetic towns."""

DOCUMENT = {
    "places": [
        {
            "id": "home",
            "name": "Home",
            "address": "1 Example Street, Exampletown",
            "circle": {"lon": HOME[0], "lat": HOME[1], "radius_m": 60},
        }
    ],
    "conditions": [
        {
            "id": "curfew",
            "kind": "curfew",
            "from": "2025-03-01",
            "place": "home",
            "timezone": "Europe/London",
            "schedule": [
                {"from_day": day, "from_time": "19:00", "until_day": until, "until_time": "07:00"}
                for day, until in zip(
                    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                    ["tue", "wed", "thu", "fri", "sat", "sun", "mon"],
                    strict=True,
                )
            ],
        },
        {
            "id": "market",
            "kind": "exclusion_zone",
            "from": "2025-03-01",
            "circle": {"lon": 1.71, "lat": 53.71, "radius_m": 200},
            "purpose": "Protects a person",
        },
    ],
}


@dataclass
class World:
    north: Team
    south: Team
    users: dict[Role, User] = field(default_factory=dict)
    """One of each role; practitioner and senior practitioner belong to North."""
    nora: User = None  # type: ignore[assignment]
    """North's practitioner, the same as ``users[Role.PRACTITIONER]``."""
    sam: User = None  # type: ignore[assignment]
    """South's practitioner."""
    ada: Person = None  # type: ignore[assignment]
    ben: Person = None  # type: ignore[assignment]
    cy: Person = None  # type: ignore[assignment]
    order: Order = None  # type: ignore[assignment]
    """Ada's."""
    tag: Device = None  # type: ignore[assignment]
    """Ada's, ``device_id`` "tag-1"."""
    last_entry: int = 0
    """Number of the last entry that making this world wrote to the log."""

    def entries(self) -> QuerySet[Entry]:
        """What was logged since the world was made, in its order."""
        return Entry.objects.filter(number__gt=self.last_entry).order_by("number")


def make_person(reference: str, name: str, team: Team, **more: object) -> Person:
    return Person.objects.create(
        reference=reference, name=name, search_name=name.lower(), team=team, synthetic=True, **more
    )


ATTESTED = Attested("Test system", "Synthetic: approved nowhere")
"""For ``load_order_file``: what the file brings is in force."""


def approval_by(user: User) -> Approval:
    """A second person's word, and its entry in the log: without one the database keeps no approved version."""
    with transaction.atomic():
        entry = write(by=user, operation=Operation.ALTERATION, what="order.approve")
        return Approval.objects.create(by=user, audit_number=entry.number)


def make_world() -> World:
    world = World(Team.objects.create(name="North"), Team.objects.create(name="South"))
    for role in Role:
        in_team = role in {Role.PRACTITIONER, Role.SENIOR_PRACTITIONER}
        world.users[role] = User.objects.create_user(
            f"{role}@example.org", name=f"Test {role}", role=role, team=world.north if in_team else None
        )
    world.nora = world.users[Role.PRACTITIONER]
    world.sam = User.objects.create_user(
        "sam@example.org", name="Sam South", role=Role.PRACTITIONER, team=world.south
    )
    world.ada = make_person(
        "P000001", "Ada Vale", world.north, practitioner=world.nora, monitored_until_utc=FAR_OFF,
        date_of_birth=dt.date(1990, 4, 2),
    )  # fmt: skip
    world.ben = make_person("P000002", "Ben Moor", world.south, practitioner=world.sam)
    world.cy = make_person(
        "P000003",
        "Cy Ashe",
        world.north,
        practitioner=world.nora,
        restricted=True,
        monitored_until_utc=FAR_OFF,
    )
    NamedAccess.objects.create(person=world.cy, user=world.nora, by=world.nora)
    world.order = Order.objects.create(
        reference="O000001", person=world.ada, regime="community_order", by=world.nora
    )
    OrderVersion.objects.create(
        order=world.order, version=1, state=VersionState.APPROVED, effective_from_utc=FITTED, document=DOCUMENT,
        made_by=world.nora, decided_by=world.users[Role.SENIOR_PRACTITIONER],
        approval=approval_by(world.users[Role.SENIOR_PRACTITIONER]),
    )  # fmt: skip
    world.tag = Device.objects.create(device_id="tag-1", kind="tag", state="fitted")
    Activation.objects.create(reference="A000001", device=world.tag, person=world.ada, from_utc=FITTED)
    world.last_entry = Entry.objects.aggregate(last=Max("number"))["last"] or 0
    return world
