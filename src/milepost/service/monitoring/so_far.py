"""How far the engine has followed open findings that only go on, beside the revisions of the record.

A revision for every position would bury what changed (``compliance.live_follow``). So the standing revision keeps the
engine's latest row in ``Finding.so_far``: pages count minutes from it. When a person decides, what they decided on is
made a revision first: a decision rests on rows that are never changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from milepost.compliance.live_record import Change
from milepost.service import clock
from milepost.service.monitoring.models import Finding, Incident
from milepost.times import MINUTE_US

WORTH_KEEPING_US = MINUTE_US
"""Pages count whole minutes."""


def worth_keeping(followed: Iterable[Change]) -> dict[str, dict[str, Any]]:
    """The engine's rows of open findings that grew by a minute since they were last kept, by the id of the revision
    that stands. One query, none where nothing is followed."""
    rows = {
        change.previous["finding_id"]: change.finding
        for change in followed
        if change.previous is not None and change.finding["status"] == "open"
    }
    if not rows:
        return {}
    kept = Finding.objects.filter(finding_id__in=rows, current=True).values_list(
        "finding_id", "so_far", "end_us"
    )
    return {
        finding_id: rows[finding_id]
        for finding_id, so_far, end_us in kept
        if rows[finding_id]["end_utc"] - (so_far["end_utc"] if so_far else end_us) >= WORTH_KEEPING_US
    }


def keep(rows: dict[str, dict[str, Any]]) -> None:
    """Notes how far findings have been followed: what ``worth_keeping`` gave."""
    standing = list(Finding.objects.filter(finding_id__in=rows, current=True).only("pk", "finding_id"))
    for finding in standing:
        finding.so_far = rows[finding.finding_id]
    Finding.objects.bulk_update(standing, ["so_far"])


def of_engine(row: dict[str, Any], person: Any, incident: Incident | None, now_us: int) -> Finding:
    """A revision to be saved, from the engine's row."""
    return Finding(
        finding_id=row["finding_id"],
        person=person,
        incident=incident,
        kind=row["kind"],
        status=row["status"],
        order_reference=row["order_id"],
        condition_id=row["condition_id"],
        start_us=row["start_utc"],
        end_us=row["end_utc"],
        reach_us=max(row["end_utc"], row["end_latest_utc"]),
        seconds=row["seconds"],
        level=row["level"],
        action=row["action"],
        act_within_minutes=row["act_within_minutes"],
        revision=row["revision"],
        supersedes=row["supersedes"],
        told_us=now_us,
        row=row,
    )


def put_on_record(incident: Incident) -> list[Finding]:
    """The findings that stand, in order of time, each as far as it has been followed: where one has grown since its
    revision was written, a new revision of what the engine said is written first. Within a transaction that holds the
    incident."""
    standing = incident.findings.filter(current=True).order_by("start_us", "pk")
    found: list[Finding] = []
    now_us = clock.now_us()
    for finding in standing:
        if finding.so_far is None:
            found.append(finding)
            continue
        Finding.objects.filter(pk=finding.pk).update(current=False, ended_us=now_us)
        row = {**finding.so_far, "revision": finding.revision + 1, "supersedes": finding.finding_id}
        made = of_engine(row, incident.person, incident, now_us)
        made.save()
        found.append(made)
    return found
