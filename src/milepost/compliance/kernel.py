# Over 400 lines because the state machine is compiled as one unit: split, it would cross module caches.
"""The state machine, once: plain Python over arrays, compiled when the input is large.

``milepost.compliance.compiled`` loads this same file through numba. Both run the same lines, batch and
live alike; the tests hold them against each other and against the reference engine. The page "How the
engine decides" is the definition; section numbers here are its.

Rules of the house for this file: one-dimensional arrays and numbers only, no tuples of arrays, no
inlining hints, no parallel loops (a compiler bug has made such kernels wrong while looking right;
threads run whole tracks instead). All times are int64 microseconds UTC.
"""

from __future__ import annotations

# fmt: off  (long argument lists are read as rows)
import math
from typing import Any

from milepost.compliance.jit import jit

# Quality flags (tracks.record.Quality), as numbers a compiler can fold.
MOCK = 2
FUTURE = 8
SAYS_NOTHING = 64 | 128 | 512  # ZERO_ISLAND, SWAPPED_AXES, NOT_VALID

HALF_TURN_E7 = 1_800_000_000.0

# What a fix is worth (section 2).
IGNORED = 0
WEAK = 1
STRONG = 2

# Labels (results.Label).
NO_DATA = 0
UNCERTAIN = 1
INSIDE = 2
OUTSIDE = 3
CONFLICT = 4
EXPLAINED = 5  # from fixes alone: not proved, but easily explained from the kept side; the label is UNCERTAIN

# Causes (results.NoDataCause).
NO_SIGNAL = 0
NOT_FITTED = 1
BATTERY = 3
POWER = 4

# Columns of a rule table's row of numbers, see parameters.py.
P_GAP = 0
P_HOLD = 1
P_BREACH_PROOF = 2  # ln(looks / budget)
P_BREACH_BUFFER = 3
P_BREACH_FIXES = 4
P_BREACH_US = 5
P_KEPT_PER_M = 6  # metres a metre of precision: root(-2 ln(1 - probability)) / 2.448
P_KEPT_BUFFER = 7
P_KEPT_FIXES = 8
P_KEPT_US = 9
P_MAX_SPEED = 10  # metres per microsecond
P_ESCAPE = 11
P_EDGE = 12
P_FINDING_MIN = 13
P_CONFLICT_MIN = 14
P_GAP_TIMES = 15
P_SOURCES = 16  # 8 x (may_confirm, assumed, floor), by Source number
P_RELATED = 40  # microseconds over which errors are related
P_SHARE = 41
P_EXPLAINED_PER_M = 42  # metres a metre of precision: sigmas / 2.448
P_EXPLAINED_FIXES = 43
P_BREACH_PER_M = 44  # as P_KEPT_PER_M
P_THERE_AND_BACK = 45  # metres per microsecond
P_WIDTH = 46

# What a stream carries from fix to fix (section 4): whole numbers in run_i, sums in run_f, R_I and R_F a stream.
R_N = 0  # contacts of the pending run
R_APART = 1  # of them apart from the kept side
R_T1 = 2
R_MISSED = 3  # contacts in a row that are explained from the kept side, up to now
R_MISSED_T0 = 4
R_KEPT_N = 5  # contacts of the pending kept run
R_KEPT_T0 = 6
R_KEPT_T1 = 7
R_SURE_T0 = 8  # first contact of the pending run that is beyond the kept side by itself; NEVER: none yet
R_SURE_T1 = 9
R_LAST_T = 10  # the last strong contact, whatever it shows
R_I = 11
S_WEIGHT = 0  # of 1 / sigma^2
S_EAST = 1  # of weight x 1e-7 degrees from the target's origin
S_NORTH = 2
S_AWAY = 3  # of weight x metres beyond the kept side
S_EFFECTIVE = 4  # how many independent contacts the run is worth
S_SUMS = 5  # the sums end here; what follows is of the last strong contact
S_LAST_LON = 5
S_LAST_LAT = 6
S_LAST_PREC = 7  # 0: there was none
R_F = 8
USUAL = 5  # intervals between contacts from which a device's own schedule is learned

NEVER = -(1 << 62)
FAR = 1.0e12
EDGES_OF_A_BOX = 8  # of a polygon's ring, see ring_side_and_distance2

# WGS 84 ellipsoid.
SEMI_MAJOR_M = 6378137.0
ECCENTRICITY_2 = 6.69437999014e-3
RADIANS_PER_E7 = math.pi / 180.0 / 1.0e7


@jit
def north_per_e7(lat_deg: float) -> float:
    """Metres north per 1e-7 degree at a latitude: the meridian radius of curvature."""
    s = math.sin(lat_deg * math.pi / 180.0)
    w = 1.0 - ECCENTRICITY_2 * s * s
    return SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / (w * math.sqrt(w)) * RADIANS_PER_E7


@jit
def east_per_e7(lat_deg: float) -> float:
    """Metres east per 1e-7 degree at a latitude: the prime vertical radius times the cosine."""
    phi = lat_deg * math.pi / 180.0
    s = math.sin(phi)
    return SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY_2 * s * s) * math.cos(phi) * RADIANS_PER_E7


@jit
def comes_before(
    t0: int, q0: int, s0: int, x0: int, y0: int, p0: float, d0: int, f0: int, t1: int, q1: int, s1: int,
    x1: int, y1: int, p1: float, d1: int, f1: int,
) -> bool:
    """Section 1: whether the first fix stands before the second. Precision NaN stands first."""
    if t0 != t1:
        return t0 < t1
    if q0 != q1:
        return q0 < q1
    if s0 != s1:
        return s0 < s1
    if x0 != x1:
        return x0 < x1
    if y0 != y1:
        return y0 < y1
    known0 = p0 == p0
    known1 = p1 == p1
    if known0 != known1:
        return known1
    if known0 and p0 != p1:
        return p0 < p1
    if d0 != d1:
        return d0 < d1
    return f0 < f1


@jit
def order_pass(
    n: int, dev: Any, t: Any, seq: Any, src: Any, lon: Any, lat: Any, prec: Any, flags: Any, said: int, bat: Any,
    run_i0: Any, noted: Any,
) -> int:
    """Finds where each device's run starts. Returns the number of runs, or -1 if the rows are not in the
    order of section 1 within a run, or -2 if there are more runs than ``run_i0`` holds. ``said``: the
    flags that count in the order. ``noted``: adds the rows of the future, and those as old as the one before."""
    n_runs = 0
    for i in range(n):
        if flags[i] & FUTURE:
            noted[0] += 1
        if i > 0 and t[i] == t[i - 1]:
            noted[1] += 1
        if i == 0 or dev[i] != dev[i - 1]:
            if n_runs >= len(run_i0):
                return -2
            run_i0[n_runs] = i
            n_runs += 1
        elif t[i] > t[i - 1]:
            continue
        elif comes_before(
            t[i], seq[i], src[i], lon[i], lat[i], prec[i], 0, flags[i] & said,
            t[i - 1], seq[i - 1], src[i - 1], lon[i - 1], lat[i - 1], prec[i - 1], 0, flags[i - 1] & said,
        ):
            return -1
        elif not comes_before(
            t[i - 1], seq[i - 1], src[i - 1], lon[i - 1], lat[i - 1], prec[i - 1], 0, flags[i - 1] & said,
            t[i], seq[i], src[i], lon[i], lat[i], prec[i], 0, flags[i] & said,
        ) and not (bat[i] >= bat[i - 1] or bat[i - 1] != bat[i - 1]):
            return -1  # alike but for the battery, and that not in order (missing first)
    return n_runs


@jit
def precision_believed(par: Any, row: int, source: int, precision_m: float) -> float:
    """The 95 % radius used for a fix (section 3). Unknown is NaN or not positive."""
    base = row + P_SOURCES + 3 * source
    if not precision_m > 0.0:
        precision_m = par[base + 1]
    floor = par[base + 2]
    if precision_m < floor:
        return floor
    return precision_m


@jit
def short_way(dlon_e7: float) -> float:
    """A difference of longitudes (1e-7 degrees) the short way round the globe, across 180 degrees too."""
    if dlon_e7 > HALF_TURN_E7:
        return dlon_e7 - 2.0 * HALF_TURN_E7
    if dlon_e7 < -HALF_TURN_E7:
        return dlon_e7 + 2.0 * HALF_TURN_E7
    return dlon_e7


@jit
def gap_limit(par: Any, row: int, usual: Any, k: int) -> float:
    """Section 4: the longest time between two contacts of track ``k`` that is not a gap, microseconds.

    It follows the device's own schedule: the median of its last USUAL intervals."""
    u = USUAL * k
    median = 0
    for a in range(u, u + USUAL):
        before = 0
        for b in range(u, u + USUAL):
            if usual[b] < usual[a] or (usual[b] == usual[a] and b < a):
                before += 1
        if before == USUAL // 2:
            median = usual[a]
    learned = min(par[row + P_GAP_TIMES] * median, par[row + P_HOLD])
    return float(max(par[row + P_GAP], learned))


