"""What the engine gives back: tables with a fixed schema.

Files written from them (CSV, Parquet) have these columns in this order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import pyarrow as pa

from milepost.tracks.record import UTC_US


class Label(IntEnum):
    """What is known of a moment. The numbers are the kernel's."""

    NO_DATA = 0
    UNCERTAIN = 1
    INSIDE = 2
    OUTSIDE = 3
    CONFLICT = 4
    EXPLAINED = 5
    """Only of the fixes alone: not proved, but easily explained from the kept side. Taken together, uncertain."""


class NoDataCause(IntEnum):
    """Why nothing is known. The numbers are the kernel's."""

    NO_SIGNAL = 0
    NOT_FITTED = 1
    BEFORE_INPUT = 2
    BATTERY = 3
    POWER = 4
    FAULT = 5
    NO_POSITION = 6


FINDINGS = pa.schema(
    [
        ("finding_id", pa.string()),  # names exactly this content: same content, same id
        ("person_id", pa.string()),
        ("activation_id", pa.string()),  # of the first evidence
        ("order_id", pa.string()),
        ("order_version", pa.int32()),
        (
            "condition_id",
            pa.string(),
        ),  # "" where no condition is the basis (a tamper under no wear condition)
        ("kind", pa.string()),  # FindingKind
        ("status", pa.string()),  # "open" or "closed"
        ("obligation_start_utc", UTC_US),
        ("obligation_end_utc", UTC_US),
        ("start_utc", UTC_US),
        ("end_utc", UTC_US),  # last evidence so far while open
        ("seconds", pa.float64()),  # broken time, uncertain and unseen time inside not counted
        ("start_earliest_utc", UTC_US),  # the start lies between this and start_utc
        ("end_latest_utc", UTC_US),  # the end lies between end_utc and this
        ("coverage", pa.float64()),  # of the finding's own time, 0 to 1
        ("obligation_coverage", pa.float64()),
        ("certainty", pa.float64()),  # 0 to 1
        ("witness", pa.string()),  # "fixes", "home_unit", "both", "device"
        ("evidence_count", pa.int32()),  # signals that show it
        ("first_evidence", pa.string()),  # device@time/source, see evidence_ref
        ("last_evidence", pa.string()),
        ("level", pa.string()),  # from the rule table
        ("action", pa.string()),
        ("act_within_minutes", pa.int32()),
        ("rule", pa.string()),  # the row of the rule table that set the level
        ("rule_table", pa.string()),  # id@version
        ("revision", pa.int32()),
        ("supersedes", pa.string()),  # finding_id of the revision before, or ""
    ]
)

COVERAGE = pa.schema(
    [
        ("person_id", pa.string()),
        ("order_id", pa.string()),
        ("order_version", pa.int32()),
        ("condition_id", pa.string()),
        ("kind", pa.string()),  # ConditionKind
        ("obligation_start_utc", UTC_US),
        ("obligation_end_utc", UTC_US),
        ("part_start_utc", UTC_US),  # the obligation, or one local day of a long one
        ("part_end_utc", UTC_US),
        ("judged_until_utc", UTC_US),  # end of the part, or of the evaluation if that is earlier
        ("status", pa.string()),  # "judged" or "cannot_be_evaluated"
        ("reason", pa.string()),  # why it cannot be evaluated, or ""
        ("judged_s", pa.float64()),
        ("met_s", pa.float64()),
        ("breached_s", pa.float64()),
        ("uncertain_s", pa.float64()),
        ("conflict_s", pa.float64()),
        ("no_data_s", pa.float64()),
        ("no_data_no_signal_s", pa.float64()),
        ("no_data_not_fitted_s", pa.float64()),
        ("no_data_before_input_s", pa.float64()),
        ("no_data_battery_s", pa.float64()),
        ("no_data_power_s", pa.float64()),
        ("no_data_fault_s", pa.float64()),
        ("no_data_no_position_s", pa.float64()),
        ("coverage", pa.float64()),
        (
            "too_inexact_share",
            pa.float64(),
        ),  # of the positions, of a circle to be in; null: not asked, or none
        ("rule_table", pa.string()),
    ]
)

TIMELINE = pa.schema(
    # What the report draws: every obligation cut into stretches of one label.
    [
        ("person_id", pa.string()),
        ("order_id", pa.string()),
        ("condition_id", pa.string()),
        ("obligation_start_utc", UTC_US),
        ("start_utc", UTC_US),
        ("end_utc", UTC_US),
        ("label", pa.string()),  # "met", "breached", "uncertain", "conflict", "no_data"
        ("cause", pa.string()),  # NoDataCause in lower case, or ""
        ("from_fixes", pa.string()),  # Label in lower case
        ("from_home_unit", pa.string()),
    ]
)

TOTALS = pa.schema(
    [
        ("person_id", pa.string()),
        ("order_id", pa.string()),
        ("total", pa.string()),  # id in the rule table
        ("description", pa.string()),
        ("window_start_utc", UTC_US),
        ("window_end_utc", UTC_US),
        ("minutes", pa.float64()),
        ("count", pa.int32()),
        ("next_limit_minutes", pa.float64()),  # null: none left
        ("minutes_left", pa.float64()),
        ("next_level", pa.string()),
        ("reached_level", pa.string()),
        ("rule_table", pa.string()),
    ]
)


def table_of(columns: Mapping[str, Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """Columns of plain values, times as integer microseconds UTC, as a table of the schema; others are left out."""
    arrays = []
    for column in schema:
        kind = pa.int64() if pa.types.is_timestamp(column.type) else column.type
        arrays.append(pa.array(columns[column.name], kind).cast(column.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def empty(schema: pa.Schema) -> pa.Table:
    return schema.empty_table()


@dataclass(slots=True)
class Results:
    """Everything one evaluation says. ``period`` is [first signal, end of evaluation], microseconds UTC."""

    findings: pa.Table = field(default_factory=lambda: empty(FINDINGS))
    coverage: pa.Table = field(default_factory=lambda: empty(COVERAGE))
    timeline: pa.Table = field(default_factory=lambda: empty(TIMELINE))
    totals: pa.Table = field(default_factory=lambda: empty(TOTALS))
    period_start_us: int = 0
    period_end_us: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """Signals by what became of them: "fixes", "duplicates", "future", "nobody wore the device", ..."""
