"""What a fix's own numbers show: ranges, exchanged axes, zero island, and precision nobody knows."""

from __future__ import annotations

import numpy as np
import polars as pl

from milepost.tracks.formats.rows import Mask, Rows, is_null, set_flag
from milepost.tracks.limits import QualityLimits
from milepost.tracks.record import Quality

EARTH_RADIUS_M = 6_371_008.8  # mean radius of the WGS 84 ellipsoid (IUGG)
METRES_PER_DEGREE = 111_320.0


def settle_place(rows: Rows, quality: np.ndarray, limits: QualityLimits) -> None:
    """Rejects fixes that are nowhere; sets ZERO_ISLAND and SWAPPED_AXES."""
    for axis in ("lat", "lon"):
        if not rows.has(axis):
            rows.put(pl.repeat(None, rows.frame.height, dtype=pl.Float64, eager=True).alias(axis))
        rows.reject(
            is_null(rows.frame[axis]), axis, "Half of the position is missing", "Give both lat and lon."
        )
    lat = rows.frame["lat"].fill_null(0.0).to_numpy()
    lon = rows.frame["lon"].fill_null(0.0).to_numpy()
    outside_lat = ~(np.abs(lat) <= 90)
    outside_lon = ~(np.abs(lon) <= 180)
    if outside_lat.any() or outside_lon.any():
        swapped = outside_lat & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
        rows.reject(
            swapped,
            "lat",
            "Latitude is beyond 90 degrees",
            "Latitude and longitude look swapped: exchange the columns.",
        )
        for other_unit, remedy in _other_units(lat, lon):
            rows.reject(outside_lat & other_unit, "lat", "Latitude is beyond 90 degrees", remedy)
        rows.reject(
            outside_lat, "lat", "Latitude is beyond 90 degrees", "Give degrees from -90 to 90 (WGS 84)."
        )
        rows.reject(
            outside_lon, "lon", "Longitude is beyond 180 degrees", "Give degrees from -180 to 180 (WGS 84)."
        )
    zero = (np.abs(lat) < 5e-8) & (np.abs(lon) < 5e-8)
    set_flag(quality, zero, Quality.ZERO_ISLAND)
    set_flag(quality, _exchanged(lat, lon, ~rows.rejected & ~zero, limits), Quality.SWAPPED_AXES)


def _other_units(lat: np.ndarray, lon: np.ndarray) -> list[tuple[Mask, str]]:
    """Rows whose numbers are no degrees but look like places in another unit, and what to do."""
    whole = (np.abs(lat) >= 2e6) & (np.abs(lat) <= 9e8) & (np.abs(lon) <= 1.8e9)
    grid = (lon >= 0) & (lon <= 700_000) & (lat > 180) & (lat <= 1_300_000)
    return [
        (whole, "These look like degrees times ten million: name the columns lat_e7 and lon_e7. If they are "
                "times a million, divide them first."),
        (grid, "These look like metres of the British National Grid: name the columns easting_m and northing_m."),
    ]  # fmt: skip


def _exchanged(lat: np.ndarray, lon: np.ndarray, good: Mask, limits: QualityLimits) -> Mask:
    result = np.zeros(len(lat), dtype=bool)
    if good.sum() < 3:
        return result  # one fix cannot say where the others are
    all_good = bool(good.all())
    middle_lat = float(np.median(lat if all_good else lat[good]))
    middle_lon = float(np.median(lon if all_good else lon[good]))
    # Nothing within half the distance on both axes can be that far: most rows stop here.
    near = limits.swapped_further_than_m / METRES_PER_DEGREE / 2
    maybe = (
        good & ((np.abs(lat - middle_lat) > near) | (np.abs(lon - middle_lon) > near)) & (np.abs(lon) <= 90)
    )
    at = np.flatnonzero(maybe)
    if not len(at):
        return result
    given = great_circle_m(lat[at], lon[at], middle_lat, middle_lon)
    turned = great_circle_m(lon[at], lat[at], middle_lat, middle_lon)
    result[at] = (given > limits.swapped_further_than_m) & (turned <= limits.swapped_back_within_m)
    return result


