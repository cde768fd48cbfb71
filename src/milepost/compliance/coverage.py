"""Section 9: coverage rows and the timeline, from the kernel's sums and segments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from milepost.compliance import kernel as k
from milepost.compliance.attendance import segments_of
from milepost.compliance.findings import rounded, spread
from milepost.compliance.kernel_results import Facts
from milepost.compliance.plan import NO_PLACE, Plan
from milepost.compliance.results import COVERAGE, Label, NoDataCause, table_of
from milepost.compliance.times import SECOND_US

CAUSES = [f"no_data_{cause.name.lower()}_s" for cause in NoDataCause]


def coverage_table(plan: Plan, facts: Facts, until_us: int) -> pa.Table:
    """The COVERAGE table, ordered by person, order, condition, time. Built by column: there are many rows."""
    sums = facts.coverage
    breach = plan.str_breach[plan.part_stream]
    rows = np.arange(len(sums))
    no_data = sums[:, k.NO_DATA]
    judged = sums[:, :5].sum(axis=1)
    placed = plan.str_target[plan.part_stream] != NO_PLACE
    # A duty without a place has no sides: heard, a trail is kept, and of the others nothing is shown.
    trail = np.array([o.duty == "be_tracked" for o in plan.obligations], bool)[plan.part_obl]
    heard = judged - no_data
    kept_side = np.where(breach == k.OUTSIDE, k.INSIDE, k.OUTSIDE)
    met = np.where(placed, sums[rows, kept_side], np.where(trail, heard, 0))
    breached = np.where(placed, sums[rows, np.where(placed, breach, 0)], 0)
    uncertain = np.where(placed, sums[:, k.UNCERTAIN], np.where(trail, 0, heard))
    conflict = np.where(placed, sums[:, k.CONFLICT], 0)
    strong, inexact = facts.exactness.T
    columns: dict[str, Any] = {
        **plan.owed_by(plan.part_obl),
        "kind": spread([str(o.kind) for o in plan.obligations], plan.part_obl),
        "part_start_utc": plan.part_t0,
        "part_end_utc": plan.part_t1,
        "judged_until_utc": np.minimum(plan.part_t1, until_us),
        "status": spread(["judged"], np.zeros(len(rows), np.int64)),
        "reason": spread([""], np.zeros(len(rows), np.int64)),
        "judged_s": judged / SECOND_US,
        "met_s": met / SECOND_US,
        "breached_s": breached / SECOND_US,
        "uncertain_s": uncertain / SECOND_US,
        "conflict_s": conflict / SECOND_US,
        "no_data_s": no_data / SECOND_US,
        **{name: sums[:, 5 + i] / SECOND_US for i, name in enumerate(CAUSES)},
        "coverage": _shares(judged - no_data, judged),
        "too_inexact_share": _shares(inexact, strong),
        "rule_table": spread([table.name for table in plan.tables], plan.obl_table[plan.part_obl]),
    }
    tables = [table_of(columns, COVERAGE), _cannot_be_evaluated(plan, until_us)]
    order = (
        "person_id",
        "order_id",
        "condition_id",
        "obligation_start_utc",
        "part_start_utc",
        "obligation_end_utc",
    )
    return pa.concat_tables(tables).sort_by([(name, "ascending") for name in order])


def _shares(some: np.ndarray, whole: np.ndarray) -> pa.Array:
    """Rounded to four places; null where there is nothing to have a share of."""
    none = whole <= 0
    return pa.array(rounded(some / np.where(none, 1, whole), 4), mask=none)


def _cannot_be_evaluated(plan: Plan, until_us: int) -> pa.Table:
    """The rows of obligations that no signal can show."""
    rows = []
    for obligation, table in plan.not_evaluable:
        row = {name: 0.0 for name in COVERAGE.names if name.endswith("_s")}
        rows.append({
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
        })  # fmt: skip
    return table_of({name: [row[name] for row in rows] for name in COVERAGE.names}, COVERAGE)


def coverage_of_parts(
    plan: Plan, facts: Facts, obligation: np.ndarray, start_us: np.ndarray, end_us: np.ndarray
) -> np.ndarray:
    """For each (obligation, start, end): the coverage of those of the obligation's parts that [start, end] touches (or
    its last), as far as they were judged, 0 to 1."""
    n_obligations = len(plan.obl_t0)
    first = np.searchsorted(plan.part_obl, np.arange(n_obligations), "left")[obligation]
    last = np.searchsorted(plan.part_obl, np.arange(n_obligations), "right")[obligation] - 1
    a, b = first.copy(), last.copy()
    # Part by part, for all at once: an obligation has as many as it has local days.
    while (later := (a < last) & (plan.part_t1[a] <= start_us)).any():
        a += later
    while (earlier := (b > a) & (plan.part_t0[b] >= end_us)).any():
        b -= earlier
    judged = np.append(0, np.cumsum(facts.coverage[:, :5].sum(axis=1)))
    unseen = np.append(0, np.cumsum(facts.coverage[:, k.NO_DATA]))
    whole, none = judged[b + 1] - judged[a], unseen[b + 1] - unseen[a]
    return rounded(np.where(whole > 0, (whole - none) / np.maximum(whole, 1), 0.0), 4)


def timeline_rows(
    plan: Plan, facts: Facts, begin_us: int, until_us: int, persons: set[str] | None = None
) -> list[dict[str, Any]]:
    """Rows of the TIMELINE table for some people (None: all), ordered like the coverage."""
    rows: list[dict[str, Any]] = []
    if persons is not None and not persons:
        return rows
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
