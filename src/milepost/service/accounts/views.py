"""Signing in and out, and the first page of each role."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from milepost.service.accounts.access import UserRequest, requires
from milepost.service.accounts.context import address_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.web.access import public
from milepost.service.web.forms import Form

FIRST_PAGES = (
    (Permission.VIEW_BOARD, "monitoring:board"),
    (Permission.MANAGE_USERS, "accounts:users"),
    (Permission.VIEW_AUDIT, "audit:search"),
)


class SignInForm(Form):
    email = forms.EmailField(label=_("E-mail address"))
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput)


@requires()
def home(request: HttpRequest) -> HttpResponse:
    user = cast(UserRequest, request).user
    for permission, view in FIRST_PAGES:
        if user.may(permission) and (onward := address_of(view)):
            return redirect(onward)
    return redirect("accounts:sign-in")


@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(
            request, username=form.cleaned_data["email"], password=form.cleaned_data["password"]
        )
        if user is not None:
            login(request, user)
            onward = request.POST.get("next", "")
            safe = url_has_allowed_host_and_scheme(
                onward, {request.get_host()}, require_https=request.is_secure()
            )
            return redirect(onward if onward and safe else "accounts:home")
        form.add_error(None, _("The e-mail address or the password is not right."))
    return render(request, "accounts/sign-in.html", {"form": form, "next": request.GET.get("next", "")})


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("accounts:sign-in")


@requires(Permission.MANAGE_USERS)
def users(request: HttpRequest) -> HttpResponse:
    return render(
        request, "accounts/users.html", {"users": User.objects.select_related("team").order_by("name")}
    )
