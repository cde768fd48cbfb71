"""Section 3, *Sigma*: the precision believed where a table of learned errors holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from milepost.compliance.learned_errors import LearnedErrors
from milepost.compliance.reference.intervals import utc_date
from milepost.orders.model import OrderFile
from milepost.tracks.record import Source


def learned_precision(
    stated_m: float | None,
    source: Source,
    device: str,
    time: int,
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
        if not known:
            return float(np.float32(row.floor_m))
        assert stated_m is not None
        if row.stated_above_m < stated_m and (row.stated_up_to_m is None or stated_m <= row.stated_up_to_m):
            return float(np.float32(max(stated_m * row.factor, row.floor_m)))
    return stated_m
