"""An order file into the database, in bulk: people, orders, versions, devices, activations.

``load_order_file`` is what the import page, the API, the demo and the benchmarks use. What is there already stays as
it is (everything has a reference), so that loading the same file twice changes nothing. A part that cannot be kept
is left out with a ``Problem``; the rest goes in.

Of people whom a user does not see nothing is asked: their part is kept to be checked (``orders.to_check``), whether
there is such a person or not.
"""

from __future__ import annotations

import hashlib

from django.db import transaction

from milepost.orders import model as shape
from milepost.service import clock
from milepost.service.accounts.models import Team, User
from milepost.service.accounts.unseen import log_unseen
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.events import announce
from milepost.service.orders import load_checks as checks
from milepost.service.orders.engine_file import ask_to_judge
from milepost.service.orders.load_devices import load_activations
from milepost.service.orders.load_orders import load_orders
from milepost.service.orders.load_state import BATCH, Attested, Load, Loaded, existing
from milepost.service.orders.models import Attestation
from milepost.service.orders.terms import approval_body
from milepost.service.orders.to_check import keep_to_check
from milepost.service.people.models import Person
from milepost.service.people.words import fold

__all__ = ["Attested", "Loaded", "load_order_file"]


@transaction.atomic
def load_order_file(
    order_file: shape.OrderFile,
    *,
    by: User | None,
    team: Team | None,
    attested: Attested | None = None,
    source: str = "order file",
    audit_each: bool = True,
    checked_by: User | None = None,
) -> Loaded:
    """Makes rows of everything in the file that is not there yet. Fast enough for tens of thousands of people.

    New versions are drafts by ``by``; where a system attests that they were approved elsewhere, they are in force.
    New people join ``team``. People must be visible to ``by``; the part of any other is kept to be checked. Where
    ``checked_by`` has done that, or ``by`` is None (the system), everybody is seen and whoever is new is made.
    ``audit_each`` writes an entry for every person and announces each approval; without it there is one entry for
    the file.

    Raises:
        ValueError: a user attests. Users approve, one by one.
    """
    if attested is not None and by is not None:
        raise ValueError("Only a system attests: a user's import makes drafts.")
    load = Load(by, checked_by, _attest(attested, source), team, source, clock.now_utc())
    _load_people(load, order_file)
    held = load_orders(load, order_file)
    load_activations(load, order_file)
    keep_to_check(load, order_file, held)
    new = set(load.done.people)
    ask_to_judge({
        person: None if reference in new else load.changed.get(reference)
        for reference, person in load.touched.items()
    })  # fmt: skip
    _audit(load, audit_each)
    return load.done


def _attest(attested: Attested | None, source: str) -> Attestation | None:
    """In the log first: the database refuses one that is not there."""
    if attested is None:
        return None
    entry = write(
        by=None, operation=Operation.ALTERATION, what="orders.attest", details={"system": attested.system}
    )
    made: Attestation = Attestation.objects.create(
        system=attested.system, statement=attested.statement, source=source[:200], at_utc=clock.now_utc(),
        audit_number=entry.number,
    )  # fmt: skip
    return made


def _load_people(load: Load, order_file: shape.OrderFile) -> None:
    told = {person.id: person for person in order_file.people}
    named = [*told, *(o.person_id for o in order_file.orders), *(a.person_id for a in order_file.activations)]
    wanted = [ref for ref in dict.fromkeys(named) if checks.fits_person(load.refuse, ref, told.get(ref))]
    load.people = existing(load.seen(), "reference", wanted)
    load.done.known["people"] += len(load.people)
    load.done.seen = list(load.people)
    others = [ref for ref in wanted if ref not in load.people]
    if load.by is not None and load.checked_by is None:
        load.unseen = set(others)
        return
    new = [_person(load, ref, told.get(ref)) for ref in others]
    for person in Person.objects.bulk_create(new, batch_size=BATCH):
        load.people[person.reference] = person
        load.done.people.append(person.reference)


def _person(load: Load, reference: str, told: shape.Person | None) -> Person:
    name = (told.name if told else None) or reference
    return Person(
        reference=reference,
        name=name,
        search_name=fold(name)[:120],
        date_of_birth=told.date_of_birth if told else None,
        synthetic=bool(told and told.synthetic),
        team=load.team,
        practitioner=load.by if load.by and load.by.team_id and load.by.team == load.team else None,
    )


def _audit(load: Load, each: bool) -> None:
    done, by = load.done, load.checked_by or load.by
    names = ("people", "orders", "versions", "devices", "activations", "to_check")
    counts = {name: len(getattr(done, name)) for name in names}
    told = "\n".join([*done.orders, *(f"{o}/{v}" for o, v in done.versions), *done.activations])
    digest = hashlib.sha256(told.encode()).hexdigest()
    attested = load.attestation is not None
    if load.by is not None:
        log_unseen(load.by, "orders.import", [ref for ref in done.to_check if ref in load.unseen])
    write(
        by=by, operation=Operation.COLLECTION, what="orders.import",
        details={**counts, "attested": attested, "problems": len(done.problems), "sha256": digest},
    )  # fmt: skip
    if each:
        for reference in dict.fromkeys([*done.people, *load.touched]):
            write(by=by, operation=Operation.COLLECTION, what="person.import", subject=reference,
                  details={"attested": attested, "sha256": digest})  # fmt: skip
        for order, version in load.approved:
            announce("order.approved", approval_body(order, version))
