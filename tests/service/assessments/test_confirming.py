"""A section confirmed at once: what was shown and nothing else, in somebody's name, and what it leads to."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from milepost.service.assessments.actions import drafts
from milepost.service.assessments.models import Answer, Assessment, RecordedFact
from milepost.service.assessments.progress import progress_of
from milepost.service.audit.models import Entry
from milepost.service.kit.local_days import today
from milepost.service.kit.refusals import Refused
from tests.service.assessments import made
from tests.service.world import World

pytestmark = pytest.mark.django_db
BEFORE = dt.date(2026, 3, 1)


@pytest.fixture
def review(world: World) -> Assessment:
    """Of Ada, whose version before is of the first of March; something was not known then."""
    signed = made.signed(world, violent_sanctions="unknown")
    Assessment.objects.filter(pk=signed.pk).update(assessed_on=BEFORE)
    Answer.objects.filter(assessment=signed).update(as_of=BEFORE)
    return drafts.start(by=made.senior(world), person=world.ada, assessed_on=today())


@pytest.fixture
def nora(world: World, signed_in) -> Client:
    return signed_in(world.nora)


def at(review: Assessment, name: str = "section", key: str = "record") -> str:
    return reverse(f"assessments:{name}", kwargs={"pk": review.pk, "key": key})


def confirm(client: Client, review: Assessment, key: str = "record", **more):
    return client.post(at(review, "section-confirm", key), {"revision": review.revision, **more}, follow=True)


def test_one_click_confirms_what_stands_in_the_name_of_who_did_it(world: World, review, nora: Client):
    page = nora.get(at(review)).text
    assert "Nothing has changed in this section since 1 March 2026" in page
    assert "The assessment before, version 1, 1 Mar 2026" in page
    here = set(review.answers.values_list("question", flat=True)) & {
        q.key for q in progress_of(review).sections[0].section.questions
    }
    after = confirm(nora, review)
    assert "answers confirmed" in after.text
    kept = {a.question: a for a in review.answers.all()}
    assert {key for key, a in kept.items() if a.confirmed} == here
    assert all(kept[key].by == world.nora and kept[key].source == "previous" for key in here)
    assert {kept[key].as_of for key in here} == {BEFORE}, "it was so then, and is confirmed now"
    assert kept["sanctions"].value == 12
    entry = Entry.objects.get(what="assessment.section_confirmed")
    assert (entry.subject, entry.actor, entry.details["section"]) == (
        "P000001", world.nora.audit_name, "record",
    )  # fmt: skip
    assert set(entry.details["questions"]) == here
    review.refresh_from_db()
    assert world.nora.pk in review.hands, "so she may not countersign it"


def test_it_goes_on_to_the_next_section_with_something_to_do(review, nora: Client):
    assert confirm(nora, review).redirect_chain[-1][0] == at(review, key="offence")
    for part in progress_of(review).sections:
        review.refresh_from_db()
        last = confirm(nora, review, part.section.key)
    assert last.redirect_chain[-1][0] == reverse("assessments:judgement", kwargs={"pk": review.pk})
    assert progress_of(review).unconfirmed == 0


def test_what_was_not_known_is_asked_again_and_stands_apart(review, nora: Client):
    page = nora.get(at(review)).text
    assert "It was not known. Do you know it now?" in page
    assert "What was not known is not known still." in page
    assert "not known" not in nora.get(at(review, key="accommodation")).text.split("<details")[0].lower()


def test_what_a_record_says_otherwise_is_shown_beside_what_was_said_before(world: World, nora: Client):
    made.in_force(world)
    RecordedFact.objects.create(
        person=world.ada, question="sanctions", value=14.0, source="PNC", as_of=today()
    )
    review = made.draft(world)
    page = nora.get(at(review)).text.split("<details")[0]
    new = page.split("otherwise than the assessment before</caption>")[1].split("</table>")[0]
    assert ">14<" in new, "a whole number is shown as one"
    assert ">12<" in new
    assert "PNC" in new
    assert "Nothing has changed in this section" not in page
    assert "You have read what is new" in page


def test_what_changed_meanwhile_is_not_confirmed_unseen(world: World, review):
    seen = review.revision
    drafts.answer(
        by=world.nora, assessment=review, revision=seen, section_key="record",
        given={"sanctions": drafts.Given(13)}, source="court", as_of=today(),
    )  # fmt: skip
    with pytest.raises(Refused, match="since you opened it"):
        drafts.confirm(by=world.nora, assessment=review, revision=seen, section_key="record")
    assert review.answers.filter(confirmed=True).count() == 1


def test_a_signed_version_and_other_teams_are_refused(world: World, signed_in, review, nora: Client):
    assert signed_in(world.sam).post(at(review, "section-confirm"), {"revision": 0}).status_code == 404
    assert nora.post(at(review, "section-confirm", "moon"), {"revision": 0}).status_code == 404
    assert "since you opened it" in nora.post(
        at(review, "section-confirm"), {"revision": "x"}, follow=True
    ).text, "no number of a revision, nothing confirmed"  # fmt: skip
    with pytest.raises(Refused, match="signed or closed"):
        drafts.confirm(
            by=world.nora, assessment=review.supersedes, revision=review.supersedes.revision,
            section_key="record",
        )  # fmt: skip
    assert not review.answers.filter(confirmed=True).exists()


def test_save_and_go_on_leads_to_the_next_section_and_save_to_the_list(review, nora: Client):
    def save(**more):
        review.refresh_from_db()
        day = {f"as_of-{part}": getattr(today(), part) for part in ("day", "month", "year")}
        return nora.post(
            at(review), {"revision": review.revision, "source": "court", "q_sanctions": 12, **day, **more}
        )

    assert save(q_sanctions_confirm="on", go_on="yes").url == at(review, key="offence")
    assert save(q_violent_sanctions=2).url == reverse("assessments:task-list", kwargs={"pk": review.pk})
