"""One's own API tokens. Whoever manages users sees everybody's, to revoke them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.accounts.sessions import browser_of
from milepost.service.api.actions.tokens import make_token, revoke_token
from milepost.service.api.forms import TokenForm
from milepost.service.api.models import ApiToken
from milepost.service.api.policy_data import numbers
from milepost.service.kit.refusals import Refused


def _visible(user: User) -> QuerySet[ApiToken]:
    everybodys = user.may(Permission.MANAGE_USERS)
    return ApiToken.objects.all() if everybodys else ApiToken.objects.filter(user=user)


@requires()
@require_GET
def token_list(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    rows = _visible(user).select_related("user").order_by("-pk")
    page = Paginator(rows, numbers().pages.rows).get_page(request.GET.get("page"))
    return render(request, "api/tokens.html", {"page": page, "everybodys": user.may(Permission.MANAGE_USERS)})


@requires()
@asks_again(Because.WAY_IN)
@never_cache
@require_http_methods(["GET", "POST"])
def token_new(request: HttpRequest) -> HttpResponse:
    """The secret is in the answer to the form and nowhere else: no redirect could carry it safely."""
    user = user_of(request)
    form = TokenForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            token, whole = make_token(by=user, made_in=browser_of(request), **form.cleaned_data)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            return render(request, "api/token-made.html", {"token": token, "whole": whole})
    return render(request, "api/token-new.html", {"form": form, "back_href": ""})


@requires()
@require_http_methods(["GET", "POST"])
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    token = get_object_or_404(_visible(user).select_related("user"), pk=pk)
    if request.method == "POST":
        try:
            revoke_token(by=user, token=token)
        except Refused as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The token is revoked."))
        return redirect("api:tokens")
    return render(request, "api/token-revoke.html", {"token": token})
