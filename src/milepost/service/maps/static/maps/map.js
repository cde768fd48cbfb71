// Starts every map of the page. A page that updates itself: `(await mapOf("id")).setData(features)`.

import { baseStyle } from "./base.js";
import { addControls } from "./controls.js";
import { addIcons } from "./icons.js";
import { addLayers, circlesOf, CIRCLES, showUntil, SOURCE } from "./layers.js";
import { library } from "./library.js";
import { addPlayback } from "./playback.js";
import { addChoosing } from "./choosing.js";
import { boxOf } from "./shapes.js";

const MOST_CIRCLES = 150; // beyond this, circles are drawn over each other until nothing shows: off at first
const BRITISH_ISLES = [[-10.8, 49.7], [2.2, 60.9]];
const started = new Map();

// A promise of the map in the figure with this id; it rejects where no map can be drawn.
export function mapOf(id) {
  const root = document.getElementById(id);
  if (!started.has(root)) started.set(root, start(root));
  return started.get(root);
}

async function start(root) {
  try {
    return await draw(root);
  } catch (error) {
    root.dataset.state = "without"; // the message and the table remain
    throw error;
  }
}

async function draw(root) {
  const maplibre = await library();
  const words = JSON.parse(root.dataset.words);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const absolute = (address) => (address ? new URL(address, location.href).href : "");
  const { base, tiles, streets } = root.dataset;
  const style = await baseStyle({ base: absolute(base), tiles: absolute(tiles), streets: absolute(streets) });
  const data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const stage = root.querySelector(".milepost-map__stage");
  root.dataset.state = "drawing";
  const map = new maplibre.Map({
    container: stage,
    style,
    bounds: boundsOf(data) ?? BRITISH_ISLES,
    fitBoundsOptions: room(stage),
    locale: words.library,
    attributionControl: { compact: false },
    maxZoom: 19,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: still ? 0 : 150,
    cooperativeGestures: root.dataset.gestures === "cooperative",
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.FullscreenControl({ container: root.querySelector(".milepost-map__frame") }), "top-right");
  map.addControl(new maplibre.ScaleControl({ maxWidth: 140, unit: "metric" }), "bottom-left");
  await new Promise((resolve) => { map.once("style.load", resolve); });
  addIcons(map);
  addLayers(map);

  const view = { root, map, maplibre, words, still, data, circles: "all", now: null };
  view.listeners = [];
  view.onData = (listener) => view.listeners.push(listener);
  view.fixes = () => view.data.features.filter((f) => f.properties.layer === "fix");
  // Each fact stands once in the data; a feature names its places there.
  view.facts = ({ facts = [] }) => facts.map((place) => view.data.facts[place]);
  view.refresh = () => showUntil(map, view.now, view.circles);
  view.fit = () => {
    const bounds = boundsOf(view.data);
    if (bounds) map.fitBounds(bounds, { ...room(stage), animate: !still, duration: 500 });
  };
  view.say = (text) => { root.querySelector(".milepost-map__said").textContent = text; };
  view.setData = (features, { fit = false } = {}) => {
    view.data = Array.isArray(features) ? { type: "FeatureCollection", features } : features;
    map.getSource(SOURCE).setData(view.data);
    map.getSource(CIRCLES).setData(circlesOf(view.data.features));
    view.listeners.forEach((listener) => listener());
    if (fit) view.fit();
  };
  view.circles = view.fixes().length > MOST_CIRCLES ? "evidence" : "all";
  addChoosing(view);
  addPlayback(view);
  addControls(view);
  view.setData(data);
  view.refresh();
  root.dataset.state = "ready";
  map.once("idle", () => { root.dataset.drawn = "yes"; });
  root.milepostMap = view;
  root.dispatchEvent(new CustomEvent("milepost:map-ready", { bubbles: true, detail: view }));
  return view;
}

function boundsOf(data) {
  const [west, south, east, north] = data.bbox ?? boxOf(data.features) ?? [];
  return west === undefined ? null : [[west, south], [east, north]];
}

// Room for labels around what is fitted, and never nearer than a street's length.
const room = (stage) => ({ padding: Math.min(56, stage.clientWidth / 8), maxZoom: 16.5 });

// Maps are started when they come near: a page of twenty must not hold twenty drawing surfaces.
const near = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    mapOf(target.id).catch((error) => { if (error.message !== "no WebGL") console.warn(error); });
  }
}, { rootMargin: "300px" });
document.querySelectorAll(".milepost-map").forEach((root) => near.observe(root));
