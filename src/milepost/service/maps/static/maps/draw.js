// Draws one zone, by pointing or by typing, and writes it as GeoJSON into the textarea beside the map.

import { mapOf } from "./map.js";
import { CHOSEN, PAPER } from "./colours.js";
import { faultOf, fromText, toGeoJSON } from "./drawn.js";
import { boxOf, circleRing } from "./shapes.js";

const ARROW_STEP_PX = { ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4] };

document.querySelectorAll(".milepost-map[data-field]").forEach((root) => {
  mapOf(root.id).then(start, () => {}); // with no map the textarea is what there is
});

function start(view) {
  const { root, map, words } = view;
  const field = document.getElementById(root.dataset.field);
  const tool = (name) => root.querySelector(`[data-draw="${name}"]`);
  const zone = { mode: null, corners: [], radiusM: 100 };
  let handles = [];

  map.addSource("drawn", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({ id: "drawn-fill", type: "fill", source: "drawn", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": CHOSEN, "fill-opacity": 0.15 } });
  map.addLayer({ id: "drawn-halo", type: "line", source: "drawn", paint: { "line-color": PAPER, "line-width": 6, "line-opacity": 0.8 } });
  map.addLayer({ id: "drawn-edge", type: "line", source: "drawn", paint: { "line-color": CHOSEN, "line-width": 3 } });

  const fill = (text, values) => text.replace(/\{(\w)\}/g, (_, key) => values[key]);
  const complete = () => (zone.mode === "circle" ? zone.corners.length === 1 && zone.radiusM > 0 : zone.corners.length >= 3);

  const shape = () => {
    if (zone.corners.length === 0) return [];
    const feature = (type, coordinates) => ({ type: "Feature", properties: {}, geometry: { type, coordinates } });
    if (zone.mode === "circle") return zone.radiusM > 0 ? [feature("Polygon", [circleRing(zone.corners[0], zone.radiusM)])] : [];
    const closed = [...zone.corners, zone.corners[0]];
    return zone.corners.length < 3 ? [feature("LineString", closed)] : [feature("Polygon", [closed])];
  };

  // Shows the zone as it is now. The text is written unless it is what the zone was read from.
  const show = ({ write = true, list = true } = {}) => {
    map.getSource("drawn").setData({ type: "FeatureCollection", features: shape() });
    const fault = zone.corners.length ? faultOf(zone) : null;
    const wrong = fault && (fault[0] !== "three" || zone.mode === null) ? fill(words[fault[0]], fault[1]) : "";
    if (tool("wrong").textContent !== wrong) tool("wrong").textContent = wrong;
    field.setCustomValidity(wrong);
    if (write) {
      field.value = complete() ? JSON.stringify(toGeoJSON(zone), null, 1) : "";
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (list) { showHandles(); showCorners(); }
    if (!wrong && complete()) view.say(words[zone.mode === "circle" ? "circle" : "closed"]);
  };

  const setMode = (mode) => {
    zone.mode = mode;
    view.drawing = mode !== null;
    for (const name of ["polygon", "circle"]) tool(name).setAttribute("aria-pressed", String(mode === name));
    tool("radius-label").hidden = mode !== "circle";
    map.getCanvas().style.cursor = mode ? "crosshair" : "";
  };
  const begin = (mode) => {
    zone.corners = [];
    setMode(mode);
    show();
    view.say(words[mode === "circle" ? "centre" : "click"]);
  };
  const add = (corner) => {
    if (zone.mode === null) setMode("polygon");
    if (zone.mode === "circle") zone.corners = [corner];
    else zone.corners.push(corner);
    show();
  };

  function showHandles() {
    handles.forEach((handle) => handle.remove());
    handles = zone.corners.map((corner, i) => {
      const element = document.createElement("button");
      element.type = "button";
      element.className = "milepost-map__handle";
      const handle = new view.maplibre.Marker({ element, draggable: true }).setLngLat(corner).addTo(map);
      element.setAttribute("aria-label", fill(words.move, { a: i + 1 }));
      const moved = (list) => { zone.corners[i] = handle.getLngLat().toArray(); show({ list }); };
      handle.on("drag", () => moved(false));
      handle.on("dragend", () => moved(true));
      element.addEventListener("click", (event) => event.stopPropagation());
      element.addEventListener("keydown", (event) => {
        const step = ARROW_STEP_PX[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const { x, y } = map.project(handle.getLngLat());
        handle.setLngLat(map.unproject([x + step[0], y + step[1]]));
        moved(false);
        showCorners();
      });
      return handle;
    });
  }

  function showCorners() {
    tool("corners").replaceChildren(...zone.corners.map((corner, i) => {
      const item = document.createElement("li");
      const input = (axis, text) => {
        const label = document.createElement("label");
        const box = document.createElement("input");
        box.type = "text";
        box.inputMode = "decimal";
        box.autocomplete = "off";
        box.value = corner[axis].toFixed(6);
        box.setAttribute("aria-label", `${words.corner} ${i + 1}, ${text}`);
        box.addEventListener("change", () => {
          const moved = [...zone.corners[i]];
          moved[axis] = number(box.value);
          if (!sound(moved)) { tool("wrong").textContent = words.not_number; return; }
          zone.corners[i] = moved;
          show();
        });
        label.append(`${text} `, box);
        return label;
      };
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = words.remove;
      remove.setAttribute("aria-label", `${words.remove}: ${words.corner} ${i + 1}`);
      remove.addEventListener("click", () => { zone.corners.splice(i, 1); show(); tool("latitude").focus(); });
      item.append(`${words.corner} ${i + 1}`, input(1, words.latitude), input(0, words.longitude), remove);
      return item;
    }));
  }

  tool("polygon").addEventListener("click", () => begin("polygon"));
  tool("circle").addEventListener("click", () => begin("circle"));
  tool("undo").addEventListener("click", () => { zone.corners.pop(); show(); });
  tool("clear").addEventListener("click", () => { zone.corners = []; show(); });
  tool("add").addEventListener("click", () => {
    const corner = [number(tool("longitude").value), number(tool("latitude").value)];
    if (!sound(corner)) { tool("wrong").textContent = words.not_number; return; }
    add(corner);
    tool("longitude").value = "";
    tool("latitude").value = "";
    tool("latitude").focus();
  });
  tool("radius").addEventListener("input", () => { zone.radiusM = number(tool("radius").value); if (zone.corners.length) show(); });
  map.on("click", (event) => { if (view.drawing) add(event.lngLat.toArray()); });

  const read = ({ fit }) => {
    if (field.value.trim() === "") { zone.corners = []; show({ write: false }); return; }
    const given = fromText(field.value);
    if (given === null) { tool("wrong").textContent = words.not_read; return; }
    Object.assign(zone, { radiusM: 100 }, given);
    setMode(given.mode);
    if (given.mode === "circle") tool("radius").value = String(zone.radiusM);
    show({ write: false });
    const box = boxOf(shape());
    if (fit && box) map.fitBounds(box, { padding: 60, maxZoom: 17, animate: false });
  };
  field.addEventListener("input", () => read({ fit: true }));
  if (field.value.trim()) read({ fit: true });
  root.dataset.drawing = "ready";
}

// A number as people type it; NaN where it is none. An empty box is none: it is not zero.
const number = (text) => (text.trim() === "" ? NaN : Number(text.trim().replace("−", "-").replace(",", ".")));
const sound = ([lon, lat]) => Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
