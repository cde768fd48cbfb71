"""Tiles and streets: parts of a file to people who are signed in, and no file but the ones named."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, reverse

from milepost.service.accounts.roles import Role
from milepost.service.maps.addresses import BASEMAP
from milepost.service.maps.streets import joined
from milepost.synth.town import streets_geojson
from tests.service.maps import sample

VENDOR = Path(__file__).parents[3] / "src/milepost/service/maps/static/vendor/maps"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client(world, signed_in):
    return signed_in(world.users[Role.MONITORING_OFFICER])


@pytest.fixture
def area(tmp_path: Path, settings) -> bytes:
    content = bytes(range(256)) * 1000
    path = tmp_path / "area.pmtiles"
    path.write_bytes(content)
    settings.TILES = str(path)
    return content


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize(
    ("asked", "first", "after"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=100000-199999", 100_000, 200_000),
        ("bytes=255999-", 255_999, 256_000),
        ("bytes=255990-999999", 255_990, 256_000),
        ("bytes=-16", 255_984, 256_000),
        ("bytes=-999999", 0, 256_000),
    ],
)
def test_a_part_is_sent_as_asked(client, area: bytes, asked: str, first: int, after: int):
    response = client.get("/maps/tiles/area.pmtiles", headers={"range": asked})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{after - 1}/256000"
    assert int(response["Content-Length"]) == after - first
    assert body(response) == area[first:after]


@pytest.mark.parametrize("asked", ["bytes=256000-", "bytes=999999-1000000", "bytes=-0"])
def test_a_part_that_does_not_exist_is_refused(client, area: bytes, asked: str):
    response = client.get("/maps/tiles/area.pmtiles", headers={"range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */256000"


@pytest.mark.parametrize(
    "asked", ["", "bytes=", "bytes=-", "bytes=5-2", "lines=1-2", "bytes=0-1,5-6", "bytes=a-b"]
)
def test_what_cannot_be_understood_gets_the_whole_file(client, area: bytes, asked: str):
    response = client.get("/maps/tiles/area.pmtiles", headers={"range": asked} if asked else {})
    assert response.status_code == 200
    assert body(response) == area


def test_pieces_of_an_older_file_are_never_mixed_with_a_newer(client, area: bytes):
    tag = client.get("/maps/tiles/area.pmtiles", headers={"range": "bytes=0-0"})["ETag"]
    same = client.get("/maps/tiles/area.pmtiles", headers={"range": "bytes=0-9", "if-range": tag})
    other = client.get("/maps/tiles/area.pmtiles", headers={"range": "bytes=0-9", "if-range": '"old"'})
    assert (same.status_code, other.status_code) == (206, 200)
    body(other)
    assert client.get("/maps/tiles/area.pmtiles", headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/maps/tiles/../../etc/passwd.pmtiles",
        "/maps/tiles/..%2f..%2fetc%2fpasswd.pmtiles",
        "/maps/tiles/%2e%2e.pmtiles",
        "/maps/tiles/basemap.pmtiles",
        "/maps/tiles/area.pmtiles",
        "/maps/tiles/base%00.pmtiles",
    ],
)
def test_no_other_file_can_be_named(client, path: str):
    assert client.get(path).status_code == 404


def test_a_path_is_no_name():
    with pytest.raises(NoReverseMatch):
        reverse("maps:tiles", args=["../settings"])


def test_strangers_get_no_tiles_and_no_streets(area: bytes):
    from django.test import Client

    for path in ("/maps/tiles/area.pmtiles", "/maps/tiles/base.pmtiles", "/maps/streets.geojson"):
        assert Client().get(path).status_code == 302


def test_the_coarse_map_ships_and_is_small(client):
    response = client.get("/maps/tiles/base.pmtiles", headers={"range": "bytes=0-6"})
    assert body(response) == b"PMTiles"
    assert BASEMAP.stat().st_size < 150_000


def test_streets_are_packed_once_and_asked_for_once(client, tmp_path: Path, settings):
    path = tmp_path / "streets.geojson"
    path.write_text(json.dumps(streets_geojson(sample.town())))
    settings.STREETS = str(path)
    packed = client.get("/maps/streets.geojson", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    plain = client.get("/maps/streets.geojson")
    assert gzip.decompress(packed.content) == plain.content
    assert "private" in plain["Cache-Control"]
    assert client.get("/maps/streets.geojson", headers={"if-none-match": plain["ETag"]}).status_code == 304
    path.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    assert json.loads(client.get("/maps/streets.geojson").content)["features"] == []


def test_streets_are_joined_by_name_and_a_town_at_sea_stands_on_ground():
    given = streets_geojson(sample.town())
    found = joined(given)
    kinds = [f["properties"]["kind"] for f in found["features"]]
    assert kinds[0] == "ground"
    assert {"street", "ring_road", "bridge", "river"} <= set(kinds)
    assert len(found["features"]) < len(given["features"]) / 10
    real = [{**f, "properties": {"kind": "street", "name": "A"}} for f in given["features"]]
    assert "ground" not in {f["properties"]["kind"] for f in joined({"features": real})["features"]}


def test_the_libraries_are_the_ones_their_authors_shipped():
    """``VENDORED.toml`` is written by tools/vendor_maps.py; nobody edits a library by hand."""
    manifest = tomllib.loads((VENDOR / "VENDORED.toml").read_text())
    listed = {
        f"{p['name']}/{name}": digest for p in manifest["package"] for name, digest in p["sha256"].items()
    }
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.glob("*/*")
    }
    assert there == listed
    assert {f"{p['name']}/LICENCE.txt" for p in manifest["package"]} <= there.keys()
