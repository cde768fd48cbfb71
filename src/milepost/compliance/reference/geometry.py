"""How far inside? Flat-earth metres around a target, from the WGS 84 ellipsoid.

"How the engine decides", section 11, *Distances*.
"""

from __future__ import annotations

import math

from milepost.orders.obligations import Shape, Target

SEMI_MAJOR_AXIS_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
"""The two defining constants of WGS 84 (NGA.STND.0036, table 3.1)."""
ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING)
RADIANS_PER_DEGREE = math.pi / 180

Point = tuple[float, float]


def meridian_radius_m(lat: float) -> float:
    """M, the radius of curvature along the meridian at a latitude in degrees."""
    sine = math.sin(lat * RADIANS_PER_DEGREE)
    root = 1 - ECCENTRICITY_SQUARED * sine * sine
    return SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED) / (root * math.sqrt(root))


def prime_vertical_m(lat: float) -> float:
    """N, the radius of curvature across the meridian at a latitude in degrees."""
    sine = math.sin(lat * RADIANS_PER_DEGREE)
    return SEMI_MAJOR_AXIS_M / math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine)


def north_m_per_degree(lat: float) -> float:
    return meridian_radius_m(lat) * RADIANS_PER_DEGREE


def east_m_per_degree(lat: float) -> float:
    return prime_vertical_m(lat) * math.cos(lat * RADIANS_PER_DEGREE) * RADIANS_PER_DEGREE


def east_slope(lat: float) -> float:
    """How much a degree of longitude grows in metres per degree of latitude further north."""
    return -meridian_radius_m(lat) * math.sin(lat * RADIANS_PER_DEGREE) * RADIANS_PER_DEGREE**2


def short_way(degrees: float) -> float:
    """A difference of longitudes the short way round the globe, across 180 degrees too."""
    if degrees > 180:
        return degrees - 360
    return degrees + 360 if degrees < -180 else degrees


def distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Flat-earth distance of two points with the constants of their mean latitude."""
    mean_lat = (lat_a + lat_b) / 2
    east = short_way(lon_b - lon_a) * east_m_per_degree(mean_lat)
    north = (lat_b - lat_a) * north_m_per_degree(mean_lat)
    return math.hypot(east, north)


def origin_of(target: Target) -> Point:
    """The centre of the bounding box of all circle centres and polygon points, (lon, lat)."""
    points: list[Point] = []
    for shape in target.shapes:
        if shape.rings:
            points.extend(shape.rings[0])
        else:
            points.append((shape.lon, shape.lat))
    lons = [lon for lon, _ in points]
    lats = [lat for _, lat in points]
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def signed_distance_m(target: Target, lon: float, lat: float) -> float:
    """Metres to the boundary, positive inside; of several shapes the largest."""
    origin = origin_of(target)
    lon = origin[0] + short_way(lon - origin[0])
    return max(_distance_to_shape(shape, origin, lon, lat) for shape in target.shapes)


def _distance_to_shape(shape: Shape, origin: Point, lon: float, lat: float) -> float:
    if shape.rings:
        return _distance_to_polygon(shape, origin, lon, lat)
    return _distance_to_circle(shape, origin, lon, lat)


def _distance_to_circle(shape: Shape, origin: Point, lon: float, lat: float) -> float:
    lat0 = origin[1]
    mean_lat = (lat + shape.lat) / 2
    east = (lon - shape.lon) * (east_m_per_degree(lat0) + east_slope(lat0) * (mean_lat - lat0))
    north = (lat - shape.lat) * north_m_per_degree(lat0)
    return shape.radius_m - math.hypot(east, north)


def _distance_to_polygon(shape: Shape, origin: Point, lon: float, lat: float) -> float:
    lon0, lat0 = origin
    east, north = east_m_per_degree(lat0), north_m_per_degree(lat0)

    def project(point: Point) -> Point:
        return (point[0] - lon0) * east, (point[1] - lat0) * north

    here = project((lon, lat))
    rings = [[project(point) for point in ring] for ring in shape.rings]
    nearest = min(_distance_to_edge(here, a, b) for ring in rings for a, b in _edges(ring))
    outside, *holes = rings
    inside = _is_within(here, outside) and not any(_is_within(here, hole) for hole in holes)
    return nearest if inside else -nearest


def _edges(ring: list[Point]) -> list[tuple[Point, Point]]:
    return list(zip(ring, ring[1:] + ring[:1], strict=True))


def _distance_to_edge(here: Point, a: Point, b: Point) -> float:
    along_x, along_y = b[0] - a[0], b[1] - a[1]
    length_squared = along_x * along_x + along_y * along_y
    if length_squared == 0:
        return math.hypot(here[0] - a[0], here[1] - a[1])
    share = ((here[0] - a[0]) * along_x + (here[1] - a[1]) * along_y) / length_squared
    share = min(1.0, max(0.0, share))
    return math.hypot(here[0] - a[0] - share * along_x, here[1] - a[1] - share * along_y)


def _is_within(here: Point, ring: list[Point]) -> bool:
    """Counts the edges that a ray to the east crosses: odd is inside."""
    inside = False
    for a, b in _edges(ring):
        if (a[1] > here[1]) != (b[1] > here[1]):
            crossing = a[0] + (here[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
            if crossing > here[0]:
                inside = not inside
    return inside
