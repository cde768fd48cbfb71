"""Putting off, the team, hours, and the words on the pages. The clock stands at Tuesday 17 November 2026, 08:00."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from milepost.service import clock
from milepost.service.accounts.roles import Role
from milepost.service.assessments.models import TierRecord
from milepost.service.audit.models import Entry
from milepost.service.caseload import lists, policies, put_off_ends, words, workload
from milepost.service.caseload.actions.putting_off import put_off
from milepost.service.caseload.models import Snooze, WorkingHours
from milepost.service.caseload.policy_data import put_off_choices, put_off_reasons, tier_points
from milepost.service.kit.capabilities import today_next_steps, today_sentences
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring.models import Incident
from milepost.service.people.models import Person
from milepost.supervision.rank_rule import rank_rule
from milepost.supervision.today import Placed, Reason
from tests.service.caseload.test_sources import assessed, senior, signed, soon_us
from tests.service.monitoring.factory import plain_incident
from tests.service.world import World, make_person

__all__ = ["assessed", "senior"]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TODAY = "/today/"


@pytest.fixture
def alert(world: World) -> Incident:
    return plain_incident(world.ada, due_us=soon_us(hours=5))


def address(incident: Incident, reference: str = "P000001") -> str:
    key = f"incident-{incident.pk}"
    return reverse("caseload:put-off", kwargs={"reference": reference, "kind": "alert_review", "key": key})


def put_it_off(client, incident: Incident, until: str = "two_hours", **more):
    return client.post(address(incident), {"until": until, "why_code": "waiting_for_reply"} | more)


def test_what_is_put_off_is_folded_logged_and_comes_back_at_its_time(world, signed_in, alert, monkeypatch):
    client = signed_in(world.nora)
    assert put_it_off(client, alert).status_code == 302
    shown = lists.own_list(world.nora)
    assert shown.rows == ()
    assert [item.person for item in shown.folded] == [world.ada]
    page = client.get(TODAY).content.decode()
    assert "Put off: 1 person" in page
    assert "I asked somebody and wait for their answer" in page
    entry = Entry.objects.get(what="today.put_off")
    assert (entry.actor, entry.subject) == (world.nora.audit_name, "P000001")
    now_us = clock.now_us
    monkeypatch.setattr(clock, "now_us", lambda: now_us() + round(2.01 * 3600e6))
    shown = lists.own_list(world.nora)
    assert len(shown.rows) == 1
    assert shown.folded == ()


@pytest.mark.parametrize(
    "change",
    [{"level": "urgent"}, {"kind": "zone_entry"}, {"due_us": "sooner"}, {"due_us": None}],
)
def test_it_comes_back_at_once_when_the_fact_changes(world, signed_in, alert, change):
    client = signed_in(world.nora)
    put_it_off(client, alert)
    if change.get("due_us") == "sooner":
        change = {"due_us": soon_us(hours=3)}
    Incident.objects.filter(pk=alert.pk).update(**change)
    assert len(lists.own_list(world.nora).rows) == 1


def test_it_comes_back_when_time_alone_makes_it_more_urgent(world, alert, monkeypatch):
    """Put off until its time, as a policy may allow; in its last hour it is now's, no longer today's."""
    one = lists.own_list(world.nora).rows[0].row.top
    put_off(by=world.nora, person=world.ada, one=one, until_utc=one.reason.due_utc, why_code="known")
    assert lists.own_list(world.nora).rows == ()
    now_us = clock.now_us
    monkeypatch.setattr(clock, "now_us", lambda: now_us() + round(4.5 * 3600e6))
    back = lists.own_list(world.nora).rows[0]
    assert back.row.top.urgency == "now"
    assert back.came_back


def test_another_reason_keeps_the_person_on_the_list(world, signed_in, alert):
    client = signed_in(world.nora)
    put_it_off(client, alert)
    plain_incident(world.ada, 2, level="urgent", due_us=soon_us(hours=1))
    item = lists.own_list(world.nora).rows[0]
    assert [p.reason.kind for p in item.row.reasons] == ["alert_urgent"]
    assert [off.placed.reason.kind for off in item.put_off] == ["alert_review"]
    assert "Bring back" in client.get(TODAY).content.decode()


def test_one_persons_putting_off_is_not_anothers(world, signed_in, alert, senior):
    put_it_off(signed_in(world.nora), alert)
    Person.objects.filter(pk=world.ada.pk).update(practitioner=senior)
    assert len(lists.own_list(senior).rows) == 1


def test_bringing_back(world, signed_in, alert):
    client = signed_in(world.nora)
    put_it_off(client, alert)
    made = Snooze.objects.get()
    assert (
        signed_in(world.users[Role.SENIOR_PRACTITIONER]).post(f"/today/bring-back/{made.pk}").status_code
        == 404
    )
    assert client.post(f"/today/bring-back/{made.pk}").status_code == 302
    assert len(lists.own_list(world.nora).rows) == 1
    assert Entry.objects.filter(what="today.bring_back", subject="P000001").count() == 1
    put_it_off(client, alert)
    assert Snooze.objects.filter(ended_utc=None).count() == 1


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"until": "three_days"}, "choose from the list"),  # beyond its own time: not offered
        ({"until": ""}, "Select until when?|Answer the question"),
        ({"why_code": "other", "why": ""}, "Say in a few words"),
        ({"why_code": "bored"}, "choose from the list"),
    ],
)
def test_what_is_sent_wrong_is_said_and_kept(world, signed_in, alert, sent, says):
    answer = put_it_off(signed_in(world.nora), alert, **({"why": "typed already"} | sent))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" in page
    assert any(part in page for part in says.split("|")), says
    assert sent.get("why", "typed already") in page
    assert Snooze.objects.count() == 0


def test_nothing_can_be_put_off_beyond_its_clock(world, alert):
    now, one = clock.now_utc(), lists.own_list(world.nora).rows[0].row.top
    with pytest.raises(Refused, match="shorter"):
        put_off(by=world.nora, person=world.ada, one=one, until_utc=now + 6 * HOUR, why_code="known")
    assert all(end <= one.reason.due_utc for _choice, end in put_off_ends.offered(one, now))


def test_what_is_overdue_and_urgent_cannot_be_put_off_at_all(world, signed_in):
    late = plain_incident(world.ada, due_us=clock.now_us() - 60_000_000)
    client = signed_in(world.nora)
    assert "There is no time left to put it off" in client.get(address(late)).content.decode()
    assert put_it_off(client, late, "hour").status_code == 200
    assert Snooze.objects.count() == 0
    assert address(late) not in client.get(TODAY).content.decode()


def test_what_is_gone_leads_back_and_other_peoples_reasons_are_404(world, signed_in, alert):
    client = signed_in(world.nora)
    bens = plain_incident(world.ben)
    assert client.get(address(bens, "P000002")).status_code == 404
    assert client.get(address(bens)).status_code == 302, "Ben's alert is none of Ada's"
    alert.delete()
    assert put_it_off(client, alert).status_code == 302
    assert Snooze.objects.count() == 0


def test_a_script_that_was_typed_is_shown_as_typed(world, signed_in, alert):
    client = signed_in(world.nora)
    put_it_off(client, alert, why="<script>alert(1)</script>")
    page = client.get(TODAY).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_every_choice_can_be_made_and_ends_on_a_working_day():
    friday = dt.datetime(2026, 11, 20, 15, tzinfo=dt.UTC)
    assert {c.code: put_off_ends.ends(c, friday).isoformat()[:16] for c in put_off_choices()} == {
        "hour": "2026-11-20T16:00", "two_hours": "2026-11-20T17:00", "tomorrow": "2026-11-23T09:00",
        "three_days": "2026-11-25T09:00",
    }  # fmt: skip
    long = Placed(Reason("order_ends", "1", "order_ends", "/", "", due_utc=friday + 90 * DAY), "soon", 3)
    assert [c.code for c, _end in put_off_ends.offered(long, friday)] == [c.code for c in put_off_choices()]
    assert any(why.explain for why in put_off_reasons())


def test_the_page_says_why_by_when_and_what_to_do(world, signed_in, alert):
    page = " ".join(signed_in(world.nora).get(TODAY).content.decode().split())
    assert "by 13:00 today, in 4 hours 59 minutes" in page
    assert f'href="/monitoring/incident/{alert.pk}"' in page
    assert "An event put it there: Alert to decide." in page
    assert "Tier not known" in page
    entry = Entry.objects.filter(what="today.page").latest("number")
    assert entry.details["shown"] == ["P000001"]


def test_an_empty_list_is_kind_and_says_what_it_looked_at(world, signed_in):
    page = signed_in(world.nora).get(TODAY).content.decode()
    assert "Nobody needs you now" in page


def test_every_reason_has_its_words_and_every_kind_is_used():
    kinds = {k.code for k in rank_rule().kinds}
    assert today_sentences().keys() == today_next_steps().keys()
    roots = {"alert_going": "alert_urgent", "alert": "alert_review", "assessment_first": "assessment_due",
             "assessment_next": "assessment_due", "countersign_override": "countersign",
             "contest_of_own": "contest", "call_back_of_colleague": "call_back"}  # fmt: skip
    used = {"change" if t.startswith("change_") else roots.get(t, t) for t in today_sentences()}
    assert used == kinds


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-11-17T09:30", "by 09:30 today, in 1 hour 30 minutes"), ("2026-11-17T08:00", "due now"),
        ("2026-11-16T23:00", "was due 23:00 yesterday, 9 hours ago"),
        ("2026-11-18T09:00", "by 09:00 tomorrow, in 1 day 1 hour"),
        ("2026-11-27T09:00", "by Fri 27 Nov, 09:00, in 10 days"),
    ],
)  # fmt: skip
def test_times_in_words(due, said):
    now = dt.datetime(2026, 11, 17, 8, tzinfo=dt.UTC)
    moment = dt.datetime.fromisoformat(due).replace(tzinfo=dt.UTC)
    assert words.due_words(Reason("change", "1", "t", "/", "", due_utc=moment), now) == said


# The team


def test_points_are_those_that_are_published_for_the_borrowed_tier():
    """hmpps-workload, V1_1__SEED_REF_DATA.sql: community A2 158, licence A2 175; there is nothing for what is unknown."""
    assert tier_points().borrowed["A"] == "A2"
    assert (workload.points_of("A", "community"), workload.points_of("A", "licence")) == (158, 175)
    assert workload.points_of("MISSING", "community") is None
    assert workload.points_of(None, "licence") is None


def test_the_team_counts_what_is_open_late_and_full_and_says_what_it_does_not_know(world, signed_in, senior):
    plain_incident(world.ada, due_us=clock.now_us() - 60_000_000)
    for n, tier in enumerate("AB"):
        person = make_person(f"P00008{n}", f"Case {n}", world.north, practitioner=world.nora)
        TierRecord.objects.create(
            person=person, tier=tier, step="x", assessment=signed(person, next_due=dt.date(2027, 9, 9))
        )
    orphan = make_person("P000090", "No One", world.north)
    plain_incident(orphan, due_us=soon_us(hours=3))
    WorkingHours.objects.create(user=world.nora, hours=99, from_date=dt.date(2027, 1, 1), by=senior)
    WorkingHours.objects.create(
        user=world.nora, hours=37, reductions_hours=Decimal("1.8"), from_date=dt.date(2026, 1, 1), by=senior
    )
    client = signed_in(senior)
    page = " ".join(client.get("/today/team").content.decode().split())
    assert "304 of 2,070" in page, (
        "158 + 146 points; 37 h less 1.8 h are 2070, as hmpps-workload's own test says"
    )
    assert "at least 15%" in page, "Ada has no tier; Cy's record is not the senior's to see"
    assert "1 case without a tier" in page
    assert reverse("people:allocate", args=["P000090"]) in page
    assert "P000003" not in page
    assert "not set; the usual" in page, "the senior's own"
    theirs = client.get(f"/today/team/{world.nora.pk}").content.decode()
    assert reverse("people:allocate", args=["P000001"]) in theirs
    assert "Cy Ashe" not in theirs


def test_a_senior_sets_hours_in_their_own_team_alone(world, signed_in, senior):
    client, page = signed_in(senior), f"/today/team/{world.nora.pk}/hours"
    sent = {"hours": "30", "reductions_hours": "31", "from_date": "17/11/2026", "why": "Part time"}
    answer = client.post(page, sent).content.decode()
    assert "cannot be more than the contracted hours" in answer
    assert "Part time" in answer
    assert client.post(page, sent | {"reductions_hours": "1.8"}).status_code == 302
    assert WorkingHours.objects.get().hours == 30
    assert Entry.objects.get(what="team.hours").details["user"] == world.nora.pk
    assert client.post(f"/today/team/{world.sam.pk}/hours", sent).status_code == 404
    with pytest.raises(Refused):
        policies.check_can_set_hours(world.sam, senior)


def test_nobodys_people_are_those_of_the_own_team(world, signed_in):
    plain_incident(make_person("P000090", "No One", world.north), due_us=soon_us(hours=3))
    plain_incident(make_person("P000091", "Not Ours", world.south), due_us=soon_us(hours=3))
    page = signed_in(world.nora).get(TODAY, {"whose": "unallocated"}).content.decode()
    assert "No One" in page
    assert "Not Ours" not in page


def test_practitioners_begin_with_today_and_monitoring_officers_with_the_board(world, signed_in):
    first = {role: signed_in(world.users[role]).get("/", follow=True).redirect_chain[-1][0]
             for role in (Role.PRACTITIONER, Role.SENIOR_PRACTITIONER, Role.MONITORING_OFFICER)}  # fmt: skip
    assert first == {
        Role.PRACTITIONER: "/today/", Role.SENIOR_PRACTITIONER: "/today/", Role.MONITORING_OFFICER: "/monitoring/",
    }  # fmt: skip
