"""The first page about a person: four weeks, sentence, what is new, the next appointment, and the day behind a cell."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.urls import reverse

from milepost.service import clock
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.declaration import NextAppointment
from milepost.service.monitoring.models import Finding
from milepost.service.orders.models import Order
from milepost.service.people.models import Note
from milepost.service.person_page import appointments
from milepost.service.person_page.month import month_of, overlap_s
from milepost.service.person_page.sentence import sentences_of
from milepost.service.person_page.since import last_look_us, since_last_look
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.trend import trend_words
from milepost.service.person_page.views.overview import findings_of_month
from milepost.service.person_page.week import monday_of, week_of
from tests.service.monitoring.factory import HOME, MINUTE_US, MONDAY, at, fixes, judge, late_night, store
from tests.service.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_cache():
    cache.clear()


@pytest.fixture
def now(monkeypatch):
    """Sets the service's clock, and the log's."""

    def set_now(us: int) -> None:
        monkeypatch.setattr(clock, "now_us", lambda: us)
        monkeypatch.setattr("time.time_ns", lambda: us * 1000)

    return set_now


def month(world: World):
    subject = Subject(world.ada)
    return month_of(subject, findings_of_month(subject))


def test_a_broken_night_a_kept_one_and_those_of_which_nothing_is_known(world: World, now):
    store(late_night())
    tuesday = MONDAY + dt.timedelta(days=1)
    store(fixes([(at(tuesday, "07:10"), at(tuesday, "12:00+1"), HOME)]))
    judge(world.ada, until="12:00+2")
    now(at(MONDAY, "12:00+2"))
    days = {day.day: day for day in month(world).days}
    assert [days[MONDAY + dt.timedelta(days=n)].state for n in (-1, 0, 1)] == ["unknown", "broken", "kept"]
    assert 20 * 60 < days[MONDAY].broken_s < 40 * 60
    assert len(days) == 28
    assert max(days) == MONDAY + dt.timedelta(days=2)


def test_the_strip_and_the_week_say_the_same(world: World, now):
    """One reads stored findings, the other asks the engine."""
    store(late_night())
    store(fixes([(at(MONDAY, "07:10+1"), at(MONDAY, "09:00+3"), HOME)]))
    judge(world.ada, until="09:00+4")
    now(at(MONDAY, "09:00+4"))
    week = week_of(Subject(world.ada), monday_of(MONDAY))
    strip = {day.day: day.state for day in month(world).days}
    for n, day in enumerate(week.days[:4]):
        of_week = {row.cells[n].state for row in week.rows}
        assert strip[day] == next(s for s in ("broken", "unknown", "kept") if s in of_week), day


def test_time_is_counted_once_however_many_stretches_name_it():
    assert overlap_s([(0, 10_000_000)], [(2_000_000, 5_000_000), (4_000_000, 6_000_000)]) == 4


def test_the_trend_says_what_is_unknown_too(world: World, now):
    now(at(MONDAY, "12:00"))
    said = trend_words(month(world))
    assert said.startswith("Nothing was found broken in these four weeks. Of 28 days half or more is unknown")


def test_each_day_of_the_strip_leads_to_its_day(world: World, now, signed_in):
    store(late_night())
    judge(world.ada)
    now(at(MONDAY, "12:00+1"))
    client = signed_in(world.nora)
    page = client.get(reverse("person_page:overview", args=["P000001"])).content.decode()
    there = f"{reverse('person_page:day', args=['P000001'])}?on={MONDAY.isoformat()}"
    assert there in page
    day = client.get(there).content.decode()
    assert "Monday 16 November 2026" in day
    assert "Broken for 2" in day
    assert "condition=curfew" in day


def test_the_name_is_the_heading(world: World, signed_in):
    page = signed_in(world.nora).get(reverse("person_page:overview", args=["P000001"])).content.decode()
    assert '<h1 class="govuk-heading-l person-name">Ada Vale</h1>' in page
    assert page.count("<h1") == 1


def test_the_share_served_and_what_is_not_recorded(world: World, now, signed_in):
    now(at(MONDAY, "12:00"))
    page = signed_in(world.nora).get(reverse("person_page:overview", args=["P000001"])).content.decode()
    assert "not recorded: no end" in page
    begins = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)
    ends = begins + 4 * (dt.datetime.fromtimestamp(at(MONDAY, "12:00") / 1e6, dt.UTC) - begins)
    Order.objects.update(ends_utc=ends, extra={"x_offence": "Burglary", "x_convicted_on": "2025-02-20"})
    (one,) = sentences_of(world.ada, at(MONDAY, "12:00"))
    assert (one.percent_served, one.offence, one.convicted_on) == (25, "Burglary", dt.date(2025, 2, 20))
    page = signed_in(world.nora).get(reverse("person_page:overview", args=["P000001"])).content.decode()
    assert "25 of 100 served" in page


def test_an_order_is_served_whole_only_when_it_has_ended(world: World):
    Order.objects.update(ends_utc=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    day_before = round(dt.datetime(2025, 12, 31, 23, 59, tzinfo=dt.UTC).timestamp() * 1e6)
    assert sentences_of(world.ada, day_before)[0].percent_served == 99
    assert sentences_of(world.ada, at(MONDAY, "12:00"))[0].ended


def test_what_changed_since_this_user_last_looked(world: World, now, signed_in):
    client, url = signed_in(world.nora), reverse("person_page:overview", args=["P000001"])
    first_us = at(MONDAY, "12:00")
    now(first_us)
    assert "You have not opened this record before." in client.get(url).content.decode()
    senior = world.users[Role.SENIOR_PRACTITIONER]
    later = dt.datetime.fromtimestamp((first_us + 60 * MINUTE_US) / 1e6, dt.UTC)
    Note.objects.create(person=world.ada, text="He rang.", by=senior, at_utc=later)
    Note.objects.create(person=world.ada, text="Mine.", by=world.nora, at_utc=later)
    Finding.objects.create(
        finding_id="f1", person=world.ada, kind="late_return", status="closed", start_us=first_us, end_us=first_us + 1,
        seconds=1.0, level="review", revision=1, told_us=first_us + 61 * MINUTE_US, row={},
    )  # fmt: skip
    now(first_us + 120 * MINUTE_US)
    page = client.get(url).content.decode()
    assert "2 changes:" in page
    assert "Note by Test senior_practitioner" in page
    assert "Found: Came back late" in page
    assert "Note by Test practitioner" not in page
    assert "2 changes:" in client.get(url).content.decode(), "the same visit"
    now(first_us + 240 * MINUTE_US)
    assert "Nothing has changed." in client.get(url).content.decode()


def test_what_somebody_else_looked_at_is_no_visit_of_mine(world: World, now, signed_in):
    now(at(MONDAY, "12:00"))
    signed_in(world.users[Role.SENIOR_PRACTITIONER]).get(reverse("person_page:overview", args=["P000001"]))
    assert Entry.objects.filter(what="person.overview").count() == 1
    assert last_look_us(world.nora, world.ada, at(MONDAY, "18:00")) is None
    assert since_last_look(world.nora, world.ada, at(MONDAY, "18:00")).changes == ()


def test_the_slot_of_the_next_appointment_takes_the_earliest_of_all_apps(
    world: World, now, signed_in, monkeypatch
):
    now(at(MONDAY, "12:00"))
    url = reverse("person_page:overview", args=["P000001"])
    assert "Next appointment" not in signed_in(world.nora).get(url).content.decode(), "no app keeps any"
    tuesday = dt.datetime(2026, 11, 17, 10, tzinfo=dt.UTC)
    sources = (
        lambda user, person, at_utc: NextAppointment(tuesday + dt.timedelta(days=1), "Drug test"),
        lambda user, person, at_utc: NextAppointment(tuesday, "Meeting with Nora", "North office"),
        lambda user, person, at_utc: None,
    )
    monkeypatch.setattr(appointments, "next_appointments", lambda: sources)
    page = signed_in(world.nora).get(url).content.decode()
    assert "Meeting with Nora" in page
    assert "North office" in page
    assert "Drug test" not in page
    monkeypatch.setattr(appointments, "next_appointments", lambda: sources[2:])
    assert "No appointment is planned." in signed_in(world.nora).get(url).content.decode()
