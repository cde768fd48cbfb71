"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.accounts.roles import Role
from milepost.service.kit.declaration import Addresses, Capability, Entry, FirstPage, Records, Retention

CAPABILITY = Capability(
    addresses=(Addresses("today/", "milepost.service.caseload.urls"),),
    navigation=(Entry(_("Today"), "caseload:today", P.VIEW_TODAY, 10, covers=("caseload",)),),
    first_pages=(FirstPage("caseload:today", (Role.PRACTITIONER, Role.SENIOR_PRACTITIONER), 10),),
    records=(Records("put_off", "caseload.Snooze", "person", 170),),
    retention=(Retention("put_off", _("What was put off"), "milepost.service.caseload.retention:put_off"),),
    audit={
        "team.hours": _("Set somebody's working hours"),
        "today.bring_back": _("Brought back something they had put off"),
        "today.page": _("Looked at a list of today's work"),
        "today.put_off": _("Put something off"),
        "today.put_off_form": _("Opened the form for putting something off"),
        "today.team": _("Looked at the team's work"),
    },
)
