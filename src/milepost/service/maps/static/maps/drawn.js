// A drawn zone and its GeoJSON: a polygon, or a circle as a point with radius_m in metres.

import { crossingSides } from "./shapes.js";

const round = (degrees) => Math.round(degrees * 1e6) / 1e6; // about 10 cm
const onGlobe = ([lon, lat]) => Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;

// What is wrong with a zone: a key of the words and what to fill in, or null.
export function faultOf({ mode, corners, radiusM }) {
  if (mode === "circle") return corners.length && !(radiusM > 0) ? ["not_number", {}] : null;
  if (corners.length < 3) return ["three", {}];
  const crossing = crossingSides(corners);
  return crossing ? ["crossed", { a: crossing[0] + 1, b: crossing[1] + 1 }] : null;
}

export function toGeoJSON({ mode, corners, radiusM }) {
  const points = corners.map((corner) => corner.map(round));
  if (mode === "circle") {
    return { type: "Feature", properties: { radius_m: radiusM }, geometry: { type: "Point", coordinates: points[0] } };
  }
  const doubled = points.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  const ring = doubled < 0 ? [...points].reverse() : points; // RFC 7946: counter-clockwise outside
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] } };
}

// The zone in a text; null where there is none that can be edited here (a shape with holes or several parts).
export function fromText(text) {
  let given;
  try { given = JSON.parse(text); } catch { return null; }
  const feature = given?.type === "FeatureCollection" ? given.features?.[0] : given;
  const geometry = feature?.type === "Feature" ? feature.geometry : feature;
  if (geometry?.type === "Point") {
    const radiusM = Number(feature.properties?.radius_m);
    const corner = geometry.coordinates?.slice(0, 2);
    return corner?.length === 2 && onGlobe(corner) && radiusM > 0 ? { mode: "circle", corners: [corner], radiusM } : null;
  }
  if (geometry?.type !== "Polygon" || geometry.coordinates?.length !== 1 || !Array.isArray(geometry.coordinates[0])) return null;
  const corners = geometry.coordinates[0].map((position) => position.slice(0, 2));
  const [first, last] = [corners[0], corners.at(-1)];
  if (corners.length > 1 && first[0] === last[0] && first[1] === last[1]) corners.pop();
  return corners.length >= 3 && corners.every(onGlobe) ? { mode: "polygon", corners } : null;
}
