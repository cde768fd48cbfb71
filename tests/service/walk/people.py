from __future__ import annotations

import datetime as dt

from django.utils import timezone

from milepost.service.accounts.roles import Role
from milepost.service.people.models import ContactDetail, ExceptionalAccess, Note, StaffRisk
from tests.service.walk.cases import View
from tests.service.world import World, make_person

SEE = [Role.PRACTITIONER, Role.SENIOR_PRACTITIONER, Role.MONITORING_OFFICER, Role.MONITORING_SUPERVISOR]
SUPERVISE = [Role.PRACTITIONER, Role.SENIOR_PRACTITIONER]
SENIOR = [Role.SENIOR_PRACTITIONER]


def ada(world: World) -> dict:
    return {"reference": world.ada.reference}


def ben(world: World) -> dict:
    return {"reference": world.ben.reference}


def asked(world: World) -> dict:
    now = timezone.now()
    row = ExceptionalAccess.objects.create(
        person=world.ada, user=world.sam, reason="Duty officer for the whole county", at_utc=now,
        until_utc=now + dt.timedelta(hours=1),
    )  # fmt: skip
    return {"pk": row.pk}


def asked_of_ben(world: World) -> dict:
    now = timezone.now()
    return {
        "pk": ExceptionalAccess.objects.create(
            person=world.ben, user=world.nora, reason="x", until_utc=now
        ).pk
    }


def one_asked(world: World) -> dict:
    asked(world)
    return {}


def more_asked(world: World) -> None:
    for _ in range(5):
        asked(world)


def contact(world: World, person=None) -> dict:
    person = person or world.ada
    return {"reference": person.reference,
            "pk": ContactDetail.objects.create(person=person, kind="mobile", value="07700 900001").pk}  # fmt: skip


def risk(world: World, person=None) -> dict:
    person = person or world.ada
    return {"reference": person.reference, "pk": StaffRisk.objects.create(person=person, text="Dog").pk}


def note(world: World, person=None) -> dict:
    person = person or world.ada
    return {
        "reference": person.reference,
        "pk": Note.objects.create(person=person, text="Called", by=world.nora).pk,
    }


def restricted(world: World) -> dict:
    world.ada.restricted = True
    world.ada.save()
    for user in world.users.values():
        world.ada.named_access.create(user=user, by=world.nora)
    return ada(world)


def unseen(world: World) -> dict:
    return {"reference": make_person("P000077", "Sol South", world.south).reference}


def more_of_the_name(world: World) -> None:
    for n in range(8):
        make_person(f"P9{n:05d}", f"More Vale {n}", world.north)


VIEWS = {
    "people:search": View(right=SEE, data=lambda world: {"q": "vale"}, more=more_of_the_name),
    "people:pick": View(right=SEE, data=lambda world: {"q": "vael"}, more=more_of_the_name),
    "people:access-reviews": View(right=SENIOR, data=one_asked, more=more_asked),
    "people:access-review": View(right=SENIOR, args=asked, other_team=asked_of_ben),
    "people:ask": View(
        right=SUPERVISE, args=unseen,
        other_team=lambda world: {"reference": "P999999"},
    ),
    "people:edit": View(right=SUPERVISE, args=ada, other_team=ben),
    "people:contact-add": View(right=SUPERVISE, args=ada, other_team=ben),
    "people:contact-end": View(right=SUPERVISE, args=contact, other_team=lambda w: contact(w, w.ben)),
    "people:risk-add": View(right=SUPERVISE, args=ada, other_team=ben),
    "people:risk-end": View(right=SUPERVISE, args=risk, other_team=lambda w: risk(w, w.ben)),
    "people:note-add": View(right=SEE, args=ada, other_team=ben),
    "people:note-correct": View(right=SEE, args=note, other_team=lambda w: note(w, w.ben)),
    "people:allocate": View(right=SENIOR, args=ada, other_team=ben),
    "people:restrict": View(right=SENIOR, args=ada, other_team=ben),
    "people:named": View(right=SENIOR, args=restricted, other_team=ben),
    "people:unrestrict": View(right=SENIOR, args=restricted, other_team=ben),
}  # fmt: skip
