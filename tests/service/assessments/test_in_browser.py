"""An assessment in a real browser, from start to print: judged, scored, signed, overridden, agreed, contested.

Needs Chromium (``chromium`` on the path, or ``MILEPOST_CHROMIUM``); skipped aloud without it. With no script: whatever
works so works with scripts too, and the pages of the walk are opened with both. With ``MILEPOST_SCREENS`` set to a
folder, pictures and the prints are put there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from milepost.service.accounts.models import User
from milepost.service.assessments.models import Answer, Assessment, Contest, Override
from milepost.service.assessments.vocabulary import questions, relevant_questions, sections
from milepost.service.audit.models import Entry
from tests.service.assessments import made
from tests.service.maps.conftest import CHROMIUM, FLAGS
from tests.service.web.accessible import barriers
from tests.service.web.clicks import Clicks
from tests.service.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("MILEPOST_SCREENS")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install it, or set MILEPOST_CHROMIUM")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The driver runs a loop in this thread; Django would refuse its own database there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def as_user(browser: Browser, live_server):
    """A function: a page in which somebody is signed in."""
    contexts = []

    def open_for(user: User, script: bool = False) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(base_url=live_server.url, java_script_enabled=script, locale="en-GB")
        context.add_cookies(
            [{"name": n, "value": m.value, "url": live_server.url} for n, m in client.cookies.items()]
        )
        contexts.append(context)
        return context.new_page()

    yield open_for
    for context in contexts:
        context.close()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(PICTURES) / f"assess-{name}.png", full_page=True)


def test_from_start_to_print(world: World, as_user):
    made.know_sex(world.ada)
    made.facts(world.ada)
    nora, senior = as_user(world.nora), as_user(made.senior(world))
    nora.goto("/person/P000001/")
    nora.get_by_role("link", name="Assessments of this person").click()
    nora.get_by_role("button", name="Start an assessment").or_(
        nora.get_by_role("link", name="Start an assessment")
    ).click()
    nora.get_by_role("button", name="Start").click()
    picture(nora, "task-list")

    nora.get_by_role("link", name="Offending record").click()
    nora.get_by_label("I have checked this: it is right").first.check()
    nora.get_by_role("group", name="Where is the person?").get_by_label("In the community").check()
    nora.get_by_label("Court or prosecution papers").check()
    picture(nora, "section")
    nora.get_by_role("button", name="Save", exact=True).click()
    assert "2 answers saved." in nora.locator("main").inner_text()
    draft = Assessment.objects.get(person=world.ada)
    made.fill(draft, world.nora)
    nora.goto(f"/assessments/a/{draft.pk}/scores")
    assert "Record your own judgement" in nora.locator("main").inner_text()
    nora.get_by_role("button", name="Record my judgement").or_(
        nora.get_by_role("link", name="Record my judgement")
    ).click()
    for group in ("children", "the public", "a known adult", "staff"):
        nora.get_by_role("group", name=f"Risk of serious harm to: {group}").get_by_label(
            "Low", exact=True
        ).check()
    nora.get_by_label("Not in custody").check()
    nora.get_by_label("What could happen?").fill("A fight")
    nora.get_by_label("When is the risk greatest?").fill("After drinking")
    nora.get_by_label("Why do you judge it so?").fill("Two fights in two years")
    picture(nora, "judgement")
    nora.get_by_role("button", name="Record my judgement").click()
    assert nora.locator("h1").inner_text() == "Scores and tier, then sign"
    for details in nora.locator("details summary").all():
        details.click()
    picture(nora, "scores-open")
    nora.get_by_label("I have read the answers").check()
    nora.get_by_role("button", name="Sign", exact=True).click()
    assert "Signed. It is in force." in nora.locator("main").inner_text()

    nora.get_by_role("link", name="Override a score or the tier").click()
    nora.get_by_label("The tier, now E").check()
    nora.get_by_label("To what?").select_option("G")
    nora.get_by_label("A lasting change for the better").check()
    nora.get_by_label("What do you know that the score does not?").fill("Two years in the same work")
    nora.get_by_role("button", name="Override").click()
    assert "It waits for a second person." in nora.locator("main").inner_text()

    senior.goto("/assessments/")
    picture(senior, "list")
    senior.get_by_role("link", name="Override in version 1").click()
    senior.get_by_label("Yes", exact=True).check()
    senior.get_by_role("button", name="Confirm").click()
    assert Override.objects.get().state == "stands"

    nora.reload()
    nora.get_by_role("link", name="They say that something is wrong").click()
    nora.get_by_label("The person").check()
    nora.get_by_label("What do they say is wrong?").fill("I was never convicted of that")
    nora.get_by_role("button", name="Write it down").click()
    contest = Contest.objects.get()
    senior.goto(f"/assessments/contests/{contest.pk}/")
    senior.get_by_label("Stays as it is").check()
    senior.get_by_label("Your answer, for the person to read").fill(
        "We looked at the court's list. It names you."
    )
    picture(senior, "contest")
    senior.get_by_role("button", name="Keep this answer").click()
    contest.refresh_from_db()
    assert contest.state == "upheld"

    for name, text in (("print", "Overridden"), ("for-person", "Your assessment")):
        nora.goto(f"/assessments/a/{draft.pk}/{name}")
        assert text in nora.locator("main").inner_text()
        pages = sheets(nora, name)
        assert pages <= (1 if name == "print" else 2), f"{name}: {pages} sheets of A4"
    assert Entry.objects.filter(what__in=["assessment.print", "assessment.print_person"]).count() == 2


def test_an_assessment_with_nothing_new_takes_at_most_twenty_five_clicks(world: World, as_user):
    """Every section has answers of last time, some of which were not known. Counted from the person's page."""
    signed = made.signed(world, drug_use="unknown")
    had = set(signed.answers.values_list("question", flat=True))
    room = relevant_questions({a.question: a.value for a in signed.answers.all()})
    more = [q for q in questions().values() if q.key in room - had and q.kind in ("yes_no", "choice")]
    Answer.objects.bulk_create(
        Answer(
            assessment=signed, question=q.key, value=q.options[0].key, as_of=signed.assessed_on, by=world.nora
        )
        for q in more
    )
    nora = as_user(world.nora)
    nora.goto("/person/P000001/")
    clicks = Clicks(nora)
    clicks.link("Assessments of this person")
    clicks.link("Start an assessment")
    clicks.button("Start")
    clicks.link("Offending record")
    for n, part in enumerate(sections(), 1):
        assert nora.locator("h1").inner_text() == part.title, "it goes on by itself"
        if n == 1:
            looked = as_user(world.nora, script=True)  # axe is a script
            looked.goto(nora.url)
            assert barriers(looked) == []
            picture(nora, "confirm-section")
        clicks.on(nora.get_by_role("button", name="and go on").first)
    assert nora.locator("h1").inner_text() == "Your professional judgement"
    for group in ("children", "the public", "a known adult", "staff"):
        levels = nora.get_by_role("group", name=f"Risk of serious harm to: {group}")
        clicks.on(levels.get_by_label("Low", exact=True))
    clicks.on(nora.get_by_label("Not in custody"))
    clicks.type("What could happen?", "A fight")
    clicks.type("When is the risk greatest?", "After drinking")
    clicks.type("Why do you judge it so?", "Two fights in two years")
    clicks.button("Record my judgement")
    assert nora.locator("h1").inner_text() == "Scores and tier, then sign"
    clicks.on(nora.get_by_label("I have read the answers"))
    clicks.button("Sign")
    assert "Signed. It is in force." in nora.locator("main").inner_text()
    assert len(clicks) <= 25, str(clicks)
    review = Assessment.objects.get(person=world.ada, number=2)
    assert review.state == "signed"
    assert not review.answers.exclude(by=world.nora, confirmed=True).exists()
    print(f"{len(clicks)} clicks:\n{clicks}")  # noqa: T201 - the figure that the test is about


def sheets(page: Page, name: str) -> int:
    """How many sheets of A4 a page is when it is printed."""
    page.emulate_media(media="print")
    picture(page, name)
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    if PICTURES:
        (Path(PICTURES) / f"assess-{name}.pdf").write_bytes(pdf)
    page.emulate_media(media="screen")
    found = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    assert found, "the pages of the PDF were not found"
    return found
