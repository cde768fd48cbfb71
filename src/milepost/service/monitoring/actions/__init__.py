"""The only door through which people change an incident. Every change: one transaction, with its audit entry."""

from milepost.service.monitoring.actions.call_backs import drop_call_back, set_call_back
from milepost.service.monitoring.actions.contacts import acknowledge, add_note, record_contact
from milepost.service.monitoring.actions.decisions import AbsenceTime, decide, keep_decision
from milepost.service.monitoring.actions.holding import claim, hand_over, release, take_over
from milepost.service.monitoring.actions.saved_views import drop_view, save_view
from milepost.service.monitoring.actions.second import confirm, refuse
from milepost.service.monitoring.actions.together import Together, decide_together

__all__ = [
    "AbsenceTime",
    "Together",
    "acknowledge",
    "add_note",
    "claim",
    "confirm",
    "decide",
    "decide_together",
    "drop_call_back",
    "drop_view",
    "hand_over",
    "keep_decision",
    "record_contact",
    "refuse",
    "release",
    "save_view",
    "set_call_back",
    "take_over",
]
