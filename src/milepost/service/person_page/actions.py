"""What is written when somebody asks for a trail, and when a trail leaves the service."""

from __future__ import annotations

from django.db import transaction

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused
from milepost.service.people.models import Person
from milepost.service.person_page.models import TrailRequest
from milepost.service.person_page.policy_data import purposes


@transaction.atomic
def ask_trail(
    *, by: User, person: Person, purpose: str, purpose_text: str, from_us: int, until_us: int, why_longer: str
) -> TrailRequest:
    """Keeps why ``by`` wants to see where the person was. Looking at it is logged each time, by the page."""
    if not by.may(Permission.VIEW_TRAILS) or purpose not in purposes():
        raise Refused("Your role does not include this.")
    made: TrailRequest = TrailRequest.objects.create(
        person=person, user=by, purpose=purpose, purpose_text=purpose_text, from_us=from_us, until_us=until_us,
        why_longer=why_longer,
    )  # fmt: skip
    write(
        by=by, operation=Operation.CONSULTATION, what="person.trail_asked", subject=person.reference,
        reason="; ".join(filter(None, (purpose_text, why_longer))),
        details={"trail": made.pk, "purpose": purpose, "from_us": from_us, "until_us": until_us},
    )  # fmt: skip
    return made


@transaction.atomic
def disclose_trail(
    *, by: User, trail: TrailRequest, kind: str, recipient: str, reason: str, legal_basis: str, positions: int
) -> int:
    """Writes that a trail was given to somebody. Returns the number of the entry, which the file carries."""
    if not by.may(Permission.EXPORT_TRAILS):
        raise Refused("Your role does not include this.")
    entry = write(
        by=by, operation=Operation.DISCLOSURE, what="person.trail_export", subject=trail.person.reference,
        recipient=recipient, reason=f"{reason} [{legal_basis}]",
        details={"trail": trail.pk, "purpose": trail.purpose, "format": kind, "positions": positions,
                 "from_us": trail.from_us, "until_us": trail.until_us},
    )  # fmt: skip
    return entry.number
