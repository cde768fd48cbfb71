// A place that was found is shown on the map of the form, where its point can be moved. Without this the form takes the
// place as it was found.

import { mapOf } from "../maps/map.js";

const figure = document.querySelector(".milepost-map[data-field]");
const field = figure && document.getElementById(figure.dataset.field);
const radius = document.querySelector('input[name="found_m"]') ?? document.querySelector('input[name="radius_m"]');
let found = null; // [longitude, latitude] of what was picked last

if (field && radius) {
  document.addEventListener("lookup:chosen", (event) => {
    const { lon, lat } = event.detail.more;
    if (lon === undefined) return;
    found = [lon, lat];
    show();
  });
  radius.addEventListener("input", () => { if (found) show(); });
  // Drawn or moved by hand: of a zone that is an answer of its own.
  field.addEventListener("change", () => {
    const drawn = document.querySelector('input[name="how"][value="drawn"]');
    if (drawn && !drawn.checked && field.value) drawn.click();
    const centre = centreOf(field.value);
    if (centre) found = centre;
  });
}

function show() {
  const radiusM = Number(radius.value.trim().replace(",", "."));
  if (radiusM > 0) {
    field.value = JSON.stringify({ type: "Feature", properties: { radius_m: radiusM }, geometry: { type: "Point", coordinates: found } }, null, 1);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } else {
    mapOf(figure.id).then((view) => view.map.jumpTo({ center: found, zoom: 15 }), () => {});
  }
}

function centreOf(text) {
  try {
    const { geometry } = JSON.parse(text);
    return geometry.type === "Point" ? geometry.coordinates : null;
  } catch { return null; }
}
