"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.accounts.roles import Role
from milepost.service.kit.declaration import Addresses, Capability, Entry, FirstPage

CAPABILITY = Capability(
    addresses=(Addresses("audit/", "milepost.service.audit_pages.urls"),),
    navigation=(Entry(_("Who looked at what"), "audit:search", P.VIEW_AUDIT, 130, covers=("audit",)),),
    first_pages=(FirstPage("audit:search", (Role.AUDITOR,), 10),),
    audit={
        "audit.csv": _("Exported a table from this log"),
        "audit.denied": _("Looked in this log at what was refused"),
        "audit.entry": _("Looked at one entry of this log"),
        "audit.exceptional": _("Looked in this log at exceptional accesses"),
        "audit.patterns": _("Looked in this log at what is worth a look"),
        "audit.search": _("Searched this log"),
        "audit.verify": _("Checked that this log is sound"),
    },
)
