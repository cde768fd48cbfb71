// One thing at a time: choosing a sign on the map marks its row in the table, and the other way round.

import { CLICKABLE } from "./layers.js";
import { circleRing } from "./shapes.js";

export function addChoosing(view) {
  const { map, root } = view;
  view.chosen = null;
  view.choose = (feature, from) => choose(view, feature, from);

  map.on("click", (event) => {
    if (view.drawing) return;
    const { x, y } = event.point;
    const around = [[x - 5, y - 5], [x + 5, y + 5]];
    const [hit] = map.queryRenderedFeatures(around, { layers: CLICKABLE });
    if (!hit) return choose(view, null);
    return choose(view, byId(view, hit.properties.id), "map", event.lngLat.toArray());
  });
  for (const layer of CLICKABLE) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = view.drawing ? "crosshair" : "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = view.drawing ? "crosshair" : ""; });
  }
  // A live page may replace its table, so the root listens for all rows, present and future.
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-show]");
    if (button) choose(view, byId(view, button.dataset.show), "table");
  });
  new MutationObserver(() => addRowButtons(view)).observe(root.querySelector(".milepost-map__twin"), { childList: true, subtree: true });
  view.onData(() => { addRowButtons(view); if (view.chosen) choose(view, byId(view, view.chosen), "data"); });
}

// The first cell of each row becomes a button, for with no script it would be a button that does nothing.
// A row of something that is not on the map, such as a zone told in words, gets none.
function addRowButtons(view) {
  const drawn = new Set(view.data.features.map((feature) => feature.properties.id));
  view.root.querySelectorAll("tr[data-feature] > th:not(:has(button))").forEach((cell) => {
    if (!drawn.has(cell.parentElement.dataset.feature)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.show = cell.parentElement.dataset.feature;
    button.setAttribute("aria-pressed", "false");
    button.append(...cell.childNodes);
    cell.append(button);
  });
}

const byId = (view, id) => view.data.features.find(({ properties: p }) => p.id === id) ?? null;

function choose(view, feature, from, at) {
  const { map, root } = view;
  view.popup?.remove();
  root.querySelectorAll("tr[data-feature].is-chosen").forEach((row) => {
    row.classList.remove("is-chosen");
    row.querySelector("button[data-show]")?.setAttribute("aria-pressed", "false");
  });
  view.chosen = feature?.properties.id ?? null;
  map.getSource("chosen").setData({ type: "FeatureCollection", features: feature ? marks(feature) : [] });
  if (!feature) return;
  const { properties, geometry } = feature;
  const point = geometry.type === "Point" ? geometry.coordinates : at ?? middle(geometry);
  if (from === "table") {
    if (!map.getBounds().contains(point)) map.easeTo({ center: point, animate: !view.still });
    root.querySelector(".milepost-map__frame").scrollIntoView({ block: "nearest", behavior: view.still ? "auto" : "smooth" });
    view.say([properties.title, ...view.facts(properties).map(([term, value]) => `${term}: ${value}`)].join(". "));
  }
  if (from !== "playback") showPopup(view, properties, point, from);
  const row = [...root.querySelectorAll("tr[data-feature]")].find((one) => one.dataset.feature === properties.id);
  if (row) {
    row.classList.add("is-chosen");
    row.querySelector("button[data-show]")?.setAttribute("aria-pressed", "true");
    const area = row.closest(".milepost-map__rows");
    if (from !== "table" && area) area.scrollTop = row.offsetTop - area.clientHeight / 2;
  }
}

function marks({ properties, geometry }) {
  const own = { type: "Feature", properties: {}, geometry };
  if (properties.layer !== "fix" || properties.precision_m === null || properties.doubt) return [own];
  const coordinates = [circleRing(geometry.coordinates, properties.precision_m)];
  return [own, { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates } }];
}

function middle(geometry) {
  const ring = geometry.type === "MultiPolygon" ? geometry.coordinates[0][0]
    : geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates;
  return [0, 1].map((axis) => (Math.min(...ring.map((p) => p[axis])) + Math.max(...ring.map((p) => p[axis]))) / 2);
}

// Text only: what a record says is never read as HTML.
function showPopup(view, properties, point, from) {
  const box = document.createElement("div");
  const head = document.createElement("p");
  head.className = "milepost-map__title";
  head.textContent = properties.title;
  const list = document.createElement("dl");
  for (const [term, value] of view.facts(properties)) {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = value;
    list.append(dt, dd);
  }
  box.append(head, list);
  const options = { maxWidth: "300px", focusAfterOpen: from === "map", className: "milepost-map__popup", offset: 14 };
  view.popup = new view.maplibre.Popup(options).setLngLat(point).setDOMContent(box).addTo(view.map);
}
