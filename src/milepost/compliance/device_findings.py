"""Section 8: tampers, power, movement, faults and alcohol: findings from what devices said of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from milepost.compliance.device_log import DeviceEvent
from milepost.compliance.finding_kinds import Description, FindingKind, JudgedFrom, kinds_judged_from
from milepost.compliance.proof import reference_to_fix
from milepost.compliance.rule_tables import RuleTable
from milepost.compliance.standing import Standing, Standings
from milepost.compliance.times import SECOND_US, iso
from milepost.compliance.worn import Wearing

FixReference = tuple[str, int, int]
"""Device, time, source of a fix: put into words only for the first and the last of a finding."""


def reference_to_event(event: DeviceEvent) -> str:
    return f"{event.device_id}@{iso(event.t)}/{event.kind}"


def _in_words(reference: str | FixReference) -> str:
    return reference if isinstance(reference, str) else reference_to_fix(*reference)


@dataclass(slots=True)
class Lasting:
    """A device finding that has begun, with the references of its evidence so far."""

    kind: FindingKind
    wearing: Wearing
    standing: Standing
    table: RuleTable
    start_us: int
    evidence: list[str | FixReference] = field(default_factory=list)
    counted: set[object] = field(default_factory=set)

    def add(self, reference: str | FixReference, signal: object) -> None:
        """One signal counts once, though it may be both an event and a reading."""
        if signal not in self.counted:
            self.counted.add(signal)
            self.evidence.append(reference)

    def row(self, end_us: int, *, is_open: bool) -> dict[str, Any]:
        """The finding as a row without level and identity."""
        obligation = self.standing.obligation
        return {
            "person_id": self.wearing.person_id,
            "activation_id": self.wearing.activation_id,
            "order_id": self.standing.order_id,
            "order_version": self.standing.order_version,
            "condition_id": obligation.condition_id if obligation else "",
            "kind": str(self.kind),
            "status": "open" if is_open else "closed",
            "obligation_start_utc": obligation.start_us if obligation else None,
            "obligation_end_utc": obligation.end_us if obligation else None,
            "start_utc": self.start_us,
            "end_utc": end_us,
            "seconds": (end_us - self.start_us) / SECOND_US,
            "start_earliest_utc": self.start_us,
            "end_latest_utc": end_us,
            "coverage": None,
            "obligation_coverage": None,
            "certainty": round(self.table.evidence.device_event_certainty, 3),
            "witness": "device",
            "evidence_count": len(self.evidence),
            "first_evidence": _in_words(self.evidence[0]) if self.evidence else "",
            "last_evidence": _in_words(self.evidence[-1]) if self.evidence else "",
            "_table": self.table,
        }

    def never_ended(self, until_us: int) -> dict[str, Any]:
        """Still open; or closed by the end of the activation, because the device has come off."""
        if self.wearing.until_us <= until_us:
            return self.row(self.wearing.until_us, is_open=False)
        return self.row(until_us, is_open=True)


def begin(
    kind: FindingKind, wearing: Wearing, when_us: int, standings: Standings, *, sober: bool = False
) -> Lasting | None:
    """A device finding starting then, if it stands on an order in force."""
    standing = standings.at(wearing.person_id, when_us, sober=sober)
    if standing is None:
        return None
    return Lasting(kind, wearing, standing, standings.table(standing.regime, when_us), when_us)


def event_findings(events: list[DeviceEvent], standings: Standings, until_us: int) -> list[dict[str, Any]]:
    """Findings of one person from the events of their devices, given in time order."""
    rows: list[dict[str, Any]] = []
    for wearing in {e.wearing for e in events if e.wearing is not None}:
        own = [e for e in events if e.wearing == wearing]
        for described in kinds_judged_from(JudgedFrom.REPORTS):
            now: Lasting | None = None
            for event in own:
                if event.kind in described.begins:
                    now = now or begin(described.kind, wearing, event.t, standings)
                    if now:
                        now.add(reference_to_event(event), event)
                elif event.kind in described.ends and now:
                    now.add(reference_to_event(event), event)
                    rows.append(now.row(event.t, is_open=False))
                    now = None
            if now:
                rows.append(now.never_ended(until_us))
        for described in kinds_judged_from(JudgedFrom.READINGS):
            rows.extend(_readings(described, wearing, own, standings))
    return rows


def _readings(
    described: Description, wearing: Wearing, events: list[DeviceEvent], standings: Standings
) -> list[dict[str, Any]]:
    """Readings of one instant are one finding."""
    instants: dict[int, Lasting] = {}
    for event in events:
        if event.kind not in described.begins:
            continue
        lasting = instants.get(event.t) or begin(described.kind, wearing, event.t, standings, sober=True)
        if lasting:
            lasting.add(reference_to_event(event), event)
            instants[event.t] = lasting
    return [lasting.row(t, is_open=False) for t, lasting in instants.items()]
