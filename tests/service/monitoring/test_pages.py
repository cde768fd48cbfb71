"""The pages as an officer uses them, without a script: forms, redirects, what is refused and what comes back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.api.explained import explain
from milepost.service.audit.models import Entry
from milepost.service.monitoring import actions, policy_data, pulse
from milepost.service.monitoring.evidence import gather
from milepost.service.monitoring.models import Decision, Finding, IncidentEvent, IncidentState
from milepost.service.orders.models import Absence
from milepost.service.people.models import ContactDetail, StaffRisk
from milepost.service.signals.models import Fix
from milepost.service.signals.roll import open_lake, roll
from tests.service.monitoring.factory import (
    MONDAY,
    RULES,
    at,
    fixes,
    judge,
    late_incident,
    plain_incident,
    store,
    worked,
)
from tests.service.world import HOME, World

pytestmark = pytest.mark.django_db
MARKET = (1.71, 53.71)
SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def officer(world: World) -> User:
    return world.users[Role.MONITORING_OFFICER]


@pytest.fixture
def client(officer, signed_in) -> Client:
    return signed_in(officer)


def page(client: Client, name: str, pk: int | None = None, **query: str) -> str:
    answer = client.get(reverse(f"monitoring:{name}", args=[pk] if pk else None), query)
    assert answer.status_code == 200
    return answer.content.decode()


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="(\d+)"', html)
    assert found, f"no {name} in the form"
    return found[1]


def decision(
    html: str, kind: str = "excused", reason: str = "medical_emergency", **more: str
) -> dict[str, str]:
    """What a browser would post from the page as it was shown."""
    return {
        "d-revision": hidden(html, "d-revision"), "d-shown_us": hidden(html, "d-shown_us"), "d-kind": kind,
        f"d-reason_{kind}": reason, "d-explanation": "In hospital.", "d-evidence": "Letter", **more,
    }  # fmt: skip


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_what_is_due_first_comes_first_and_notes_of_its_state(client, world, officer):
    later = plain_incident(world.ada, 1)
    sooner = plain_incident(world.ada, 2, due_us=later.due_us - 1)
    worse = plain_incident(world.ada, 3, due_us=later.due_us, level="urgent", kind="zone_entry")
    plain_incident(world.ada, 4, due_us=None)
    plain_incident(world.ada, 5, state="decided")
    actions.claim(incident=later, by=officer)
    html = page(client, "board")
    ids = [int(n) for n in re.findall(r'data-incident="(\d+)"', html)]
    assert ids[:3] == [worse.pk, sooner.pk, later.pk], "what is urgent is above what ended and is not"
    assert len(ids) == 4, "no due time comes last; decided ones are elsewhere"
    for said in ("You have it", "Went into an exclusion zone", "heard 98%", "by positions", "no time set"):
        assert said in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"level": "urgent"}, [2]),
        ({"kind": "zone_entry"}, [2]),
        ({"whose": "mine"}, [1]),
        ({"whose": "unclaimed"}, [2, 3]),
        ({"text": "ADA v"}, [1, 2]),
        ({"text": "p000002"}, [3]),
        ({"text": "nobody"}, []),
        ({"text": "Ádà"}, [1, 2]),
        ({"text": "!"}, []),
        ({"team": "north"}, [1, 2]),
        ({"level": "nonsense", "kind": "'; DROP", "team": "x", "page": "99"}, [1, 2, 3]),
        ({"text": "a\x00da"}, [1, 2]),
        ({"show": "decided"}, [4]),
    ],
)
def test_filters(client, world, officer, query, expected):
    world.ben.monitored_until_utc = world.ada.monitored_until_utc
    world.ben.save()
    made = {
        1: plain_incident(world.ada, 1),
        2: plain_incident(world.ada, 2, level="urgent", kind="zone_entry"),
        3: plain_incident(world.ben, 3),
        4: plain_incident(world.ada, 4, state="decided", changed_us=clock.now_us()),
    }
    actions.claim(incident=made[1], by=officer)
    if query.get("team") == "north":
        query = {"team": str(world.north.pk)}
    html = page(client, "board", **query)
    shown = {int(n) for n in re.findall(r'data-incident="(\d+)"', html)}
    assert shown == {made[n].pk for n in expected}


def test_another_team_s_alert_is_on_nobody_else_s_board(world, signed_in):
    mine, theirs = plain_incident(world.ada), plain_incident(world.ben)
    html = page(signed_in(world.sam), "board")
    assert f'data-incident="{theirs.pk}"' in html
    assert f'data-incident="{mine.pk}"' not in html


def test_a_restricted_person_s_alert_is_seen_by_those_named_alone(world, signed_in, client):
    incident = plain_incident(world.cy)
    assert "Cy Ashe" not in page(client, "board")
    assert client.get(reverse("monitoring:incident", args=[incident.pk])).status_code == 404
    assert "Cy Ashe" in page(signed_in(world.nora), "board")


def test_many_alerts_come_in_pages(client, world):
    for n in range(60):
        plain_incident(world.ada, n)
    whole = page(client, "board")
    assert whole.count("data-incident=") == policy_data.board_numbers().sections.over
    assert "Show all 60" in text_of(whole)
    first = page(client, "board", section="over")
    assert first.count("data-incident=") == 50
    assert "Showing 1 to 50 of 60" in text_of(first)
    assert page(client, "board", section="over", page="2").count("data-incident=") == 10


def test_what_to_look_at_again_comes_in_pages_and_none_of_it_is_overdue(client, world):
    number = policy_data.board_numbers().page.look_again_rows + 1
    for n in range(number):
        plain_incident(
            world.ada, n, state="decided", superseded_since_decision=True, due_us=1, changed_us=n + 1
        )
    first, second = (
        page(client, "board"),
        client.get(reverse("monitoring:board"), {"again": "2"}).content.decode(),
    )
    assert len(re.findall(r'data-incident="', first)) == number - 1
    assert len(re.findall(r'data-incident="', second)) == 1
    assert 'data-rows="/monitoring/rows?again=2"' in second, "the list that updates itself stays on its page"
    assert "board-row--over" not in first


def test_the_evidence_is_the_same_when_its_days_have_left_the_database(client, world, settings, tmp_path):
    """Weeks later, when a court asks: what was seen, how much of the time, and where."""
    incident = late_incident(world)

    def told() -> list[str]:
        html = page(client, "incident", incident.pk)
        parts = re.findall(r'<main.*?</main>|<script type="application/json".*?</script>', html, re.S)
        return [
            re.sub(r'(csrfmiddlewaretoken|d-shown_us|request)"? value="[^"]*"', "", part) for part in parts
        ]

    before = told()
    settings.LAKE = tmp_path / "lake"
    roll(open_lake(settings.LAKE), dt.datetime(2027, 1, 10, tzinfo=dt.UTC))
    assert not Fix.objects.exists()
    assert told() == before
    settings.LAKE = tmp_path / "elsewhere"
    assert "MILEPOST_LAKE" in told()[0]


def test_a_claim_from_the_board_comes_back_to_the_same_row(client, world):
    incident = plain_incident(world.ada)
    answer = client.post(
        reverse("monitoring:claim", args=[incident.pk]), {"back": "level=review&page=2&next=//evil.example"}
    )
    assert answer.headers["Location"] == f"/monitoring/?level=review&page=2#incident-{incident.pk}"
    again = client.post(reverse("monitoring:claim", args=[incident.pk]), follow=True)
    assert "You have claimed this alert already." in again.content.decode()


def test_the_rows_are_not_sent_again_while_nothing_changed(client, world, officer):
    incident = plain_incident(world.ada)
    first = client.get(reverse("monitoring:rows"))
    assert first.status_code == 200
    same = client.get(reverse("monitoring:rows"), headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    actions.claim(incident=incident, by=officer)
    changed = client.get(reverse("monitoring:rows"), headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "You have it" in changed.content.decode()


def test_the_etag_of_one_user_is_no_good_for_another(world, signed_in):
    plain_incident(world.ada)
    etags = {
        signed_in(user).get(reverse("monitoring:rows")).headers["ETag"] for user in (world.nora, world.sam)
    }
    assert len(etags) == 2


def test_the_incident_page_says_what_when_how_sure_and_by_which_rule(client, world):
    ContactDetail.objects.create(person=world.ada, kind="mobile", value="07700 900123", preferred=True)
    ContactDetail.objects.create(
        person=world.ada,
        kind="mobile",
        value="07700 900999",
        ended_utc=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )
    StaffRisk.objects.create(person=world.ada, text="Dog at the address")
    StaffRisk.objects.create(person=world.ada, text="Long gone", ended=dt.date(2026, 1, 1))
    html = page(client, "incident", late_incident(world).pk)
    text = text_of(html)
    for said in (
        "Came back late: 23 minutes", "had to be at Home from 19:00", "The tag was away from 19:00 until 19:23",
        "illustrative-community-order@1", "Dog at the address", 'href="tel:07700900123"', "Call the person.",
        "Minutes absent from curfew in any 28 days", "No such alert in the 90 days before",
    ):  # fmt: skip
        assert said in (html if "href" in said else text), said
    assert "Long gone" not in text
    assert "900999" not in text
    assert html.count("<svg") >= 2, "the strip of the night is drawn on the server"
    assert "What the map shows, as a table" in text


def test_looking_is_logged_with_the_time_of_the_trail(client, world):
    incident = late_incident(world)
    page(client, "incident", incident.pk)
    entry = Entry.objects.get(what="incident.page")
    assert (entry.operation, entry.subject) == ("consultation", world.ada.reference)
    assert entry.details["from_us"] < incident.began_us < entry.details["until_us"]
    page(client, "board")
    assert Entry.objects.get(what="board.page").details["incidents"] == [incident.pk]


def test_a_decision_by_form_alone(client, world):
    incident = late_incident(world)
    html = page(client, "incident", incident.pk)
    answer = client.post(reverse("monitoring:decide", args=[incident.pk]), decision(html), follow=True)
    text = text_of(answer.content.decode())
    assert "The decision is recorded." in text
    assert "Decision: Excused, in effect" in text
    assert "no time 23 minutes" in text, "the total with and without the excuse"


def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(client, world):
    incident = late_incident(world)
    html = page(client, "incident", incident.pk)
    answer = client.post(
        reverse("monitoring:decide", args=[incident.pk]),
        decision(html, **{"d-evidence": "", "d-explanation": "In A&E"}),
    )
    assert answer.status_code == 422
    assert "Say what was seen as proof" in answer.content.decode()
    assert "In A&amp;E</textarea>" in answer.content.decode()
    assert not Decision.objects.exists()


def test_no_kind_chosen_is_said_in_words(client, world):
    incident = plain_incident(world.ada)
    html = page(client, "incident", incident.pk)
    posted = {k: v for k, v in decision(html).items() if k != "d-kind"}
    answer = client.post(reverse("monitoring:decide", args=[incident.pk]), posted)
    assert answer.status_code == 422
    assert "What do you decide?" in answer.content.decode()


def test_two_officers_decide_at_once_and_the_slower_sees_what_the_faster_did(client, world, signed_in):
    incident = late_incident(world)
    supervisor = world.users[Role.MONITORING_SUPERVISOR]
    slower = signed_in(supervisor)
    shown_to_both = page(slower, "incident", incident.pk)
    address = reverse("monitoring:decide", args=[incident.pk])
    client.post(
        address,
        decision(page(client, "incident", incident.pk), **{"d-explanation": "In hospital since noon"}),
    )
    answer = slower.post(address, decision(shown_to_both, kind="warning", reason="no_excuse"))
    assert answer.status_code == 409
    text = text_of(answer.content.decode())
    assert "This alert changed while you had it open" in text
    assert "Decision: Excused, in effect (Test monitoring_officer)" in text
    assert Decision.objects.get().kind == "excused"
    again = decision(answer.content.decode(), kind="warning", reason="no_excuse")
    slower.post(address, again)
    assert [d.state for d in Decision.objects.order_by("pk")] == ["replaced", "stands"]


def test_signals_that_come_while_deciding_bring_the_form_back(client, world):
    incident = late_incident(world)
    html = page(client, "incident", incident.pk)
    worked(world, back="19:07")
    answer = client.post(reverse("monitoring:decide", args=[incident.pk]), decision(html))
    assert answer.status_code == 409
    assert "Finding revised: revision 2" in answer.content.decode()


def test_a_decision_that_later_signals_changed_is_shown_old_beside_new(client, world):
    incident = late_incident(world)
    html = page(client, "incident", incident.pk)
    client.post(reverse("monitoring:decide", args=[incident.pk]), decision(html))
    worked(world, back="19:07")
    assert "Look again: signals changed after the decision" in page(client, "board")
    html = page(client, "incident", incident.pk)
    text = text_of(html)
    assert re.search(r"Since the decision at .* later signals changed this", text)
    assert re.search(r"23 minutes, 19:00–19:23 6 minutes, 19:00–19:06 Changed", text)
    posted = {
        "k-revision": hidden(html, "k-revision"),
        "k-shown_us": hidden(html, "k-shown_us"),
        "k-text": "Same excuse",
    }
    client.post(reverse("monitoring:keep", args=[incident.pk]), posted)
    assert "Look again" not in page(client, "board")
    assert "later signals changed this" not in page(client, "incident", incident.pk)
    assert "Same excuse" in page(client, "incident", incident.pk)


def test_an_authorised_absence_by_form_is_entered_for_the_time_that_was_asked(client, world):
    incident = late_incident(world)
    html = page(client, "incident", incident.pk)
    assert 'value="19:00"' in html
    assert 'value="19:24"' in html, "the form begins with the time of the finding, to the minute"
    values = {
        "d-from_date": "16/11/2026", "d-from_time": "7pm", "d-until_date": "16/11/2026", "d-until_time": "19:30",
    }  # fmt: skip
    answer = client.post(
        reverse("monitoring:decide", args=[incident.pk]), decision(html, kind="authorised_absence", **values)
    )
    assert answer.status_code == 302
    absence = Absence.objects.get()
    assert absence.until_utc == dt.datetime(2026, 11, 16, 19, 30, tzinfo=dt.UTC)
    assert absence.condition_id == "curfew"


def test_a_breach_goes_through_two_pairs_of_hands(client, world, signed_in):
    incident = late_incident(world)
    html = page(client, "incident", incident.pk)
    client.post(
        reverse("monitoring:decide", args=[incident.pk]), decision(html, kind="breach", reason="no_excuse")
    )
    waits = Decision.objects.get()
    assert "Waits for a second person" in page(client, "board")
    assert client.get(reverse("monitoring:second")).status_code == 403
    supervisor = signed_in(world.users[Role.MONITORING_SUPERVISOR])
    assert "Ada Vale" in page(supervisor, "second")
    shown = page(supervisor, "second-decision", waits.pk)
    assert "Came back late" in shown
    posted = {
        "revision": hidden(shown, "revision"),
        "shown_us": hidden(shown, "shown_us"),
        "answer": "refuse",
    }
    missing = supervisor.post(reverse("monitoring:second-decision", args=[waits.pk]), posted)
    assert missing.status_code == 422, "a refusal says why"
    supervisor.post(
        reverse("monitoring:second-decision", args=[waits.pk]), posted | {"note": "Ring the hospital"}
    )
    incident.refresh_from_db()
    assert incident.state == IncidentState.CLAIMED
    assert "Ring the hospital" in page(client, "incident", incident.pk)


def test_the_one_who_decided_gets_no_button_to_confirm_it(world, signed_in):
    supervisor = world.users[Role.MONITORING_SUPERVISOR]
    incident = plain_incident(world.ada)
    made = actions.decide(
        incident=incident,
        revision=0,
        by=supervisor,
        kind="breach",
        reason_code="no_excuse",
        explanation="Out.",
    )
    html = page(signed_in(supervisor), "second-decision", made.pk)
    assert "Somebody else has to confirm it" in html
    assert "Send the answer" not in html
    address = reverse("monitoring:second-decision", args=[made.pk])
    signed_in(supervisor).post(address, {"revision": 1, "shown_us": 0, "answer": "confirm"})
    made.refresh_from_db()
    assert made.state == Decision.State.WAITING


def test_a_second_person_is_stopped_where_signals_changed_since(client, world, signed_in):
    incident = late_incident(world)
    html = page(client, "incident", incident.pk)
    client.post(
        reverse("monitoring:decide", args=[incident.pk]), decision(html, kind="breach", reason="no_excuse")
    )
    waits = Decision.objects.get()
    worked(world, back="19:07")
    supervisor = signed_in(world.users[Role.MONITORING_SUPERVISOR])
    shown = page(supervisor, "second-decision", waits.pk)
    assert "can no longer be confirmed" in shown
    posted = {
        "revision": hidden(shown, "revision"),
        "shown_us": hidden(shown, "shown_us"),
        "answer": "confirm",
    }
    answer = supervisor.post(reverse("monitoring:second-decision", args=[waits.pk]), posted)
    assert answer.status_code == 409
    waits.refresh_from_db()
    assert waits.state == Decision.State.WAITING


def test_handing_over_offers_those_who_may_decide_it(client, world):
    incident = plain_incident(world.ada)
    html = page(client, "incident", incident.pk)
    assert f'<option value="{world.nora.pk}"' in html
    assert f'<option value="{world.sam.pk}"' not in html
    assert f'<option value="{world.users[Role.AUDITOR].pk}"' not in html
    client.post(
        reverse("monitoring:hand-over", args=[incident.pk]), {"h-to": world.nora.pk, "h-note": "Yours"}
    )
    incident.refresh_from_db()
    assert incident.claimed_by == world.nora


def test_of_many_colleagues_one_is_picked_by_typing(client, world, monkeypatch):
    numbers = policy_data.board_numbers()
    few = numbers.incident.model_copy(update={"colleagues_listed": 0})
    monkeypatch.setattr(
        "milepost.service.monitoring.forms.board_numbers",
        lambda: numbers.model_copy(update={"incident": few}),
    )
    incident = plain_incident(world.ada)
    listed = reverse("monitoring:colleagues", args=[incident.pk])
    assert f'data-lookup="{listed}"' in page(client, "incident", incident.pk)
    found = client.get(listed, {"q": "example"}).json()["options"]
    keys = {option["key"] for option in found}
    assert str(world.nora.pk) in keys
    assert not {str(world.sam.pk), str(world.users[Role.AUDITOR].pk)} & keys, (
        "who may not have it is not named"
    )
    address, text = reverse("monitoring:hand-over", args=[incident.pk]), world.sam.name
    refused = client.post(address, {"h-to": text, "h-to-chosen": world.sam.pk, "h-to-asked": text})
    assert refused.status_code == 422, "an answer that was made up"
    client.post(
        address, {"h-to": world.nora.name, "h-to-chosen": world.nora.pk, "h-to-asked": world.nora.name}
    )
    incident.refresh_from_db()
    assert incident.claimed_by == world.nora


def test_what_people_typed_is_never_run(client, world, officer, signed_in):
    person = world.ada
    person.name = person.communication_needs = SCRIPT[:110]
    person.save()
    world.north.name = officer.name = SCRIPT[:90]
    world.north.save()
    officer.save()
    ContactDetail.objects.create(person=person, kind="mobile", value=SCRIPT, note=SCRIPT)
    StaffRisk.objects.create(person=person, text=SCRIPT, source=SCRIPT)
    incident = plain_incident(person)
    actions.add_note(incident=incident, by=officer, text=SCRIPT)
    actions.record_contact(incident=incident, by=officer, channel="mobile", outcome="spoke", text=SCRIPT)
    supervisor = world.users[Role.MONITORING_SUPERVISOR]
    actions.hand_over(incident=incident, to=supervisor, by=officer, note=SCRIPT)
    actions.hand_over(incident=incident, to=officer, by=supervisor)
    actions.set_call_back(incident=incident, due_us=clock.now_us() + 60_000_000, by=officer, why=SCRIPT)
    incident.refresh_from_db()
    made = actions.decide(
        incident=incident, revision=incident.revision, by=officer, kind="breach", reason_code="equipment_damaged",
        explanation=SCRIPT, evidence=SCRIPT,
    )  # fmt: skip
    supervisor = signed_in(world.users[Role.MONITORING_SUPERVISOR])
    pages = [
        page(client, "board"), page(client, "board", text=SCRIPT), page(client, "rows"),
        page(client, "incident", incident.pk), page(supervisor, "second"),
        page(supervisor, "second-decision", made.pk),
    ]  # fmt: skip
    for html in pages:
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "alert(1)" in html, "the text itself is shown"


def test_a_get_changes_nothing(client, world):
    incident = plain_incident(world.ada)
    for name in ("claim", "release", "hand-over", "acknowledge", "contact", "note", "decide", "keep"):
        assert client.get(reverse(f"monitoring:{name}", args=[incident.pk])).status_code == 405
    before = pulse.current()
    page(client, "incident", incident.pk)
    incident.refresh_from_db()
    assert (incident.revision, pulse.current(), incident.events.count()) == (0, before, 0)


def test_an_auditor_gets_no_board_and_an_administrator_no_incident(world, signed_in):
    incident = plain_incident(world.ada)
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        assert signed_in(world.users[role]).get(reverse("monitoring:board")).status_code == 403
        assert (
            signed_in(world.users[role]).get(reverse("monitoring:incident", args=[incident.pk])).status_code
            == 403
        )


def test_rules_are_shown_with_their_owner_and_the_warning(client):
    text = text_of(page(client, "rules"))
    for said in (
        "Illustrative, not policy", "Milepost maintainers", "absence-15", "written answer of 31 January 2000",
        "Call the person. Ask what happened. Record the answer.", "decision-policy@2 (ILLUSTRATIVE)",
    ):  # fmt: skip
        assert said in text, said


def test_an_incident_whose_findings_are_all_gone_still_opens(client, world, officer):
    incident = late_incident(world)
    actions.claim(incident=incident, by=officer)
    worked(world, MONDAY, back="18:50")
    html = page(client, "incident", incident.pk)
    assert "Later signals show nothing to look at" in html
    assert incident.events.filter(kind=IncidentEvent.Kind.CHANGED).exists()


def test_without_signals_the_page_says_so_and_still_opens(client, world):
    from milepost.service.signals.models import Fix

    incident = late_incident(world)
    Fix.objects.all().delete()
    assert "The signals are not kept any more" in page(client, "incident", incident.pk)


def test_without_a_published_table_the_page_says_so(client, world, monkeypatch):
    from milepost.compliance.rule_tables import RuleSet

    incident = late_incident(world)
    monkeypatch.setattr("milepost.service.monitoring.incident_page.rules_in_force", lambda: RuleSet([]))
    assert "No published rule table covers the regime" in page(client, "incident", incident.pk)


def test_a_zones_strip_begins_where_the_signals_that_were_read_begin(world):
    """A zone is owed all day. The hours before the page's window are not silence: nobody asked for them."""
    entered, left, night = at(MONDAY, "22:00"), at(MONDAY, "22:20"), at(MONDAY, "07:10+1")
    spans = [(at(MONDAY, "17:00"), entered, HOME), (entered, left, MARKET), (left, night, HOME)]
    store(fixes(spans))
    judge(world.ada)
    finding = Finding.objects.get(kind="zone_entry", current=True)
    material = gather(world.ada, [finding.row], RULES)
    assert material is not None
    assert min(row["start_utc"] for row in material.timeline) >= at(MONDAY, "20:45")
    assert "no_data" not in {row["label"] for row in material.timeline}


