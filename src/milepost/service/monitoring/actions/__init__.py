"""The only door through which people change an incident. Every change: one transaction, with its audit entry."""

from milepost.service.monitoring.actions.contacts import acknowledge, add_note, record_contact
from milepost.service.monitoring.actions.decisions import AbsenceTime, decide, keep_decision
from milepost.service.monitoring.actions.holding import claim, hand_over, release
from milepost.service.monitoring.actions.second import confirm, refuse

__all__ = [
    "AbsenceTime",
    "acknowledge",
    "add_note",
    "claim",
    "confirm",
    "decide",
    "hand_over",
    "keep_decision",
    "record_contact",
    "refuse",
    "release",
]
