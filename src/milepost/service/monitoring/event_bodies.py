"""What other systems are told of alerts: numbers and codes, no name."""

from __future__ import annotations

from milepost.policy_files import Strict


class IncidentOpened(Strict):
    incident: int
    level: str
    kind: str


class IncidentChanged(Strict):
    """After new signals with its ``level``; after a decision that waits for a second person with ``decision``."""

    incident: int
    kind: str
    level: str = ""
    decision: int | None = None
    waits_for_second: bool | None = None


class IncidentDecided(Strict):
    incident: int
    decision: int
    kind: str
    """Of the decision."""
    counts_toward_total: bool


class IncidentClosed(Strict):
    incident: int
