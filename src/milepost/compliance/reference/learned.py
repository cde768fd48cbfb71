"""Section 3, *Sigma*: the precision believed where a table of learned errors holds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from milepost.compliance.homes import homes_of, metres_from_home
from milepost.compliance.learned_errors import LearnedErrors
from milepost.compliance.reference.intervals import utc_date
from milepost.orders.model import OrderFile
from milepost.tracks.record import Source


def learned_precision(
    stated_m: float | None,
    source: Source,
    device: str,
    time: int,
    place_e7: tuple[int, int],
    learned: Sequence[LearnedErrors],
    order_file: OrderFile,
) -> float | None:
    """What takes the place of the stated 95 % radius, metres; the stated one where nothing was learned."""
    begun = [t for t in learned if t.table.effective_from <= utc_date(time)]
    if not begun:
        return stated_m
    table = max(begun, key=lambda t: (t.table.effective_from, t.table.version))
    known = stated_m is not None and stated_m > 0
    rows = [r for r in table.error if r.source == source.name and r.none_stated != known]
    models = [a.device_model for a in order_file.activations if a.device_id == device and a.device_model]
    own = [r for r in rows if models and r.device_model == models[-1]]
    for row in own or [r for r in rows if r.device_model is None]:
        far = row.near_m is not None and row.near_m < metres_to_nearest_home(
            device, time, place_e7, order_file
        )
        if not known:
            return stated_m if far else float(np.float32(row.floor_m))
        assert stated_m is not None
        if row.stated_above_m < stated_m and (row.stated_up_to_m is None or stated_m <= row.stated_up_to_m):
            if far:
                return float(np.float32(stated_m * row.elsewhere_factor))
            return float(np.float32(max(stated_m * row.factor, row.floor_m)))
    return stated_m


def metres_to_nearest_home(device: str, time: int, place_e7: tuple[int, int], order_file: OrderFile) -> float:
    """From a position (longitude, latitude, 1e-7 degrees) to the curfew places of whoever wore the device then."""
    worn = [w for w in homes_of(order_file).get(device, []) if w.from_us <= time < w.until_us]
    return min((metres_from_home([w], time, *place_e7) for w in worn), default=math.inf)