@jit
def contact_pass(
    oldest: int, i0: int, i1: int, t: Any, seq: Any, src: Any, lon: Any, lat: Any, prec: Any, flags: Any,
    dev: Any, strength: Any, par: Any, row: int, k: int, last_t: Any, last_i: Any, anchor_t: Any,
    anchor_lon: Any, anchor_lat: Any, anchor_prec: Any, refused: Any, usual: Any, begin: int, gap_t0: Any,
    gap_t1: Any, gap_i: Any, n_gap: int, gap_cap: int,
) -> int:
    """Sections 2 and 4: what each fix of track ``k`` is worth, and the gaps between contacts.

    Fills ``strength[i0:i1]`` and appends gaps; carries the track's state in the arrays at ``k``. Rows from
    ``oldest`` on are looked at for repeats. A track without a contact yet has had none since ``begin``.
    Returns the new number of gaps, or -1 if ``gap_cap`` was too small (nothing is then valid).
    """
    gap_us = par[row + P_GAP]
    # Carried in numbers of their own while the loop runs: what lies in an array is read and written at every fix.
    last = last_t[k]
    last_row = last_i[k]
    heard = max(last, begin)
    at = anchor_t[k]
    at_lon = anchor_lon[k]
    at_lat = anchor_lat[k]
    at_prec = anchor_prec[k]
    n_refused = refused[k]
    u = USUAL * k
    for i in range(i0, i1):
        strength[i] = IGNORED
        if flags[i] & FUTURE:
            continue
        # The same device, time, sequence and source was already counted: neighbours in the order.
        ti = t[i]
        duplicate = False
        j = i - 1
        while j >= oldest and t[j] == ti and seq[j] == seq[i] and src[j] == src[i]:
            if dev[j] == dev[i] and not flags[j] & FUTURE:
                duplicate = True
                break
            j -= 1
        if duplicate or flags[i] & SAYS_NOTHING:
            continue
        if ti - heard > gap_us and ti - heard > gap_limit(par, row, usual, k):
            if n_gap >= gap_cap:
                return -1
            gap_t0[n_gap] = heard
            gap_t1[n_gap] = ti
            gap_i[n_gap] = last_row
            n_gap += 1
        if last != NEVER and ti > last:
            for c in range(u + USUAL - 1, u, -1):
                usual[c] = usual[c - 1]
            usual[u] = ti - last
        last = ti
        last_row = i
        heard = max(ti, begin)
        if par[row + P_SOURCES + 3 * src[i]] == 0.0 or flags[i] & MOCK:
            strength[i] = WEAK
            continue
        p = precision_believed(par, row, src[i], prec[i])
        if at != NEVER:
            reach = par[row + P_MAX_SPEED] * (ti - at) + p + at_prec
            dlat = float(lat[i]) - at_lat
            dlon = short_way(float(lon[i]) - at_lon)
            # 0.0112 m is more than any 1e-7 degree: most fixes need no trigonometry.
            if (abs(dlat) + abs(dlon)) * 0.0112 > reach:
                mean = (float(lat[i]) + at_lat) * 0.5e-7
                y = dlat * north_per_e7(mean)
                x = dlon * east_per_e7(mean)
                if math.sqrt(x * x + y * y) > reach and n_refused < par[row + P_ESCAPE] - 1.0:
                    n_refused += 1
                    strength[i] = WEAK
                    continue
        at = ti
        at_lon = float(lon[i])
        at_lat = float(lat[i])
        at_prec = p
        n_refused = 0
        strength[i] = STRONG
    last_t[k] = last
    last_i[k] = last_row
    anchor_t[k] = at
    anchor_lon[k] = at_lon
    anchor_lat[k] = at_lat
    anchor_prec[k] = at_prec
    refused[k] = n_refused
    return n_gap


@jit
def ring_side_and_distance2(
    r: int, rings: Any, corners: Any, boxes: Any, x: float, y: float, best: float
) -> float:
    """Squared distance to the nearest edge of ring ``r`` (at most ``best``), negative if an odd number of edges
    is crossed by the ray from (x, y) to the east. Distance zero counts as not crossed.

    The edges lie in boxes of EDGES_OF_A_BOX; one that cannot have the nearest edge is not opened for it.
    """
    v0 = rings[3 * r]
    v1 = rings[3 * r + 1]
    b0 = rings[3 * r + 2]
    n = (v1 - v0 + EDGES_OF_A_BOX - 1) // EDGES_OF_A_BOX
    # The nearest box first: with its edges known, most others stay closed.
    nearest = 0
    least = FAR
    if n > 1:
        for b in range(n):
            w = 4 * (b0 + b)
            away = max(boxes[w] - x, x - boxes[w + 2], 0.0) + max(boxes[w + 1] - y, y - boxes[w + 3], 0.0)
            if away < least:
                least = away
                nearest = b
    odd = False
    reach = math.sqrt(best)
    for turn in range(n):
        b = turn
        if turn == 0:
            b = nearest
        elif turn <= nearest:
            b = turn - 1
        w = 4 * (b0 + b)
        first = v0 + b * EDGES_OF_A_BOX
        after = min(first + EDGES_OF_A_BOX, v1)
        last = first - 1 if b > 0 else v1 - 1
        if (
            boxes[w] - x > reach or x - boxes[w + 2] > reach or boxes[w + 1] - y > reach or y - boxes[w + 3] > reach
        ):
            # No nearer edge in it. Crossed: an odd number of times if it lies wholly to the east and its ends lie above
            # and below; never if above, below or to the west; else each of its edges is asked.
            if boxes[w + 2] < x or boxes[w + 1] > y or boxes[w + 3] < y:
                continue
            if boxes[w] > x:
                if (corners[2 * last + 1] > y) != (corners[2 * after - 1] > y):
                    odd = not odd
                continue
        xa = corners[2 * last]
        ya = corners[2 * last + 1]
        for v in range(first, after):
            xb = corners[2 * v]
            yb = corners[2 * v + 1]
            # An edge that lies whole beyond the nearest one so far, above, below, west or east, is not nearer.
            if (ya - y > reach and yb - y > reach) or (y - ya > reach and y - yb > reach) or (
                x - xa > reach and x - xb > reach
            ):
                pass
            elif xa - x > reach and xb - x > reach:
                if (ya > y) != (yb > y):
                    odd = not odd
            else:
                if (ya > y) != (yb > y) and x < (xb - xa) * (y - ya) / (yb - ya) + xa:
                    odd = not odd
                ex = xb - xa
                ey = yb - ya
                px = x - xa
                py = y - ya
                length2 = ex * ex + ey * ey
                along = 0.0
                if length2 > 0.0:
                    along = (px * ex + py * ey) / length2
                    if along < 0.0:
                        along = 0.0
                    elif along > 1.0:
                        along = 1.0
                qx = px - along * ex
                qy = py - along * ey
                d2 = qx * qx + qy * qy
                if d2 < best:
                    best = d2
                    reach = math.sqrt(best)
            xa = xb
            ya = yb
    if odd:
        return -best
    return best


@jit
def to_circle_m(
    dlon: float, dlat: float, centre_lon: float, centre_lat: float, radius_m: float, east0: float, north: float,
    slope: float,
) -> float:
    """Section 3: metres to a circle's edge, positive inside. Differences from the target's origin, 1e-7 degrees."""
    cx = (dlon - centre_lon) * (east0 + slope * (dlat + centre_lat) * 0.5)
    cy = (dlat - centre_lat) * north
    return radius_m - math.sqrt(cx * cx + cy * cy)


@jit
def signed_distance_m(
    target: int, lon_e7: float, lat_e7: float, enough_m: float, tgt_shape0: Any, tgt_shape1: Any,
    tgt_geo: Any, shape_geo: Any, shape_ring0: Any, shape_ring1: Any, rings: Any, corners: Any, boxes: Any,
) -> float:
    """Section 3: metres to the boundary, positive inside; the largest over the target's shapes.

    Farther outside than ``enough_m`` a polygon answers with the distance to its box, a lower bound.
    """
    g = 5 * target
    dlon = short_way(lon_e7 - tgt_geo[g])
    dlat = lat_e7 - tgt_geo[g + 1]
    y = dlat * tgt_geo[g + 3]
    best = -FAR
    for s in range(tgt_shape0[target], tgt_shape1[target]):
        q = 5 * s
        if shape_ring0[s] == shape_ring1[s]:
            # A circle: q = centre lon, centre lat (1e-7 degrees from the target's origin), radius.
            d = to_circle_m(
                dlon, dlat, shape_geo[q], shape_geo[q + 1], shape_geo[q + 2], tgt_geo[g + 2], tgt_geo[g + 3],
                tgt_geo[g + 4],
            )
        else:
            # A polygon: q = its box in metres from the target's origin.
            x = dlon * tgt_geo[g + 2]
            bx = max(shape_geo[q] - x, x - shape_geo[q + 2], 0.0)
            by = max(shape_geo[q + 1] - y, y - shape_geo[q + 3], 0.0)
            if bx > enough_m or by > enough_m:
                d = -max(bx, by)
            else:
                inside = False
                best2 = FAR * FAR
                for r in range(shape_ring0[s], shape_ring1[s]):
                    d2 = ring_side_and_distance2(r, rings, corners, boxes, x, y, best2)
                    if d2 < 0.0:
                        inside = not inside
                        d2 = -d2
                    best2 = d2
                d = math.sqrt(best2)
                if not inside:
                    d = -d
        if d > best:
            best = d
    return best


