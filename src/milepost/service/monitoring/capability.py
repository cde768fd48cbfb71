"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.accounts.roles import Role
from milepost.service.kit.declaration import (
    Addresses,
    Capability,
    Command,
    Entry,
    Event,
    FirstPage,
    Records,
    Retention,
    Today,
)

TODAY = "milepost.service.monitoring.today"

CAPABILITY = Capability(
    addresses=(Addresses("monitoring/", "milepost.service.monitoring.urls"),),
    navigation=(
        Entry(_("Alerts"), "monitoring:board", P.VIEW_BOARD, 20, covers=("monitoring",)),
        Entry(_("Rules"), "monitoring:rules", P.VIEW_RULES, 140, covers=("monitoring:rules",)),
    ),
    first_pages=(
        FirstPage("monitoring:board", (Role.MONITORING_OFFICER, Role.MONITORING_SUPERVISOR), 10),
        FirstPage("monitoring:board", (Role.PRACTITIONER, Role.SENIOR_PRACTITIONER), 30),
        FirstPage("monitoring:rules", (Role.ANALYST,), 20),
    ),
    records=(
        Records("call_backs", "monitoring.CallBack", "incident__person", 5),
        Records("decisions", "monitoring.Decision", "incident__person", 10, loosen=("replaces", "absence")),
        Records("incident_events", "monitoring.IncidentEvent", "incident__person", 20),
        Records("findings", "monitoring.Finding", "person", 30),
        Records("incidents", "monitoring.Incident", "person", 40),
    ),
    retention=(
        Retention(
            "superseded_findings",
            _("Findings that later signals replaced"),
            "milepost.service.monitoring.retention:superseded_findings",
        ),
    ),
    events=(
        Event(
            "incident.opened",
            _("An alert was added to the board"),
            "milepost.service.monitoring.event_bodies:IncidentOpened",
        ),
        Event(
            "incident.changed",
            _("An alert changed"),
            "milepost.service.monitoring.event_bodies:IncidentChanged",
        ),
        Event(
            "incident.decided",
            _("An alert was decided"),
            "milepost.service.monitoring.event_bodies:IncidentDecided",
        ),
        Event(
            "incident.closed",
            _("An alert closed by itself"),
            "milepost.service.monitoring.event_bodies:IncidentClosed",
        ),
    ),
    commands=(
        Command(
            "work",
            "milepost.service.monitoring.commands:work",
            "Judge signals as they come: an engine worker.",
        ),
    ),
    algorithms=("milepost.service.kit.rules_in_force:register_records",),
    today=Today(
        sources=tuple(
            f"{TODAY}:{name}"
            for name in (
                "to_decide",
                "look_again",
                "call_backs",
                "device_trouble",
                "decided",
                "closed",
            )
        ),
        signatures=tuple(f"{TODAY}:{name}" for name in ("second_decisions",)),
        sentences=f"{TODAY}:SENTENCES",
        next_steps=f"{TODAY}:NEXT_STEPS",
        done=f"{TODAY}:done",
    ),
    audit={
        "board.drop_view": _("Removed a saved view of the alert board"),
        "board.page": _("Looked at the alert board"),
        "board.rows": _("Had the alert board refreshed"),
        "board.save_view": _("Saved a view of the alert board"),
        "board.shift": _("Looked at the summary for the change of shift"),
        "board.together": _("Looked at alerts that are alike, to decide them together"),
        "decision.confirm": _("Confirmed somebody else's decision"),
        "decision.page": _("Looked at a decision"),
        "decision.refuse": _("Did not confirm somebody else's decision"),
        "findings.write": _("Findings were made from signals"),
        "incident.acknowledge": _("Noted that an alert has new evidence"),
        "incident.call_back": _("Set a time to call again about an alert"),
        "incident.claim": _("Claimed an alert"),
        "incident.contact": _("Wrote down a contact about an alert"),
        "incident.decide": _("Decided an alert"),
        "incident.drop_call_back": _("Dropped a time to call again"),
        "incident.hand_over": _("Handed an alert over"),
        "incident.keep_decision": _("Kept a decision after new evidence"),
        "incident.note": _("Wrote a note on an alert"),
        "incident.page": _("Looked at an alert"),
        "incident.release": _("Released an alert"),
        "incident.take_over": _("Took an alert over"),
        "second.page": _("Looked at decisions that wait for a second person"),
    },
)
