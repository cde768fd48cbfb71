"""What every page knows: who is signed in, where they can go, that the data is synthetic."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission, Role
from milepost.service.kit.capabilities import lies_under, navigation


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
        under = lies_under()
        for entry in navigation():
            if user.may(entry.permission) and (href := address_of(entry.view)):
                current = (
                    here == entry.view or (under.get(here) or under.get(here.split(":")[0])) == entry.view
                )
                entries.append({"text": entry.text, "href": href, "current": current})
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
