"""The list of orders: what is found by what was typed, what never is, and how it says that there is more."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.orders.models import Order
from milepost.service.people.models import NamedAccess, Person
from milepost.service.web.paging import MOST_LISTED, Newest
from tests.service.world import World, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(world: World, signed_in):
    """The references of the orders on the page that answers a search; asked by the practitioner of team A."""
    Order.objects.all().delete()
    team = world.nora.team
    for number, name in enumerate(("Zoë Llŷr-Bevan", "Anna Quill", "Percy Ünderwood"), start=1):
        person = make_person(f"Q{number:05d}", name, team)
        Order.objects.create(reference=f"ZZ-{number}", person=person, regime="community_order")

    def ask(text: str, user=world.nora) -> list[str]:
        answer = signed_in(user).get(reverse("orders:list"), {"q": text})
        assert answer.status_code == 200
        return sorted(set(re.findall(r">(ZZ-\d+)<", answer.content.decode())))

    return ask


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zoe", ["ZZ-1"]),
        ("ZOË", ["ZZ-1"]),
        ("bevan", ["ZZ-1"]),
        ("llyr-bev", ["ZZ-1"]),
        ("qui", ["ZZ-2"]),
        ("QUILL an", ["ZZ-2"]),
        ("under", ["ZZ-3"]),
        ("zz-2", ["ZZ-2"]),
        ("ZZ-", ["ZZ-1", "ZZ-2", "ZZ-3"]),
        ("q00003", ["ZZ-3"]),
        ("", ["ZZ-1", "ZZ-2", "ZZ-3"]),
    ],
)
def test_found_by_the_beginning_of_a_word_or_of_a_reference(listed, text, found):
    assert listed(text) == found


@pytest.mark.parametrize(
    "text", ["uill", "Z-1", "anna bevan", "%", "_", "ZZ%", "ZZ_1", "q0000_", "%uill", "*", "\\"]
)
def test_not_by_its_middle_nor_by_wildcards(listed, text):
    assert listed(text) == []


@pytest.mark.parametrize("text", ["", "quill", "ZZ-2", "Q00002"])
def test_a_restricted_person_is_never_confirmed(world: World, listed, text):
    quill = Person.objects.get(reference="Q00002")
    quill.restricted = True
    quill.save()
    assert "ZZ-2" not in listed(text)
    NamedAccess.objects.create(person=quill, user=world.nora, by=world.nora)
    assert "ZZ-2" in listed(text), "for those who are named on it"


@pytest.mark.parametrize("text", ["", "quill", "ZZ-2"])
def test_another_teams_are_not_found(world: World, listed, text):
    assert listed(text, world.sam) == []


def test_whom_a_list_begins_with_is_whom_the_user_may_see(world: World, listed):
    hidden = Person.objects.filter(reference__in=("Q00001", "Q00002"))
    hidden.update(restricted=True)
    NamedAccess.objects.create(person=hidden[0], user=world.nora, by=world.nora)
    for user in (world.nora, world.sam, *(world.users[role] for role in Role if role in world.users)):
        seen = set(Person.objects.visible_to(user).values_list("pk", flat=True))
        assert set(Person.objects.listed_for(user).values_list("pk", flat=True)) == seen, user.email


def test_no_more_than_the_newest_are_listed_and_it_says_so(world: World, listed, signed_in, monkeypatch):
    monkeypatch.setattr(Newest.__init__, "__defaults__", (2,))
    page = signed_in(world.nora).get(reverse("orders:list")).content.decode()
    assert "ZZ-3" in page
    assert "ZZ-2" in page
    assert "ZZ-1" not in page
    assert "Only the newest 2 are listed" in page
    assert listed("zoe") == ["ZZ-1"], "a search finds what is not listed"


def test_nothing_is_said_where_all_are_listed(world: World, listed, signed_in, monkeypatch):
    monkeypatch.setattr(Newest.__init__, "__defaults__", (3,))
    page = signed_in(world.nora).get(reverse("orders:list")).content.decode()
    assert "ZZ-1" in page
    assert "Only the newest" not in page


def test_pages_keep_the_order_and_count_no_more_than_the_limit(listed):
    assert MOST_LISTED == 1_000
    rows = Order.objects.order_by("-pk")
    paginator = Newest(rows, per_page=1, most=2)
    assert (paginator.count, paginator.num_pages, paginator.more) == (2, 2, True)
    assert [[o.reference for o in paginator.page(n)] for n in (1, 2)] == [["ZZ-3"], ["ZZ-2"]]
    assert [o.reference for o in paginator.get_page("99")] == ["ZZ-2"], "beyond the last page is the last"


def test_a_row_that_went_between_two_looks_is_left_out(listed):
    paginator = Newest(Order.objects.order_by("-pk"), per_page=3)
    Order.objects.filter(reference="ZZ-2").delete()
    assert [o.reference for o in paginator.page(1)] == ["ZZ-3", "ZZ-1"]
