"""Signing in with a password and a second factor, invitations, signing out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from milepost.service.accounts import attempts, totp
from milepost.service.accounts.actions import own, signing_in
from milepost.service.accounts.attempts import TooMany, client_address
from milepost.service.accounts.forms import CodeForm, NewPasswordForm, SetUpForm, SignInForm
from milepost.service.accounts.models import SecondFactor, User
from milepost.service.accounts.policy_data import limits
from milepost.service.web.access import public

SECRET = "second_factor_secret"
"""Where a session keeps the secret of an app that is being set up. Sessions are kept on the server."""


def too_many_words(problem: TooMany) -> str:
    minutes = max(1, problem.wait_minutes)
    return ngettext(
        "There were too many attempts. Try again in %(n)d minute.",
        "There were too many attempts. Try again in %(n)d minutes.",
        minutes,
    ) % {"n": minutes}


def safe_onward(request: HttpRequest, onward: str) -> str:
    """``onward`` if it is a page of this service, else ""."""
    good = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return onward if good else ""


def next_page(onward: str) -> HttpResponse:
    return redirect(onward or "accounts:home")


# Public: somebody who signs in is nobody yet.
@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form, status = SignInForm(request.POST or None), 200
    onward = safe_onward(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "POST" and form.is_valid():
        address, email = client_address(request), form.cleaned_data["email"]
        keys = attempts.password_keys(email, address)
        try:
            attempts.count(keys)
        except TooMany as problem:
            signing_in.note_too_many(problem, address=address)
            form.add_error(None, too_many_words(problem))
            return _sign_in_page(request, form, onward, 429)
        user = authenticate(request, username=email, password=form.cleaned_data["password"])
        if isinstance(user, User):
            attempts.give_back(keys)
            return _go_on(request, user, "password", onward)
        known = User.objects.filter(email=email.lower()).first()
        signing_in.note_failure(stage="password", address=address, user=known)
        form.add_error(None, _("The e-mail address or the password is not right."))
    return _sign_in_page(request, form, onward, status)


def _sign_in_page(request: HttpRequest, form: SignInForm, onward: str, status: int) -> HttpResponse:
    context = {"form": form, "next": onward, "openid": settings.OPENID}
    return render(request, "accounts/sign-in.html", context, status=status)


def _go_on(request: HttpRequest, user: User, how: str, onward: str) -> HttpResponse:
    """After the first factor: the second, setting one up, or in."""
    if not signing_in.needs_second_factor(user):
        signing_in.come_in(request, user, how=how, second="none")
        return next_page(onward)
    signing_in.first_factor_passed(request, user, how=how, onward=onward)
    has_one = SecondFactor.objects.filter(user=user).exists()
    return redirect("accounts:code" if has_one else "accounts:set-up")


# Public: between password and code somebody is nobody; `pending_user` is the door.
@public
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    awaited = signing_in.pending_user(request)
    if awaited is None:
        return redirect("accounts:sign-in")
    user, pending = awaited
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        address, keys = client_address(request), {"second_factor": str(user.pk)}
        try:
            attempts.count(keys)
        except TooMany as problem:
            signing_in.note_too_many(problem, address=address, user=user)
            form.add_error("code", too_many_words(problem))
            status = 429
        else:
            used = own.use_code(user, form.cleaned_data["code"])
            if used:
                attempts.give_back(keys)
                signing_in.come_in(request, user, how=pending.how, second=used)
                return next_page(pending.onward)
            signing_in.note_failure(stage="second_factor", address=address, user=user)
            form.add_error("code", _("This code is not right, or was used already. Wait for the next one."))
    return render(request, "accounts/code.html", {"form": form}, status=status)


def new_app(request: HttpRequest, user: User) -> dict[str, object]:
    """What a page needs that sets up an app; its secret waits in the session until the code is right."""
    secret = request.session.setdefault(SECRET, totp.new_secret())
    numbers = limits().second_factor
    address = totp.address(secret, user.email, step_s=numbers.step_s, digits=numbers.digits)
    return {
        "square": totp.square_code(address, _("Square code to scan with your authenticator app")),
        "typed": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    }


# Public: as `code`.
@public
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    awaited = signing_in.pending_user(request)
    if awaited is None:
        return redirect("accounts:sign-in")
    user, pending = awaited
    if SecondFactor.objects.filter(user=user).exists():  # the password alone never replaces an app
        return redirect("accounts:code")
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and SECRET in request.session:
        codes = own.set_up_second_factor(
            by=user, secret=request.session[SECRET], code=form.cleaned_data["code"]
        )
        if codes is not None:
            signing_in.come_in(request, user, how=pending.how, second="app")
            context = {"codes": codes, "onward": pending.onward}
            return render(request, "accounts/recovery-codes.html", context)
        form.add_error(
            "code", _("This code is not right. Check the clock of your phone and try the next one.")
        )
    return render(request, "accounts/set-up.html", {"form": form, **new_app(request, user)})


# Public: the link is the proof.
@public
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    address = client_address(request)
    try:
        attempts.count({"link": address})
    except TooMany as problem:
        signing_in.note_too_many(problem, address=address)
        return render(request, "errors/429.html", {"request_number": ""}, status=429)
    found = own.find_invitation(secret)
    if found is None:
        return render(request, "accounts/invitation-void.html", status=404)
    attempts.give_back({"link": address})
    form = NewPasswordForm(request.POST or None, user=found.user)
    if request.method == "POST" and form.is_valid():
        if not own.accept_invitation(invitation=found, password=form.cleaned_data["password"]):
            return render(request, "accounts/invitation-void.html", status=404)
        return _go_on(request, User.objects.get(pk=found.user_id), "invitation", "")
    return render(request, "accounts/invitation.html", {"form": form, "invited": found.user})


# Public: whoever is not signed in may press the button of an old page.
@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    signing_in.go_out(request)
    return redirect("accounts:sign-in")