@jit
def beyond_kept_m(
    breach: int, lon_e7: float, lat_e7: float, target: int, tgt_shape0: Any, tgt_shape1: Any, tgt_geo: Any, shape_geo: Any,
    shape_ring0: Any, shape_ring1: Any, rings: Any, corners: Any, boxes: Any,
) -> float:
    """Section 3, *away*: metres beyond the kept side, negative on it."""
    away = signed_distance_m(
        target, lon_e7, lat_e7, FAR, tgt_shape0, tgt_shape1, tgt_geo, shape_geo, shape_ring0, shape_ring1, rings,
        corners, boxes,
    )
    if breach == OUTSIDE:
        return -away
    return away


@jit
def out_of_reach_m(away_m: float, p: float, par: Any, row: int) -> float:
    """Section 4: metres back to the kept side, less what the precision ``p`` allows. -1: not of the breach class."""
    reach = par[row + P_BREACH_PER_M] * p
    if away_m < reach or away_m <= par[row + P_EXPLAINED_PER_M] * p or away_m <= 0.0:
        return -1.0
    return away_m - reach


@jit
def no_way_back(one_m: float, other_m: float, us: int, par: Any, row: int) -> bool:
    """Section 4: whether so short a time between two contacts leaves no way to the kept side and back."""
    if one_m < 0.0 or other_m < 0.0:
        return False
    speed = par[row + P_THERE_AND_BACK]
    if us > par[row + P_HOLD]:
        speed = par[row + P_MAX_SPEED]
    return us * speed < one_m + other_m


@jit
def end_spell(
    label: int, t0: int, t1: int, until: int, out_t0: Any, out_t1: Any, out_state: Any, n_out: int
) -> int:
    """Appends the spell in force, from ``t0`` to ``t1``, or to ``until`` if that is earlier; one of no length is none.
    Returns the new number of spells."""
    end = min(t1, until)
    if label == 0 or t0 >= end:
        return n_out
    out_t0[n_out] = t0
    out_t1[n_out] = end
    out_state[n_out] = label
    return n_out + 1


@jit
def spell_pass(
    i0: int, i1: int, t: Any, src: Any, lon: Any, lat: Any, prec: Any, strength: Any, par: Any, row: int,
    target: int, breach: int, tgt_shape0: Any, tgt_shape1: Any, tgt_geo: Any, shape_geo: Any,
    shape_ring0: Any, shape_ring1: Any, rings: Any, corners: Any, boxes: Any, s: int, state: Any,
    spell_t0: Any, spell_t1: Any, run_i: Any, run_f: Any, out_t0: Any, out_t1: Any, out_state: Any,
    n_out: int, out_cap: int,
) -> int:
    """Section 4: the spells of stream ``s``, from the contacts i0 to i1 of its track.

    ``breach`` is the label that would be a breach (INSIDE or OUTSIDE). Finished spells are appended;
    the one in force stays in the state arrays at ``s``. Returns the new number, or -1 if ``out_cap``
    was too small (nothing is then valid).
    """
    hold = par[row + P_HOLD]
    kept = INSIDE + OUTSIDE - breach
    side = 1.0 if breach == INSIDE else -1.0
    r = R_I * s
    f = R_F * s
    # Most targets are one circle: measured here, without the call and its arrays.
    shape = tgt_shape0[target]
    one_circle = tgt_shape1[target] - shape == 1 and shape_ring0[shape] == shape_ring1[shape]
    origin_lon = tgt_geo[5 * target]
    origin_lat = tgt_geo[5 * target + 1]
    east0 = tgt_geo[5 * target + 2]
    north = tgt_geo[5 * target + 3]
    slope = tgt_geo[5 * target + 4]
    centre_lon = shape_geo[5 * shape]
    centre_lat = shape_geo[5 * shape + 1]
    circle_m = shape_geo[5 * shape + 2]
    # A circle has a scale of its own at every latitude; polygons all have their target's.
    only_polygons = True
    for q in range(shape, tgt_shape1[target]):
        if shape_ring0[q] == shape_ring1[q]:
            only_polygons = False
    # Carried in numbers of their own while the loop runs, as in contact_pass.
    explained_per_m = par[row + P_EXPLAINED_PER_M]
    kept_per_m = par[row + P_KEPT_PER_M]
    breach_per_m = par[row + P_BREACH_PER_M]
    kept_buffer_m = par[row + P_KEPT_BUFFER]
    explained_fixes = par[row + P_EXPLAINED_FIXES]
    now = int(state[s])
    now_t0 = spell_t0[s]
    now_t1 = spell_t1[s]
    n_run = run_i[r + R_N]
    n_apart = run_i[r + R_APART]
    run_t1 = run_i[r + R_T1]
    n_missed = run_i[r + R_MISSED]
    missed_t0 = run_i[r + R_MISSED_T0]
    n_kept = run_i[r + R_KEPT_N]
    kept_t0 = run_i[r + R_KEPT_T0]
    kept_t1 = run_i[r + R_KEPT_T1]
    sure_t0 = run_i[r + R_SURE_T0]
    sure_t1 = run_i[r + R_SURE_T1]
    before_t = run_i[r + R_LAST_T]
    sum_weight = run_f[f + S_WEIGHT]
    sum_east = run_f[f + S_EAST]
    sum_north = run_f[f + S_NORTH]
    sum_away = run_f[f + S_AWAY]
    effective = run_f[f + S_EFFECTIVE]
    before_lon = run_f[f + S_LAST_LON]
    before_lat = run_f[f + S_LAST_LAT]
    before_prec = run_f[f + S_LAST_PREC]
    measured_m = 0.0
    measured_lon = 0.0
    measured_lat = 0.0
    for i in range(i0, i1):
        if strength[i] != STRONG:
            continue
        # At most two spells end at one contact.
        if n_out + 2 > out_cap:
            return -1
        p = precision_believed(par, row, src[i], prec[i])
        explained_m = explained_per_m * p
        kept_m = max(kept_per_m * p, kept_buffer_m)
        ti = t[i]
        dlat = float(lat[i]) - origin_lat
        dlon = short_way(float(lon[i]) - origin_lon)
        if one_circle:
            d = to_circle_m(dlon, dlat, centre_lon, centre_lat, circle_m, east0, north, slope)
        else:
            # Where the distance itself is not summed up, what is left of the last one measured is enough to
            # know: nobody is nearer to the edge than it was, less the way gone since.
            enough = max(kept_m, explained_m, breach_per_m * p)
            left = abs(measured_m) - abs(dlon - measured_lon) * east0 - abs(dlat - measured_lat) * north
            beyond = side * measured_m > 0.0
            if left > enough + 0.001 and (
                (now == breach and ti - now_t1 <= hold) if beyond else n_run == 0
            ):
                d = left if measured_m > 0.0 else -left
            else:
                if n_run > 0 or (breach == OUTSIDE and now != OUTSIDE):
                    enough = FAR
                d = signed_distance_m(
                    target, float(lon[i]), float(lat[i]), enough, tgt_shape0, tgt_shape1, tgt_geo, shape_geo,
                    shape_ring0, shape_ring1, rings, corners, boxes,
                )
                if only_polygons:
                    measured_m = d
                    measured_lon = dlon
                    measured_lat = dlat
        away = side * d  # metres beyond the kept side
        apart = away > explained_m and away > 0.0
        sure = apart and away >= breach_per_m * p
        # Longer than it holds, and yet too short to have been on the kept side since the last contact?
        held = False
        if sure and ti - before_t > hold and before_prec > 0.0:
            one_m = beyond_kept_m(
                breach, before_lon, before_lat, target, tgt_shape0, tgt_shape1, tgt_geo,
                shape_geo, shape_ring0, shape_ring1, rings, corners, boxes,
            )
            other_m = beyond_kept_m(
                breach, float(lon[i]), float(lat[i]), target, tgt_shape0, tgt_shape1, tgt_geo, shape_geo,
                shape_ring0, shape_ring1, rings, corners, boxes,
            )
            held = no_way_back(
                out_of_reach_m(one_m, before_prec, par, row), out_of_reach_m(other_m, p, par, row),
                ti - before_t, par, row,
            )
        before_t = ti
        before_lon = float(lon[i])
        before_lat = float(lat[i])
        before_prec = p
        if apart:
            n_missed = 0
            n_kept = 0
            if now == breach:
                if held or ti - now_t1 <= hold:
                    if sure:
                        now_t1 = ti
                    continue
                n_out = end_spell(now, now_t0, now_t1, ti, out_t0, out_t1, out_state, n_out)
                now = 0
        else:
            n_missed += 1
            if n_missed == 1:
                missed_t0 = ti
            if n_missed >= explained_fixes:
                n_run = 0
        if n_run > 0 and ti - run_t1 > hold and not held:
            n_run = 0
        if now != breach and (apart or n_run > 0):
            sigma2 = p * p / (-2.0 * math.log(0.05))
            if n_run == 0:
                n_apart = 0
                sure_t0 = NEVER
                sum_weight = 0.0
                sum_east = 0.0
                sum_north = 0.0
                sum_away = 0.0
                effective = 1.0
            else:
                effective += 1.0 - math.exp(-(ti - run_t1) / par[row + P_RELATED])
            n_run += 1
            n_apart += 1 if apart else 0
            run_t1 = ti
            sum_weight += 1.0 / sigma2
            sum_east += dlon / sigma2
            sum_north += dlat / sigma2
            sum_away += away / sigma2
            if sure:
                if sure_t0 == NEVER or (ti - sure_t1 > hold and not held):
                    sure_t0 = ti
                sure_t1 = ti
            if (
                sure
                and n_run >= par[row + P_BREACH_FIXES]
                and ti - sure_t0 >= par[row + P_BREACH_US]
                and n_apart >= par[row + P_SHARE] * n_run
            ):
                # Together: how far is the mean beyond the kept side, and how sure is that mean?
                mean = signed_distance_m(
                    target, origin_lon + sum_east / sum_weight, origin_lat + sum_north / sum_weight,
                    FAR, tgt_shape0, tgt_shape1, tgt_geo, shape_geo, shape_ring0, shape_ring1, rings,
                    corners, boxes,
                )
                far = min(side * mean, sum_away / sum_weight)
                variance = n_run / (sum_weight * effective)
                if far > par[row + P_BREACH_BUFFER] and far * far / (2.0 * variance) >= par[row + P_BREACH_PROOF]:
                    first = sure_t0
                    n_out = end_spell(now, now_t0, now_t1, first, out_t0, out_t1, out_state, n_out)
                    now = breach
                    now_t0 = first
                    now_t1 = ti
                    n_run = 0
        if apart:
            continue
        # Explained from the kept side: breaks a breach, may show keeping.
        missed = n_missed >= explained_fixes
        if now == breach or now == 0:
            if missed:
                n_out = end_spell(now, now_t0, now_t1, ti, out_t0, out_t1, out_state, n_out)
                now = EXPLAINED
                now_t0 = missed_t0
                now_t1 = ti
        elif ti - now_t1 > hold:
            n_out = end_spell(now, now_t0, now_t1, ti, out_t0, out_t1, out_state, n_out)
            now = EXPLAINED
            now_t0 = ti
            now_t1 = ti
        elif now == EXPLAINED:
            now_t1 = ti
        if -away < kept_m or not away < 0.0:
            continue
        if now == kept:
            if n_run > 0:
                n_out = end_spell(now, now_t0, now_t1, ti, out_t0, out_t1, out_state, n_out)
                now_t0 = ti
                n_run = 0
            now_t1 = ti
            continue
        if n_kept == 0 or ti - kept_t1 > hold:
            n_kept = 1
            kept_t0 = ti
        else:
            n_kept += 1
        kept_t1 = ti
        since = kept_t0
        if n_kept >= par[row + P_KEPT_FIXES] and ti - since >= par[row + P_KEPT_US]:
            n_out = end_spell(now, now_t0, now_t1, since, out_t0, out_t1, out_state, n_out)
            now = kept
            now_t0 = since
            now_t1 = ti
            n_kept = 0
            n_run = 0
    state[s] = now
    spell_t0[s] = now_t0
    spell_t1[s] = now_t1
    run_i[r + R_N] = n_run
    run_i[r + R_APART] = n_apart
    run_i[r + R_T1] = run_t1
    run_i[r + R_MISSED] = n_missed
    run_i[r + R_MISSED_T0] = missed_t0
    run_i[r + R_KEPT_N] = n_kept
    run_i[r + R_KEPT_T0] = kept_t0
    run_i[r + R_KEPT_T1] = kept_t1
    run_i[r + R_SURE_T0] = sure_t0
    run_i[r + R_SURE_T1] = sure_t1
    run_i[r + R_LAST_T] = before_t
    run_f[f + S_WEIGHT] = sum_weight
    run_f[f + S_EAST] = sum_east
    run_f[f + S_NORTH] = sum_north
    run_f[f + S_AWAY] = sum_away
    run_f[f + S_EFFECTIVE] = effective
    run_f[f + S_LAST_LON] = before_lon
    run_f[f + S_LAST_LAT] = before_lat
    run_f[f + S_LAST_PREC] = before_prec
    return n_out


