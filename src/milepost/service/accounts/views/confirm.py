"""Confirming that it is you, before a grave act: by password and code, by passkey, or at the identity provider."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.service.accounts import confirmed, passkeys
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.actions import proving, signing_in
from milepost.service.accounts.attempts import TooMany
from milepost.service.accounts.confirmed import Because
from milepost.service.accounts.forms import ConfirmForm
from milepost.service.accounts.models import SecondFactor, User
from milepost.service.accounts.passkeys import Purpose
from milepost.service.accounts.policy_data import limits
from milepost.service.accounts.views.openid import AT_PROVIDER, go_to_provider
from milepost.service.accounts.views.signing_in import safe_onward, too_many_words


def _provider_signed_in_anew(request: HttpRequest, user: User) -> bool:
    kept = request.session.get(AT_PROVIDER)
    lasts_s = limits().lasts.between_password_and_code_s
    return (
        isinstance(kept, dict)
        and kept["round"] == user.credentials_round
        and 0 <= time.time() - kept["at_s"] <= lasts_s
    )


def demo_click_is_enough(user: User) -> bool:
    """In a demonstration one click signs in, so one click confirms: its people have neither password nor phone."""
    return bool(settings.DEMO) and user.is_demo


@requires()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """``next``: the page to go back to. ``passkey``: what the browser answered. ``demo``: the click."""
    user = user_of(request)
    onward = safe_onward(request, request.POST.get("next") or request.GET.get("next", ""))
    half_done = _provider_signed_in_anew(request, user)
    has_factor = signing_in.has_second_factor_here(user)
    asks_password = not half_done and user.has_usable_password()
    # Where a second factor is required, a password alone proves nothing.
    by_form = (asks_password or half_done) and (has_factor or not settings.SECOND_FACTOR_REQUIRED)
    form = ConfirmForm(
        None if {"passkey", "demo"} & request.POST.keys() else request.POST or None,
        asks_password=asks_password, asks_code=has_factor,
    )  # fmt: skip
    how, problem, status = "", "", 200
    if request.method == "POST":
        try:
            if "demo" in request.POST:
                how = "demo" if demo_click_is_enough(user) else ""
            elif "passkey" in request.POST:
                how = proving.by_passkey(request, user, request.POST["passkey"], Purpose.CONFIRM)
                problem = "" if how else _("This passkey is not right, or it took too long. Try again.")
            elif by_form and form.is_valid():
                given = form.cleaned_data
                how = proving.by_password_and_code(request, user, given.get("password"), given.get("code"))
                if not how:
                    form.add_error(
                        None, _("The password or the code is not right, or the code was used already.")
                    )
        except TooMany as too_many:
            status, words = 429, too_many_words(too_many)
            if form.is_bound:
                form.add_error(None, words)
            problem = "" if form.is_bound else words
    if how:
        request.session.pop(AT_PROVIDER, None)
        confirmed.confirm(request, user, how=f"openid {how}" if half_done and how != "passkey" else how)
        return redirect(onward or "accounts:account")
    context: dict[str, Any] = {
        "form": form if by_form else None,
        "next": onward,
        "why": _why(request),
        "passkey_problem": problem,
        "passkey_options": passkeys.options_to_prove(request, user, Purpose.CONFIRM),
        "demo_click": demo_click_is_enough(user),
        "openid": settings.OPENID if user.openid_subject and not half_done else None,
        "openid_href": f"{reverse('accounts:confirm-openid')}?{urlencode({'next': onward})}",
        "has_app": SecondFactor.objects.filter(user=user).exists(),
    }
    return render(request, "accounts/confirm.html", context, status=status)


def _why(request: HttpRequest) -> str:
    given = request.GET.get("because", "")
    return str(confirmed.WORDS[Because(given)]) if given in set(Because) else ""


@requires()
@require_safe
def confirm_openid(request: HttpRequest) -> HttpResponse:
    """To the identity provider, which is told to ask anew. A link and no form: see ``openid.begin``."""
    user = user_of(request)
    if settings.OPENID is None or not user.openid_subject:
        raise Http404
    return go_to_provider(request, request.GET.get("next", ""), anew_for=user)
