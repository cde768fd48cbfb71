"""The pages: scores hidden until somebody has judged, bad input kept and told, other teams, stored markup, printing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.assessments.actions import overrides
from milepost.service.assessments.models import Answer, Assessment
from milepost.service.audit.models import Entry
from milepost.service.kit.local_days import today
from milepost.service.people.models import Characteristics
from tests.service.assessments import made
from tests.service.world import World

pytestmark = pytest.mark.django_db
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def at(name: str, thing, **more) -> str:
    return reverse(f"assessments:{name}", kwargs={"pk": thing.pk, **more})


@pytest.fixture
def nora(world: World, signed_in) -> Client:
    return signed_in(world.nora)


@pytest.fixture
def senior(world: World, signed_in) -> Client:
    return signed_in(made.senior(world))


def day(name: str) -> dict:
    now = today()
    return {f"{name}-day": now.day, f"{name}-month": now.month, f"{name}-year": now.year}


def sections_data(assessment: Assessment, **more) -> dict:
    return {"revision": assessment.revision, "source": "court", **day("as_of"), **more}


def test_no_score_is_shown_before_somebody_has_judged(world: World, nora: Client):
    draft = made.fill(made.draft(world), world.nora)
    refused = nora.get(at("scores", draft)).content.decode()
    assert "Record your own judgement" in refused
    assert "32." not in refused
    assert "Tier E" not in refused
    for name in ("version", "print", "for-person"):
        answer = nora.get(at(name, draft), follow=True)
        assert "Of 100 people" not in answer.content.decode()
    nora.post(at("judgement", draft), {"revision": draft.revision, **made.LOW, **made.WORDS})
    shown = nora.get(at("scores", draft)).content.decode()
    assert "Of 100 people" in shown
    assert "Tier E" in shown
    assert Entry.objects.filter(what="assessment.scores_refused").count() == 1


def test_an_officer_confirms_answers_and_says_where_new_ones_come_from(world: World, nora: Client):
    made.facts(world.ada)
    draft = made.draft(world)
    page = nora.get(at("section", draft, key="record")).content.decode()
    assert "Police National Computer, 1 Mar 2025" in page
    there = at("section", draft, key="record")
    nora.post(
        there,
        sections_data(draft, q_sanctions=12, q_offence_code="00801", q_sanctions_confirm="on", source=""),
    )
    answers = {a.question: a for a in draft.answers.all()}
    assert (answers["sanctions"].confirmed, answers["offence_code"].confirmed) == (True, False)
    draft.refresh_from_db()
    without = nora.post(there, sections_data(draft, q_violent_sanctions=2, source=""))
    assert "Say where your new answers come from" in without.content.decode()
    nora.post(there, sections_data(draft, q_violent_sanctions_unknown="on", q_setting="custody"))
    answers = {a.question: a for a in draft.answers.all()}
    assert (answers["violent_sanctions"].unknown, answers["violent_sanctions"].value) == (True, None)
    assert (answers["setting"].value, answers["setting"].source) == ("custody", "court")
    assert "conviction_date" not in answers, "left empty: not asked yet"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"q_sanctions": "lots"}, "enter a whole number from 1 to 999"),
        ({"q_sanctions": "-1"}, "enter a whole number from 1 to 999"),
        ({"q_offence_code": "12AB"}, "Five digits"),
        ({"q_setting": "moon"}, "choose from the list"),
        ({"q_sanctions": "3", "q_sanctions_unknown": "on"}, "not both"),
        ({"q_past_convictions": ["none", "arson"]}, "cannot be chosen together"),
        ({"q_past_convictions": ["unknown", "arson"]}, "not both"),
        (
            {"q_conviction_date-day": "31", "q_conviction_date-month": "2", "q_conviction_date-year": "2025"},
            "real date",
        ),
        ({"revision": "99"}, "since you opened it"),
    ],
)
def test_what_cannot_be_an_answer_is_told_and_what_was_typed_stays(wrong, told, world: World, nora: Client):
    draft = made.draft(world)
    answer = nora.post(
        at("section", draft, key="record"), sections_data(draft, q_violent_sanctions="7") | wrong
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert told in page
    assert "There is a problem" in page
    assert 'value="7"' in page
    assert draft.answers.count() == 0


def test_a_judgement_without_reasons_is_not_taken(world: World, nora: Client):
    draft = made.draft(world)
    page = nora.post(at("judgement", draft), {"revision": 0, "children": "low"}).content.decode()
    assert "Select risk of serious harm to: the public" in page
    assert "why do you judge it so?" in page.lower()
    assert draft.judgements.count() == 0


def test_other_teams_and_other_roles_find_nothing(world: World, signed_in, nora: Client):
    signed = made.in_force(world)
    contest, override = made.contest(world), made.override(world)
    things = [("version", signed), ("print", signed), ("for-person", signed), ("override", signed),
              ("contest", contest), ("override-withdraw", override)]  # fmt: skip
    sam = signed_in(world.sam)
    for name, thing in things:
        assert sam.get(at(name, thing)).status_code == 404, name
        assert sam.post(at(name, thing), {}).status_code in (404, 405), name
    assert nora.get(at("override-second", override)).status_code == 403
    officer = signed_in(world.users[Role.MONITORING_OFFICER])
    overview = officer.get(reverse("person_page:overview", args=["P000001"])).content.decode()
    assert "Tier" not in overview
    assert "Tier E" in nora.get(reverse("person_page:overview", args=["P000001"])).content.decode()


def test_a_form_without_its_token_changes_nothing(world: World):
    draft = made.judged(world)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.nora)
    for name, data in (("scores", {"revision": draft.revision, "read": "on"}), ("discard", {})):
        assert client.post(at(name, draft), data).status_code == 403
    draft.refresh_from_db()
    assert draft.state == "judged"


def test_markup_that_somebody_typed_is_shown_as_text(world: World, nora: Client, senior: Client):
    signed = made.signed(world, thinking_strengths_details=SCRIPT, offence_patterns=SCRIPT)
    signed.judgements.update(reasoning=SCRIPT, nature=SCRIPT)
    Answer.objects.filter(assessment=signed).update(note=SCRIPT, source_name=SCRIPT)
    made.override(world)
    signed.overrides.update(explanation=SCRIPT, second_note=SCRIPT)
    contest = made.contest(world)
    type(contest).objects.update(disputed=SCRIPT, evidence=SCRIPT)
    pages = [nora.get(at(name, signed)) for name in ("version", "print", "for-person")]
    pages += [nora.get(at("contest", contest)), senior.get(at("override-second", signed.overrides.get()))]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;" in text


def test_signing_in_the_page_and_countersigning(world: World, nora: Client, senior: Client):
    judged = made.judged(world, levels={"staff": "high"})
    page = nora.get(at("scores", judged)).content.decode()
    assert "the risk of serious harm is judged high" in page
    assert "Tick the box" in nora.post(at("scores", judged), {"revision": judged.revision}).content.decode()
    nora.post(at("scores", judged), {"revision": judged.revision, "read": "on"})
    judged.refresh_from_db()
    assert judged.state == "awaiting"
    refused = nora.post(at("version", judged), {"agree": "yes"}).content.decode()
    assert "There is a problem" in refused
    assert "Say what has to change" in senior.post(at("version", judged), {"agree": "no"}).content.decode()
    senior.post(at("version", judged), {"agree": "yes", "note": "Agreed"})
    judged.refresh_from_db()
    assert (judged.state, judged.countersigned_by) == ("countersigned", made.senior(world))


def test_what_is_worked_out_and_what_people_set_stand_side_by_side(world: World, nora: Client):
    signed = made.in_force(world)
    overrides.override(
        by=world.nora, assessment=signed, target="tier", to_value="B", reason_code="new_information",
        explanation="Police told us of threats last week",
    )  # fmt: skip
    page = nora.get(at("version", signed)).content.decode()
    assert "E → B" in page
    assert "Police told us" in page
    assert "The tier, as worked out" in page
    plain = nora.get(at("for-person", signed)).content.decode()
    assert "A person changed your tier to: B" in plain
    assert "We will answer within 21 days" in plain


def test_what_changed_between_versions_is_told(world: World, nora: Client):
    made.in_force(world)
    second = made.signed(world, sanctions=25, levels={"public": "medium"})
    page = nora.get(at("compare", second)).content.decode()
    for words in ("Number of sanctions", ">12<", ">25<", ">Low<", ">Medium<", "All Reoffending Predictor"):
        assert words in page
    assert nora.get(at("compare", second.supersedes)).status_code == 404, "the first has none before it"


def test_reading_printing_and_giving_are_each_in_the_log(world: World, nora: Client):
    signed = made.in_force(world)
    for name in ("version", "print", "for-person"):
        nora.get(at(name, signed))
    nora.post(at("given", signed))
    found = Entry.objects.filter(subject="P000001", what__in=[
        "assessment.version", "assessment.print", "assessment.print_person", "assessment.given"
    ]).values_list("what", "operation", "recipient")  # fmt: skip
    assert list(found) == [
        ("assessment.version", "consultation", ""), ("assessment.print", "consultation", ""),
        ("assessment.print_person", "consultation", ""), ("assessment.given", "disclosure", "the person"),
    ]  # fmt: skip


def test_without_sex_there_is_no_score_and_the_page_says_what_to_do(world: World, nora: Client):
    judged = made.judged(world)
    Characteristics.objects.all().delete()
    page = nora.get(at("scores", judged)).content.decode()
    assert "No score." in page
    assert "Record their sex" in nora.get(at("task-list", judged)).content.decode()
    nora.post(reverse("assessments:sex", args=["P000001"]), {"sex": "male", "source": "Court"})
    assert "Of 100 people" in nora.get(at("scores", judged)).content.decode()


def test_nothing_of_ethnicity_religion_disability_or_sexuality_is_on_any_page(world: World, nora: Client):
    signed = made.in_force(world)
    Characteristics.objects.filter(person=world.ada).update(
        ethnicity="black", religion="zoroastrian", disability=True, sexual_orientation="pansexual"
    )
    for path in (
        at("version", signed),
        at("for-person", signed),
        reverse("assessments:of-person", args=["P000001"]),
    ):
        page = nora.get(path).content.decode().lower()
        for word in ("zoroastrian", "pansexual", "ethnic"):
            assert word not in page