@jit
def run_tracks(
    k0: int, k1: int, begin: int, until: int, trk_i0: Any, trk_i1: Any, trk_row: Any, trk_s0: Any,
    trk_s1: Any, t: Any, seq: Any, src: Any, lon: Any, lat: Any, prec: Any, flags: Any, dev: Any,
    strength: Any, par: Any, last_t: Any, last_i: Any, anchor_t: Any, anchor_lon: Any, anchor_lat: Any,
    anchor_prec: Any, refused: Any, usual: Any, gap_t0: Any, gap_t1: Any, gap_i: Any, trk_gap0: Any,
    trk_gap1: Any, str_target: Any, str_breach: Any, tgt_shape0: Any, tgt_shape1: Any, tgt_geo: Any, shape_geo: Any,
    shape_ring0: Any, shape_ring1: Any, rings: Any, corners: Any, boxes: Any, state: Any,
    spell_t0: Any, spell_t1: Any, run_i: Any, run_f: Any, out_t0: Any, out_t1: Any, out_state: Any,
    str_out0: Any, str_out1: Any, counts: Any,
) -> int:
    """Runs tracks k0 to k1 (one person under one rule table) from their state over all their contacts.

    The gap after the last contact, to ``until``, and the spell still in force are written too.

    Writes gaps and spells one track after the other. ``counts`` = [gaps so far, spells so far], carried
    between calls. Returns k1 when done, else the track at which a buffer was too small; the caller
    makes the buffers larger and calls again from there, with that track's state set back.
    """
    n_gap = int(counts[0])
    n_out = int(counts[1])
    gap_cap = len(gap_t0)
    out_cap = len(out_t0)
    for k in range(k0, k1):
        trk_gap0[k] = n_gap
        got = contact_pass(
            trk_i0[k], trk_i0[k], trk_i1[k], t, seq, src, lon, lat, prec, flags, dev, strength, par,
            trk_row[k], k, last_t, last_i, anchor_t, anchor_lon, anchor_lat, anchor_prec, refused, usual,
            begin, gap_t0, gap_t1, gap_i, n_gap, gap_cap,
        )
        if got < 0 or got + 1 >= gap_cap:
            return k
        new_gap = got
        since = max(last_t[k], begin)
        if until - since > gap_limit(par, trk_row[k], usual, k):
            gap_t0[new_gap] = since
            gap_t1[new_gap] = until
            gap_i[new_gap] = last_i[k]
            new_gap += 1
        new_out = n_out
        for s in range(trk_s0[k], trk_s1[k]):
            str_out0[s] = new_out
            str_out1[s] = new_out
            if str_target[s] < 0:
                continue  # a duty without a place: only contact counts
            got = spell_pass(
                trk_i0[k], trk_i1[k], t, src, lon, lat, prec, strength, par, trk_row[k], str_target[s],
                str_breach[s], tgt_shape0, tgt_shape1, tgt_geo, shape_geo, shape_ring0, shape_ring1,
                rings, corners, boxes, s, state, spell_t0, spell_t1, run_i, run_f, out_t0, out_t1, out_state,
                new_out, out_cap,
            )
            # Room for the spell still in force, which the caller appends.
            if got < 0 or got + 1 >= out_cap:
                return k
            new_out = got
            if state[s] != 0:
                out_t0[new_out] = spell_t0[s]
                out_t1[new_out] = spell_t1[s]
                out_state[new_out] = state[s]
                new_out += 1
            str_out1[s] = new_out
        n_gap = new_gap
        n_out = new_out
        trk_gap1[k] = n_gap
        counts[0] = n_gap
        counts[1] = n_out
    return k1


