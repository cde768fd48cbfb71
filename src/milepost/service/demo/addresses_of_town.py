"""The synthetic town's own address file: the homes of its people, and a house here and there along its streets.

So that the demonstration finds a street by its name. The town lies in open water and has no postcodes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from milepost.gazetteer.address_store import import_addresses
from milepost.orders.read import read_orders

FILE = "addresses.csv"
HEADINGS = ("address", "street", "town", "postcode", "latitude", "longitude")
SOURCE = "Synthetic addresses: nobody lives there"
TOWN = "Nowhere-on-Sea"
Row = tuple[str, str, str, str, float, float]


def make_addresses(town: Path, gazetteer_folder: Path) -> int:
    """Writes the file into the folder of the town and takes it in. Returns how many addresses there are."""
    path = town / FILE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(_homes(town))
        writer.writerows(_houses(town))
    return import_addresses(path, gazetteer_folder, lambda _code: None, source=SOURCE).taken


def _homes(town: Path) -> Iterator[Row]:
    """As the orders write them: "16 Synthetic Street, Nowhere-on-Sea 1"."""
    order_file, _problems = read_orders(town / "orders.json")
    places = (place for order in order_file.orders for version in order.versions for place in version.places)
    known = {place.address: place.circle for place in places if place.address and place.circle}
    for address, circle in known.items():
        house, _, settlement = address.partition(", ")
        street = house.partition(" ")[2]
        yield house, street, settlement, "", circle.lat, circle.lon


def _houses(town: Path) -> Iterator[Row]:
    """One at the middle of each block, numbered from the beginning of its street."""
    numbers: dict[str, int] = {}
    for feature in json.loads((town / "streets.geojson").read_text())["features"]:
        told, line = feature["properties"], feature["geometry"]["coordinates"]
        if told["kind"] != "street":
            continue
        street = told["name"]
        numbers[street] = numbers.get(street, -1) + 2
        (west, south), (east, north) = line[0], line[-1]
        house = f"{numbers[street]} {street}"
        yield house, street, TOWN, "", round((south + north) / 2, 7), round((west + east) / 2, 7)
