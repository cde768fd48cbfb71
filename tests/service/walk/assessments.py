from __future__ import annotations

import datetime as dt

from milepost.service.accounts.roles import Role
from milepost.service.assessments.models import Answer, Assessment, Contest, Override, RecordedFact
from milepost.service.people.models import Person
from tests.service.assessments import made
from tests.service.walk.cases import View
from tests.service.world import World, make_person

PRACTITIONERS = [Role.PRACTITIONER, Role.SENIOR_PRACTITIONER]
SENIORS = [Role.SENIOR_PRACTITIONER]


def ada(world: World) -> dict:
    made.facts(world.ada)
    made.know_sex(world.ada)
    return {"reference": world.ada.reference}


def ben(world: World) -> dict:
    return {"reference": world.ben.reference}


def bare(person: Person, state: str = "draft") -> Assessment:
    """One without any answer, by nobody."""
    return Assessment.objects.get_or_create(
        person=person, number=1, defaults={"state": state, "assessed_on": dt.date(2026, 3, 2)}
    )[0]


def of(make, **more):
    """URL arguments of what ``make`` makes for the world."""
    return lambda world: {"pk": make(world).pk, **more}


def bens(state: str = "draft", **more):
    return lambda world: {"pk": bare(world.ben, state).pk, **more}


def bens_override(world: World) -> Override:
    return Override.objects.get_or_create(
        person=world.ben, assessment=bare(world.ben, "signed"), target="tier", from_value="A", to_value="B",
        direction="down", reason_code="record_wrong", by=world.sam,
    )[0]  # fmt: skip


def bens_contest(world: World) -> Contest:
    day = dt.date(2026, 3, 2)
    return Contest.objects.get_or_create(
        person=world.ben, assessment=bare(world.ben, "signed"), raised_by="person", raised_on=day, due=day,
        by=world.sam,
    )[0]  # fmt: skip


def one_contest(world: World) -> dict:
    signed = Assessment.objects.create(
        person=world.ada, number=50, state="signed", assessed_on=dt.date(2025, 1, 1), signed_by=world.nora
    )
    Contest.objects.create(person=world.ada, assessment=signed, raised_by="person", raised_on=signed.assessed_on,
                           due=signed.assessed_on, by=world.sam)  # fmt: skip
    return {}


def second_version(world: World) -> Assessment:
    made.in_force(world)
    return made.signed(world, sanctions=13)


def more(world: World) -> None:
    """More of everything, of Ada and of others."""
    for i in range(6):
        person = make_person(f"P8{i:05d}", f"More {i}", world.north, practitioner=world.nora)
        signed = Assessment.objects.create(
            person=person, number=1, state="signed", assessed_on=dt.date(2025, 1, 1), next_due=dt.date(2025, 6, 1),
            signed_by=world.nora,
        )  # fmt: skip
        Assessment.objects.create(person=person, number=2, state="awaiting", assessed_on=dt.date(2026, 1, 1),
                                  signed_by=world.nora, signed_utc=world.nora.date_joined
                                  if hasattr(world.nora, "date_joined") else signed.made_utc)  # fmt: skip
        Contest.objects.create(person=person, assessment=signed, raised_by="person", raised_on=signed.assessed_on,
                               due=signed.assessed_on, by=world.sam)  # fmt: skip
        Override.objects.create(person=person, assessment=signed, target="tier", from_value="A", to_value="B",
                                direction="down", reason_code="record_wrong", by=world.sam)  # fmt: skip
        RecordedFact.objects.create(person=world.ada, question="sanctions", value=i, source="x",
                                    as_of=dt.date(2025, 1, 1 + i))  # fmt: skip
        Assessment.objects.create(
            person=world.ada, number=100 + i, state="superseded", assessed_on=dt.date(2024, 1, 1)
        )
    for assessment in Assessment.objects.filter(person=world.ada, number__lt=100):
        have = set(assessment.answers.values_list("question", flat=True))
        for question in ("escalation", "offence_patterns", "bank_account"):
            if question not in have and assessment.state != "draft":
                Answer.objects.create(assessment=assessment, question=question, value="no", as_of=assessment.assessed_on,
                                      by=world.sam)  # fmt: skip


def page(make, right=PRACTITIONERS, state: str = "draft", **args):
    """A page of one version, that grows with more data."""
    return View(right=right, args=of(make, **args), other_team=bens(state, **args), more=more)


def post(make, right=PRACTITIONERS, state: str = "draft"):
    return View(right=right, args=of(make), other_team=bens(state), method="post", status=302)


VIEWS = {
    "assessments:list": View(right=PRACTITIONERS, more=more),
    "assessments:contests": View(right=PRACTITIONERS, args=one_contest, more=more),
    "assessments:of-person": View(right=PRACTITIONERS, args=ada, other_team=ben, more=more),
    "assessments:start": View(right=PRACTITIONERS, args=ada, other_team=ben, more=more),
    "assessments:sex": View(right=PRACTITIONERS, args=ada, other_team=ben),
    "assessments:task-list": page(made.draft),
    "assessments:section": page(made.draft, key="record"),
    "assessments:section-confirm": View(
        right=PRACTITIONERS,
        args=of(made.draft, key="record"),
        other_team=bens("draft", key="record"),
        method="post",
        data=lambda world: {"revision": made.draft(world).revision},
        status=302,
    ),
    "assessments:judgement": page(made.draft),
    "assessments:scores": page(made.judged),
    "assessments:discard": page(made.draft),
    "assessments:take-back": post(made.awaiting, state="awaiting"),
    "assessments:version": page(made.in_force, state="signed"),
    "assessments:compare": page(second_version, state="signed"),
    "assessments:event": page(made.in_force, state="signed"),
    "assessments:print": page(made.in_force, state="signed"),
    "assessments:for-person": page(made.in_force, state="signed"),
    "assessments:given": post(made.in_force, state="signed"),
    "assessments:override": page(made.in_force, state="signed"),
    "assessments:contest-raise": page(made.in_force, state="signed"),
    "assessments:override-second": View(
        right=SENIORS, args=of(made.override), other_team=of(bens_override), more=more
    ),
    "assessments:override-withdraw": View(
        right=PRACTITIONERS, args=of(made.override), other_team=of(bens_override), more=more
    ),
    "assessments:contest": View(
        right=PRACTITIONERS, args=of(made.contest), other_team=of(bens_contest), more=more
    ),
    "assessments:contest-look": View(
        right=PRACTITIONERS, args=of(made.contest), other_team=of(bens_contest), method="post", status=302
    ),
    "assessments:contest-correct": View(
        right=PRACTITIONERS, args=of(made.contest), other_team=of(bens_contest), method="post", status=302
    ),
}
