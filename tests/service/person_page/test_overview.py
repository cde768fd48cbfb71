"""What the first page says of now, of tonight, of devices; and the week."""

from __future__ import annotations

import copy
import datetime as dt

import pyarrow as pa
import pytest
from django.core.cache import cache
from django.urls import reverse

from milepost.compliance.learned_errors import LearnedErrors
from milepost.compliance.rule_tables import RuleSet
from milepost.service import clock
from milepost.service.accounts.roles import Role
from milepost.service.monitoring.models import Decision, Incident
from milepost.service.monitoring.person_totals import totals_of_person
from milepost.service.orders.models import Activation, OrderVersion
from milepost.service.person_page.lately import lately
from milepost.service.person_page.owed import owed_next
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.views.week import cell_words
from milepost.service.person_page.week import week_of
from milepost.service.signals.roll import open_lake, roll
from milepost.tracks.record import FIXES, Quality
from tests.service.engine.tags import event
from tests.service.monitoring.factory import MINUTE_US, MONDAY, OUT, at, fixes, judge, late_night, store
from tests.service.world import DOCUMENT, FITTED, HOME, World, approval_by

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_cache():
    cache.clear()


@pytest.fixture
def now(monkeypatch):
    """Sets the service's clock."""

    def set_now(us: int) -> None:
        monkeypatch.setattr(clock, "now_us", lambda: us)

    return set_now


def test_tonight_in_plain_words(world: World, now):
    now(at(MONDAY, "18:00"))
    owed = owed_next(Subject(world.ada))
    assert [(o.when, o.duty, o.now) for o in owed] == [
        ("From 19:00 until 07:00 the next day", "Be at Home", False),
        ("All the time", "Keep out of the zone “Protects a person”", True),
    ]
    now(at(MONDAY, "23:00"))
    assert owed_next(Subject(world.ada))[0].when == "Now, until 07:00 the next day"


def test_at_home_with_its_chance_and_age(world: World, now, signed_in):
    store(fixes([(at(MONDAY, "20:00"), at(MONDAY, "20:30"), HOME)]))
    now(at(MONDAY, "20:31"))
    said = lately(Subject(world.ada), ())
    assert said.places == ("at Home (over 99.9% sure)",)
    assert (said.source, said.accuracy) == ("satellites (GPS)", "within 12 m, 95 times in 100")
    assert said.silent_since_us is None
    page = signed_in(world.nora).get(reverse("person_page:overview", args=["P000001"])).content.decode()
    assert "at Home (over 99.9% sure)" in page
    assert "2 minutes ago" in page


def test_the_last_position_is_believed_as_was_learned(world: World, now):
    """The device claims 12 m; such positions were seen to be ten times as far off."""
    store(fixes([(at(MONDAY, "20:00"), at(MONDAY, "20:30"), HOME)]))
    now(at(MONDAY, "20:31"))
    seen = {"source": "GPS", "floor_m": 25.0, "fixes": 900, "nights": 40, "devices": 9, "real_50_m": 9,
            "real_95_m": 60, "real_99_m": 90, "witness": "home_unit"}  # fmt: skip
    head = {
        "id": "learned",
        "version": 1,
        "owner": "tests",
        "effective_from": "2026-01-01",
        "source_document": "None",
    }
    table = LearnedErrors.model_validate({"table": head, "error": [{**seen, "factor": 10.0}]})
    subject = Subject(world.ada)
    subject.rules = RuleSet(subject.rules.tables, [table])
    said = lately(subject, ())
    assert said.accuracy == "within 120 m, 95 times in 100"
    assert "over 99.9% sure" not in said.places[0]


def test_a_day_says_where_the_place_is_too_small_for_its_positions(world: World, now, signed_in):
    night = fixes([(at(MONDAY, "18:00"), at(MONDAY, "23:00"), HOME)])
    coarse = pa.array([400.0] * night.fixes.num_rows, FIXES.field("precision_m").type)
    night.fixes = night.fixes.set_column(
        FIXES.get_field_index("precision_m"), FIXES.field("precision_m"), coarse
    )
    store(night)
    now(at(MONDAY, "23:00"))
    week = week_of(Subject(world.ada), MONDAY)
    curfew = next(row for row in week.rows if row.kind == "curfew")
    href = reverse("person_page:day", args=["P000001"])
    query = {"order": curfew.order_id, "condition": curfew.condition_id, "on": MONDAY.isoformat()}
    page = signed_in(world.nora).get(href, query).content.decode()
    assert (
        "Of the positions in this time, 100% may be wrong by more than the size of the place, a circle with a radius of"
        in page
    )
    zone = next(row for row in week.rows if row.kind == "exclusion_zone")
    assert not any(cell.too_small for cell in zone.cells)