def great_circle_m(lat: np.ndarray, lon: np.ndarray, to_lat: float, to_lon: float) -> np.ndarray:
    """Metres on the mean sphere (haversine), within 0.6 % of the ellipsoid."""
    a, b = np.radians(lat), np.radians(to_lat)
    half = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon - to_lon) / 2) ** 2
    distance: np.ndarray = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return distance


def settle_numbers(rows: Rows, quality: np.ndarray, limits: QualityLimits) -> None:
    """Nulls what a device says instead of "not known", and sets UNKNOWN_PRECISION and NOT_VALID."""
    if not rows.has("precision_m"):
        quality |= np.uint16(Quality.UNKNOWN_PRECISION.value)
    else:
        said = rows.frame["precision_m"]
        negative = (said < 0).fill_null(False).to_numpy()
        rows.warn(
            negative,
            "precision_m",
            "Precision is negative; the fix is kept as not valid",
            "Phones give a negative precision for a position that is not valid. Check the source.",
        )
        set_flag(quality, negative, Quality.NOT_VALID)
        # Too small for the record's 32-bit float to hold is as good as 0.
        usable = ((said > 1e-6) & (said < 3e38)).fill_null(False).to_numpy()
        set_flag(quality, ~usable, Quality.UNKNOWN_PRECISION)
        if not usable.all():
            rows.put(pl.select(pl.when(pl.Series(usable)).then(said)).to_series().alias("precision_m"))
    _bounded(rows, "speed_mps", 0.0, 3e38, "Give speed in the unit that the column map states.")
    if rows.has("heading_deg"):
        turned = rows.frame["heading_deg"]
        turned = pl.select(pl.when(turned == 360.0).then(0.0).otherwise(turned)).to_series()
        rows.put(turned.alias("heading_deg"))
        _bounded(rows, "heading_deg", 0.0, 360.0, "Give degrees clockwise from north, 0 to 360.")
        _look_for_radians(rows, limits)
    _bounded(rows, "battery_pct", 0.0, 100.0, "Give per cent, 0 to 100.")
    _bounded(rows, "altitude_m", -3e38, 3e38, "Give metres.")


def _bounded(rows: Rows, name: str, low: float, high: float, remedy: str) -> None:
    if not rows.has(name):
        return
    values = rows.frame[name]
    outside = ((values < low) | (values > high)).fill_null(False).to_numpy()
    if not outside.any():
        return
    # -1 is how phones say "not known" (Apple CLLocation.speed and .course): nothing to warn of.
    unknown = (values == -1).fill_null(False).to_numpy() & (low == 0.0)
    rows.warn(outside & ~unknown, name, f"{name} is out of range; taken as not said", remedy)
    rows.put(pl.select(pl.when(pl.Series(~outside)).then(values)).to_series().alias(name))


def _look_for_radians(rows: Rows, limits: QualityLimits) -> None:
    moving = rows.frame["heading_deg"].drop_nulls()
    moving = moving.filter(moving > 0)
    if len(moving) < 10 or not bool((moving <= limits.radians_at_most).all()):
        return
    # Whole degrees up to 6 are a straight road north; fractions spread over a whole turn are not.
    if float(moving.max() or 0) < 3.2 or bool((moving == moving.round()).all()):  # type: ignore[arg-type]
        return
    first = np.zeros(rows.frame.height, dtype=bool)
    first[int((rows.frame["heading_deg"] > 0).fill_null(False).arg_max() or 0)] = True
    rows.warn(
        first,
        "heading_deg",
        "No heading exceeds two pi: these look like radians. Taken as degrees, as declared",
        "If they are radians, map the column as heading_rad.",
    )
