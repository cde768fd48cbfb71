// The layers that carry meaning, from the ground up: zones, heat, accuracy, trail, gaps, signs, labels.

import { FONT } from "./base.js";
import { CHOSEN, EVIDENCE, INK, PAPER, QUIET, SOURCES, TRAIL_NEW, TRAIL_OLD, ZONES } from "./colours.js";
import { circleRing } from "./shapes.js";

export const SOURCE = "milepost";
export const CIRCLES = "milepost-accuracy";
export const FIX_LAYERS = ["fixes"];
export const CLICKABLE = ["fixes", "gaps-touch", "zones"];
const EMPTY = { type: "FeatureCollection", features: [] };

const pick = (property, table, otherwise) => ["match", ["get", property], ...Object.entries(table).flat(), otherwise];
const only = (layer) => ["==", ["get", "layer"], layer];
const sourceColour = pick("source", SOURCES, SOURCES.unknown);
const zoneColour = pick("kind", ZONES, QUIET);
const state = ["case", ["get", "doubt"], "doubt", ["==", ["get", "precision_m"], null], "unknown", "sure"];

export function addLayers(map) {
  map.addSource(SOURCE, { type: "geojson", data: EMPTY });
  map.addSource(CIRCLES, { type: "geojson", data: EMPTY });
  map.addSource("chosen", { type: "geojson", data: EMPTY });
  const add = (id, type, layer, paint, layout = {}, more = {}) =>
    map.addLayer({ id, type, source: SOURCE, filter: only(layer), paint, layout, ...more });

  add("zones", "fill", "zone", { "fill-pattern": ["concat", "weave-", ["get", "kind"]] });
  add("zone-edges", "line", "zone", { "line-color": zoneColour, "line-width": 2.5 }, { "line-join": "round" });
  add("buffers", "line", "buffer", { "line-color": zoneColour, "line-width": 1.5, "line-dasharray": [4, 3] });
  add("heat", "heatmap", "fix", {
    "heatmap-weight": ["min", 1, ["/", ["sqrt", ["get", "dwell_s"]], 60]],
    "heatmap-radius": ["interpolate", ["linear"], ["zoom"], 10, 12, 17, 46],
    "heatmap-opacity": 0.75,
  }, { visibility: "none" }, { filter: ["all", only("fix"), ["!", ["get", "doubt"]]] });

  map.addLayer({ id: "accuracy", type: "fill", source: CIRCLES, paint: { "fill-color": sourceColour, "fill-opacity": ["case", ["!=", ["get", "evidence"], ""], 0.13, 0.06] } });
  map.addLayer({ id: "accuracy-edges", type: "line", source: CIRCLES, paint: { "line-color": sourceColour, "line-width": 1, "line-opacity": ["case", ["!=", ["get", "evidence"], ""], 0.9, 0.4] } });

  add("trail-halo", "line", "trail", { "line-color": PAPER, "line-width": 5, "line-opacity": 0.75 }, { "line-cap": "round", "line-join": "round" });
  add("trail", "line", "trail", { "line-color": ["interpolate", ["linear"], ["get", "order"], 0, TRAIL_OLD, 1, TRAIL_NEW], "line-width": 3 }, { "line-cap": "round", "line-join": "round" });
  add("gaps-touch", "line", "gap", { "line-color": PAPER, "line-width": 12, "line-opacity": 0.01 });
  add("gaps", "line", "gap", { "line-color": INK, "line-width": 2.5, "line-dasharray": [0.4, 2.4] }, { "line-cap": "round" });

  map.addLayer({ id: "chosen-fill", type: "fill", source: "chosen", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": CHOSEN, "fill-opacity": 0.14 } });
  map.addLayer({ id: "chosen-edge", type: "line", source: "chosen", paint: { "line-color": CHOSEN, "line-width": 3 } });
  map.addLayer({ id: "chosen-point", type: "circle", source: "chosen", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 13, "circle-color": CHOSEN, "circle-opacity": 0.25, "circle-stroke-color": CHOSEN, "circle-stroke-width": 3 } });

  const always = { "icon-allow-overlap": true, "icon-ignore-placement": true };
  add("evidence", "symbol", "fix", {}, { ...always, "icon-image": "evidence" }, { filter: ["all", only("fix"), ["!=", ["get", "evidence"], ""]] });
  add("arrows", "symbol", "fix", {}, {
    ...always, "icon-image": "arrow", "icon-rotate": ["get", "heading_deg"], "icon-rotation-alignment": "map", "icon-anchor": "center",
  }, { minzoom: 14, filter: ["all", only("fix"), ["!=", ["get", "heading_deg"], null], [">", ["coalesce", ["get", "speed_mps"], 0], 0.5]] });
  add("fixes", "symbol", "fix", {}, { ...always, "icon-image": ["concat", ["get", "source"], "-", state], "symbol-sort-key": ["get", "n"] });

  const words = { "text-color": INK, "text-halo-color": PAPER, "text-halo-width": 2 };
  const text = { "text-font": FONT, "text-size": 13, "text-padding": 4 };
  add("gap-labels", "symbol", "gap-label", words, { ...text, "text-field": ["get", "label"], "text-variable-anchor": ["top", "bottom", "left", "right"], "text-radial-offset": 0.6, "text-max-width": 12 });
  add("numbers", "symbol", "fix", words, { ...text, "text-size": 12, "text-field": ["to-string", ["+", ["get", "n"], 1]], "text-anchor": "top", "text-offset": [0, 0.7], visibility: "none" });
  add("fix-labels", "symbol", "fix", { ...words, "text-halo-color": EVIDENCE }, {
    ...text, "text-field": ["get", "mark"], "text-allow-overlap": true,
    // The first is written to the left and the last to the right, for they often lie close together.
    "text-anchor": ["match", ["get", "evidence"], "first", "right", "left"],
    "text-offset": ["match", ["get", "evidence"], "first", ["literal", [-1.5, 0]], ["literal", [1.5, 0]]],
  }, { filter: ["all", only("fix"), ["!=", ["coalesce", ["get", "mark"], ""], ""]] });
  add("zone-labels", "symbol", "zone-label", { ...words, "text-color": zoneColour }, { ...text, "text-size": 14, "text-field": ["get", "label"], "text-anchor": "bottom", "text-offset": [0, -0.3] });
}

// Accuracy as areas on the ground, so that a circle of 50 m is 50 m at every zoom.
export function circlesOf(features) {
  const known = features.filter(({ properties: p }) => p.layer === "fix" && p.precision_m !== null && !p.doubt);
  return {
    type: "FeatureCollection",
    features: known.map(({ properties: p, geometry }) => ({
      type: "Feature",
      properties: { n: p.n, source: p.source, evidence: p.evidence },
      geometry: { type: "Polygon", coordinates: [circleRing(geometry.coordinates, p.precision_m)] },
    })),
  };
}

// Shows the past only: fixes up to number n, and the trail that led there. Null shows all.
const TIMED = ["fixes", "arrows", "evidence", "fix-labels", "numbers", "heat", "trail", "trail-halo", "gaps", "gaps-touch", "gap-labels"];
export function showUntil(map, now, circlesFor) {
  for (const id of TIMED) {
    const layer = map.getLayer(id);
    map.milepostFilters ??= {};
    map.milepostFilters[id] ??= map.getFilter(id) ?? ["literal", true];
    const whole = map.milepostFilters[id];
    const past = id.startsWith("trail") ? ["<=", ["get", "order"], now?.order]
      : id.startsWith("gap") ? ["<=", ["get", "t1"], now?.t] : ["<=", ["get", "n"], now?.n];
    if (layer) map.setFilter(id, now ? ["all", whole, past] : whole);
  }
  const circles = circlesFor === "all" ? null : circlesFor === "evidence" ? ["!=", ["get", "evidence"], ""] : ["==", ["get", "n"], circlesFor];
  const past = now ? ["<=", ["get", "n"], now.n] : null;
  const parts = [circles, past].filter(Boolean);
  for (const id of ["accuracy", "accuracy-edges"]) map.setFilter(id, parts.length ? ["all", ...parts] : null);
}