def test_revisions_that_say_the_same_are_one_line_of_the_history(client, world):
    incident = plain_incident(world.ada)
    first = Finding.objects.get(incident=incident)
    for n in (2, 3, 4):
        Finding.objects.create(
            finding_id=f"F-again-{n}", person=world.ada, incident=incident, kind=first.kind, status="closed",
            order_reference=first.order_reference, condition_id="curfew", start_us=first.start_us,
            end_us=first.end_us, seconds=first.seconds if n < 4 else 1500, level="review", action="", revision=n,
            told_us=first.told_us + n * 60_000_000, current=False, row=first.row,
        )  # fmt: skip
    text = text_of(page(client, "incident", incident.pk))
    assert "Finding revised: revision 4" in text, "it says another length"
    assert "Finding revised: revision 3" in text
    assert "Finding revised: revision 2" not in text
    assert "1 earlier revision since Tue 17 Nov, 19:02 said the same." in text


def test_what_looks_like_a_drift_is_said_before_what_else_speaks_for_the_person(client, world):
    begins_us, east = at(MONDAY, "17:00"), 1 / 66_000  # degrees of longitude in a metre there
    away_m = [*[0] * 180, *range(20, 130, 20), *[130] * 15, *range(120, 10, -20), *[0] * 30]
    places = [(HOME[0] + metres * east, HOME[1]) for metres in away_m]
    times = [begins_us + i * 60_000_000 for i in range(len(places))]
    store(fixes([(t, t + 60_000_000, place) for t, place in zip(times, places, strict=True)]))
    (incident,) = judge(world.ada, until="21:00")
    text = text_of(page(client, "incident", incident.pk))
    assert "The positions moved slower than people walk" in text
    assert text.index("This looks like a drift") < text.index("fit with the condition being kept")
    rows = [finding.row for finding in Finding.objects.filter(incident=incident)]
    assert [sign.sign for sign in explain(world.ada, rows)[0].drift] == ["near", "slid", "came_back"]
