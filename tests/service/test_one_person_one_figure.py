"""Pages and the API say the same of one person: the name, the days, how many alerts, when an order ends.

Pages are printed as they stand: what is printed is the page's own text.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.monitoring.models import Incident
from milepost.service.web.formats import end_date, local_date, short_end_date
from tests.service.api.conftest import Caller
from tests.service.monitoring.factory import late_incident
from tests.service.web.welsh import read
from tests.service.world import World

pytestmark = pytest.mark.django_db
LAST_DAY = dt.date(2099, 3, 5)


def texts(client, name: str, **keys: object) -> list[str]:
    page = client.get(reverse(name, kwargs=keys))
    assert page.status_code == 200, name
    return read(page.content.decode())[1]


def says(page: list[str], text: str) -> bool:
    return any(text in piece for piece in page)


@pytest.fixture
def ending(world: World) -> World:
    """An order that ends with 5 March 2099, kept as the midnight after it."""
    world.order.ends_utc = dt.datetime(2099, 3, 6, tzinfo=dt.UTC)
    world.order.save(update_fields=["ends_utc"])
    return world


def test_every_page_and_the_api_name_the_same_person(ending: World, signed_in):
    said = Caller(ending.nora).get("/people/P000001").json()
    client = signed_in(ending.nora)
    born = local_date(dt.date.fromisoformat(said["date_of_birth"]))
    for name in ("overview", "week", "orders", "history", "devices", "notes", "details"):
        page = texts(client, f"person_page:{name}", reference="P000001")
        assert says(page, said["name"]), name
        assert says(page, said["reference"]), name
    assert says(texts(client, "person_page:details", reference="P000001"), born)


def test_the_last_day_of_an_order_is_one_day_everywhere(ending: World, signed_in):
    ends = dt.datetime.fromisoformat(Caller(ending.nora).get("/orders/O000001").json()["ends_utc"])
    assert (end_date(ends), short_end_date(ends)) == ("5 March 2099", "5 Mar 2099")
    client = signed_in(ending.nora)
    pages = {
        "order": texts(client, "orders:order", reference="O000001"),
        "person": texts(client, "person_page:orders", reference="P000001"),
        "list": texts(client, "orders:list"),
    }
    for name, page in pages.items():
        assert says(page, "5 March 2099") or says(page, "5 Mar 2099"), name
        assert not any(re.search(r"\b6 Mar(ch)? 2099", piece) for piece in page), name


def test_as_many_alerts_on_the_persons_page_as_in_the_api_and_on_the_board(ending: World, signed_in):
    late_incident(ending)
    officer = ending.users[Role.MONITORING_OFFICER]
    listed = Caller(officer).get("/incidents?person=P000001").json()["items"]
    assert [one["person"] for one in listed] == ["P000001"] * len(listed)
    open_now = Incident.objects.filter(person=ending.ada).exclude(state__in=["decided", "closed"])
    assert len(listed) == open_now.count() == 1
    client = signed_in(officer)
    title = str(open_now.get().pk)
    for name in ("monitoring:board",):
        html = client.get(reverse(name)).content.decode()
        assert len(set(re.findall(rf'href="([^"]*/{title}/?)"', html))) == 1, name
    html = client.get(reverse("person_page:overview", kwargs={"reference": "P000001"})).content.decode()
    assert reverse("monitoring:incident", kwargs={"pk": open_now.get().pk}) in html
