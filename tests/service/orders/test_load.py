"""An order file into the database: what is made, what stays, what is left out and named."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from milepost.orders.diff import diff_orders
from milepost.orders.model import OrderFile
from milepost.orders.read import parse_order_file, read_order_file
from milepost.orders.write import to_plain
from milepost.service import events
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.orders.engine_file import order_file_of
from milepost.service.orders.load import load_order_file
from milepost.service.orders.models import Activation, Device, Order, OrderVersion, ToJudge
from milepost.service.orders.policy_data import FAR_OFF
from milepost.service.people.models import Person
from tests.service.world import ATTESTED, DOCUMENT

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "orders.json"


def file_of(**changes):
    raw = {
        "milepost": 1,
        "people": [{"id": "N1", "name": "Élan Märsh", "date_of_birth": "1991-02-03", "synthetic": True}],
        "activations": [
            {"id": "NA1", "device_id": "tag-n1", "person_id": "N1", "from_utc": "2026-03-01T12:00:00Z"}
        ],
        "orders": [
            {
                "id": "NO1", "person_id": "N1", "regime": "community_order", "x_convicted_on": "2026-02-01",
                "versions": [{"version": 1, "effective_from_utc": "2026-03-01T12:00:00Z", "x_kept": [1, {"a": None}],
                              **DOCUMENT}],
            }
        ],
    }  # fmt: skip
    order_file, problems = parse_order_file({**raw, **changes}, "test.json")
    assert all(problem.severity == "warning" for problem in problems)
    return order_file


def of_ada():
    """The same order, of somebody whom North's practitioner sees."""
    order_file = file_of(people=[], activations=[])
    order_file.orders[0].person_id = "P000001"
    return order_file


@pytest.mark.django_db
def test_the_example_of_the_docs_goes_in_and_comes_out_as_the_engine_read_it():
    order_file, _ = read_order_file(EXAMPLE)
    loaded = load_order_file(order_file, by=None, attested=ATTESTED, team=None)
    assert not loaded.problems
    assert len(loaded.orders) == len(order_file.orders) > 0
    people = Person.objects.filter(reference__in=[p.id for p in order_file.people]).order_by("pk")
    out = order_file_of(people)
    assert diff_orders(OrderFile(orders=order_file.orders), OrderFile(orders=out.orders)) == []


@pytest.mark.django_db
def test_unknown_fields_come_back_as_they_were():
    order_file = file_of()
    load_order_file(order_file, by=None, attested=ATTESTED, team=None)
    out = order_file_of(Person.objects.all())
    assert diff_orders(OrderFile(orders=order_file.orders), OrderFile(orders=out.orders)) == []
    assert out.orders[0].versions[0].model_extra == {"x_kept": [1, {"a": None}]}


@pytest.mark.django_db
def test_a_person_is_found_without_accents_and_seen_by_monitoring_while_on_tag(world):
    load_order_file(file_of(), by=None, attested=ATTESTED, team=world.north)
    person = Person.objects.get(reference="N1")
    assert (person.search_name, person.date_of_birth) == ("elan marsh", dt.date(1991, 2, 3))
    assert person.monitored_until_utc == FAR_OFF
    assert Person.objects.visible_to(world.users[Role.MONITORING_OFFICER]).filter(pk=person.pk).exists()
    assert ToJudge.objects.filter(person=person).exists()


@pytest.mark.django_db
def test_loading_twice_changes_nothing():
    load_order_file(file_of(), by=None, attested=ATTESTED, team=None)
    again = load_order_file(file_of(), by=None, attested=ATTESTED, team=None)
    assert again.n_made == 0
    assert not again.problems
    assert again.known == {"people": 1, "orders": 1, "versions": 1, "activations": 1}
    assert (Person.objects.count(), Order.objects.count(), Activation.objects.count()) == (1, 1, 1)


@pytest.mark.django_db
def test_a_version_that_differs_from_the_one_here_is_named_and_stays():
    load_order_file(file_of(), by=None, attested=ATTESTED, team=None)
    order_file = file_of()
    order_file.orders[0].versions[0].conditions.pop()
    again = load_order_file(order_file, by=None, attested=ATTESTED, team=None)
    assert [p.message for p in again.problems] == ["differs from the one that is here, which stays as it is"]
    assert len(OrderVersion.objects.get().document["conditions"]) == 2


@pytest.mark.django_db
def test_a_new_version_of_a_known_order_goes_in():
    load_order_file(file_of(), by=None, attested=ATTESTED, team=None)
    order_file = file_of()
    second = order_file.orders[0].versions[0].model_copy(update={"version": 2}, deep=True)
    order_file.orders[0].versions.append(second)
    assert load_order_file(order_file, by=None, attested=ATTESTED, team=None).versions == [("NO1", 2)]


