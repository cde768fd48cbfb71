"""Section 9: coverage rows and the timeline, from the kernel's sums and segments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from milepost.compliance import kernel as k
from milepost.compliance.attendance import segments_of
from milepost.compliance.kernel_results import Facts
from milepost.compliance.plan import NO_PLACE, Plan
from milepost.compliance.results import COVERAGE, Label, NoDataCause, table_of
from milepost.compliance.times import SECOND_US

CAUSES = [f"no_data_{cause.name.lower()}_s" for cause in NoDataCause]


def coverage_table(plan: Plan, facts: Facts, until_us: int) -> pa.Table:
    """The COVERAGE table, ordered by person, order, condition, time. Built by column: there are many rows."""
    sums = facts.coverage
    obligations = [plan.obligations[o] for o in plan.part_obl.tolist()]
    breach = plan.str_breach[plan.part_stream]
    rows = np.arange(len(sums))
    no_data = sums[:, k.NO_DATA]
    judged = sums[:, :5].sum(axis=1)
    placed = plan.str_target[plan.part_stream] != NO_PLACE
    # A duty without a place has no sides: heard, a trail is kept, and of the others nothing is shown.
    trail = np.array([o.duty == "be_tracked" for o in obligations], bool)
    heard = judged - no_data
    kept_side = np.where(breach == k.OUTSIDE, k.INSIDE, k.OUTSIDE)
    met = np.where(placed, sums[rows, kept_side], np.where(trail, heard, 0))
    breached = np.where(placed, sums[rows, np.where(placed, breach, 0)], 0)
    uncertain = np.where(placed, sums[:, k.UNCERTAIN], np.where(trail, 0, heard))
    conflict = np.where(placed, sums[:, k.CONFLICT], 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(judged > 0, (judged - no_data) / judged, np.nan)
    coverage = [None if s != s else round(s, 4) for s in share.tolist()]
    table_names = [plan.tables[plan.obl_table[o]].name for o in plan.part_obl.tolist()]
    columns: dict[str, Any] = {
        "person_id": [o.person_id for o in obligations],
        "order_id": [o.order_id for o in obligations],
        "order_version": [o.order_version for o in obligations],
        "condition_id": [o.condition_id for o in obligations],
        "kind": [str(o.kind) for o in obligations],
        "obligation_start_utc": [o.start_us for o in obligations],
        "obligation_end_utc": [o.end_us for o in obligations],
        "part_start_utc": plan.part_t0.tolist(),
        "part_end_utc": plan.part_t1.tolist(),
        "judged_until_utc": np.minimum(plan.part_t1, until_us).tolist(),
        "status": ["judged"] * len(rows),
        "reason": [""] * len(rows),
        "judged_s": (judged / SECOND_US).tolist(),
        "met_s": (met / SECOND_US).tolist(),
        "breached_s": (breached / SECOND_US).tolist(),
        "uncertain_s": (uncertain / SECOND_US).tolist(),
        "conflict_s": (conflict / SECOND_US).tolist(),
        "no_data_s": (no_data / SECOND_US).tolist(),
        **{name: (sums[:, 5 + i] / SECOND_US).tolist() for i, name in enumerate(CAUSES)},
        "coverage": coverage,
        "too_inexact_share": [
            round(inexact / strong, 4) if strong else None for strong, inexact in facts.exactness.tolist()
        ],
        "rule_table": table_names,
    }
    for obligation, table in plan.not_evaluable:
        row = {name: 0.0 for name in COVERAGE.names if name.endswith("_s")}
        row_values: dict[str, Any] = {
            "person_id": obligation.person_id,
            "order_id": obligation.order_id,
            "order_version": obligation.order_version,
            "condition_id": obligation.condition_id,
            "kind": str(obligation.kind),
            "obligation_start_utc": obligation.start_us,
            "obligation_end_utc": obligation.end_us,
            "part_start_utc": obligation.start_us,
            "part_end_utc": obligation.end_us,
            "judged_until_utc": min(obligation.end_us, until_us),
            "status": "cannot_be_evaluated",
            "reason": obligation.not_evaluable,
            "coverage": None,
            "too_inexact_share": None,
            "rule_table": table.name,
            **row,
        }
        for name in COVERAGE.names:
            columns[name].append(row_values[name])
    table = table_of(columns, COVERAGE)
    order = (
        "person_id",
        "order_id",
        "condition_id",
        "obligation_start_utc",
        "part_start_utc",
        "obligation_end_utc",
    )
    return table.sort_by([(name, "ascending") for name in order])


def coverage_of_parts(
    plan: Plan, facts: Facts, obligation: np.ndarray, start_us: np.ndarray, end_us: np.ndarray
) -> list[float]:
    """For each (obligation, start, end): the coverage of those of the obligation's parts that [start, end] touches (or
    its last), as far as they were judged, 0 to 1."""
    n_obligations = len(plan.obl_t0)
    first = np.searchsorted(plan.part_obl, np.arange(n_obligations), "left")[obligation]
    last = np.searchsorted(plan.part_obl, np.arange(n_obligations), "right")[obligation] - 1
    a, b = first.copy(), last.copy()
    for i in np.flatnonzero(last > first).tolist():  # few have more than one part
        parts = slice(first[i], last[i] + 1)
        a[i] = min(first[i] + np.searchsorted(plan.part_t1[parts], start_us[i], "right"), last[i])
        b[i] = max(first[i] + np.searchsorted(plan.part_t0[parts], end_us[i], "left") - 1, a[i])
    judged = np.append(0, np.cumsum(facts.coverage[:, :5].sum(axis=1)))
    unseen = np.append(0, np.cumsum(facts.coverage[:, k.NO_DATA]))
    of = zip((judged[b + 1] - judged[a]).tolist(), (unseen[b + 1] - unseen[a]).tolist(), strict=True)
    return [round((whole - none) / whole, 4) if whole else 0.0 for whole, none in of]


def timeline_rows(
    plan: Plan, facts: Facts, begin_us: int, until_us: int, persons: set[str] | None = None
) -> list[dict[str, Any]]:
    """Rows of the TIMELINE table for some people (None: all), ordered like the coverage."""
    rows: list[dict[str, Any]] = []
    reached: dict[int, tuple[int, int]] = {}
    for o, a, b in zip(plan.part_obl.tolist(), plan.part_t0.tolist(), plan.part_t1.tolist(), strict=True):
        reached[o] = (min(reached.get(o, (a, b))[0], a), max(reached.get(o, (a, b))[1], b))
    for o, obligation in enumerate(plan.obligations):
        if persons is not None and obligation.person_id not in persons:
            continue
        stream = int(plan.obl_stream[o])
        breach = int(plan.str_breach[stream])
        words = {k.NO_DATA: "no_data", k.UNCERTAIN: "uncertain", k.CONFLICT: "conflict"}
        words |= {k.INSIDE: "met", k.OUTSIDE: "breached"}
        if breach == k.INSIDE:
            words |= {k.INSIDE: "breached", k.OUTSIDE: "met"}
        if plan.str_target[stream] == NO_PLACE:
            heard = "met" if obligation.duty == "be_tracked" else "uncertain"
            words = {label: "no_data" if label == k.NO_DATA else heard for label in words}
        start, end = reached[o][0], min(reached[o][1], until_us)
        common = {
            "person_id": obligation.person_id,
            "order_id": obligation.order_id,
            "condition_id": obligation.condition_id,
            "obligation_start_utc": obligation.start_us,
        }
        if start < begin_us:
            rows.append(
                {
                    **common,
                    "start_utc": start,
                    "end_utc": min(begin_us, end),
                    "label": "no_data",
                    "cause": "before_input",
                    "from_fixes": "no_data",
                    "from_home_unit": "no_data",
                }
            )
        lo, hi = int(facts.str_seg0[stream]), int(facts.str_seg1[stream])
        if lo >= hi or max(start, begin_us) >= end:
            continue
        first = k.first_segment_at(facts.seg_t, lo, hi, max(start, begin_us))
        for i, segment in enumerate(segments_of(facts, stream, max(start, begin_us), end)):
            cause = (
                NoDataCause(int(facts.seg_cause[first + i])).name.lower()
                if segment.label == k.NO_DATA
                else ""
            )
            rows.append(
                {
                    **common,
                    "start_utc": segment.t0,
                    "end_utc": segment.t1,
                    "label": words[segment.label],
                    "cause": cause,
                    "from_fixes": Label(segment.from_fixes).name.lower(),
                    "from_home_unit": Label(segment.from_unit).name.lower(),
                }
            )
    rows.sort(
        key=lambda r: (
            r["person_id"],
            r["order_id"],
            r["condition_id"],
            r["obligation_start_utc"],
            r["start_utc"],
        )
    )
    return rows
