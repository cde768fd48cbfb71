"""The demo's town has addresses of its own, so that its streets are found by name."""

from __future__ import annotations

from pathlib import Path

from milepost.gazetteer.search import Gazetteer, PlaceKind
from milepost.orders.read import read_orders
from milepost.service.demo.addresses_of_town import make_addresses
from milepost.synth.write import make_town


def test_a_street_and_a_home_of_the_town_are_found_where_they_are(tmp_path: Path):
    make_town(tmp_path / "town", people=2, days=1, seed=1)
    assert make_addresses(tmp_path / "town", tmp_path / "gazetteer") > 500
    gazetteer = Gazetteer(tmp_path / "gazetteer")
    assert gazetteer.find("synthetic avenue 7").places[0].kind == PlaceKind.STREET
    place = read_orders(tmp_path / "town" / "orders.json")[0].orders[0].versions[0].places[0]
    homes = {one.text: (one.lon, one.lat) for one in gazetteer.find(place.address, most=50).places}
    assert homes[place.address] == (place.circle.lon, place.circle.lat)
