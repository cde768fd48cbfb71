"""Users of every role, and what the service knows of the people of the town beside their orders."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from django.db import transaction

from milepost.service import clock
from milepost.service.accounts.actors import Machine
from milepost.service.accounts.models import Team, User
from milepost.service.accounts.roles import Role
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.demo.names import CENTRE, TEAMS
from milepost.service.demo.policy_data import numbers
from milepost.service.demo.town import read_town_orders
from milepost.service.orders.load import Attested, load_order_file
from milepost.service.orders.models import OrderVersion
from milepost.service.people.models import ContactDetail, NamedAccess, Note, Person, StaffRisk

DEMO = Machine("demo", "seed")
OFFICERS = ("Mo Madeup-Officer", "Nell Madeup-Officer", "Pat Madeup-Officer")
RISKS = (
    "Dog at the address. Telephone before you visit.",
    "Visit in pairs: shouted at an engineer in the doorway.",
    "Does not want men to visit alone.",
    "Partner at the address may be hostile to staff.",
)
NEEDS = (
    "Large print letters",
    "British Sign Language interpreter",
    "Speak slowly; brain injury",
    "Reads little: telephone rather than write",
)
NOTES = (
    "Came to the office on time. Work at the warehouse goes on; asked about changing shift hours.",
    "Telephoned about the charger: it gets warm. New charger posted.",
    "Says the bus from work is often late on Thursdays. Told to ask for leave before, not after.",
    "Moved the home unit to clean behind the shelf. Explained that moving it sends a signal.",
    "Completed week three of the programme. Wants to bring forward the last session.",
    "Mother is in hospital. Gave the number to call when visiting hours run over.",
)  # fmt: skip


@dataclass(slots=True)
class Staff:
    """Everybody who signs in."""

    officers: list[User] = field(default_factory=list)
    supervisors: list[User] = field(default_factory=list)
    practitioners: list[User] = field(default_factory=list)
    seniors: list[User] = field(default_factory=list)
    others: list[User] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)


@transaction.atomic
def make_staff() -> Staff:
    """Idempotent: who is there already stays."""
    staff = Staff()
    centre, _ = Team.objects.get_or_create(name=CENTRE[0], defaults={"area": CENTRE[1]})
    for name in OFFICERS:
        staff.officers.append(_user(name, Role.MONITORING_OFFICER, centre))
    for name in ("Quinn Madeup-Supervisor", "Ray Madeup-Supervisor"):
        staff.supervisors.append(_user(name, Role.MONITORING_SUPERVISOR, centre))
    for number, (name, area) in enumerate(TEAMS):
        team, _ = Team.objects.get_or_create(name=name, defaults={"area": area})
        staff.teams.append(team)
        staff.seniors.append(
            _user(f"{('Sal', 'Tam', 'Una')[number]} Madeup-Senior", Role.SENIOR_PRACTITIONER, team)
        )
        for given in (("Vic", "Wyn"), ("Xan", "Yve"), ("Zed", "Ash"))[number]:
            staff.practitioners.append(_user(f"{given} Madeup-Practitioner", Role.PRACTITIONER, team))
    staff.others = [
        _user("Bo Madeup-Administrator", Role.ADMINISTRATOR, None),
        _user("Cal Madeup-Auditor", Role.AUDITOR, None),
        _user("Dee Madeup-Analyst", Role.ANALYST, None),
        _user("Eli Madeup-Analyst", Role.ANALYST, None),
        _user("Flo Madeup-Records", Role.RECORDS_OFFICER, None),
    ]
    return staff


def _user(name: str, role: Role, team: Team | None) -> User:
    email = f"{name.lower().replace(' ', '.')}@example.org"
    user = User.objects.filter(email=email).first()
    return user or User.objects.create_user(
        email,
        name=name,
        role=role,
        team=team,
        is_demo=True,
        telephone=f"01632 960{sum(email.encode()) % 1000:03d}",  # numbers that Ofcom keeps for drama
    )


ZONE_PURPOSE = "A made-up place"
"""What a zone of the town is called on screen, where it would be its number."""


def load_people(folder: Path, staff: Staff, seed: int) -> dict[str, Person]:
    """The orders of the town into the database, and its people into teams, with all that one knows of people.

    Returns people by reference.
    """
    order_file = read_town_orders(folder)
    for condition in (
        c for order in order_file.orders for version in order.versions for c in version.conditions
    ):
        if condition.kind.endswith("_zone") and not condition.purpose:
            condition.purpose = ZONE_PURPOSE
    load_order_file(
        order_file,
        by=None,
        attested=Attested("Synthetic town", "Made up: no court made these orders"),
        team=staff.teams[0],
        source="Synthetic town",
        audit_each=False,
    )
    people = {p.reference: p for p in Person.objects.filter(reference__in=[p.id for p in order_file.people])}
    with transaction.atomic():
        _describe(sorted(people.values(), key=lambda p: p.reference), staff, np.random.default_rng(seed))
        write(by=DEMO, operation=Operation.COLLECTION, what="demo.people", details={"people": len(people)})
    return people


def _describe(people: list[Person], staff: Staff, rng: np.random.Generator) -> None:
    share = numbers().people
    contacts: list[ContactDetail] = []
    risks: list[StaffRisk] = []
    notes: list[Note] = []
    addresses = _addresses(people)
    now = clock.now_utc()
    for n, person in enumerate(people):
        practitioner = staff.practitioners[n % len(staff.practitioners)]
        person.practitioner, person.team = practitioner, practitioner.team
        person.created_utc = now - dt.timedelta(days=float(rng.uniform(3, 40)))
        if rng.random() < share.welsh_share:
            person.preferred_language = "cy"
        if rng.random() < share.needs_share:
            person.communication_needs = NEEDS[int(rng.integers(len(NEEDS)))]
        # Numbers that Ofcom keeps free for drama, and an address that RFC 2606 keeps free for examples.
        mobile = f"07700 900{n % 1000:03d}"
        contacts.append(ContactDetail(person=person, kind="mobile", value=mobile, preferred=True))
        mail = f"{person.name.lower().replace(' ', '.')}@example.org"
        contacts.append(ContactDetail(person=person, kind="email", value=mail))
        if person.reference in addresses:
            contacts.append(ContactDetail(person=person, kind="address", value=addresses[person.reference]))
        if rng.random() < share.staff_risk_share:
            text = RISKS[int(rng.integers(len(RISKS)))]
            risks.append(
                StaffRisk(person=person, text=text, source="Synthetic referral", since=now.date(), by=practitioner)
            )  # fmt: skip
        if rng.random() < share.notes_share:
            for _ in range(int(rng.integers(1, 4))):
                at = now + dt.timedelta(days=float(rng.uniform(0, numbers().town.past_days - 0.5)))
                text = NOTES[int(rng.integers(len(NOTES)))]
                notes.append(Note(person=person, text=text, by=practitioner, at_utc=at))
    for person in people[5 :: max(len(people) // max(share.restricted, 1), 1)][: share.restricted]:
        person.restricted = True
    fields = [
        "team", "practitioner", "created_utc", "preferred_language", "communication_needs", "restricted"
    ]  # fmt: skip
    Person.objects.bulk_update(people, fields, batch_size=500)
    ContactDetail.objects.bulk_create(contacts)
    StaffRisk.objects.bulk_create(risks)
    Note.objects.bulk_create(sorted(notes, key=lambda note: note.at_utc))
    NamedAccess.objects.bulk_create(
        [
            NamedAccess(person=p, user=user, by=staff.seniors[0])
            for p in people
            if p.restricted
            for user in (p.practitioner, staff.supervisors[0])
            if user is not None
        ]
    )


def _addresses(people: list[Person]) -> dict[str, str]:
    """Where each lives, from the order."""
    found: dict[str, str] = {}
    rows = OrderVersion.objects.filter(order__person__in=people).values_list(
        "order__person__reference", "document"
    )
    for reference, document in rows:
        for place in document.get("places", []):
            if place.get("address") and place.get("name") == "home":
                found[reference] = place["address"]
    return found
