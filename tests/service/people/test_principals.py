"""Who may ask is open to more than staff, and a person may be held by a team, by a prison, or by both."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import transaction

from milepost.service.accounts.models import Team
from milepost.service.accounts.principals import Within
from milepost.service.accounts.roles import Permission, Reach
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused, need
from milepost.service.orders.models import Order
from milepost.service.people.models import Person
from tests.service.world import World

pytestmark = pytest.mark.django_db


@dataclass
class Toy:
    """Somebody who is no user."""

    within: Within
    permissions: tuple[str, ...] = ()
    audit_name: str = "toy:1"
    audit_role: str = "toy"

    def may(self, permission: str) -> bool:
        return permission in self.permissions


@pytest.fixture
def prison(db) -> Team:
    return Team.objects.create(name="HMP Example", kind=Team.Kind.PRISON)


def references(principal) -> list[str]:
    return sorted(person.reference for person in Person.objects.visible_to(principal))


def test_a_person_reaches_themselves_alone_and_also_a_restricted_record(world: World):
    ada = Toy(Within(Reach.OWN_RECORD, person=world.ada.pk))
    assert references(ada) == [world.ada.reference]
    assert list(Order.objects.visible_to(ada)) == [world.order]
    assert references(Toy(Within(Reach.OWN_RECORD, person=world.cy.pk))) == [world.cy.reference]
    assert references(Toy(Within(Reach.OWN_RECORD))) == []


def test_the_log_and_the_policies_take_whoever_it_is(world: World):
    toy = Toy(Within(Reach.NOBODY), (Permission.VIEW_PEOPLE,))
    need(toy, Permission.VIEW_PEOPLE)
    with pytest.raises(Refused):
        need(toy, Permission.EDIT_PEOPLE)
    with transaction.atomic():
        write(by=toy, operation=Operation.CONSULTATION, what="person.overview", subject=world.ada.reference)
    assert world.entries().values_list("actor", "role").get() == ("toy:1", "toy")


def test_somebody_held_by_a_team_and_a_prison_is_seen_from_both(world: World, prison: Team):
    Person.objects.filter(pk=world.ben.pk).update(prison=prison)
    inside = Toy(Within(Reach.OWN_PRISON, holder=prison.pk))
    assert references(inside) == [world.ben.reference]
    assert world.ben in Person.objects.visible_to(world.sam), "South supervises him as before"
    assert world.ben not in Person.objects.visible_to(world.nora)
    Person.objects.filter(pk=world.ben.pk).update(team=None)
    assert references(inside) == [world.ben.reference]
    assert world.ben not in Person.objects.visible_to(world.sam)


def test_a_restricted_record_is_hidden_inside_too_but_for_whoever_is_named(world: World, prison: Team):
    Person.objects.update(prison=prison)
    stranger = Toy(Within(Reach.OWN_PRISON, holder=prison.pk))
    assert world.cy.reference not in references(stranger)
    named = Toy(Within(Reach.OWN_PRISON, holder=prison.pk, staff=world.nora.pk))
    assert world.cy.reference in references(named)
    listed = sorted(person.reference for person in Person.objects.listed_for(named))
    assert listed == references(named)
    assert references(Toy(Within(Reach.OWN_PRISON))) == []
