"""The assessments of the demo's town: most signed, something for every visitor to do, all of it made up."""

from __future__ import annotations

import datetime as dt

import pytest

from milepost.service.accounts.roles import Role
from milepost.service.assessments import read
from milepost.service.assessments.models import Assessment, RecordedFact, TierRecord
from milepost.service.assessments.work_out import as_json, work_out
from milepost.service.demo.assessments_of_town import assess_town
from milepost.service.demo.population import Staff
from milepost.service.kit.local_days import today
from milepost.service.people.models import Characteristics, Person
from tests.service.world import World, make_person

pytestmark = pytest.mark.django_db


def test_most_are_signed_and_something_waits_for_each_visitor(world: World):
    people = {
        f"D{n:05d}": make_person(
            f"D{n:05d}", f"Made Up {n}", world.north, practitioner=world.nora,
            date_of_birth=dt.date(1970 + n % 30, 1 + n % 12, 1),
        )
        for n in range(40)
    }  # fmt: skip
    senior = world.users[Role.SENIOR_PRACTITIONER]
    assess_town(people, Staff(teams=[world.north], seniors=[senior]), seed=1)
    signed = list(Assessment.objects.filter(state__in=["signed", "countersigned"]).select_related("person"))
    assert 25 <= len(signed) <= 40
    assert {record.person_id for record in TierRecord.objects.all()} == {a.person_id for a in signed}
    for assessment in signed[:3]:
        worked = work_out(assessment)
        assert assessment.tier_result["tier"] == worked.tier.tier, "worked out, not made up"
        assert assessment.scores.get(instrument="arp").result == as_json(worked.results["arp"])
    tiers = {record.tier for record in TierRecord.objects.all()}
    assert len(tiers) >= 3, tiers
    assert [waiting.override is not None for waiting in read.awaiting_countersign(senior)] == [True]
    assert len(read.open_contests(senior)) == 1
    drafts = Assessment.objects.filter(state="draft")
    assert drafts.exists()
    assert all(not a.confirmed for draft in drafts for a in draft.answers.all())
    assert set(RecordedFact.objects.values_list("person", flat=True)) == {p.pk for p in people.values()}
    assert Characteristics.objects.filter(source__startswith="Synthetic").count() == 40
    assert read.due(senior, today() + dt.timedelta(days=130)), "some are due within months"
    assert Person.objects.filter(pk__in=[a.person_id for a in signed], synthetic=True).count() == len(signed)


def test_a_child_has_a_childs_record(world: World):
    people = {
        f"D{n:05d}": make_person(
            f"D{n:05d}", f"Made Up {n}", world.north, date_of_birth=dt.date(today().year - 12 - n % 8, 1, 1)
        )
        for n in range(40)
    }  # fmt: skip
    assess_town(people, Staff(teams=[world.north], seniors=[world.users[Role.SENIOR_PRACTITIONER]]), seed=1)
    for person in people.values():
        facts = dict(RecordedFact.objects.filter(person=person).values_list("question", "value"))
        age = dt.date.fromisoformat(facts["conviction_date"]).year - person.date_of_birth.year
        assert facts["age_at_first_sanction"] <= age
        assert facts["sanctions"] <= 1 + 2 * max(age - 11, 0)
