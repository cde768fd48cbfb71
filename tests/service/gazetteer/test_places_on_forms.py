"""Places of an order by postcode and address, with no script; what is kept of how they were found."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from django.urls import reverse
from django.utils import timezone

from milepost.service.accounts.roles import Role
from milepost.service.gazetteer.commands import group
from milepost.service.orders.actions import drafts
from milepost.service.orders.models import OrderVersion
from tests.service.orders.test_drafts import at, day_parts
from tests.service.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(world: World) -> OrderVersion:
    return drafts.start_order(by=world.nora, person=world.ada, regime="community_order", source="")


def chosen(page: str, name: str = "find") -> list[str]:
    import re

    return re.findall(rf'name="{name}-chosen" type="radio" value="([^"]+)"', page)


def test_a_place_is_found_chosen_and_kept_with_how_it_was_found(world, signed_in, version, town):
    client, address = signed_in(world.nora), at(version, "place-add")
    asked = {"name": "Home", "find": "2 example st", "radius_m": "60", "address": "", "geojson": "", "latitude": "",
             "longitude": ""}  # fmt: skip
    page = client.post(address, asked)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Select one of those that were found" in text
    assert 'value="60"' in text, "what was filled in is there"
    assert "Source: Office for National Statistics" in text
    assert "Addresses: Synthetic addresses." in text
    (key,) = chosen(text)
    assert client.post(address, asked | {"find-chosen": key, "find-asked": "2 example st"}).status_code == 302
    version.refresh_from_db()
    (place,) = version.document["places"]
    assert place["circle"] == {"lon": -1.1432, "lat": 60.1532, "radius_m": 60}
    assert place["address"] == "2 Example Street, Exampletown, ZE1 0AA"
    assert place["x_found_by"] == {"kind": "address", "text": place["address"], "moved": False}
    checked = client.get(at(version, "check")).content.decode()
    assert "At the address 2 Example Street" in checked
    assert "milepost-map" in checked
    assert "Every place and zone of this order" in checked


def test_the_middle_of_a_postcode_is_never_taken_for_a_house_without_saying_so(
    world, signed_in, version, postcodes
):
    client, address = signed_in(world.nora), at(version, "place-add")
    asked = {"name": "Home", "find": "ze10aa", "radius_m": "60"}
    page = client.post(address, asked).content.decode()
    assert chosen(page) == ["postcode:ZE10AA"], "one that fits is asked about, too"
    client.post(address, asked | {"find-chosen": "postcode:ZE10AA", "find-asked": "ze10aa"})
    assert "The middle of postcode ZE1 0AA, not a house" in client.get(at(version, "check")).content.decode()


def test_an_answer_to_another_question_is_not_taken(world, signed_in, version, town):
    """Somebody typed on after the radio buttons were shown: they are asked again."""
    client, address = signed_in(world.nora), at(version, "place-add")
    data = {
        "name": "Home",
        "find": "market",
        "radius_m": "60",
        "find-chosen": "postcode:ZE10AA",
        "find-asked": "ze10aa",
    }
    page = client.post(address, data)
    assert page.status_code == 200
    assert len(chosen(page.content.decode())) == 2, "the street, and the house in it"


@pytest.mark.parametrize(("typed", "said"), [
    ("ze9 9zz", "There is no postcode ZE9 9ZZ"), ("JE2 3QA", "no position for JE2 3QA"),
    ("Nowhere Lane", "Only postcodes are known here"),
])  # fmt: skip
def test_what_is_not_found_says_what_to_do(world, signed_in, version, postcodes, typed, said):
    client = signed_in(world.nora)
    page = client.post(
        at(version, "place-add"), {"name": "Home", "find": typed, "radius_m": "60"}
    ).content.decode()
    assert said in page
    assert "show the place on the map" in page
    assert said in client.get(reverse("gazetteer:find"), {"q": typed}).json()["said"]


def test_a_point_that_was_moved_says_so_and_coordinates_are_for_those_who_have_them(
    world, signed_in, version, town
):
    client, address = signed_in(world.nora), at(version, "place-add")
    drawn = '{"type":"Feature","properties":{"radius_m":80},"geometry":{"type":"Point","coordinates":[-1.1440,60.1535]}}'
    client.post(address, {"name": "Home", "find": "ze10aa", "find-chosen": "postcode:ZE10AA", "find-asked": "ze10aa",
                          "radius_m": "80", "geojson": drawn})  # fmt: skip
    version.refresh_from_db()
    (place,) = version.document["places"]
    assert place["circle"] == {"lon": -1.144, "lat": 60.1535, "radius_m": 80}
    assert place["x_found_by"]["moved"] is True
    page = client.get(address).content.decode()
    assert page.index("I have coordinates") < page.index('name="latitude"')
    changed = {"name": "Home", "latitude": "60.2", "longitude": "-1.2", "radius_m": "80", "geojson": ""}
    client.post(at(version, "place", part_id="home"), changed)
    version.refresh_from_db()
    assert version.document["places"][0]["circle"]["lat"] == 60.2
    assert "x_found_by" not in version.document["places"][0], "it no longer has to do with what was found"
    found = changed | {"find": "ze10aa", "find-chosen": "postcode:ZE10AA", "find-asked": "ze10aa"}
    client.post(at(version, "place", part_id="home"), found)
    version.refresh_from_db()
    assert version.document["places"][0]["x_found_by"]["text"] == "ZE1 0AA", (
        "the boxes showed what was there before"
    )


def test_a_zone_lies_around_an_address(world, signed_in, version, town):
    client, address = signed_in(world.nora), at(version, "condition-add", kind="exclusion_zone")
    first = timezone.now().date()
    data = {
        "kind": "exclusion_zone",
        "how": "found",
        "find": "9 market",
        "found_m": "200",
        **day_parts("from_date", first),
    }
    (key,) = chosen(client.post(address, data).content.decode())
    assert client.post(address, data | {"find-chosen": key, "find-asked": "9 market"}).status_code == 302
    version.refresh_from_db()
    (zone,) = version.document["conditions"]
    assert zone["circle"] == {"lon": -1.15, "lat": 60.16, "radius_m": 200}
    data["find"] = data["found_m"] = ""
    page = client.post(address, data).content.decode()
    assert "Enter postcode or address" in page
    assert "Enter the length" not in page


def test_the_command_takes_in_an_address_file_and_names_what_is_wrong(postcodes, tmp_path, settings):
    path = tmp_path / "area.csv"
    head = "address,street,town,postcode,latitude,longitude\n"
    path.write_text(head + "1 Quay,Quay,Lerwick,ZE1 0AA,60.153,-1.143\n2 Quay,Quay,Lerwick,ZE1 0AA,60.153,\n")
    done = CliRunner().invoke(group, ["addresses", str(path)])
    assert done.exit_code == 0, done.output
    assert "area.csv, row 3, field longitude: is not a number" in done.output
    assert "1 of 2 addresses taken in" in done.output
    path.write_text("")
    done = CliRunner().invoke(group, ["addresses", str(path)])
    assert done.exit_code == 1
    assert "the file is empty" in done.output
    assert "postcodes of edition" in CliRunner().invoke(group, ["postcodes"]).output


def test_only_those_who_write_orders_search_and_nothing_is_kept_of_it(world, signed_in, town):
    from milepost.service.audit.models import Entry

    before = Entry.objects.count()
    answer = signed_in(world.nora).get(reverse("gazetteer:find"), {"q": "example"}).json()
    assert answer["options"][0]["text"] == "Exampletown"
    assert signed_in(world.users[Role.AUDITOR]).get(reverse("gazetteer:find"), {"q": "x"}).status_code == 403
    assert not Entry.objects.filter(number__gt=before, what__startswith="gazetteer").exists()