@jit
def join_labels(g: int, h: int) -> int:
    """Section 6: what two witnesses say together. ``g`` from fixes, ``h`` from the home unit."""
    if g == EXPLAINED:
        g = UNCERTAIN
    if g == h:
        return g
    if g == NO_DATA:
        return h
    if h == NO_DATA:
        return g
    if g == UNCERTAIN:
        return h
    if h == UNCERTAIN:
        return g
    return CONFLICT


@jit
def held_pass(
    n_streams: int, str_track: Any, str_group: Any, group: int, trk_i0: Any, trk_i1: Any, trk_row: Any, trk_gap0: Any,
    trk_gap1: Any, gap_t0: Any, gap_t1: Any, gap_i: Any, str_target: Any, str_breach: Any, str_out0: Any, str_out1: Any,
    sp_t0: Any, sp_t1: Any, sp_state: Any, t: Any, src: Any, lon: Any, lat: Any, prec: Any, strength: Any, par: Any,
    tgt_shape0: Any, tgt_shape1: Any, tgt_geo: Any, shape_geo: Any, shape_ring0: Any, shape_ring1: Any, rings: Any,
    corners: Any, boxes: Any, held_stream: Any, held_gap: Any, n_held: int,
) -> int:
    """Section 4: the gaps over which a breach holds, because they leave no way to the kept side and back.

    For the streams of one group of tracks; answers pairs of stream and gap, in order. Returns their new number, or
    -1 if there was no room.
    """
    for s in range(n_streams):
        if str_group[s] != group or str_target[s] < 0:
            continue
        k = str_track[s]
        row = trk_row[k]
        breach = str_breach[s]
        o = str_out0[s]
        for gap in range(trk_gap0[k], trk_gap1[k]):
            while o < str_out1[s] and sp_t1[o] <= gap_t0[gap]:
                o += 1
            if o == str_out1[s]:
                break
            if sp_state[o] != breach or sp_t0[o] > gap_t0[gap] or sp_t1[o] < gap_t1[gap]:
                continue
            before = gap_i[gap]
            after = before + 1
            while before >= trk_i0[k] and strength[before] != STRONG:
                before -= 1
            while after < trk_i1[k] and strength[after] != STRONG:
                after += 1
            if before < trk_i0[k] or after >= trk_i1[k]:
                continue
            one_m = beyond_kept_m(
                breach, float(lon[before]), float(lat[before]), str_target[s], tgt_shape0, tgt_shape1, tgt_geo,
                shape_geo, shape_ring0, shape_ring1, rings, corners, boxes,
            )
            other_m = beyond_kept_m(
                breach, float(lon[after]), float(lat[after]), str_target[s], tgt_shape0, tgt_shape1, tgt_geo,
                shape_geo, shape_ring0, shape_ring1, rings, corners, boxes,
            )
            one_m = out_of_reach_m(one_m, precision_believed(par, row, src[before], prec[before]), par, row)
            other_m = out_of_reach_m(other_m, precision_believed(par, row, src[after], prec[after]), par, row)
            if no_way_back(one_m, other_m, t[after] - t[before], par, row):
                if n_held >= len(held_gap):
                    return -1
                held_stream[n_held] = s
                held_gap[n_held] = gap
                n_held += 1
    return n_held


@jit
def segment_pass(
    begin: int, until: int, gap0: int, gap1: int, gap_t0: Any, gap_t1: Any, gap_cause: Any, fit0: int,
    fit1: int, fit_t0: Any, fit_t1: Any, sp0: int, sp1: int, sp_t0: Any, sp_t1: Any, sp_state: Any,
    pr0: int, pr1: int, pr_t0: Any, pr_t1: Any, pr_label: Any, held0: int, held1: int, held_gap: Any, seg_t: Any,
    seg_label: Any, seg_cause: Any, seg_g: Any, seg_h: Any, n_seg: int, seg_cap: int,
) -> int:
    """Sections 4 to 6: the labels of one stream over [begin, until) as segments that follow each other.

    ``held_gap[held0:held1]``: numbers of the gaps over which a breach holds, in order (``held_pass``). Each segment
    lasts to the next one's start, the last to ``until``. Returns the new number of segments or -1 if ``seg_cap``
    was too small.
    """
    first = n_seg
    cur = begin
    ig = gap0
    if_ = fit0
    is_ = sp0
    ip = pr0
    ih = held0
    while cur < until:
        nxt = until
        while ig < gap1 and gap_t1[ig] <= cur:
            ig += 1
        while if_ < fit1 and fit_t1[if_] <= cur:
            if_ += 1
        while is_ < sp1 and sp_t1[is_] <= cur:
            is_ += 1
        while ip < pr1 and pr_t1[ip] <= cur:
            ip += 1
        g = UNCERTAIN
        cause = NO_SIGNAL
        if is_ < sp1:
            if sp_t0[is_] <= cur:
                g = sp_state[is_]
                nxt = min(nxt, sp_t1[is_])
            else:
                nxt = min(nxt, sp_t0[is_])
        deaf = False  # a tag known to be flat or off cannot be heard: out of range proves nothing
        if ig < gap1:
            if gap_t0[ig] <= cur:
                while ih < held1 and held_gap[ih] < ig:
                    ih += 1
                deaf = gap_cause[ig] == BATTERY or gap_cause[ig] == POWER
                if ih == held1 or held_gap[ih] != ig:
                    g = NO_DATA
                    cause = gap_cause[ig]
                nxt = min(nxt, gap_t1[ig])
            else:
                nxt = min(nxt, gap_t0[ig])
        fitted = if_ < fit1 and fit_t0[if_] <= cur
        if fitted:
            nxt = min(nxt, fit_t1[if_])
        else:
            g = NO_DATA
            cause = NOT_FITTED
            if if_ < fit1:
                nxt = min(nxt, fit_t0[if_])
        h = NO_DATA
        if ip < pr1:
            if pr_t0[ip] <= cur:
                h = pr_label[ip]
                nxt = min(nxt, pr_t1[ip])
            else:
                nxt = min(nxt, pr_t0[ip])
        if not fitted or (deaf and h == OUTSIDE):
            h = NO_DATA
        label = join_labels(g, h)
        if label != NO_DATA:
            cause = NO_SIGNAL
        if (
            n_seg == first
            or seg_label[n_seg - 1] != label
            or seg_cause[n_seg - 1] != cause
            or seg_g[n_seg - 1] != g
            or seg_h[n_seg - 1] != h
        ):
            if n_seg >= seg_cap:
                return -1
            seg_t[n_seg] = cur
            seg_label[n_seg] = label
            seg_cause[n_seg] = cause
            seg_g[n_seg] = g
            seg_h[n_seg] = h
            n_seg += 1
        cur = nxt
    return n_seg


@jit
def run_segments(
    s0: int, s1: int, begin: int, until: int, str_track: Any, trk_gap0: Any, trk_gap1: Any, gap_t0: Any,
    gap_t1: Any, gap_cause: Any, trk_fit0: Any, trk_fit1: Any, fit_t0: Any, fit_t1: Any, str_out0: Any,
    str_out1: Any, sp_t0: Any, sp_t1: Any, sp_state: Any, str_pr0: Any, str_pr1: Any, pr_t0: Any,
    pr_t1: Any, pr_label: Any, str_held0: Any, str_held1: Any, held_gap: Any, seg_t: Any,
    seg_label: Any, seg_cause: Any, seg_g: Any, seg_h: Any,
    str_seg0: Any, str_seg1: Any, counts: Any,
) -> int:
    """``segment_pass`` for streams s0 to s1. Returns s1, or the stream at which the buffer was too small."""
    n_seg = int(counts[0])
    cap = len(seg_t)
    for s in range(s0, s1):
        k = str_track[s]
        str_seg0[s] = n_seg
        got = segment_pass(
            begin, until, trk_gap0[k], trk_gap1[k], gap_t0, gap_t1, gap_cause, trk_fit0[k], trk_fit1[k],
            fit_t0, fit_t1, str_out0[s], str_out1[s], sp_t0, sp_t1, sp_state, str_pr0[s], str_pr1[s],
            pr_t0, pr_t1, pr_label, str_held0[s], str_held1[s], held_gap, seg_t, seg_label, seg_cause, seg_g,
            seg_h, n_seg, cap,
        )
        if got < 0:
            return s
        n_seg = got
        str_seg1[s] = n_seg
        counts[0] = n_seg
    return s1


