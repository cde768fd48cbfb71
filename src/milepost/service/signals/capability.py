"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.kit.declaration import Addresses, Capability, Command, Entry, Queue, Retention

CAPABILITY = Capability(
    addresses=(
        Addresses("signals/", "milepost.service.signals.urls"),
        Addresses("ingest/", "milepost.service.signals.ingest_urls"),
    ),
    navigation=(
        Entry(_("Signals not understood"), "signals:quarantine", P.VIEW_QUARANTINE, 70, covers=("signals",)),
        Entry(
            _("Tokens"),
            "signals:tokens",
            P.MANAGE_TOKENS,
            80,
            covers=("signals:tokens", "signals:token-new", "signals:token-revoke"),
        ),
    ),
    retention=(
        Retention("lake", _("Positions of past days"), "milepost.service.signals.retention:lake"),
        Retention(
            "quarantine", _("Messages not understood"), "milepost.service.signals.retention:quarantine"
        ),
    ),
    commands=(
        Command(
            "mqtt",
            "milepost.service.signals.commands:mqtt",
            "Takes in what phones and tags publish to an MQTT broker.",
        ),
    ),
    queues=(Queue("quarantine", _("Messages not understood"), "milepost.service.signals.queues:quarantine"),),
    audit={
        "quarantine.list": _("Looked at signals that were not understood"),
        "quarantine.message": _("Looked at one signal that was not understood"),
        "quarantine.replay": _("Read signals again that were not understood"),
        "quarantine.set_aside": _("Set signals aside that were not understood"),
        "signals.batch": _("Signals came in"),
        "signals.roll": _("Signals of past days were moved to the archive"),
        "signals.trim": _("Signals in the archive were removed from the recent ones"),
        "token.make": _("Created a token"),
        "token.revoke": _("Revoked a token"),
    },
)