def test_away_is_said_as_a_distance(world: World, now):
    store(fixes([(at(MONDAY, "20:00"), at(MONDAY, "20:30"), OUT)]))
    now(at(MONDAY, "20:31"))
    assert lately(Subject(world.ada), ()).places == ("1.1 km from the zone “Protects a person”",) or lately(
        Subject(world.ada), ()).places[0].startswith("1.")  # fmt: skip


def test_silence_has_its_length_and_cause(world: World, now, signed_in):
    store(fixes([(at(MONDAY, "16:00"), at(MONDAY, "17:00"), HOME)]))
    store(event(at(MONDAY, "17:00"), "battery_dead"))
    now(at(MONDAY, "20:00"))
    found = lately(Subject(world.ada), ())
    assert (found.silent_since_us, found.silence_cause) == (at(MONDAY, "17:00"), "flat battery")
    page = signed_in(world.nora).get(reverse("person_page:overview", args=["P000001"])).content.decode()
    assert "No signal for 3 hours: flat battery." in page


@pytest.mark.parametrize(("every_minutes", "silent"), [(1, True), (15, False)])
def test_a_silence_is_longer_than_the_tags_own_schedule(world: World, now, every_minutes, silent):
    """Sixteen minutes after the last position, of a tag that reports each minute or each quarter of an hour."""
    heard = fixes([(at(MONDAY, "16:00"), at(MONDAY, "18:01"), HOME)])
    heard.fixes = heard.fixes.take(list(range(0, 121, every_minutes)))
    store(heard)
    now(at(MONDAY, "18:16"))
    assert (lately(Subject(world.ada), ()).silent_since_us is not None) == silent


@pytest.mark.parametrize("days", [36, 50, 200])
def test_where_a_missing_person_was_last_is_said_months_later(world: World, now, settings, tmp_path, days):
    """The position has left the database; its fellows on somebody else's tag, and one that misleads, are no answer."""
    store(fixes([(at(MONDAY, "16:00"), at(MONDAY, "17:00"), HOME)]))
    wrong = fixes([(at(MONDAY, "17:00"), at(MONDAY, "17:01"), OUT)])
    quality = pa.array([int(Quality.NOT_VALID)], FIXES.field("quality").type)
    wrong.fixes = wrong.fixes.set_column(FIXES.get_field_index("quality"), FIXES.field("quality"), quality)
    store(wrong)
    later = at(MONDAY + dt.timedelta(days=days), "20:00")
    store(fixes([(later - 60 * MINUTE_US, later, OUT)], "tag-of-another"))
    settings.LAKE = tmp_path / "lake"
    roll(open_lake(settings.LAKE), dt.datetime.fromtimestamp(later / 1e6, dt.UTC))
    now(later)
    found = lately(Subject(world.ada), ())
    assert found.places == ("at Home (over 99.9% sure)",)
    assert found.fix.time_us == at(MONDAY, "16:59")
    assert found.silent_since_us == at(MONDAY, "16:59")
    Activation.objects.update(from_utc=dt.datetime.fromtimestamp(at(MONDAY, "18:00") / 1e6, dt.UTC))
    assert lately(Subject(world.ada), ()).fix is None, "before it was hers"


def test_what_the_device_said_on_somebody_else_is_not_theirs(world: World, now):
    store(fixes([(at(MONDAY, "16:00"), at(MONDAY, "17:00"), HOME)]))
    Activation.objects.update(from_utc=dt.datetime.fromtimestamp(at(MONDAY, "18:00") / 1e6, dt.UTC))
    now(at(MONDAY, "20:00"))
    found = lately(Subject(world.ada), ())
    assert found.fix is None
    assert found.devices[0].last_contact_us is None


