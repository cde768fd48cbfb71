"""What every page knows: who is signed in, where they can go, that the data is synthetic."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission, Role

P = Permission
NAVIGATION = (
    (_("Today"), "caseload:today", P.VIEW_TODAY),
    (_("Alerts"), "monitoring:board", P.VIEW_BOARD),
    (_("People"), "people:search", P.VIEW_PEOPLE),
    (_("Assessments"), "assessments:list", P.VIEW_ASSESSMENTS),
    (_("Orders"), "orders:list", P.VIEW_ORDERS),
    (_("Devices"), "orders:devices", P.FIT_DEVICES),
    (_("Imports to check"), "orders:to-check", P.CHECK_IMPORTS),
    (_("Signals not understood"), "signals:quarantine", P.VIEW_QUARANTINE),
    (_("Tokens"), "signals:tokens", P.MANAGE_TOKENS),
    (_("Scores and rules in use"), "algorithms:list", P.VIEW_ALGORITHMS),
    (_("Users"), "accounts:users", P.MANAGE_USERS),
    (_("Webhooks"), "api:webhooks", P.MANAGE_WEBHOOKS),
    (_("System status"), "upkeep:status", P.MANAGE_USERS),
    (_("Who looked at what"), "audit:search", P.VIEW_AUDIT),
    (_("Rules"), "monitoring:rules", P.VIEW_RULES),
)
"""Text, view, permission: a user sees the entries their role includes, in this order."""

LIES_UNDER = {
    "people": "people:search",
    "person_page": "people:search",
    "monitoring": "monitoring:board",
    "monitoring:rules": "monitoring:rules",
    "audit": "audit:search",
    "orders": "orders:list",
    "caseload": "caseload:today",
    "assessments": "assessments:list",
    "algorithms": "algorithms:list",
    "signals": "signals:quarantine",
} | dict.fromkeys(
    [f"orders:{v}" for v in ("import-devices", "import-devices-look", "device", "device-register", "device-fit",
                             "device-mark", "device-remove", "device-swap", "devices")],
    "orders:devices",
) | dict.fromkeys(
    ["orders:to-check", "orders:to-check-one"], "orders:to-check"
) | dict.fromkeys(
    [f"signals:{v}" for v in ("tokens", "token-new", "token-revoke")], "signals:tokens"
) | dict.fromkeys(
    [f"accounts:{v}" for v in ("users", "user", "add-user", "change-user", "user-act", "teams", "team", "add-team")],
    "accounts:users",
) | dict.fromkeys(
    [f"api:{v}" for v in ("webhooks", "webhook", "webhook-new", "webhook-remove")], "api:webhooks"
)  # fmt: skip
"""The entry that a view, or every other view of an app, lies under."""


def address_of(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:  # an area may run without an app
        return ""


def page(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    entries = []
    if isinstance(user, User):
        here = request.resolver_match.view_name if request.resolver_match else ""
        for text, view, permission in NAVIGATION:
            if user.may(permission) and (href := address_of(view)):
                current = here == view or (LIES_UNDER.get(here) or LIES_UNDER.get(here.split(":")[0])) == view
                entries.append({"text": text, "href": href, "current": current})
    signed_in = user if isinstance(user, User) else None
    return {
        "navigation": entries,
        "synthetic": settings.DEMO,
        "user": signed_in,
        "user_name": signed_in.name if signed_in else "",
        "user_role": Role(signed_in.role).facts.title if signed_in else "",
        "sign_out_url": reverse("accounts:sign-out"),
        "may": signed_in.may if signed_in else (lambda permission: False),
        "Permission": Permission,
    }
