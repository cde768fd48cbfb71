"""In which state what may be done with a person's record, in pairs: ``check_can_x`` raises `Refused`, ``can_x`` answers.

Whether the user's role includes it is asked here too: an action is safe whoever calls it. Whether the user may see
the person is asked by ``visible_to``.
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission, Role
from milepost.service.kit.refusals import Refused, answers, need
from milepost.service.people.models import ContactDetail, ExceptionalAccess, Note, Person, StaffRisk
from milepost.service.people.policy_data import reason_at_least

SUPERVISES = (Role.PRACTITIONER, Role.SENIOR_PRACTITIONER)
"""Roles to whom a person can be allocated."""


def check_not_erased(person: Person) -> None:
    if person.erased_utc is not None:
        raise Refused(_("This record has been erased. Nothing can be written in it."))


def check_can_edit(person: Person, user: User) -> None:
    need(user, Permission.EDIT_PEOPLE)
    check_not_erased(person)


can_edit = answers(check_can_edit)


def check_can_end_contact(contact: ContactDetail, user: User) -> None:
    check_can_edit(contact.person, user)
    if contact.ended_utc is not None:
        raise Refused(_("This contact detail has ended already."))


can_end_contact = answers(check_can_end_contact)


def check_can_end_risk(risk: StaffRisk, user: User) -> None:
    check_can_edit(risk.person, user)
    if risk.ended is not None:
        raise Refused(_("This risk has ended already."))


can_end_risk = answers(check_can_end_risk)


def check_can_write_note(person: Person, user: User, corrects: Note | None = None) -> None:
    need(user, Permission.WRITE_NOTES)
    check_not_erased(person)
    if corrects is not None and corrects.person_id != person.pk:
        raise Refused(_("The note to correct belongs to another person."))


can_write_note = answers(check_can_write_note)


def check_can_allocate(person: Person, user: User) -> None:
    need(user, Permission.ALLOCATE_PEOPLE)
    check_not_erased(person)


can_allocate = answers(check_can_allocate)


def check_practitioner(practitioner: User | None, team_id: int | None) -> None:
    if practitioner is None:
        return
    if not practitioner.is_active or practitioner.role not in SUPERVISES:
        raise Refused({"practitioner": _("Choose somebody who supervises people and still works here.")})
    if practitioner.team_id != team_id:
        raise Refused({"practitioner": _("Choose a practitioner of the team that holds the record.")})


def check_can_restrict(person: Person, user: User) -> None:
    check_can_allocate(person, user)
    if person.restricted:
        raise Refused(_("This record is restricted already."))


can_restrict = answers(check_can_restrict)


def check_can_change_restriction(person: Person, user: User) -> None:
    check_can_allocate(person, user)
    if not person.restricted:
        raise Refused(_("This record is not restricted."))


can_change_restriction = answers(check_can_change_restriction)


def check_named(named: Collection[User]) -> None:
    """A restricted record that nobody can open would be lost."""
    if not any(user.is_active and user.may(Permission.VIEW_PEOPLE) for user in named):
        raise Refused({"named": _("Name at least one person who works here and may see people's records.")})
    if gone := [user for user in named if not (user.is_active and user.may(Permission.VIEW_PEOPLE))]:
        names = ", ".join(user.name for user in gone)
        raise Refused({"named": _("%(names)s may not see people's records.") % {"names": names}})


def check_can_ask(person: Person, user: User, reason: str) -> None:
    need(user, Permission.ASK_EXCEPTIONAL_ACCESS)
    check_not_erased(person)
    if person.restricted:
        raise Refused(_("This record cannot be asked for."))
    if len(reason.strip()) < reason_at_least():
        raise Refused({"reason": _("Say in a sentence why you need this record. A senior will read it.")})


def check_can_review(access: ExceptionalAccess, user: User) -> None:
    need(user, Permission.ALLOCATE_PEOPLE)
    if access.user_id == user.pk:
        raise Refused(_("Somebody else has to review your own access."))
    if access.reviewed_utc is not None:
        raise Refused(_("This access has been reviewed already."))


can_review = answers(check_can_review)
