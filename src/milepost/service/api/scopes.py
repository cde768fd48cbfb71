"""What a token may be made for. A token never allows more than the role of its user does."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission as P


class Scope(StrEnum):
    PEOPLE_READ = "people:read"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    DEVICES_READ = "devices:read"
    DEVICES_WRITE = "devices:write"
    ABSENCES_READ = "absences:read"
    ABSENCES_WRITE = "absences:write"
    SIGNALS_READ = "signals:read"
    FINDINGS_READ = "findings:read"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_WRITE = "incidents:write"
    RULES_READ = "rules:read"
    ASSESSMENTS_READ = "assessments:read"
    RISK_READ = "risk:read"
    RISK_SCORE = "risk:score"


FACTS: dict[Scope, tuple[P, str | Promise]] = {
    Scope.PEOPLE_READ: (P.VIEW_PEOPLE, _("Read people's records")),
    Scope.ORDERS_READ: (P.VIEW_ORDERS, _("Read orders and what they ask for")),
    Scope.ORDERS_WRITE: (P.EDIT_ORDERS, _("Write drafts of orders and submit them")),
    Scope.DEVICES_READ: (P.VIEW_ORDERS, _("Read who has which device")),
    Scope.DEVICES_WRITE: (P.FIT_DEVICES, _("Record that devices are fitted and removed")),
    Scope.ABSENCES_READ: (P.VIEW_ORDERS, _("Read authorised absences")),
    Scope.ABSENCES_WRITE: (P.AUTHORISE_ABSENCES, _("Authorise absences and withdraw them")),
    Scope.SIGNALS_READ: (P.VIEW_TRAILS, _("Read where people were")),
    Scope.FINDINGS_READ: (P.VIEW_BOARD, _("Read findings, coverage and totals")),
    Scope.INCIDENTS_READ: (P.VIEW_BOARD, _("Read alerts")),
    Scope.INCIDENTS_WRITE: (P.DECIDE_INCIDENTS, _("Claim and decide alerts")),
    Scope.RULES_READ: (P.VIEW_RULES, _("Read the rules in force")),
    Scope.ASSESSMENTS_READ: (P.VIEW_ASSESSMENTS, _("Read tiers, and the scores of assessments in force")),
    Scope.RISK_READ: (P.VIEW_ALGORITHMS, _("Read which algorithms there are, and their records")),
    Scope.RISK_SCORE: (P.VIEW_ASSESSMENTS, _("Work out scores and tiers from answers that are sent")),
}
"""The permission that a role needs for a scope to be of use to it, and the scope in words."""


def scopes_of(user: User) -> list[Scope]:
    """The scopes that are of use to somebody with this role."""
    return [scope for scope, (permission, _words) in FACTS.items() if user.may(permission)]
