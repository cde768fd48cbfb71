// Plain geometry on the ground. Positions are [longitude, latitude] in degrees, WGS 84; lengths are metres.

const EQUATOR_RADIUS_M = 6378137;
const ECCENTRICITY_SQUARED = 6.69437999014e-3;
const radians = (degrees) => (degrees * Math.PI) / 180;

// Metres per degree of longitude and of latitude, from the radii of the WGS 84 ellipsoid.
export function metresPerDegree(latitude) {
  const bend = 1 - ECCENTRICITY_SQUARED * Math.sin(radians(latitude)) ** 2;
  const east = (EQUATOR_RADIUS_M / Math.sqrt(bend)) * Math.cos(radians(latitude));
  const north = (EQUATOR_RADIUS_M * (1 - ECCENTRICITY_SQUARED)) / bend ** 1.5;
  return [radians(east), radians(north)];
}

// A circle of true metres, as one ring that ends where it starts.
export function circleRing([longitude, latitude], radiusM, points = 64) {
  const [east, north] = metresPerDegree(latitude);
  const ring = [];
  for (let i = 0; i < points; i += 1) {
    const turn = (2 * Math.PI * i) / points;
    ring.push([longitude + (radiusM * Math.cos(turn)) / east, latitude + (radiusM * Math.sin(turn)) / north]);
  }
  ring.push(ring[0]);
  return ring;
}

export function distanceM(from, to) {
  const [east, north] = metresPerDegree((from[1] + to[1]) / 2);
  return Math.hypot((to[0] - from[0]) * east, (to[1] - from[1]) * north);
}

const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

function within(a, b, c) {
  return Math.min(a[0], b[0]) <= c[0] && c[0] <= Math.max(a[0], b[0])
    && Math.min(a[1], b[1]) <= c[1] && c[1] <= Math.max(a[1], b[1]);
}

function touch(a, b, c, d) {
  const [s1, s2, s3, s4] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (s1 !== s2 && s3 !== s4) return true;
  return (s1 === 0 && within(a, b, c)) || (s2 === 0 && within(a, b, d))
    || (s3 === 0 && within(c, d, a)) || (s4 === 0 && within(c, d, b));
}

// The first two sides of a polygon that cross, as [i, j] (side i goes from corner i to the next), or null.
export function crossingSides(corners) {
  const n = corners.length;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      const neighbours = j === i + 1 || (i === 0 && j === n - 1);
      if (neighbours || n < 4) continue;
      if (touch(corners[i], corners[(i + 1) % n], corners[j], corners[(j + 1) % n])) return [i, j];
    }
  }
  return null;
}

// [west, south, east, north] of everything in a list of features; null of nothing.
export function boxOf(features) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part) => {
    if (typeof part[0] === "number") {
      box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
    } else part.forEach(walk);
  };
  features.forEach((feature) => walk(feature.geometry.coordinates));
  return Number.isFinite(box[0]) ? box : null;
}