@pytest.mark.django_db
def test_a_change_is_judged_from_when_it_counts_and_a_new_person_only_from_now_on():
    first = file_of()
    load_order_file(first, by=None, attested=ATTESTED, team=None)
    assert ToJudge.objects.get().from_us is None
    raw = to_plain(first)
    again = {**raw["orders"][0]["versions"][0], "version": 2, "effective_from_utc": "2026-03-05T12:00:00Z"}
    raw["orders"][0]["versions"].append(again)
    load_order_file(OrderFile.model_validate(raw), by=None, attested=ATTESTED, team=None)
    assert ToJudge.objects.get().from_us == 1_772_712_000_000_000, "5 March 2026 at noon"


@pytest.mark.django_db
def test_without_approval_the_engine_is_told_nothing(world):
    load_order_file(of_ada(), by=world.nora, team=world.north)
    assert OrderVersion.objects.get(order__file_reference="NO1").state == "draft"
    assert [order.id for order in order_file_of([world.ada]).orders] == ["O000001"]


@pytest.mark.django_db
def test_a_person_one_may_not_see_cannot_be_written_to(world):
    order_file = file_of(people=[], activations=[])
    order_file.orders[0].person_id = world.ben.reference  # South's
    loaded = load_order_file(order_file, by=world.nora, team=world.north)
    assert not Order.objects.filter(person=world.ben).exists()
    assert (loaded.to_check, loaded.problems) == (["P000002"], [])


@pytest.mark.django_db
def test_a_tag_is_never_on_two_people_at_once(world):
    order_file = file_of()
    order_file.activations[0].device_id = world.tag.device_id  # Ada wears it
    loaded = load_order_file(order_file, by=None, attested=ATTESTED, team=None)
    assert loaded.activations == []
    assert "A000001" in loaded.problems[0].message
    assert Device.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "spoil",
    [
        lambda f: setattr(f.orders[0], "id", "x" * 61),
        lambda f: setattr(f.orders[0], "id", "a\x00b"),
        lambda f: f.orders[0].versions[0].conditions[1].__setattr__("purpose", "NUL \x00"),
        lambda f: f.orders[0].versions[0].conditions[1].__setattr__("purpose", "half \ud800"),
        lambda f: f.orders[0].versions[0].model_extra.__setitem__("x_far", float("inf")),
        lambda f: setattr(f.orders[0].versions[0], "effective_from_utc", dt.datetime(1, 1, 1, tzinfo=dt.UTC)),
        lambda f: setattr(f.orders[0], "versions", []),
    ],
)  # fmt: skip
def test_an_order_that_no_database_can_keep_is_left_out_and_named(spoil):
    order_file = file_of()
    spoil(order_file)
    loaded = load_order_file(order_file, by=None, attested=ATTESTED, team=None)
    assert loaded.orders == []
    assert loaded.problems
    assert all(p.remedy for p in loaded.problems)
    assert loaded.people == ["N1"]


@pytest.mark.django_db
def test_each_person_can_ask_who_loaded_their_record(world):
    load_order_file(of_ada(), by=world.nora, team=world.north)
    entry = Entry.objects.get(subject="P000001")
    assert (entry.what, entry.operation, entry.actor) == (
        "person.import",
        "collection",
        f"user:{world.nora.pk}",
    )
    assert "Élan" not in str(list(Entry.objects.values()))


@pytest.mark.django_db
def test_an_approved_order_without_a_tag_is_seen_by_whoever_must_fit_one(world):
    load_order_file(file_of(activations=[]), by=None, attested=ATTESTED, team=world.north)
    officer = world.users[Role.MONITORING_OFFICER]
    assert Person.objects.visible_to(officer).filter(reference="N1").exists()


@pytest.mark.django_db
def test_a_new_approved_version_brings_the_orders_new_end_with_it():
    load_order_file(file_of(), by=None, attested=ATTESTED, team=None)
    order_file = file_of()
    order_file.orders[0].ends_utc = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    order_file.orders[0].versions[0].version = 2
    load_order_file(order_file, by=None, attested=ATTESTED, team=None)
    assert Order.objects.get().ends_utc == dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_each_approval_of_a_file_is_announced(world):
    heard = []
    listener = lambda event, body: heard.append((event, body["order"]))  # noqa: E731
    events.listen(listener)
    try:
        load_order_file(file_of(), by=None, attested=ATTESTED, team=None)
    finally:
        events._listeners.remove(listener)
    assert heard == [("order.approved", "NO1")]
