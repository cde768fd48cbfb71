"""Who supervises a person, and who may see a restricted record."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from milepost.service.accounts.models import Team, User
from milepost.service.people import policies
from milepost.service.people.actions.base import log_change, take_revision
from milepost.service.people.models import NamedAccess, Person


@transaction.atomic
def allocate(
    *, by: User, person: Person, revision: int, team: Team | None, practitioner: User | None
) -> None:
    """Gives the person to a team, and to one of its practitioners or to none yet."""
    policies.check_can_allocate(person, by)
    policies.check_practitioner(practitioner, team.pk if team else None)
    take_revision(person, revision)
    person.team, person.practitioner = team, practitioner
    person.save(update_fields=["team", "practitioner"])
    log_change(
        by, person, "person.allocate",
        team=team.pk if team else None, practitioner=practitioner.pk if practitioner else None,
    )  # fmt: skip


@transaction.atomic
def restrict(*, by: User, person: Person, revision: int, named: Collection[User]) -> None:
    """From now on only those named see the record; exceptional access that is still open ends."""
    policies.check_can_restrict(person, by)
    policies.check_named(named)
    take_revision(person, revision)
    person.restricted = True
    person.save(update_fields=["restricted"])
    _name(by, person, named)
    log_change(by, person, "person.restrict", named=sorted(user.pk for user in named))


@transaction.atomic
def change_named(*, by: User, person: Person, revision: int, named: Collection[User]) -> None:
    """Replaces the list of those who see a restricted record."""
    policies.check_can_change_restriction(person, by)
    policies.check_named(named)
    take_revision(person, revision)
    _name(by, person, named)
    log_change(by, person, "person.named_access", named=sorted(user.pk for user in named))


@transaction.atomic
def unrestrict(*, by: User, person: Person, revision: int) -> None:
    policies.check_can_change_restriction(person, by)
    take_revision(person, revision)
    person.restricted = False
    person.save(update_fields=["restricted"])
    NamedAccess.objects.filter(person=person).delete()
    log_change(by, person, "person.unrestrict")


def _name(by: User, person: Person, named: Collection[User]) -> None:
    wanted = {user.pk: user for user in named}
    NamedAccess.objects.filter(person=person).exclude(user__in=wanted).delete()
    there = set(NamedAccess.objects.filter(person=person).values_list("user_id", flat=True))
    NamedAccess.objects.bulk_create(
        [NamedAccess(person=person, user=user, by=by) for pk, user in wanted.items() if pk not in there]
    )
