"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.kit.declaration import Capability, Command, Retention

CAPABILITY = Capability(
    commands=(
        Command(
            "audit",
            "milepost.service.audit.commands:group",
            "Who looked at what: check the log, sign it, export it.",
        ),
    ),
    retention=(Retention("audit", _("The log of who looked at what")),),
    audit={
        "audit.export": _("Exported the full log"),
    },
)
