"""The answer to the synthetic week of ``report_scene``, written by hand as the engine would give it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from report_scene import night, table, us

from milepost.compliance.results import COVERAGE, FINDINGS, TIMELINE, TOTALS, Results

TABLE = "illustrative-community-order@1"


def finding(kind: str, condition_id: str, start: int, end: int, **more: Any) -> dict[str, Any]:
    row = {
        "finding_id": f"F-{kind}",
        "person_id": "P1",
        "activation_id": "A1",
        "order_id": "O1",
        "order_version": 2,
        "condition_id": condition_id,
        "kind": kind,
        "status": "closed",
        "start_utc": start,
        "end_utc": end,
        "seconds": (end - start) / 1e6,
        "start_earliest_utc": start,
        "end_latest_utc": end,
        "certainty": 0.98,
        "witness": "fixes",
        "evidence_count": 11,
        "first_evidence": "",
        "last_evidence": "",
        "level": "note",
        "action": "Record it.",
        "rule": "record",
        "rule_table": TABLE,
        "revision": 1,
        "supersedes": "",
    }
    return row | more


def build_findings() -> pa.Table:
    tuesday, friday = night(24), night(27)
    week = (us("2026-03-23 00:00"), us("2026-03-30 00:00"))
    rows = [
        finding(
            "late_return",
            "curfew",
            tuesday[0],
            us("2026-03-24 19:25"),
            obligation_start_utc=tuesday[0],
            obligation_end_utc=tuesday[1],
            end_latest_utc=us("2026-03-24 19:27:30"),
            coverage=1.0,
            obligation_coverage=1.0,
            certainty=0.9999,
            level="review",
            action="Call the person. Ask what happened. Record the answer.",
            act_within_minutes=240,
            rule="absence-15",
            first_evidence="T1@2026-03-24T19:00:00Z/gps",
            last_evidence="T1@2026-03-24T19:25:00Z/gps",
        ),
        finding(
            "zone_entry",
            "school",
            us("2026-03-26 14:02:30"),
            us("2026-03-26 14:32:30"),
            obligation_start_utc=week[0],
            obligation_end_utc=week[1],
            start_earliest_utc=us("2026-03-26 14:00"),
            end_latest_utc=us("2026-03-26 14:35"),
            coverage=1.0,
            obligation_coverage=0.9792,
            evidence_count=13,
            level="urgent",
            rule="exclusion",
            act_within_minutes=15,
            action="Look now. Follow the plan for the people the zone protects.",
        ),
        finding(
            "evidence_conflict",
            "curfew",
            us("2026-03-27 22:00"),
            us("2026-03-27 22:40"),
            obligation_start_utc=friday[0],
            obligation_end_utc=friday[1],
            witness="both",
            certainty=0.5,
            evidence_count=22,
            coverage=1.0,
            obligation_coverage=1.0,
            level="review",
            rule="conflict",
            act_within_minutes=240,
            action="Look at both sources of evidence. Call the person. Test the equipment.",
        ),
        finding(
            "strap_tamper",
            "",
            us("2026-03-28 03:12"),
            us("2026-03-28 03:14"),
            witness="device",
            certainty=0.9,
            evidence_count=2,
            level="urgent",
            rule="tamper",
            act_within_minutes=15,
            action="A person looks now. Call, then visit. Never closed because it was short.",
            first_evidence="T1@2026-03-28T03:12:00Z/strap_tamper",
            last_evidence="T1@2026-03-28T03:14:00Z/strap_restored",
        ),
        finding(
            "battery_dead",
            "",
            us("2026-03-25 23:10"),
            us("2026-03-26 02:40"),
            witness="device",
            certainty=0.9,
            evidence_count=1,
            level="review",
            rule="equipment",
            act_within_minutes=240,
            action="Call the person. Arrange charging, repair or a visit.",
        ),
        finding(
            "battery_low",
            "",
            us("2026-03-25 22:32:30"),
            us("2026-03-25 23:10"),
            witness="device",
            certainty=0.9,
        ),
    ]
    return table(rows, FINDINGS)


def build_timeline() -> pa.Table:
    rows: list[dict[str, Any]] = []

    def cut(condition_id: str, start: int, end: int, *breaks: tuple[int, int, str, str]) -> None:
        at = start
        for left, right, label, cause in [*breaks, (end, end, "met", "")]:
            if left > at:
                rows.append(stretch(condition_id, start, at, left, "met", ""))
            if right > left:
                rows.append(stretch(condition_id, start, left, right, label, cause))
            at = right

    for day in range(23, 30):
        start, end = night(day)
        special = {
            24: [
                (start, us("2026-03-24 19:25"), "breached", ""),
                (us("2026-03-24 19:25"), us("2026-03-24 19:27:30"), "uncertain", ""),
            ],
            25: [(us("2026-03-25 23:10"), us("2026-03-26 02:40"), "no_data", "battery")],
            27: [
                (us("2026-03-27 21:57:30"), us("2026-03-27 22:00"), "uncertain", ""),
                (us("2026-03-27 22:00"), us("2026-03-27 22:40"), "conflict", ""),
            ],
        }.get(day, [])
        cut("curfew", start, end, *special)
    cut(
        "school",
        us("2026-03-23 00:00"),
        us("2026-03-30 00:00"),
        (us("2026-03-23 00:00"), us("2026-03-23 12:00"), "no_data", "before_input"),
        (us("2026-03-25 23:10"), us("2026-03-26 02:40"), "no_data", "battery"),
        (us("2026-03-26 14:02:30"), us("2026-03-26 14:32:30"), "breached", ""),
    )
    return table(rows, TIMELINE)


def stretch(
    condition_id: str, owed_from: int, start: int, end: int, label: str, cause: str
) -> dict[str, Any]:
    return {
        "person_id": "P1",
        "order_id": "O1",
        "condition_id": condition_id,
        "obligation_start_utc": owed_from,
        "start_utc": start,
        "end_utc": end,
        "label": label,
        "cause": cause,
        "from_fixes": "",
        "from_home_unit": "",
    }


def build_coverage(timeline: pa.Table) -> pa.Table:
    """The coverage rows that the timeline adds up to; the zone by local day."""
    stretches = timeline.set_column(4, "start_utc", timeline["start_utc"].cast("int64"))
    stretches = stretches.set_column(5, "end_utc", timeline["end_utc"].cast("int64")).to_pylist()
    parts = [("curfew", "curfew", *night(day), *night(day)) for day in range(23, 30)]
    week = (us("2026-03-23 00:00"), us("2026-03-30 00:00"))
    for day in range(23, 30):
        part = (us(f"2026-03-{day} 00:00"), us(f"2026-03-{day + 1} 00:00"))
        parts.append(("school", "exclusion_zone", *week, *part))
    rows = []
    for condition_id, kind, owed_from, owed_until, start, end in parts:
        row: dict[str, Any] = {name: 0.0 for name in COVERAGE.names if name.endswith("_s")}
        for s in stretches:
            seconds = max(0, min(s["end_utc"], end) - max(s["start_utc"], start)) / 1e6
            if s["condition_id"] == condition_id:
                row[f"{s['label']}_s"] += seconds
                row["judged_s"] += seconds
                if s["cause"]:
                    row[f"no_data_{s['cause']}_s"] += seconds
        row |= {
            "person_id": "P1",
            "order_id": "O1",
            "order_version": 2,
            "condition_id": condition_id,
            "kind": kind,
            "obligation_start_utc": owed_from,
            "obligation_end_utc": owed_until,
            "part_start_utc": start,
            "part_end_utc": end,
            "judged_until_utc": end,
            "status": "judged",
            "reason": "",
            "rule_table": TABLE,
            "coverage": round(1 - row["no_data_s"] / row["judged_s"], 4),
        }
        rows.append(row)
    rows.append(
        {
            "person_id": "P1",
            "order_id": "O1",
            "order_version": 2,
            "condition_id": "mill",
            "kind": "exclusion_zone",
            "obligation_start_utc": week[0],
            "obligation_end_utc": week[1],
            "part_start_utc": week[0],
            "part_end_utc": week[1],
            "judged_until_utc": week[1],
            "status": "cannot_be_evaluated",
            "reason": "has no geometry",
            "rule_table": TABLE,
        }
    )
    return table(rows, COVERAGE)


def build_totals() -> pa.Table:
    window = {"window_start_utc": us("2026-03-02 07:00"), "window_end_utc": us("2026-03-30 07:00")}
    who = {"person_id": "P1", "order_id": "O1", "rule_table": TABLE, **window}
    return table(
        [
            {
                **who,
                "total": "absence-minutes",
                "description": "Minutes absent from curfew in any 28 days",
                "minutes": 25.0,
                "count": 1,
                "next_limit_minutes": 60.0,
                "minutes_left": 35.0,
                "next_level": "review",
                "reached_level": "",
            },
            {
                **who,
                "total": "zone-minutes",
                "description": "Minutes inside an exclusion zone, in any 28 days",
                "minutes": 30.0,
                "count": 1,
                "next_limit_minutes": None,
                "minutes_left": None,
                "next_level": "",
                "reached_level": "urgent",
            },
        ],
        TOTALS,
    )


def build_results() -> Results:
    timeline = build_timeline()
    return Results(
        findings=build_findings(),
        coverage=build_coverage(timeline),
        timeline=timeline,
        totals=build_totals(),
        period_start_us=us("2026-03-23 12:00"),
        period_end_us=us("2026-03-30 07:00"),
        counts={"fixes": 3900, "duplicates": 12, "nobody wore the device": 4},
    )
