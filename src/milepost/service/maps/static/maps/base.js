// What lies beneath: sea, land, an area's own tiles if it has some, and streets. Calm, so that the trail is loud.

import { BUILDING, GREEN, LAND, MAIN, MAIN_EDGE, QUIET, SEA, STREET, STREET_EDGE, WATER } from "./colours.js";
import { tileMetadata } from "./library.js";

export const FONT = ["Arial", "Liberation Sans", "sans-serif"];
const wide = (narrow, broad) => ["interpolate", ["exponential", 1.5], ["zoom"], 10, narrow, 18, broad];

// Layers of the two schemas that areas are most likely to have: OpenMapTiles (tilemaker) and OS Open Zoomstack.
const AREAS = { landcover: GREEN, park: GREEN, greenspaces: GREEN, woodland: GREEN, national_parks: GREEN };
const WATERS = ["water", "sea", "surfacewater"];
const WATER_LINES = ["waterway", "waterlines"];
const BUILDINGS = ["building", "local_buildings", "district_buildings"];
const ROADS = ["transportation", "roads", "roads_local", "roads_regional", "roads_national"];
const NAMES = ["transportation_name", "place", "names"];
const LAND_LAYERS = ["land"];

export async function baseStyle({ base, tiles, streets }) {
  const style = {
    version: 8,
    sources: { base: { type: "vector", url: `pmtiles://${base}`, attribution: "Natural Earth" } },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": SEA } },
      { id: "land", type: "fill", source: "base", "source-layer": "land", paint: { "fill-color": LAND, "fill-outline-color": "#c9c5bb" } },
    ],
  };
  if (tiles) await addArea(style, tiles);
  if (streets) addStreets(style, streets);
  return style;
}

async function addArea(style, address) {
  const told = await tileMetadata(address).catch(() => null);
  if (told === null) return; // the file is away or broken: the coarse map remains
  const source = { url: `pmtiles://${address}`, attribution: told.attribution };
  if (told.raster) {
    style.sources.area = { type: "raster", tileSize: 256, ...source };
    style.layers.push({ id: "area", type: "raster", source: "area" });
    return;
  }
  style.sources.area = { type: "vector", ...source };
  const has = (names) => names.filter((name) => told.layers.includes(name));
  const add = (type, names, id, paint, more = {}) => has(names).forEach((name) =>
    style.layers.push({ id: `${id}-${name}`, type, source: "area", "source-layer": name, paint, ...more }));
  add("fill", LAND_LAYERS, "area-land", { "fill-color": LAND });
  Object.entries(AREAS).forEach(([name, colour]) => add("fill", [name], "area-green", { "fill-color": colour, "fill-opacity": 0.7 }));
  add("fill", WATERS, "area-water", { "fill-color": WATER }, { filter: ["==", ["geometry-type"], "Polygon"] });
  add("line", WATER_LINES, "area-stream", { "line-color": WATER, "line-width": wide(0.6, 6) });
  add("fill", BUILDINGS, "area-building", { "fill-color": BUILDING }, { minzoom: 14 });
  const lines = { filter: ["==", ["geometry-type"], "LineString"], layout: { "line-cap": "round", "line-join": "round" } };
  const kind = ["coalesce", ["get", "class"], ["get", "type"], ["get", "kind"], ""];
  const main = ["match", kind, ["motorway", "trunk", "primary", "Motorway", "Primary", "A Road"], true, false];
  add("line", ROADS, "area-edge", { "line-color": ["case", main, MAIN_EDGE, STREET_EDGE], "line-width": wide(0.9, 17) }, lines);
  add("line", ROADS, "area-road", { "line-color": ["case", main, MAIN, STREET], "line-width": wide(0.4, 14) }, lines);
  const name = ["coalesce", ["get", "name"], ["get", "name1"], ""];
  has(NAMES).forEach((layer) => style.layers.push({
    id: `area-names-${layer}`, type: "symbol", source: "area", "source-layer": layer,
    layout: { "text-field": name, "text-font": FONT, "text-size": 12, "symbol-placement": layer === "transportation_name" ? "line" : "point" },
    paint: { "text-color": QUIET, "text-halo-color": LAND, "text-halo-width": 1.5 },
  }));
}

function addStreets(style, address) {
  style.sources.streets = { type: "geojson", data: address };
  const layer = (id, kinds, type, paint, more = {}) => style.layers.push({
    id: `streets-${id}`, type, source: "streets", paint,
    filter: ["match", ["coalesce", ["get", "kind"], "street"], kinds, true, false],
    ...(type === "line" ? { layout: { "line-cap": "round", "line-join": "round" } } : {}), ...more,
  });
  const local = ["street", "residential", "unclassified", "service", "footway", "path", "tertiary"];
  const main = ["ring_road", "bridge", "motorway", "trunk", "primary", "secondary"];
  layer("ground", ["ground"], "fill", { "fill-color": LAND });
  layer("shore", ["ground"], "line", { "line-color": "#c4cdd0", "line-width": 1.2 });
  layer("river", ["river"], "line", { "line-color": WATER, "line-width": ["interpolate", ["exponential", 2], ["zoom"], 9, 1, 18, 190] });
  layer("edge", local, "line", { "line-color": STREET_EDGE, "line-width": wide(1, 20) });
  layer("main-edge", main, "line", { "line-color": MAIN_EDGE, "line-width": wide(1.8, 27) });
  layer("road", local, "line", { "line-color": STREET, "line-width": wide(0.3, 16) });
  layer("main", main, "line", { "line-color": MAIN, "line-width": wide(1, 23) });
  const name = { "text-field": ["coalesce", ["get", "name"], ""], "text-font": FONT, "symbol-placement": "line", "symbol-spacing": 420 };
  const quiet = { "text-color": QUIET, "text-halo-color": PAPERISH, "text-halo-width": 1.4 };
  layer("name", [...local, ...main], "symbol", quiet, { minzoom: 14.5, layout: { ...name, "text-size": 11.5 } });
  layer("water-name", ["river"], "symbol", { "text-color": "#35637f", "text-halo-color": WATER, "text-halo-width": 1 }, { minzoom: 12, layout: { ...name, "text-size": 13 } });
}

const PAPERISH = "#ffffffd0";