@jit
def first_segment_at(seg_t: Any, lo: int, hi: int, when: int) -> int:
    """The segment in [lo, hi) that holds ``when``: the last whose start is not after it (at least lo)."""
    a = lo
    b = hi
    while b - a > 1:
        m = (a + b) // 2
        if seg_t[m] <= when:
            a = m
        else:
            b = m
    return a


@jit
def coverage_pass(
    p0: int, p1: int, begin: int, until: int, part_stream: Any, part_t0: Any, part_t1: Any, str_seg0: Any,
    str_seg1: Any, seg_t: Any, seg_label: Any, seg_cause: Any, out: Any,
) -> None:
    """Section 9: microseconds by label and cause for parts p0 to p1.

    ``out`` has 12 columns a part, flat: labels 0 to 4 (NO_DATA includes its causes), then causes 0 to 6.
    """
    for p in range(p0, p1):
        o = 12 * p
        for c in range(12):
            out[o + c] = 0
        a = part_t0[p]
        b = min(part_t1[p], until)
        if a < begin:
            # BEFORE_INPUT is cause 2.
            unseen = min(b, begin) - a
            if unseen > 0:
                out[o] += unseen
                out[o + 5 + 2] += unseen
            a = begin
        if a >= b:
            continue
        s = part_stream[p]
        lo = str_seg0[s]
        hi = str_seg1[s]
        for j in range(first_segment_at(seg_t, lo, hi, a), hi):
            t0 = max(seg_t[j], a)
            t1 = b
            if j + 1 < hi:
                t1 = min(seg_t[j + 1], b)
            if t0 >= b:
                break
            label = int(seg_label[j])
            out[o + label] += t1 - t0
            if label == NO_DATA:
                out[o + 5 + int(seg_cause[j])] += t1 - t0


@jit
def exactness_pass(
    p0: int, p1: int, until: int, part_stream: Any, part_t0: Any, part_t1: Any, str_group: Any, group: int, str_track: Any,
    str_depth: Any, trk_i0: Any, trk_i1: Any, trk_row: Any, t: Any, src: Any, prec: Any, strength: Any, par: Any, out: Any,
) -> None:
    """Section 9: of parts p0 to p1 the strong contacts, and those that could not show keeping anywhere in the place.

    ``str_depth``: metres from the middle of each stream's place to its edge; 0: it is not asked. ``out`` has two columns
    a part, flat. Only streams of one group of tracks.
    """
    for p in range(p0, p1):
        s = part_stream[p]
        if str_group[s] != group or not str_depth[s] > 0.0:
            continue
        k = str_track[s]
        row = trk_row[k]
        end = min(part_t1[p], until)
        for i in range(first_at_or_after(t, trk_i0[k], trk_i1[k], part_t0[p]), trk_i1[k]):
            if t[i] >= end:
                break
            if strength[i] == STRONG:
                out[2 * p] += 1
                needed = par[row + P_KEPT_PER_M] * precision_believed(par, row, src[i], prec[i])
                if max(needed, par[row + P_KEPT_BUFFER]) >= str_depth[s]:
                    out[2 * p + 1] += 1


# Columns of an absence record.
A_OBLIGATION = 0
A_START = 1
A_END = 2
A_BROKEN = 3
A_NO_DATA = 4
A_TOUCHES_START = 5
A_TOUCHES_END = 6
A_OPEN = 7
A_EARLIEST = 8
A_LATEST = 9
A_BY_FIXES = 10
A_BY_UNIT = 11
A_CONFLICT = 12  # 1: this record is a conflict, not an absence
A_WIDTH = 13


@jit
def absence_pass(
    o0: int, o1: int, begin: int, until: int, obl_stream: Any, obl_t0: Any, obl_t1: Any, obl_row: Any,
    str_breach: Any, str_seg0: Any, str_seg1: Any, seg_t: Any, seg_label: Any, seg_g: Any, seg_h: Any,
    par: Any, rec: Any, counts: Any,
) -> int:
    """Section 7: absences and conflicts of obligations o0 to o1 as records of A_WIDTH numbers.

    Absences shorter than ``finding_min_s`` of broken time are left out. Returns o1, or the obligation
    at which ``rec`` was too small.
    """
    n = int(counts[0])
    cap = len(rec) // A_WIDTH
    for o in range(o0, o1):
        s = obl_stream[o]
        lo = str_seg0[s]
        hi = str_seg1[s]
        start = obl_t0[o]
        a = max(start, begin)
        b = min(obl_t1[o], until)
        if a >= b or lo >= hi:
            continue
        breach = str_breach[s]
        kept = INSIDE + OUTSIDE - breach
        edge = par[obl_row[o] + P_EDGE]
        hold = par[obl_row[o] + P_HOLD]
        first = first_segment_at(seg_t, lo, hi, a)
        # What was last known before the start of the obligation, no longer ago than it holds.
        before = 0
        before_end = start
        j = first
        if seg_t[first] >= a:
            j = first - 1
        while j >= lo and start >= begin:
            if j < hi - 1:
                before_end = min(seg_t[j + 1], start)
            if start - before_end > hold:
                break
            if seg_label[j] == INSIDE or seg_label[j] == OUTSIDE:
                before = seg_label[j]
                break
            if seg_label[j] == UNCERTAIN and seg_g[j] == EXPLAINED:
                before = kept
                break
            j -= 1
        n0 = n
        kept_seen = False
        last_kept_end = start
        parted = False
        parted_end = start
        in_absence = False
        in_conflict = False
        absence_q = 0
        conflict_q = 0
        j = first
        while j < hi and seg_t[j] < b:
            t0 = max(seg_t[j], a)
            t1 = b
            if j + 1 < hi:
                t1 = min(seg_t[j + 1], b)
            label = seg_label[j]
            if label == kept or label == breach:
                in_conflict = False
            if label == CONFLICT:
                if not in_conflict:
                    if n >= cap:
                        return o
                    q = A_WIDTH * n
                    for c in range(A_WIDTH):
                        rec[q + c] = 0
                    rec[q + A_OBLIGATION] = o
                    rec[q + A_START] = t0
                    rec[q + A_EARLIEST] = last_kept_end
                    rec[q + A_LATEST] = b
                    rec[q + A_CONFLICT] = 1
                    conflict_q = q
                    n += 1
                    in_conflict = True
                rec[conflict_q + A_END] = t1
                rec[conflict_q + A_BROKEN] += t1 - t0
            if label == kept or (label == UNCERTAIN and seg_g[j] == EXPLAINED):
                if in_absence:
                    rec[absence_q + A_LATEST] = t0
                    in_absence = False
                for r in range(n0, n):
                    c = A_WIDTH * r
                    if rec[c + A_CONFLICT] == 1 and rec[c + A_LATEST] == b and rec[c + A_END] <= t0:
                        rec[c + A_LATEST] = t0
                kept_seen = True
                last_kept_end = t1
            elif label == breach:
                if in_absence and t0 - rec[absence_q + A_END] > hold:
                    # Nothing is claimed across so long a time: another absence begins.
                    rec[absence_q + A_LATEST] = t0
                    parted_end = rec[absence_q + A_END]
                    parted = True
                    in_absence = False
                if not in_absence:
                    if n >= cap:
                        return o
                    q = A_WIDTH * n
                    for c in range(A_WIDTH):
                        rec[q + c] = 0
                    rec[q + A_OBLIGATION] = o
                    rec[q + A_START] = t0
                    rec[q + A_EARLIEST] = max(last_kept_end, parted_end)
                    came_in = before == breach and t0 - start <= hold
                    near = before == 0 and t0 - start <= edge
                    if not kept_seen and not parted and (came_in or t0 == start or near):
                        rec[q + A_TOUCHES_START] = 1
                    absence_q = q
                    n += 1
                    in_absence = True
                rec[absence_q + A_END] = t1
                rec[absence_q + A_LATEST] = b
                rec[absence_q + A_BROKEN] += t1 - t0
                if seg_g[j] == breach:
                    rec[absence_q + A_BY_FIXES] = 1
                if seg_h[j] == breach:
                    rec[absence_q + A_BY_UNIT] = 1
            j += 1
        if in_absence:
            # Nothing kept since: it reaches the end, or is still open.
            if obl_t1[o] > until:
                rec[absence_q + A_OPEN] = 1
            else:
                after = 0
                after_t0 = b
                i = j
                if until > b and (j == hi or seg_t[j] > b):
                    i = j - 1  # the segment that holds the end goes on past it
                while i < hi:
                    after_t0 = max(b, seg_t[i])
                    if seg_label[i] == INSIDE or seg_label[i] == OUTSIDE:
                        after = seg_label[i]
                        break
                    if seg_label[i] == UNCERTAIN and seg_g[i] == EXPLAINED:
                        break
                    i += 1
                goes_on = after == breach and after_t0 - b <= hold and b - rec[absence_q + A_END] <= hold
                if goes_on or b - rec[absence_q + A_END] <= edge:
                    rec[absence_q + A_TOUCHES_END] = 1
        if in_conflict and obl_t1[o] > until:
            rec[conflict_q + A_OPEN] = 1
        # Keep what is long enough, and count the unseen time inside it.
        m = n0
        for r in range(n0, n):
            q = A_WIDTH * r
            least = par[obl_row[o] + P_FINDING_MIN]
            if rec[q + A_CONFLICT] == 1:
                least = par[obl_row[o] + P_CONFLICT_MIN]
            if rec[q + A_BROKEN] < least:
                continue
            w = A_WIDTH * m
            for c in range(A_WIDTH):
                rec[w + c] = rec[q + c]
            no_data = 0
            for i in range(first_segment_at(seg_t, lo, hi, rec[w + A_START]), hi):
                if seg_t[i] >= rec[w + A_END]:
                    break
                if seg_label[i] == NO_DATA:
                    t0 = max(seg_t[i], rec[w + A_START])
                    t1 = rec[w + A_END]
                    if i + 1 < hi:
                        t1 = min(seg_t[i + 1], t1)
                    no_data += t1 - t0
            rec[w + A_NO_DATA] = no_data
            m += 1
        n = m
        counts[0] = n
    return o1


