"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.kit.declaration import Addresses, Capability, PersonTab

CAPABILITY = Capability(
    addresses=(Addresses("person/", "milepost.service.person_page.urls"),),
    person_tabs=(
        PersonTab("overview", _("Overview"), "person_page:overview", P.VIEW_PEOPLE, 10),
        PersonTab("week", _("Week"), "person_page:week", P.VIEW_PEOPLE, 20),
        PersonTab("trail", _("Trail"), "person_page:trail", P.VIEW_TRAILS, 30),
        PersonTab("zones", _("Zones"), "person_page:zones", P.VIEW_ORDERS, 40),
        PersonTab("orders", _("Orders"), "person_page:orders", P.VIEW_ORDERS, 50),
        PersonTab("history", _("Findings and decisions"), "person_page:history", P.VIEW_PEOPLE, 60),
        PersonTab("devices", _("Devices"), "person_page:devices", P.VIEW_PEOPLE, 70),
        PersonTab("notes", _("Notes"), "person_page:notes", P.VIEW_PEOPLE, 80),
        PersonTab("details", _("Details"), "person_page:details", P.VIEW_PEOPLE, 90),
    ),
    gone_with_person=("person_page.TrailRequest",),
    kept_with_person=True,
    purposes="milepost.service.person_page.policy_data:purposes",
    audit={
        "person.day": _("Looked at a person's day"),
        "person.details": _("Looked at a person's details"),
        "person.devices": _("Looked at a person's devices"),
        "person.history": _("Looked at a person's findings and decisions"),
        "person.notes": _("Looked at a person's notes"),
        "person.orders": _("Looked at a person's orders"),
        "person.overview": _("Looked at a person's overview"),
        "person.page": _("Looked at a person's record"),
        "person.plain_page": _("Opened a person's rules in plain words to print them"),
        "person.trail": _("Opened the question for a person's location history"),
        "person.trail_asked": _("Asked for a person's location history"),
        "person.trail_export": _("Exported a person's location history"),
        "person.trail_export_form": _("Opened the form for sharing a location history"),
        "person.trail_shown": _("Looked at a person's location history"),
        "person.week": _("Looked at a person's week"),
        "person.zones": _("Looked at a person's zones"),
    },
)
