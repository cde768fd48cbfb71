"""One finding: the columns of the findings table, and section 11, *Identity* and evidence references."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.reference.intervals import SECOND_US
from milepost.compliance.reference.signals import Signal
from milepost.compliance.rule_tables import RuleTable


@dataclass(slots=True)
class Finding:
    """Names and order are those of the findings table. The last columns are filled by ``levels``."""

    person_id: str
    activation_id: str
    order_id: str
    order_version: int
    condition_id: str
    kind: FindingKind
    status: str
    obligation_start_utc: int | None
    obligation_end_utc: int | None
    start_utc: int
    end_utc: int
    seconds: float
    start_earliest_utc: int
    end_latest_utc: int
    coverage: float | None
    obligation_coverage: float | None
    certainty: float
    witness: str
    evidence_count: int
    first_evidence: str
    last_evidence: str
    table: RuleTable
    level: str = ""
    action: str = ""
    act_within_minutes: int | None = None
    rule: str = ""

    def columns(self) -> dict[str, object]:
        """The columns from ``person_id`` to ``rule_table``."""
        columns = {name: getattr(self, name) for name in self.__slots__ if name != "table"}
        columns["kind"] = self.kind.value
        columns["rule_table"] = self.table.name
        return columns

    def row(self) -> dict[str, object]:
        columns = self.columns()
        return {"finding_id": identity(columns), **columns, "revision": 1, "supersedes": ""}


def identity(columns: dict[str, object]) -> str:
    content = json.dumps(columns, sort_keys=True).encode()
    return "F-" + hashlib.sha256(content).hexdigest()[:16]


def order_of_finding(finding: Finding) -> tuple[object, ...]:
    return (
        finding.person_id,
        finding.start_utc,
        finding.kind.value,
        finding.order_id,
        finding.condition_id,
        finding.end_utc,
        identity(finding.columns()),
    )


def evidence_ref(signal: Signal) -> str:
    """``D1@2026-03-02T19:25:00Z/gps``; fractions of a second only where there are any."""
    seconds, fraction = divmod(signal.time, SECOND_US)
    clock = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    decimals = f".{fraction:06d}".rstrip("0") if fraction else ""
    return f"{signal.device}@{clock:%Y-%m-%dT%H:%M:%S}{decimals}Z/{signal.what}"
