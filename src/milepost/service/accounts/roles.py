"""Roles and what each may do. The one table of rights; docs/reference/roles.md is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    VIEW_PEOPLE = "view_people"
    """See people within one's reach (``Person.objects.visible_to``)."""
    ASK_EXCEPTIONAL_ACCESS = "ask_exceptional_access"
    """See a person outside one's reach for a day, with a reason that is logged and reviewed."""
    EDIT_PEOPLE = "edit_people"
    ALLOCATE_PEOPLE = "allocate_people"
    WRITE_NOTES = "write_notes"
    VIEW_ORDERS = "view_orders"
    EDIT_ORDERS = "edit_orders"
    APPROVE_ORDERS = "approve_orders"
    CHECK_IMPORTS = "check_imports"
    """See both sides of a part of an import that its sender may not be told about, and decide on it."""
    FIT_DEVICES = "fit_devices"
    AUTHORISE_ABSENCES = "authorise_absences"
    VIEW_BOARD = "view_board"
    DECIDE_INCIDENTS = "decide_incidents"
    SECOND_DECISIONS = "second_decisions"
    """Confirm, as a second person, a decision that policy says needs two."""
    VIEW_TRAILS = "view_trails"
    EXPORT_TRAILS = "export_trails"
    VIEW_QUARANTINE = "view_quarantine"
    REPLAY_QUARANTINE = "replay_quarantine"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_USERS = "manage_users"
    VIEW_AUDIT = "view_audit"
    VIEW_RULES = "view_rules"
    MANAGE_WEBHOOKS = "manage_webhooks"
    VIEW_TODAY = "view_today"
    """The own list of today's work."""
    VIEW_TEAM_WORK = "view_team_work"
    """The team's lists, workload and capacity; hand work on."""
    VIEW_ASSESSMENTS = "view_assessments"
    WRITE_ASSESSMENTS = "write_assessments"
    COUNTERSIGN_ASSESSMENTS = "countersign_assessments"
    VIEW_ALGORITHMS = "view_algorithms"
    """Scores, rules and predictors in use: their records, fairness and drift. No person's record."""
    MANAGE_ALGORITHMS = "manage_algorithms"
    """Register, watch in shadow, approve and retire a predictor."""


class Reach(StrEnum):
    """Whose records a role sees, before restrictions of single records."""

    NOBODY = "nobody"
    OWN_TEAM = "own_team"
    OWN_PRISON = "own_prison"
    """Everyone whom the prison holds, whichever team supervises them outside."""
    OWN_RECORD = "own_record"
    """A person their own record alone, restricted or not."""
    ON_TAG = "on_tag"
    """Everyone who wears a tag, in every team."""
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class RoleFacts:
    title: str | Promise
    purpose: str | Promise
    reach: Reach
    permissions: frozenset[Permission]


class Role(StrEnum):
    MONITORING_OFFICER = "monitoring_officer"
    MONITORING_SUPERVISOR = "monitoring_supervisor"
    PRACTITIONER = "practitioner"
    SENIOR_PRACTITIONER = "senior_practitioner"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    RECORDS_OFFICER = "records_officer"

    @property
    def facts(self) -> RoleFacts:
        return ROLES[self]


P = Permission
_OFFICER = {
    P.VIEW_PEOPLE, P.WRITE_NOTES, P.VIEW_ORDERS, P.FIT_DEVICES, P.VIEW_BOARD, P.DECIDE_INCIDENTS, P.VIEW_TRAILS,
    P.AUTHORISE_ABSENCES, P.VIEW_QUARANTINE, P.VIEW_RULES,
}  # fmt: skip
_PRACTITIONER = {
    P.VIEW_PEOPLE, P.ASK_EXCEPTIONAL_ACCESS, P.EDIT_PEOPLE, P.WRITE_NOTES, P.VIEW_ORDERS, P.EDIT_ORDERS, P.VIEW_BOARD,
    P.DECIDE_INCIDENTS, P.VIEW_TRAILS, P.EXPORT_TRAILS, P.AUTHORISE_ABSENCES, P.VIEW_RULES,
    P.VIEW_TODAY, P.VIEW_ASSESSMENTS, P.WRITE_ASSESSMENTS, P.VIEW_ALGORITHMS,
}  # fmt: skip
ROLES: dict[Role, RoleFacts] = {
    Role.MONITORING_OFFICER: RoleFacts(
        _("Monitoring officer"), _("Watches the alert board and decides what each alert needs."),
        Reach.ON_TAG, frozenset(_OFFICER),
    ),
    Role.MONITORING_SUPERVISOR: RoleFacts(
        _("Monitoring supervisor"), _("Confirms decisions that need two people; deals with signals that were "
                                      "not understood."),
        Reach.ON_TAG,
        frozenset(_OFFICER | {P.SECOND_DECISIONS, P.REPLAY_QUARANTINE, P.MANAGE_TOKENS, P.EXPORT_TRAILS}),
    ),
    Role.PRACTITIONER: RoleFacts(
        _("Probation practitioner"), _("Supervises people: their orders, their week, what was decided and why."),
        Reach.OWN_TEAM, frozenset(_PRACTITIONER),
    ),
    Role.SENIOR_PRACTITIONER: RoleFacts(
        _("Senior practitioner"), _("Approves orders, confirms decisions, allocates people."),
        Reach.OWN_TEAM,
        frozenset(_PRACTITIONER | {
            P.APPROVE_ORDERS, P.SECOND_DECISIONS, P.ALLOCATE_PEOPLE, P.VIEW_TEAM_WORK, P.COUNTERSIGN_ASSESSMENTS,
        }),
    ),
    Role.ADMINISTRATOR: RoleFacts(
        _("Administrator"), _("Manages users, teams, tokens. Sees no person's record."),
        Reach.NOBODY, frozenset({P.MANAGE_USERS, P.MANAGE_TOKENS, P.MANAGE_WEBHOOKS, P.VIEW_RULES}),
    ),
    Role.AUDITOR: RoleFacts(
        _("Auditor"), _("Asks who looked at whose record, when and why."),
        Reach.NOBODY, frozenset({P.VIEW_AUDIT, P.VIEW_RULES, P.VIEW_ALGORITHMS}),
    ),
    Role.ANALYST: RoleFacts(
        _("Analyst"), _("Asks whether scores and rules are right and fair, in numbers of people. Sees no person's record."),
        Reach.NOBODY, frozenset({P.VIEW_ALGORITHMS, P.MANAGE_ALGORITHMS, P.VIEW_RULES}),
    ),
    Role.RECORDS_OFFICER: RoleFacts(
        _("Records officer"), _("Checks imported records about people whom their sender cannot see. Opens no record."),
        Reach.NOBODY, frozenset({P.CHECK_IMPORTS, P.VIEW_RULES}),
    ),
}  # fmt: skip
