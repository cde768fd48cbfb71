"""My account: password, app, recovery codes, sessions."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.service.accounts import attempts, sessions
from milepost.service.accounts.access import UserRequest, requires
from milepost.service.accounts.actions import own, signing_in
from milepost.service.accounts.attempts import TooMany, client_address
from milepost.service.accounts.forms import ChangePasswordForm, PresentCodeForm, ReplaceForm, SetUpForm
from milepost.service.accounts.models import SecondFactor, User
from milepost.service.accounts.roles import Role
from milepost.service.accounts.views.signing_in import SECRET, new_app, too_many_words
from milepost.service.web.forms import Form


def _user(request: HttpRequest) -> User:
    return cast(UserRequest, request).user


@requires()
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    context = {
        "facts": Role(user.role).facts,
        "team": user.team,
        "factor": SecondFactor.objects.filter(user=user).first(),
        "codes_left": user.recovery_codes.filter(used_utc=None).count(),
        "has_password": user.has_usable_password(),
        "sessions": sessions.live(user, request.session.session_key),
        "real_now": timezone.now(),  # a browser lives in real time, in a demo too
    }
    return render(request, "accounts/account.html", context)


def _proved(request: HttpRequest, form: Form, *, by_password: bool) -> bool:
    """Whether ``present`` is the user's own password or code. Guesses are limited as at signing in."""
    user, address = _user(request), client_address(request)
    keys = attempts.password_keys(user.email, address) if by_password else {"second_factor": str(user.pk)}
    try:
        attempts.count(keys)
    except TooMany as problem:
        signing_in.note_too_many(problem, address=address, user=user)
        form.add_error("present", too_many_words(problem))
        return False
    given = form.cleaned_data["present"]
    if user.check_password(given) if by_password else own.use_code(user, given):
        attempts.give_back(keys)
        return True
    signing_in.note_failure(stage="password" if by_password else "second_factor", address=address, user=user)
    form.add_error(
        "present", _("This is not your password.") if by_password else _("This code is not right.")
    )
    return False


@requires()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = ChangePasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid() and _proved(request, form, by_password=True):
        own.change_password(by=user, password=form.cleaned_data["password"], request=request)
        messages.success(request, _("Your password is changed. Your other sessions have ended."))
        return redirect("accounts:account")
    return render(request, "accounts/password.html", {"form": form})


@requires()
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Sets up an app, or replaces the one there is, which asks for a code of that one."""
    user = _user(request)
    has_one = SecondFactor.objects.filter(user=user).exists()
    form = (ReplaceForm if has_one else SetUpForm)(request.POST or None)
    good = request.method == "POST" and form.is_valid() and SECRET in request.session
    if good and (not has_one or _proved(request, form, by_password=False)):
        codes = own.set_up_second_factor(
            by=user, secret=request.session[SECRET], code=form.cleaned_data["code"]
        )
        if codes is not None:
            del request.session[SECRET]
            return render(request, "accounts/recovery-codes.html", {"codes": codes, "onward": ""})
        form.add_error(
            "code", _("This code is not right. Check the clock of your phone and try the next one.")
        )
    return render(request, "accounts/set-up.html", {"form": form, **new_app(request, user)})


@requires()
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes: shown once, in the answer itself, so that nothing has to remember them."""
    user = _user(request)
    if not SecondFactor.objects.filter(user=user).exists():
        return redirect("accounts:own-second-factor")
    form = PresentCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _proved(request, form, by_password=False):
        codes = own.new_recovery_codes(by=user)
        return render(request, "accounts/recovery-codes.html", {"codes": codes, "onward": ""})
    return render(request, "accounts/new-recovery-codes.html", {"form": form})


@requires()
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """``session``: the one to end; without it all but this one."""
    only = request.POST.get("session", "")
    if only.isascii() and only.isdigit() and len(only) < 19:
        ended = own.end_sessions(by=_user(request), only=int(only))
    else:
        ended = own.end_sessions(by=_user(request), but=request.session.session_key)
    text = ngettext("%(n)d session has ended.", "%(n)d sessions have ended.", ended) % {"n": ended}
    messages.success(request, text)
    return redirect("accounts:account")
