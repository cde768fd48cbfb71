"""The board answers who needs an officer now: a night of 40 alerts of which 25 are silences that are over."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from milepost.service import clock
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import actions
from milepost.service.monitoring.board import board_of, by_section, undecided
from milepost.service.monitoring.call_backs import announce_call_backs, next_time_us
from milepost.service.monitoring.filters import Filters
from milepost.service.monitoring.models import CallBack, Decision, Incident, SavedView
from milepost.service.monitoring.next_alert import next_alert
from milepost.service.monitoring.sections import section_of
from milepost.service.monitoring.shift import times_of_shift
from milepost.service.monitoring.zone_plan import ZonePlan
from tests.service.monitoring.factory import MINUTE_US, MONDAY, at, plain_incident
from tests.service.monitoring.night import HELD, NOW, NOW_US, OVER, SECOND, make_night
from tests.service.monitoring.test_pages import hidden, page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_morning_after():
    """Two in the morning instead."""
    with clock.pinned(NOW_US):
        yield


@pytest.fixture
def officer(world):
    return world.users[Role.MONITORING_OFFICER]


@pytest.fixture
def client(officer, signed_in):
    return signed_in(officer)


@pytest.fixture
def night(world):
    return make_night(world)


def shown(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-incident="(\d+)"', html)]


def test_what_needs_somebody_now_is_first_and_what_is_over_is_apart(client, officer, night):
    html = page(client, "board")
    assert shown(html)[:NOW] == [i.pk for i in night["now"]], "urgent and going, urgent, going by its time"
    assert shown(html)[NOW : NOW + HELD] == [i.pk for i in night["held"]]
    assert shown(html)[NOW + HELD : NOW + HELD + SECOND] == [i.pk for i in night["second"]]
    text = text_of(html)
    for said in (
        f"Needs you now {NOW}", f"Others have these {HELD}", f"Waiting for a second person {SECOND}",
        f"Ended by itself, to decide {OVER}", f"Show all {OVER}",
        f"{OVER} alike: Nothing heard from the tag, from noon on Monday 16 November 2026 to noon on the next day.",
    ):  # fmt: skip
        assert said in text, said
    assert "ended Mon 16 Nov, 21:40" in text
    board = board_of(officer, Filters())
    assert sum(part.total for part in board.parts) == 40
    over = client.get(reverse("monitoring:board"), {"section": "over"}).content.decode()
    assert len(shown(over)) == OVER


def test_sections_are_the_same_in_sql_and_in_python(world, night, officer):
    actions.claim(incident=night["over"][3], by=officer)
    for user in (officer, world.users[Role.MONITORING_SUPERVISOR], world.nora):
        for incident in undecided(user, Filters()):
            assert incident.section == section_of(incident, user)
        for section, rows in by_section(user, Filters()).items():
            in_sql = undecided(user, Filters(section=section)).values_list("pk", flat=True)
            assert [light.pk for light in rows] == list(in_sql)


def test_an_alert_that_is_over_says_so_on_its_page(client, night):
    assert "This ended: Mon 16 Nov, 21:40. It still needs a decision." in text_of(
        page(client, "incident", night["over"][0].pk)
    )
    assert "This ended" not in text_of(page(client, "incident", night["now"][0].pk))


def test_after_a_decision_the_next_alert_is_the_first_that_needs_the_officer(client, officer, night):
    first, second = night["now"][:2]
    html = page(client, "incident", first.pk)
    posted = {
        "d-revision": hidden(html, "d-revision"), "d-shown_us": hidden(html, "d-shown_us"), "d-kind": "warning",
        "d-reason_warning": "no_excuse", "d-explanation": "Left the zone when called.",
    }  # fmt: skip
    onward = client.post(reverse("monitoring:decide", args=[first.pk]), posted | {"onward": "next"})
    assert onward.headers["Location"] == reverse("monitoring:incident", args=[second.pk])
    assert f'href="{reverse("monitoring:incident", args=[second.pk])}"' in page(client, "incident", first.pk)
    for incident in night["now"][1:]:
        actions.decide(
            incident=incident, revision=0, by=officer, kind="no_action", reason_code="small_and_explained"
        )
    found = next_alert(officer, but=0)
    assert found is not None
    assert found.pk == night["over"][0].pk, "never what others have, or what waits for a second person"


def together(client, night, kind="no_action", reason="charged_again", **more):
    address = reverse("monitoring:together", args=["no_contact", MONDAY.isoformat()])
    chosen = [f"{i.pk}-0" for i in night["over"]]
    posted = {"t-kind": kind, f"t-reason_{kind}": reason, "t-explanation": "A mast failed.", "chosen": chosen}
    return client.post(address, posted | more, follow=True)


def test_many_alike_are_decided_at_once_and_each_has_its_own_entry(client, officer, night):
    html = page(client, "board")
    link = re.search(r'class="govuk-link board-together" href="([^"]+)"', html)
    assert link
    offered = client.get(link[1]).content.decode()
    assert offered.count('name="chosen"') == OVER
    answer = together(client, night)
    assert f"{OVER} alerts are decided." in text_of(answer.content.decode())
    assert Decision.objects.filter(state="stands", kind="no_action").count() == OVER
    entries = Entry.objects.filter(what="incident.decide")
    assert sorted(entry.details["incident"] for entry in entries) == sorted(i.pk for i in night["over"])
    assert len({entry.subject for entry in entries}) == OVER, "each names its person"
    assert shown(page(client, "board"))[:NOW] == [i.pk for i in night["now"]]


def test_what_changed_or_goes_on_or_others_have_is_left_while_the_rest_is_decided(client, world, night):
    going, changed, claimed, urgent = night["over"][:4]
    Incident.objects.filter(pk=going.pk).update(still_going=True)
    Incident.objects.filter(pk=changed.pk).update(revision=5)
    actions.claim(incident=claimed, by=world.users[Role.MONITORING_SUPERVISOR])
    Incident.objects.filter(pk=urgent.pk).update(level="urgent")
    answer = together(client, night)
    text = text_of(answer.content.decode())
    assert f"{OVER - 4} alerts are decided." in text
    assert "4 alerts are not decided" in text
    for said in ("still going", "changed while you had it open", "Somebody else has claimed", "is urgent"):
        assert said in text
    assert not Decision.objects.filter(incident__in=[going, changed, claimed, urgent]).exists()


@pytest.mark.parametrize("kind", ["breach", "warning", "excused", "authorised_absence"])
def test_no_decision_about_one_person_is_made_for_many(officer, night, kind):
    with pytest.raises(Refused, match="one alert at a time"):
        actions.decide_together(
            incidents={i.pk: 0 for i in night["over"]}, by=officer, kind=kind, reason_code="no_excuse",
            explanation="All of them.",
        )  # fmt: skip
    assert not Decision.objects.filter(kind=kind, incident__in=night["over"]).exists()


def test_many_with_no_reason_are_not_decided_and_the_page_says_what_is_missing(client, night):
    answer = together(client, night, reason="")
    assert answer.status_code == 422
    assert "Select reason" in answer.content.decode()
    assert not Decision.objects.filter(incident__in=night["over"]).exists()


def test_alerts_of_people_whom_one_may_not_see_are_never_decided_with_others(world, night):
    with pytest.raises(Refused, match="at least one"):
        actions.decide_together(incidents={}, by=world.sam, kind="no_action", reason_code="charged_again")
    done = actions.decide_together(
        incidents={i.pk: 0 for i in night["over"]},
        by=world.sam,
        kind="no_action",
        reason_code="charged_again",
    )
    assert (done.decisions, done.left) == ((), ())


def test_a_call_back_comes_back_at_its_time_on_the_board_and_on_today(
    client, world, officer, signed_in, night
):
    incident = night["now"][2]
    answer = client.post(
        reverse("monitoring:contact", args=[incident.pk]),
        {"c-channel": "mobile", "c-outcome": "no_answer", "c-again_at": "02:30"}, follow=True,
    )  # fmt: skip
    assert "Call back: Tue 17 Nov, 02:30." in text_of(answer.content.decode())
    board = text_of(page(client, "board"))
    assert "Call back now" not in board
    assert f"You call back: Tue 17 Nov, 02:30, {incident.person.name}" in board
    assert announce_call_backs() == 0
    with clock.pinned(at(MONDAY, "02:31+1")):
        assert (announce_call_backs(), announce_call_backs()) == (1, 0), "told once"
        supervisor = signed_in(world.users[Role.MONITORING_SUPERVISOR])
        for who in (client, supervisor):
            html = page(who, "board")
            assert "Call back now 1" in text_of(html), "whoever has the shift then sees it"
            places = [html.index(f'id="part-{name}"') for name in ("now", "calls", "over")]
            assert places == sorted(places), "what is urgent and still going comes before a call"
            Incident.objects.filter(pk=night["now"][0].pk).update(still_going=False)
            html = page(who, "board")
            assert html.index('id="part-calls"') < html.index('id="part-now"')
            Incident.objects.filter(pk=night["now"][0].pk).update(still_going=True)
        today = text_of(signed_in(world.nora).get(reverse("caseload:today")).content.decode())
        assert f"Call again about “Left during the curfew”; {officer.name} set the time." in today
        actions.record_contact(incident=incident, by=officer, channel="mobile", outcome="spoke")
        assert "Call back now" not in page(client, "board")
    assert CallBack.objects.get().state == "called"


def test_a_call_back_may_follow_a_decision_and_a_new_time_replaces_the_old(officer, night):
    incident = night["now"][2]
    actions.decide(
        incident=incident, revision=0, by=officer, kind="no_action", reason_code="small_and_explained"
    )
    first = actions.set_call_back(incident=incident, due_us=NOW_US + 30 * MINUTE_US, by=officer)
    second = actions.set_call_back(
        incident=incident, due_us=NOW_US + 60 * MINUTE_US, by=officer, why="After work"
    )
    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", "waiting")
    with pytest.raises(Refused, match="has passed already"):
        actions.set_call_back(incident=incident, due_us=NOW_US, by=officer)
    actions.drop_call_back(call_back=second, by=officer)
    with pytest.raises(Refused, match="over already"):
        actions.drop_call_back(call_back=second, by=officer)
    written = Entry.objects.filter(what__in=("incident.call_back", "incident.drop_call_back")).order_by(
        "number"
    )
    assert [e.what for e in written] == [
        "incident.call_back",
        "incident.call_back",
        "incident.drop_call_back",
    ]
    assert "After work" not in str([e.details for e in written]), "words stay out of the log"


@pytest.mark.parametrize(
    ("time", "next_one"),
    [("02:30", "02:30+1"), ("01:59", "01:59+2"), ("02:00", "02:00+2"), ("23:00", "23:00+1")],
)
def test_a_clock_time_is_the_next_such_time(time, next_one):
    assert next_time_us(dt.time.fromisoformat(time)) == at(MONDAY, next_one)


def test_on_the_nights_the_clocks_change_a_time_is_still_to_come():
    def utc(*parts: int) -> int:
        return int(dt.datetime(*parts, tzinfo=dt.UTC).timestamp()) * 1_000_000

    with clock.pinned(utc(2026, 10, 25, 0, 45)):  # 01:45, and 01:30 comes once more
        assert next_time_us(dt.time(1, 30)) == utc(2026, 10, 25, 1, 30)
    with clock.pinned(utc(2026, 3, 29, 0, 45)):  # 00:45, and 01:30 never comes
        assert next_time_us(dt.time(1, 30)) == utc(2026, 3, 29, 1, 30)
    with clock.pinned(utc(2026, 3, 28, 22)):  # the evening before: not half an hour past midnight either
        assert next_time_us(dt.time(1, 30)) == utc(2026, 3, 29, 1, 30)


def test_handing_over_names_both_on_page_and_in_the_log_and_never_oneself(client, world, officer, night):
    supervisor = world.users[Role.MONITORING_SUPERVISOR]
    incident = night["now"][0]
    address = reverse("monitoring:hand-over", args=[incident.pk])
    own = client.post(address, {"h-to": officer.pk})
    assert own.status_code == 422
    assert "You cannot hand it over to yourself" in own.content.decode()
    with pytest.raises(Refused, match="to yourself"):
        actions.hand_over(incident=incident, to=officer, by=officer)
    client.post(address, {"h-to": supervisor.pk, "h-note": "My break"})
    text = text_of(page(client, "incident", incident.pk))
    assert f"From {officer.name} to {supervisor.name}" in text
    entry = Entry.objects.get(what="incident.hand_over")
    assert (entry.details["from"], entry.details["to"]) == (officer.pk, supervisor.pk)
    assert (entry.details["from_name"], entry.details["to_name"]) == (officer.name, supervisor.name)
    with pytest.raises(Refused, match="has this alert already"):
        actions.hand_over(incident=incident, to=supervisor, by=officer)
    client.post(reverse("monitoring:take-over", args=[incident.pk]))
    assert f"From {supervisor.name} to {officer.name}" in text_of(page(client, "incident", incident.pk))


def test_a_saved_view_opens_first_and_hides_no_urgent_alert_silently(client, officer, night):
    client.post(
        reverse("monitoring:save-view"),
        {"v-name": "Batteries", "v-by_default": "on", "query": "kind=battery_dead&text=Ada&section=nonsense"},
    )
    view = SavedView.objects.get()
    assert view.query == "kind=battery_dead", "a name that was searched for is about a person"
    text = text_of(page(client, "board"))
    assert "1 urgent alert is still going outside these filters." in text
    assert f"Needs you now {NOW}" not in text
    assert f"Needs you now {NOW}" in text_of(page(client, "board", view="all"))
    client.post(
        reverse("monitoring:save-view"), {"v-name": "Mine", "v-by_default": "on", "query": "whose=mine"}
    )
    assert SavedView.objects.get(by_default=True).name == "Mine", "one view opens first"
    client.post(reverse("monitoring:drop-view", args=[SavedView.objects.get(name="Mine").pk]))
    assert f"Needs you now {NOW}" in text_of(page(client, "board"))


def test_the_change_of_shift_says_what_is_open_who_has_it_whom_to_call_and_what_was_decided(
    client, world, officer, night
):
    actions.set_call_back(
        incident=night["now"][3], due_us=NOW_US + 30 * MINUTE_US, by=officer, why="On the night bus"
    )
    together(client, night, kind="equipment_fault", reason="power_cut")
    with clock.pinned(at(MONDAY, "06:50+1")):
        text = text_of(page(client, "shift"))
        after = text_of(page(client, "shift", shift="last"))
    for said in (
        "Shift from Mon 16 Nov, 23:00 until Tue 17 Nov, 06:50", "1 alert is urgent and still going.",
        f"{SECOND} decisions wait for a second person.", f"Open: {NOW + HELD + SECOND} alerts to decide",
        "Tue 17 Nov, 02:30", "On the night bus", "Test monitoring_supervisor", f"Equipment fault {OVER}",
        f"All decisions that stand {OVER}",
    ):  # fmt: skip
        assert said in text, said
    assert "Shift from Mon 16 Nov, 15:00 until Mon 16 Nov, 23:00" in after
    assert "All decisions that stand 0" in after


def test_a_shift_goes_over_midnight():
    times = times_of_shift(at(MONDAY, "02:00+1"))
    assert (times.from_us, times.until_us) == (at(MONDAY, "23:00"), NOW_US)
    before = times_of_shift(at(MONDAY, "07:05+1"), last=True)
    assert (before.from_us, before.until_us) == (at(MONDAY, "23:00"), at(MONDAY, "07:00+1"))


def test_an_alert_of_a_zone_says_what_is_known_of_those_it_protects(client, world, monkeypatch):
    incident = plain_incident(world.ada, 7, kind="zone_entry", level="urgent", still_going=True)
    incident.findings.update(condition_id="market")
    finding = incident.findings.get()
    finding.row["condition_id"] = "market"
    finding.save()
    text = text_of(page(client, "incident", incident.pk))
    assert (
        "No plan for them is recorded here. The order says why the zone is there: “Protects a person”."
        in text
    )
    assert "ring 999 first" in text
    assert world.nora.name in text
    asked = []

    def plan(question):
        asked.append(question)
        return ZonePlan("Tell first", ("Call the victim liaison officer.",))

    monkeypatch.setattr("milepost.service.monitoring.zone_plan.zone_plans", lambda: (plan,))
    text = text_of(page(client, "incident", incident.pk))
    assert "Tell first Call the victim liaison officer." in text
    assert "No plan" not in text
    assert (asked[0].order_reference, asked[0].condition_id) == ("O000001", "market")


def test_an_alert_with_a_call_to_come_is_not_ticked_among_those_decided_together(client, officer, night):
    first = night["over"][0]
    actions.set_call_back(incident=first, due_us=NOW_US + 60 * MINUTE_US, by=officer)
    html = client.get(
        reverse("monitoring:together", args=["no_contact", MONDAY.isoformat()])
    ).content.decode()
    ticked = re.findall(r'name="chosen" id="chosen-(\d+)"[^>]* checked', html)
    assert sorted(map(int, ticked)) == sorted(incident.pk for incident in night["over"][1:])
    assert "call first" in html


@pytest.mark.parametrize("night_of", ["9999-12-31", "2026-13-99", "20260302x"])
def test_a_night_that_cannot_be_is_not_there(client, night_of):
    assert client.get(reverse("monitoring:together", args=["no_contact", night_of])).status_code == 404