@jit
def first_at_or_after(t: Any, i0: int, i1: int, when: int) -> int:
    """The first row in [i0, i1) with time not before ``when``."""
    a = i0
    b = i1
    while a < b:
        m = (a + b) // 2
        if t[m] < when:
            a = m + 1
        else:
            b = m
    return a


@jit
def sigmas_beyond(away_m: float, radius_m: float, breach_per_m: float, explained_per_m: float) -> float:
    """Section 10: how far a contact is beyond the kept side, in sigmas; 0 where it shows no breach by itself."""
    if away_m < breach_per_m * radius_m or away_m <= explained_per_m * radius_m or away_m <= 0.0:
        return 0.0
    # sigma = radius / 2.448 = radius / sqrt(-2 ln 0.05)
    return away_m * math.sqrt(-2.0 * math.log(0.05)) / radius_m


@jit
def evidence_pass(
    n: int, q_stream: Any, q_t0: Any, q_t1: Any, q_any: Any, str_track: Any, trk_i0: Any, trk_i1: Any,
    trk_row: Any, str_target: Any, str_breach: Any, t: Any, src: Any, lon: Any, lat: Any, prec: Any,
    strength: Any, par: Any, tgt_shape0: Any, tgt_shape1: Any, tgt_geo: Any, shape_geo: Any,
    shape_ring0: Any, shape_ring1: Any, rings: Any, corners: Any, boxes: Any, str_out0: Any,
    str_out1: Any, sp_t0: Any, sp_t1: Any, sp_state: Any, ev_n: Any, ev_first: Any, ev_last: Any,
    ev_p: Any,
) -> None:
    """Sections 10 and 11: the contacts that show each of ``n`` asked-for times, and how strongly.

    A question is a stream and a closed interval. ``q_any`` 1: every contact counts (a conflict); 0: the
    strong contacts of the breach class within a breach spell. Answers the number, the first and last row
    (-1: none) and the strength of what they say together; of a conflict, how many show a side by themselves. If none
    lies in the interval, the last one before it in the spell in force stands, with the number 0.
    """
    for e in range(n):
        s = q_stream[e]
        k = str_track[s]
        row = trk_row[k]
        breach = str_breach[s]
        count = 0
        first = -1
        last = -1
        total = 0.0
        worth = 1.0
        sides = 0
        begin = q_t0[e]
        o = str_out0[s]
        while o < str_out1[s] and (sp_state[o] != breach or sp_t1[o] < begin):
            o += 1
        in_force = o  # the breach spell in force at the start of the interval, or the next
        side = -1.0 if breach == OUTSIDE else 1.0
        target = max(str_target[s], 0)
        # Most targets are one circle: measured here, without the call and its arrays.
        shape = 0
        one_circle = False
        if str_target[s] >= 0:
            shape = tgt_shape0[target]
            one_circle = tgt_shape1[target] - shape == 1 and shape_ring0[shape] == shape_ring1[shape]
        origin_lon = origin_lat = east0 = north = slope = centre_lon = centre_lat = circle_m = 0.0
        if one_circle:
            origin_lon = tgt_geo[5 * target]
            origin_lat = tgt_geo[5 * target + 1]
            east0 = tgt_geo[5 * target + 2]
            north = tgt_geo[5 * target + 3]
            slope = tgt_geo[5 * target + 4]
            centre_lon = shape_geo[5 * shape]
            centre_lat = shape_geo[5 * shape + 1]
            circle_m = shape_geo[5 * shape + 2]
        first_i = first_at_or_after(t, trk_i0[k], trk_i1[k], begin)
        for i in range(first_i, trk_i1[k]):
            ti = t[i]
            if ti > q_t1[e]:
                break
            if strength[i] == IGNORED:
                continue
            p = 0.0
            if q_any[e] == 0:
                if strength[i] != STRONG:
                    continue
                while o < str_out1[s] and (sp_state[o] != breach or sp_t1[o] < ti):
                    o += 1
                if o >= str_out1[s]:
                    break
                if sp_t0[o] > ti:
                    continue
            if strength[i] == STRONG and str_target[s] >= 0:
                if one_circle:
                    d = to_circle_m(
                        short_way(float(lon[i]) - origin_lon), float(lat[i]) - origin_lat, centre_lon, centre_lat,
                        circle_m, east0, north, slope,
                    )
                else:
                    d = signed_distance_m(
                        target, float(lon[i]), float(lat[i]), FAR, tgt_shape0, tgt_shape1, tgt_geo, shape_geo,
                        shape_ring0, shape_ring1, rings, corners, boxes,
                    )
                radius = precision_believed(par, row, src[i], prec[i])
                p = sigmas_beyond(side * d, radius, par[row + P_BREACH_PER_M], par[row + P_EXPLAINED_PER_M])
                if q_any[e] == 0:
                    if p == 0.0:
                        continue
                elif p > 0.0 or -side * d >= max(par[row + P_KEPT_PER_M] * radius, par[row + P_KEPT_BUFFER]):
                    sides += 1
            if first < 0:
                first = i
            if count > 0:
                worth += 1.0 - math.exp(-(ti - t[last]) / par[row + P_RELATED])
            last = i
            count += 1
            total += p
        if first < 0 and q_any[e] == 0 and in_force < str_out1[s]:
            # None in the interval: the last one before it in the spell in force stands.
            for i in range(first_i - 1, trk_i0[k] - 1, -1):
                if t[i] < sp_t0[in_force]:
                    break
                if strength[i] != STRONG:
                    continue
                d = signed_distance_m(
                    target, float(lon[i]), float(lat[i]), FAR, tgt_shape0, tgt_shape1, tgt_geo, shape_geo,
                    shape_ring0, shape_ring1, rings, corners, boxes,
                )
                radius = precision_believed(par, row, src[i], prec[i])
                p = sigmas_beyond(side * d, radius, par[row + P_BREACH_PER_M], par[row + P_EXPLAINED_PER_M])
                if p > 0.0:
                    first = i
                    last = i
                    total = p
                    break
        ev_n[e] = count
        ev_first[e] = first
        ev_last[e] = last
        # How strongly they speak together: the mean distance in sigmas, squared, for so many as are independent.
        mean = total / max(count, 1)
        ev_p[e] = 0.5 * mean * mean * worth
        if q_any[e] == 1:
            ev_p[e] = sides


# What a live step has noticed of a track.
SEEN_CHANGE = 1  # a breach spell began or ended within an obligation
SEEN_BREACH = 2  # still in breach within an obligation
SEEN_LATE = 4  # a signal older than the newest was put in its place
SEEN_BATTERY = 8  # the battery became low, or was charged again
SEEN_SILENCE = 32  # it had not been heard for longer than the shortest silence that counts
TOO_OLD = 16  # older than what is kept at hand: the track must be run again from its history

LADDER_STEP = 16  # fixes between two checkpoints of a track's state
LAD_TRACK = 7 + USUAL  # numbers of a track in a checkpoint
LAD_STREAM = 3 + R_I + R_F


@jit
def owes_at(o0: int, o1: int, obl_t0: Any, obl_t1: Any, a: int, b: int) -> bool:
    """Whether one of the obligations o0 to o1, in order of their start, overlaps [a, b]."""
    lo = o0
    hi = o1
    while lo < hi:
        m = (lo + hi) // 2
        if obl_t0[m] <= b:
            lo = m + 1
        else:
            hi = m
    for o in range(lo - 1, max(o0, lo - 4) - 1, -1):
        if obl_t1[o] > a:
            return True
    return False


