"""Signing in through the identity provider."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from milepost.service.accounts import attempts, confirmed, openid
from milepost.service.accounts.actions import signing_in
from milepost.service.accounts.attempts import TooMany, client_address
from milepost.service.accounts.models import User
from milepost.service.accounts.openid import Begun, OpenIdError
from milepost.service.accounts.openid_settings import OpenIdSettings
from milepost.service.accounts.policy_data import limits
from milepost.service.accounts.views.signing_in import next_page, safe_onward
from milepost.service.web.access import public

BEGUN = "openid_begun"
AT_PROVIDER = "confirmed_at_provider"
"""Where a session keeps that the provider asked somebody anew, while a second factor of ours is still to come."""


def _provider() -> OpenIdSettings:
    if settings.OPENID is None:
        raise Http404
    provider: OpenIdSettings = settings.OPENID
    return provider


def _return_to(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("accounts:openid-return"))


def _not_possible(request: HttpRequest, code: str, status: int = 403) -> HttpResponse:
    signing_in.note_failure(stage="openid", address=client_address(request), code=code)
    context = {"reason": code, "provider": _provider().name}
    return render(request, "accounts/openid-failed.html", context, status=status)


# Public: somebody who signs in is nobody yet. It is a link, not a form, since the security policy lets forms go
# nowhere else; all it changes is what this browser's own session waits for.
@public
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    return go_to_provider(request, request.GET.get("next", ""))


def go_to_provider(request: HttpRequest, onward: str, *, anew_for: User | None = None) -> HttpResponse:
    """``anew_for``: somebody who is signed in and whom the provider must ask again, not merely recognise."""
    provider = _provider()
    address = client_address(request)
    try:
        attempts.count({"link": address})
    except TooMany as problem:
        signing_in.note_too_many(problem, address=address)
        return render(request, "errors/429.html", {"request_number": ""}, status=429)
    begun = Begun.new()
    try:
        where = openid.where_to_go(provider, begun, _return_to(request), anew=anew_for is not None)
    except OpenIdError as error:
        return _not_possible(request, error.code, 503)
    request.session[BEGUN] = {
        **asdict(begun), "since_s": time.time(), "onward": safe_onward(request, onward),
        "anew_for": anew_for.pk if anew_for is not None else None,
    }  # fmt: skip
    return redirect(where)


# Public: as above; what the provider signed is the proof.
@public
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    provider = _provider()
    kept = request.session.pop(BEGUN, None)  # counts once, whatever comes of it
    if kept is None or time.time() - kept["since_s"] > limits().lasts.openid_round_trip_s:
        return _not_possible(request, "not_begun")
    begun = Begun(kept["state"], kept["nonce"], kept["verifier"])
    try:
        claims = openid.who_came_back(provider, begun, request.GET.dict(), _return_to(request))
        if kept.get("anew_for") is not None:
            return _confirmed_by(request, provider, claims, kept)
        user = signing_in.user_of_claims(provider, claims)
    except (OpenIdError, signing_in.NotKnown) as error:
        return _not_possible(request, error.code)
    attempts.give_back({"link": client_address(request)})
    if signing_in.has_second_factor(claims):
        signing_in.come_in(request, user, how="openid", second="provider")
        return next_page(kept["onward"])
    if not signing_in.needs_second_factor(user):
        signing_in.come_in(request, user, how="openid", second="none")
        return next_page(kept["onward"])
    signing_in.first_factor_passed(request, user, how="openid", onward=kept["onward"])
    return redirect("accounts:code" if signing_in.has_second_factor_here(user) else "accounts:set-up")


def _confirmed_by(
    request: HttpRequest, provider: OpenIdSettings, claims: dict[str, Any], kept: dict[str, Any]
) -> HttpResponse:
    """Somebody signed in came back whom the provider was to ask again.

    Raises:
        OpenIdError: it is somebody else, or the provider did not ask anew.
    """
    user = request.user
    if not isinstance(user, User) or user.pk != kept["anew_for"]:
        raise OpenIdError("another_user")
    if user.openid_subject != f"{provider.issuer} {claims['sub']}":
        raise OpenIdError("another_subject")
    openid.check_signed_in_anew(claims, kept["since_s"])
    attempts.give_back({"link": client_address(request)})
    if signing_in.has_second_factor(claims) or not signing_in.needs_second_factor(user):
        confirmed.confirm(request, user, how="openid")
        return next_page(kept["onward"])
    request.session[AT_PROVIDER] = {"at_s": time.time(), "round": user.credentials_round}
    return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': kept['onward']})}")
