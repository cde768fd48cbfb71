"""The still map: the same facts on paper, and no door for a record's text."""

from __future__ import annotations

from xml.etree import ElementTree

from milepost.service.maps.picture import map_picture
from milepost.service.maps.rows import FixRow, GapRow, ZoneKind, ZoneRow
from tests.service.maps import sample

SVG = "{http://www.w3.org/2000/svg}"


def evening() -> ElementTree.Element:
    gap = GapRow(sample.START_US + 34 * sample.MINUTE_US, sample.START_US + 52 * sample.MINUTE_US, "battery")
    drawn = map_picture(fixes=sample.walk_home(), zones=sample.zones(), gaps=[gap], title="Monday evening")
    return ElementTree.fromstring(drawn)


def words(svg: ElementTree.Element) -> set[str]:
    return {text.text or "" for text in svg.iter(f"{SVG}text")}


def test_it_names_zones_ends_gap_scale_and_north():
    said = words(evening())
    assert {"Home: Curfew address", "Keep out: Market Square", "First, 19:28", "Last, 19:34", "N"} <= said
    assert "No position for 18 min: flat battery" in said
    assert any(word.endswith((" m", " km")) for word in said)


def test_it_asks_for_nothing_and_is_named_for_those_who_cannot_see_it():
    svg = evening()
    assert svg.attrib["aria-label"] == "Monday evening"
    assert not {"image", "script", "style", "use", "a"} & {e.tag.removeprefix(SVG) for e in svg.iter()}
    assert not any(name in e.attrib for e in svg.iter() for name in ("style", "href", "onclick"))


def test_accuracy_is_drawn_to_scale():
    fixes = [FixRow(0, 1.2, 53.6, 50.0), FixRow(1, 1.21, 53.6, 100.0)]
    svg = ElementTree.fromstring(map_picture(fixes=fixes, title="Two"))
    radii = sorted(float(c.attrib["r"]) for c in svg.iter(f"{SVG}circle") if c.get("fill-opacity"))
    centres = sorted(float(c.attrib["cx"]) for c in svg.iter(f"{SVG}circle") if c.get("fill-opacity"))
    pixels_per_metre = (centres[1] - centres[0]) / 662.2  # 0.01 degrees of longitude at 53.6 north
    assert radii[1] / radii[0] > 1.9
    assert abs(radii[1] / pixels_per_metre - 100) < 1


def test_a_name_is_text_and_never_markup():
    zone = ZoneRow('<script>alert("x")</script>', ZoneKind.HOME, circle=(1.2, 53.6, 50.0))
    drawn = map_picture(zones=[zone], title='"><script>')
    assert "<script" not in drawn
    ElementTree.fromstring(drawn)


def test_nothing_is_drawn_of_nothing():
    assert map_picture(title="Nothing") == ""