def test_tampers_stand_until_restored(world: World, now):
    store(event(at(MONDAY, "16:00"), "strap_tamper"))
    now(at(MONDAY, "20:00"))
    assert lately(Subject(world.ada), ()).devices[0].tampers == (("strap_tamper", at(MONDAY, "16:00")),)
    store(event(at(MONDAY, "17:00"), "strap_restored"))
    assert lately(Subject(world.ada), ()).devices[0].tampers == ()


def test_an_excuse_takes_minutes_off_and_both_are_shown(world: World, now):
    store(late_night())
    judge(world.ada)
    now(at(MONDAY, "07:30+1"))
    before = totals(world)[0]
    assert before.counted_minutes == before.found_minutes > 20
    incident = Incident.objects.get()
    Decision.objects.create(
        incident=incident,
        kind="excused",
        state="stands",
        incident_revision=0,
        by=world.nora,
        counts_toward_total=False,
    )
    after = totals(world)[0]
    assert (after.found_minutes, after.counted_minutes) == (before.found_minutes, 0)


def test_a_person_with_nothing_has_pages_that_say_so(world: World, signed_in):
    client = signed_in(world.sam)
    for name in ("overview", "week", "trail", "zones", "orders", "history", "devices", "notes", "details"):
        assert client.get(reverse(f"person_page:{name}", args=["P000002"])).status_code == 200, name
    assert (
        "No device is fitted"
        in client.get(reverse("person_page:overview", args=["P000002"])).content.decode()
    )
    assert (
        "nothing was required" in client.get(reverse("person_page:week", args=["P000002"])).content.decode()
    )


def curfew(world: World, day: dt.date = MONDAY):
    week = week_of(Subject(world.ada), day - dt.timedelta(days=day.weekday()))
    return week, next(row for row in week.rows if row.condition_id == "curfew")


def test_the_week_says_kept_broken_unknown_and_not_yet(world: World, now):
    store(late_night())
    tuesday = MONDAY + dt.timedelta(days=1)
    store(fixes([(at(tuesday, "18:30"), at(tuesday, "07:10+1"), HOME)]))
    now(at(MONDAY, "12:00+3"))
    _, row = curfew(world)
    assert [cell.state for cell in row.cells] == [
        "broken",
        "kept",
        "unknown",
        "not_yet",
        "not_yet",
        "not_yet",
        "not_yet",
    ]
    assert cell_words(row.cells[0]).startswith("Broken for 2")
    assert cell_words(row.cells[1]).startswith("Kept, ")
    assert cell_words(row.cells[2]).endswith("0% seen")


def test_silence_is_neither_kept_nor_broken(world: World, now):
    now(at(MONDAY, "12:00+8"))
    _, row = curfew(world)
    assert {cell.state for cell in row.cells} == {"unknown"}
    assert all(cell.broken_s == 0 and cell.met_s == 0 for cell in row.cells)


@pytest.mark.parametrize(("sunday", "hours"), [(dt.date(2026, 3, 29), 11), (dt.date(2026, 10, 25), 13)])
def test_the_night_the_clocks_change_is_as_long_as_it_is(world: World, now, sunday, hours):
    saturday = sunday - dt.timedelta(days=1)
    store(fixes([(at(saturday, "18:30"), at(saturday, "07:10+1"), HOME)]))
    now(at(saturday, "12:00+3"))
    week, row = curfew(world, saturday)
    assert row.cells[5].owed_s == hours * 3600
    assert row.cells[5].state == "kept"
    assert (week.bounds_us[7] - week.bounds_us[6]) == (24 + hours - 12) * 3600 * 1_000_000


def test_late_signals_change_the_week_at_once(world: World, now):
    now(at(MONDAY, "12:00+1"))
    assert curfew(world)[1].cells[0].state == "unknown"
    store(fixes([(at(MONDAY, "18:30"), at(MONDAY, "07:10+1"), HOME)]))
    assert curfew(world)[1].cells[0].state == "kept"