@jit
def live_pass(
    nq: int, q_track: Any, q_row0: Any, q_row1: Any, q_seen: Any, q_from: Any, n_t: Any, n_seq: Any,
    n_src: Any, n_lon: Any, n_lat: Any, n_prec: Any, n_flags: Any, n_dev: Any, n_bat: Any, cap: int,
    hot_n: Any, hot_gone: Any, h_t: Any, h_seq: Any, h_src: Any, h_lon: Any, h_lat: Any, h_prec: Any,
    h_flags: Any, h_dev: Any, h_bat: Any, h_strength: Any, begin: int, par: Any, trk_row: Any, trk_s0: Any,
    trk_s1: Any, trk_low: Any, low_pct: float, ok_pct: float, quiet_us: int, last_t: Any, last_i: Any, anchor_t: Any,
    anchor_lon: Any, anchor_lat: Any, anchor_prec: Any, refused: Any, usual: Any, str_target: Any,
    str_breach: Any, str_obl0: Any, str_obl1: Any, obl_t0: Any, obl_t1: Any, tgt_shape0: Any, tgt_shape1: Any, tgt_geo: Any,
    shape_geo: Any, shape_ring0: Any, shape_ring1: Any, rings: Any, corners: Any, boxes: Any,
    state: Any, spell_t0: Any, spell_t1: Any, run_i: Any, run_f: Any, lad_track: Any,
    lad_stream: Any, s_gap0: Any, s_gap1: Any, s_gapi: Any, s_out0: Any, s_out1: Any,
    s_out: Any,
) -> None:
    """One live step: puts new fixes in their place and carries the state of their tracks on.

    For each of ``nq`` tracks its new rows, in order, are merged into the ``cap`` fixes kept at hand. If
    one belongs before the newest, the state goes back to the last checkpoint before it (one every
    LADDER_STEP fixes) and is carried on from there. ``q_seen`` tells what was noticed, ``q_from`` the
    earliest time that changed. The ``s_`` arrays are room for the gaps and spells of LADDER_STEP fixes.
    """
    rungs = cap // LADDER_STEP
    for q in range(nq):
        k = q_track[q]
        base = k * cap
        n = hot_n[k]
        seen = 0
        place = n
        q_from[q] = n_t[q_row0[q]]
        for r in range(q_row0[q], q_row1[q]):
            if n_bat[r] == n_bat[r]:
                if trk_low[k] == 0 and n_bat[r] <= low_pct:
                    trk_low[k] = 1
                    seen |= SEEN_BATTERY
                elif trk_low[k] == 1 and n_bat[r] >= ok_pct:
                    trk_low[k] = 0
                    seen |= SEEN_BATTERY
            i = n
            while i > 0 and comes_before(
                n_t[r], n_seq[r], n_src[r], n_lon[r], n_lat[r], n_prec[r], n_dev[r], n_flags[r],
                h_t[base + i - 1], h_seq[base + i - 1], h_src[base + i - 1], h_lon[base + i - 1],
                h_lat[base + i - 1], h_prec[base + i - 1], h_dev[base + i - 1], h_flags[base + i - 1],
            ):
                i -= 1
            if i == 0 and hot_gone[k] > 0:
                seen |= TOO_OLD
                continue
            for j in range(base + n, base + i, -1):
                h_t[j] = h_t[j - 1]
                h_seq[j] = h_seq[j - 1]
                h_src[j] = h_src[j - 1]
                h_lon[j] = h_lon[j - 1]
                h_lat[j] = h_lat[j - 1]
                h_prec[j] = h_prec[j - 1]
                h_flags[j] = h_flags[j - 1]
                h_dev[j] = h_dev[j - 1]
                h_bat[j] = h_bat[j - 1]
            h_t[base + i] = n_t[r]
            h_seq[base + i] = n_seq[r]
            h_src[base + i] = n_src[r]
            h_lon[base + i] = n_lon[r]
            h_lat[base + i] = n_lat[r]
            h_prec[base + i] = n_prec[r]
            h_flags[base + i] = n_flags[r]
            h_dev[base + i] = n_dev[r]
            h_bat[base + i] = n_bat[r]
            n += 1
            if i < place:
                place = i
        if place < hot_n[k]:
            # Back to the last checkpoint before the change.
            seen |= SEEN_LATE
            rung = place // LADDER_STEP
            place = rung * LADDER_STEP
            w = LAD_TRACK * (k * rungs + rung)
            last_t[k] = int(lad_track[w])
            last_i[k] = int(lad_track[w + 1])
            anchor_t[k] = int(lad_track[w + 2])
            anchor_lon[k] = lad_track[w + 3]
            anchor_lat[k] = lad_track[w + 4]
            anchor_prec[k] = lad_track[w + 5]
            refused[k] = int(lad_track[w + 6])
            for c in range(USUAL):
                usual[USUAL * k + c] = int(lad_track[w + 7 + c])
            for s in range(trk_s0[k], trk_s1[k]):
                w = LAD_STREAM * (s * rungs + rung)
                state[s] = int(lad_stream[w])
                spell_t0[s] = int(lad_stream[w + 1])
                spell_t1[s] = int(lad_stream[w + 2])
                for c in range(R_I):
                    run_i[R_I * s + c] = int(lad_stream[w + 3 + c])
                for c in range(R_F):
                    run_f[R_F * s + c] = lad_stream[w + 3 + R_I + c]
        hot_n[k] = n
        i = place
        while i < n:
            if i % LADDER_STEP == 0:
                rung = i // LADDER_STEP
                w = LAD_TRACK * (k * rungs + rung)
                lad_track[w] = last_t[k]
                lad_track[w + 1] = last_i[k]
                lad_track[w + 2] = anchor_t[k]
                lad_track[w + 3] = anchor_lon[k]
                lad_track[w + 4] = anchor_lat[k]
                lad_track[w + 5] = anchor_prec[k]
                lad_track[w + 6] = refused[k]
                for c in range(USUAL):
                    lad_track[w + 7 + c] = usual[USUAL * k + c]
                for s in range(trk_s0[k], trk_s1[k]):
                    w = LAD_STREAM * (s * rungs + rung)
                    lad_stream[w] = state[s]
                    lad_stream[w + 1] = spell_t0[s]
                    lad_stream[w + 2] = spell_t1[s]
                    for c in range(R_I):
                        lad_stream[w + 3 + c] = run_i[R_I * s + c]
                    for c in range(R_F):
                        lad_stream[w + 3 + R_I + c] = run_f[R_F * s + c]
            # At once up to the next checkpoint: a call costs more than a fix.
            g0 = base + i
            i = min(n, (i // LADDER_STEP + 1) * LADDER_STEP)
            g1 = base + i
            before = max(last_t[k], begin)
            got_gaps = contact_pass(
                base, g0, g1, h_t, h_seq, h_src, h_lon, h_lat, h_prec, h_flags, h_dev, h_strength, par,
                trk_row[k], k, last_t, last_i, anchor_t, anchor_lon, anchor_lat, anchor_prec, refused, usual,
                begin, s_gap0, s_gap1, s_gapi, 0, LADDER_STEP,
            )
            if got_gaps != 0 and trk_low[k] == 1:
                seen |= SEEN_BATTERY  # low, then silent: it may have died
            last_strong = -1
            for g in range(g0, g1):
                if h_strength[g] != IGNORED:
                    if h_t[g] - before > quiet_us:
                        seen |= SEEN_SILENCE
                    before = h_t[g]
                if h_strength[g] == STRONG:
                    last_strong = g
            if last_strong < 0:
                continue
            for s in range(trk_s0[k], trk_s1[k]):
                if str_target[s] < 0:
                    continue
                was = state[s]
                got = spell_pass(
                    g0, g1, h_t, h_src, h_lon, h_lat, h_prec, h_strength, par, trk_row[k], str_target[s],
                    str_breach[s], tgt_shape0, tgt_shape1, tgt_geo, shape_geo, shape_ring0, shape_ring1,
                    rings, corners, boxes, s, state, spell_t0, spell_t1, run_i, run_f, s_out0, s_out1,
                    s_out, 0, 2 * LADDER_STEP + 2,
                )
                breach = str_breach[s]
                o0 = str_obl0[s]
                o1 = str_obl1[s]
                if got > 0 and owes_at(o0, o1, obl_t0, obl_t1, s_out0[0], h_t[last_strong]):
                    seen |= SEEN_CHANGE
                for c in range(got):
                    if s_out[c] == breach and owes_at(o0, o1, obl_t0, obl_t1, s_out0[c], s_out1[c]):
                        seen |= SEEN_BREACH
                if state[s] == breach and owes_at(o0, o1, obl_t0, obl_t1, spell_t0[s], spell_t1[s]):
                    seen |= SEEN_BREACH
                    if was != breach:
                        seen |= SEEN_CHANGE
        q_seen[q] = seen
