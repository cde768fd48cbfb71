"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.accounts.roles import Role
from milepost.service.kit.declaration import Addresses, Capability, Entry, FirstPage, Records, Today

TODAY = "milepost.service.people.today"

CAPABILITY = Capability(
    addresses=(Addresses("people/", "milepost.service.people.urls"),),
    navigation=(Entry(_("People"), "people:search", P.VIEW_PEOPLE, 30, covers=("people", "person_page")),),
    first_pages=(FirstPage("people:search", (Role.PRACTITIONER, Role.SENIOR_PRACTITIONER), 20),),
    records=(Records("notes", "people.Note", "person", 100, loosen=("corrects",)),),
    gone_with_person=(
        "people.NameWord",
        "people.ContactDetail",
        "people.StaffRisk",
        "people.NamedAccess",
        "people.ExceptionalAccess",
        "people.Characteristics",
    ),
    kept_with_person=True,
    today=Today(
        sources=tuple(
            f"{TODAY}:{name}"
            for name in (
                "notes",
                "allocated",
            )
        ),
        signatures=tuple(f"{TODAY}:{name}" for name in ("to_review",)),
        sentences=f"{TODAY}:SENTENCES",
        next_steps=f"{TODAY}:NEXT_STEPS",
        done=f"{TODAY}:done",
    ),
    audit={
        "people.access_reviews": _("Looked at exceptional accesses to review"),
        "people.pick": _("Looked for a person while typing"),
        "people.search": _("Searched for people"),
        "person.access_review": _("Reviewed an exceptional access"),
        "person.access_review_page": _("Looked at an exceptional access to review"),
        "person.allocate": _("Allocated a person to a practitioner"),
        "person.ask_form": _("Opened the form for asking for exceptional access"),
        "person.contact_add": _("Added a contact detail"),
        "person.contact_end": _("Ended a contact detail"),
        "person.edit": _("Changed a person's details"),
        "person.exceptional_access": _("Opened the record of a person outside their reach"),
        "person.form": _("Opened a form about a person"),
        "person.named_access": _("Named somebody on a restricted record"),
        "person.note_add": _("Wrote a note on a person"),
        "person.restrict": _("Restricted a record"),
        "person.risk_add": _("Added a risk to staff"),
        "person.risk_end": _("Ended a risk to staff"),
        "person.unrestrict": _("Lifted the restriction of a record"),
    },
)