def test_a_changed_order_changes_the_week_at_once(world: World, now):
    store(late_night())
    now(at(MONDAY, "12:00+1"))
    assert curfew(world)[1].cells[0].state == "broken"
    document = copy.deepcopy(DOCUMENT)
    document["conditions"][0]["schedule"][0]["from_time"] = "20:00"
    OrderVersion.objects.create(
        order=world.order, version=2, state="approved", effective_from_utc=FITTED, document=document, made_by=world.nora,
        approval=approval_by(world.users[Role.SENIOR_PRACTITIONER]), decided_by=world.users[Role.SENIOR_PRACTITIONER],
    )  # fmt: skip
    assert curfew(world)[1].cells[0].state == "kept"


def test_a_stored_zone_that_cannot_be_used_says_why_on_the_page_and_among_duties(
    world: World, now, signed_in
):
    document = copy.deepcopy(DOCUMENT)
    crossed = [[[1.7, 53.7], [1.8, 53.8], [1.8, 53.7], [1.7, 53.8], [1.7, 53.7]]]
    zone = {"id": "crossed", "kind": "exclusion_zone", "from": "2026-03-01", "timezone": "Europe/London"}
    document["conditions"].append(zone | {"geometry": {"type": "Polygon", "coordinates": crossed}})
    OrderVersion.objects.create(
        order=world.order, version=2, state="approved", effective_from_utc=FITTED, document=document, made_by=world.nora,
        approval=approval_by(world.users[Role.SENIOR_PRACTITIONER]), decided_by=world.users[Role.SENIOR_PRACTITIONER],
    )  # fmt: skip
    now(at(MONDAY, "12:00+1"))
    client = signed_in(world.nora)
    page = client.get(reverse("person_page:zones", args=["P000001"])).content.decode()
    why = "cannot be used: its boundary crosses itself, near longitude 1.75, latitude 53.75. Draw it again"
    assert why in page
    assert why in next(o.cannot for o in owed_next(Subject(world.ada)) if o.cannot)


def test_a_cell_opens_what_happened_with_its_decision(world: World, now, signed_in):
    store(late_night())
    judge(world.ada)
    Decision.objects.create(
        incident=Incident.objects.get(), kind="excused", state="stands", incident_revision=0, by=world.nora,
        explanation="Bus broke down",
    )  # fmt: skip
    now(at(MONDAY, "12:00+1"))
    client = signed_in(world.nora)
    url = reverse("person_page:day", args=["P000001"])
    asked = {"order": "O000001", "condition": "curfew", "on": MONDAY.isoformat()}
    page = client.get(url, asked).content.decode()
    for words in ("Came back late", "Bus broke down", "Broken", "Kept"):
        assert words in page
    assert (
        "Excused"
        in client.get(
            reverse("person_page:week", args=["P000001"]), {"from": MONDAY.isoformat()}
        ).content.decode()
    )
    for wrong in ({"on": "soon"}, {"condition": "other"}, {"on": "0001-01-01"}):
        assert client.get(url, asked | wrong).status_code == 404


@pytest.mark.parametrize("wrong", ["x", "0001-01-01", "9999-12-31", "2026-13-01"])
def test_a_week_that_is_none_is_not_found(world: World, signed_in, wrong):
    assert (
        signed_in(world.nora).get(reverse("person_page:week", args=["P000001"]), {"from": wrong}).status_code
        == 404
    )


def test_every_page_is_logged_once(world: World, signed_in):
    from milepost.service.audit.models import Entry

    client = signed_in(world.users[Role.MONITORING_OFFICER])
    for name in ("overview", "week", "history", "devices", "notes", "details", "zones", "orders", "trail"):
        client.get(reverse(f"person_page:{name}", args=["P000001"]))
        assert (
            Entry.objects.filter(what=f"person.{name}", subject="P000001", operation="consultation").count()
            == 1
        )


def test_a_cell_that_ends_has_all_its_minutes(world: World, now):
    store(fixes([(at(MONDAY, "18:30"), at(MONDAY, "07:10+1"), HOME)]))
    now(at(MONDAY, "22:00"))
    cell = curfew(world)[1].cells[0]
    assert cell.running
    assert cell.judged_s == pytest.approx(3 * 3600, abs=MINUTE_US / 1e6)


def totals(world):
    ada = Subject(world.ada)
    return totals_of_person(ada.person, ada.order_file, ada.rules, until_us=ada.now_us)
