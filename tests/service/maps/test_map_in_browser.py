"""The map in a real browser with WebGL: it draws, alone, for everyone, and agrees with its table."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from milepost.service.maps.addresses import BASEMAP
from tests.service.maps.conftest import DRAWN_MS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WCAG_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PICTURES = os.environ.get("MILEPOST_TEST_PICTURES")
"""A folder for pictures of what the tests saw, for a person to look at. None are kept otherwise."""


def open_map(page: Page, address: str, name: str = "evening") -> None:
    page.goto(f"{address}/test-maps/{name}")
    page.wait_for_selector(".milepost-map[data-drawn=yes]", timeout=DRAWN_MS)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def shown(page: Page, layer: str) -> list[dict]:
    """What the map really drew of a layer."""
    return page.evaluate(
        """(layer) => document.querySelector('.milepost-map').milepostMap.map
            .queryRenderedFeatures({layers: [layer]}).map((f) => f.properties)""",
        layer,
    )


def settle(page: Page) -> None:
    page.evaluate("""() => new Promise((done) => {
        const { map } = document.querySelector('.milepost-map').milepostMap;
        map.once('idle', done); map.triggerRepaint(); })""")


def barriers(page: Page) -> list:
    found = Axe().run(page, options=WCAG_AA).response["violations"]
    return [(v["id"], v["help"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found]


def test_it_draws_streets_zones_and_the_trail(page: Page, address: str):
    open_map(page, address)
    picture(page, "evening")
    assert {p["kind"] for p in shown(page, "zones")} == {"home", "exclusion", "attendance"}
    assert len({p["n"] for p in shown(page, "fixes")}) == 53
    assert shown(page, "streets-main")
    assert shown(page, "gap-labels")[0]["label"] == "No position for 18 min: flat battery"
    assert {p["mark"] for p in shown(page, "fix-labels")} == {"First, 19:28", "Last, 19:34"}
    colours = page.evaluate("""() => new Promise((done) => {
        const { map } = document.querySelector('.milepost-map').milepostMap;
        map.once('render', () => {
            const gl = map.getCanvas().getContext('webgl2');
            const [w, h] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
            const px = new Uint8Array(w * h * 4);
            gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, px);
            const seen = new Set();
            for (let i = 0; i < px.length; i += 4) seen.add((px[i] << 16) | (px[i + 1] << 8) | px[i + 2]);
            done([...seen]);
        });
        map.triggerRepaint(); })""")
    assert len(colours) > 100
    assert {0x1D4F91, 0xFFDD00, 0xFFFFFF, 0xF1EEE6} <= set(colours), "fixes, evidence, streets and land"


def test_an_areas_own_tiles_lie_over_the_coarse_map(page: Page, address: str, settings):
    settings.TILES = str(BASEMAP)
    open_map(page, address, "empty")
    assert page.evaluate(
        """() => document.querySelector('.milepost-map').milepostMap.map
            .queryRenderedFeatures({layers: ['area-land-land']}).length"""
    )


def test_no_barrier_that_wcag_names(page: Page, address: str):
    open_map(page, address)
    page.get_by_text("What the signs mean").click()
    assert barriers(page) == []
    open_map(page, address, "drawing")
    assert barriers(page) == []


def test_a_row_shows_its_fix_and_a_fix_shows_its_row(page: Page, address: str):
    open_map(page, address)
    row = page.locator("tr[data-feature=fix-10]")
    row.get_by_role("button").focus()
    page.keyboard.press("Enter")
    popup = page.locator(".maplibregl-popup-content")
    expect(popup).to_contain_text("not known")
    expect(popup).to_contain_text("2 mph (1.1 m/s)")
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    picture(page, "chosen")
    x, y = page.evaluate("""() => {
        const view = document.querySelector('.milepost-map').milepostMap;
        const fix = view.fixes().find((f) => f.properties.n === 45);
        const at = view.map.project(fix.geometry.coordinates);
        const box = view.map.getCanvas().getBoundingClientRect();
        return [at.x + box.left, at.y + box.top]; }""")
    page.mouse.click(x, y)
    chosen = page.locator("tr.is-chosen")
    expect(chosen).to_have_count(1)
    expect(popup).to_contain_text(chosen.get_by_role("button").inner_text())
    assert chosen.evaluate("""(row) => {
        const [inner, outer] = [row, row.closest('.milepost-map__rows')].map((e) => e.getBoundingClientRect());
        return inner.top >= outer.top && inner.bottom <= outer.bottom; }"""), "its part of the table is shown"


def test_a_zone_told_in_words_is_in_the_table_and_promises_no_map(page: Page, address: str):
    open_map(page, address)
    row = page.locator("tr", has_text="An area told in words only")
    expect(row).to_contain_text("cannot be shown on the map")
    expect(row.get_by_role("button")).to_have_count(0)


def test_playback_by_keyboard_shows_only_the_past(page: Page, address: str):
    open_map(page, address)
    slider = page.get_by_role("slider", name="Position in the trail")
    slider.focus()
    page.keyboard.press("Home")
    settle(page)
    assert {p["n"] for p in shown(page, "fixes")} == {0}
    assert slider.get_attribute("aria-valuetext").startswith("Mon 3 Mar 2025, 19:00:00 GMT, accuracy within")
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    settle(page)
    assert {p["n"] for p in shown(page, "fixes")} == {0, 1, 2}
    play = page.locator("[data-playback=play]")
    play.focus()
    page.keyboard.press("Space")
    expect(play).to_have_text("Pause")
    page.wait_for_function("() => Number(document.querySelector('[data-playback=slider]').value) > 4")
    page.keyboard.press("Space")
    expect(play).to_have_text("Play")
    picture(page, "playback")
    page.get_by_role("button", name="Full trail").click()
    settle(page)
    assert len({p["n"] for p in shown(page, "fixes")}) == 53


def test_accuracy_and_heat_can_be_switched(page: Page, address: str):
    open_map(page, address)
    assert len({p["n"] for p in shown(page, "accuracy")}) == 51  # all but the unknown and the doubtful one
    page.get_by_label("Accuracy circles").uncheck()
    page.get_by_label("Where time was spent").check()
    settle(page)
    assert {p["evidence"] for p in shown(page, "accuracy")} == {"first", "during", "last"}
    picture(page, "heat")
    assert (
        page.evaluate(
            "document.querySelector('.milepost-map').milepostMap.map.getLayoutProperty('heat', 'visibility')"
        )
        == "visible"
    )


def test_a_live_page_can_change_what_is_shown(page: Page, address: str):
    open_map(page, address, "empty")
    page.evaluate("""() => document.querySelector('.milepost-map').milepostMap.setData([{type: 'Feature',
        geometry: {type: 'Point', coordinates: [1.2, 53.6]}, properties: {layer: 'fix', id: 'fix-0', n: 0, t: 0,
        source: 'gps', doubt: false, precision_m: 20, evidence: '', order: 1, dwell_s: 0, title: 'x', facts: []}}],
        {fit: true})""")
    page.wait_for_timeout(800)
    settle(page)
    assert [p["id"] for p in shown(page, "fixes")] == ["fix-0"]


def typed(page: Page, lat: float, lon: float) -> None:
    tools = page.locator("[data-draw=add]").locator("..")
    tools.locator("[data-draw=latitude]").fill(str(lat))
    tools.locator("[data-draw=longitude]").fill(str(lon))
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Add this point").click()


def test_an_area_is_drawn_by_typing_and_a_crossing_is_told_at_once(page: Page, address: str):
    open_map(page, address, "drawing")
    page.get_by_role("button", name="Draw an area").click()
    for lat, lon in [(53.600, 1.190), (53.604, 1.198), (53.600, 1.198), (53.604, 1.190)]:
        typed(page, lat, lon)
    expect(page.get_by_role("alert")).to_contain_text("crosses side")
    assert not page.evaluate("document.getElementById('geojson').checkValidity()")
    page.get_by_label("Corner 2, Latitude").fill("53.600")
    page.get_by_label("Corner 2, Latitude").press("Tab")
    page.get_by_label("Corner 3, Latitude").fill("53.604")
    page.get_by_label("Corner 3, Latitude").press("Tab")
    expect(page.get_by_role("alert")).to_be_empty()
    settle(page)
    picture(page, "drawn")
    zone = json.loads(page.locator("#geojson").input_value())
    assert zone["geometry"]["type"] == "Polygon"
    assert zone["geometry"]["coordinates"][0] == [
        [1.19, 53.6], [1.198, 53.6], [1.198, 53.604], [1.19, 53.604], [1.19, 53.6]
    ]  # fmt: skip


def test_an_area_is_drawn_by_pointing_and_a_corner_moved_by_arrows(page: Page, address: str):
    open_map(page, address, "drawing")
    page.get_by_role("button", name="Draw an area").click()
    box = page.locator(".milepost-map__stage").bounding_box()
    for right, down in [(200, 100), (400, 100), (400, 250)]:
        page.mouse.click(box["x"] + right, box["y"] + down)
    before = json.loads(page.locator("#geojson").input_value())["geometry"]["coordinates"][0]
    assert len(before) == 4
    assert before[0] == before[-1]
    assert page.locator(".milepost-map__stage").bounding_box() == box, "the map moved from under the pointer"
    page.get_by_role("button", name="Move corner 1", exact=True).focus()
    page.keyboard.press("ArrowUp")
    after = json.loads(page.locator("#geojson").input_value())["geometry"]["coordinates"][0]
    moved = [(a, b) for a, b in zip(before[:-1], after[:-1], strict=True) if a != b]
    assert len(moved) == 1
    assert moved[0][1][1] > moved[0][0][1], "north"


def test_a_circle_is_written_as_a_point_with_its_radius(page: Page, address: str):
    open_map(page, address, "drawing")
    page.get_by_role("button", name="Draw a circle").click()
    page.get_by_label("Radius in metres").fill("250")
    typed(page, 53.602, 1.194)
    zone = json.loads(page.locator("#geojson").input_value())
    assert zone["geometry"] == {"type": "Point", "coordinates": [1.194, 53.602]}
    assert zone["properties"] == {"radius_m": 250}


def test_pasted_geojson_is_drawn_and_nonsense_is_told(page: Page, address: str):
    open_map(page, address, "drawing")
    page.locator("#geojson").fill("not a zone")
    expect(page.get_by_role("alert")).to_contain_text("not GeoJSON")
    ring = [[1.19, 53.6], [1.198, 53.6], [1.198, 53.604], [1.19, 53.6]]
    page.locator("#geojson").fill(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.get_by_role("button", name="Move corner 3")).to_be_visible()


@pytest.mark.parametrize("without", ["script", "webgl"])
def test_without_script_or_webgl_the_table_remains(browser: Browser, address: str, without: str):
    context = browser.new_context(java_script_enabled=without != "script")
    opened = context.new_page()
    if without == "webgl":
        opened.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    opened.goto(f"{address}/test-maps/evening")
    expect(opened.get_by_text("Everything it would show is in the table")).to_be_visible()
    expect(opened.locator("tr[data-feature^=fix-]")).to_have_count(53)
    expect(opened.locator(".milepost-map__tools")).to_be_hidden()
    expect(opened.locator(".milepost-map button:visible")).to_have_count(0)
    context.close()
