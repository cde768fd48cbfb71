"""Assessments for the tests, made through the actions as anyone would."""

from __future__ import annotations

import datetime as dt

from milepost.risk import needs
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.assessments.actions import contests, deciding, drafts, overrides
from milepost.service.assessments.models import Answer, Assessment, Contest, Override, RecordedFact
from milepost.service.assessments.vocabulary import is_used, questions, relevant_questions
from milepost.service.kit.local_days import today
from milepost.service.people.models import Characteristics, Person
from tests.service.world import World

ANSWERS = {
    "setting": "community", "offence_code": "00801", "conviction_date": "2025-02-10", "community_date": "2025-02-20",
    "sanctions": 12, "violent_sanctions": 3, "age_at_first_sanction": 16, "past_convictions": ["none"],
    "ever_sexual_offence": "no", "offence_elements": ["violence"], "domestic_abuse": "no",
    "current_accommodation": "settled", "living_with": ["alone"], "accommodation_suitable": "with_concerns",
    "employment_status": "looking", "drug_use": "yes", "drugs_now": ["cannabis"], "drug_motivation": "some",
    "alcohol_use": "now", "alcohol_frequency": "weekly", "alcohol_units": "5_to_6", "alcohol_excess": "some",
    "important_people": ["family"], "partner_relationship": "some_concerns", "offending_activities": "sometimes",
    "temper": "sometimes", "impulse": "yes", "criminal_attitudes": "sometimes",
    "thinking_strengths": "yes", "thinking_strengths_details": "Goes to the gym with his brother",
    "mappa_eligible": "no", "lifer": "no", "domestic_abuse_registered": "no", "stalking_registered": "no",
    "child_protection_registered": "no",
}  # fmt: skip
LOW = dict.fromkeys(("children", "public", "known_adult", "staff"), "low") | {"prisoners": "not_applicable"}
WORDS = {
    "who": "",
    "nature": "A fight",
    "imminence": "After drinking",
    "reasoning": "Two fights in two years",
}


def senior(world: World) -> User:
    return world.users[Role.SENIOR_PRACTITIONER]


def know_sex(person: Person) -> None:
    Characteristics.objects.get_or_create(person=person, defaults={"sex": "male", "source": "Court"})
    person.refresh_from_db()


def facts(person: Person) -> None:
    """Two facts of a record, to be confirmed."""
    for question, value in (("sanctions", 12), ("offence_code", "00801")):
        RecordedFact.objects.get_or_create(
            person=person, question=question,
            defaults={"value": value, "source": "Police National Computer", "as_of": dt.date(2025, 3, 1)},
        )  # fmt: skip


def draft(world: World, person: Person | None = None, by: User | None = None) -> Assessment:
    """Ada's open version, begun by Nora."""
    person = person or world.ada
    know_sex(person)
    found = Assessment.objects.filter(person=person, state__in=["draft", "judged", "awaiting"]).first()
    return found or drafts.start(by=by or world.nora, person=person, assessed_on=today())


def fill(assessment: Assessment, by: User, **more: object) -> Assessment:
    """Answers everything that a score or the tier needs: from ANSWERS, else that it is not known.

    Written at once, for speed; ``test_actions`` answers through the action.
    """
    answers = ANSWERS | more
    room = relevant_questions(answers)
    kept = {a.question: a for a in assessment.answers.all()}
    Answer.objects.filter(assessment=assessment, question__in=answers.keys() | kept.keys()).delete()
    Answer.objects.bulk_create(
        Answer(
            assessment=assessment, question=key, value=None if unknown else answers[key], unknown=unknown,
            source="person", as_of=today(), by=by,
        )
        for key, question in questions().items()
        if key in room and (key in answers or is_used(question))
        for unknown in [answers.get(key, needs.UNKNOWN) == needs.UNKNOWN]
    )  # fmt: skip
    return assessment


def judged(
    world: World, person: Person | None = None, levels: dict | None = None, **answers: object
) -> Assessment:
    made = draft(world, person)
    if made.state == "draft":
        fill(made, world.nora, **answers)
        deciding.judge(
            by=world.nora, assessment=made, revision=made.revision, **(LOW | (levels or {})), **WORDS
        )
        made.refresh_from_db()
    return made


def signed(
    world: World, person: Person | None = None, levels: dict | None = None, **answers: object
) -> Assessment:
    """In force, or waiting for a second person if ``levels`` ask for one."""
    made = judged(world, person, levels, **answers)
    if made.state == "judged":
        deciding.sign(by=world.nora, assessment=made, revision=made.revision)
        made.refresh_from_db()
    return made


def awaiting(world: World) -> Assessment:
    return signed(world, levels={"public": "high"})


def in_force(world: World, person: Person | None = None) -> Assessment:
    found = Assessment.objects.filter(
        person=person or world.ada, state__in=["signed", "countersigned"]
    ).first()
    return found or signed(world, person)


def override(world: World) -> Override:
    """Ada's tier, set lower by Nora: waits for a second person."""
    assessment = in_force(world)
    found = Override.objects.filter(assessment=assessment).first()
    return found or overrides.override(
        by=world.nora, assessment=assessment, target="tier", to_value="G", reason_code="protective_change",
        explanation="Two years in the same work, and no drink since spring",
    )  # fmt: skip


def contest(world: World, person: Person | None = None) -> Contest:
    assessment = in_force(world, person)
    found = Contest.objects.filter(assessment=assessment).first()
    return found or contests.raise_contest(
        by=world.nora, assessment=assessment, raised_by="person", disputed="I was never convicted of that",
        raised_on=today(),
    )  # fmt: skip
