"""My account: password, app, recovery codes; where I am signed in and what else acts as me."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.service.accounts import credentials
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.actions import own, signing_in
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.forms import NewPasswordForm, SetUpForm
from milepost.service.accounts.models import SecondFactor, User
from milepost.service.accounts.roles import Role
from milepost.service.accounts.views.signing_in import SECRET, new_app
from milepost.service.kit.refusals import Refused
from milepost.service.web.forms import Form


@requires()
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    context = {
        "facts": Role(user.role).facts,
        "team": user.team,
        "factor": SecondFactor.objects.filter(user=user).first(),
        "passkeys": user.passkeys.count(),
        "codes_left": user.recovery_codes.filter(used_utc=None).count(),
        "has_password": user.has_usable_password(),
        "credentials": credentials.live(user, request.session.session_key),
        "real_now": timezone.now(),  # a browser lives in real time, in a demo too
    }
    return render(request, "accounts/account.html", context)


@requires()
@asks_again(Because.WAY_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        own.change_password(by=user, password=form.cleaned_data["password"], request=request)
        messages.success(
            request, _("Your password is changed. Your other sessions and your API tokens have ended.")
        )
        return redirect("accounts:account")
    return render(request, "accounts/password.html", {"form": form})


@requires()
@asks_again(Because.WAY_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Sets up an app, or replaces the one there is."""
    user = user_of(request)
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and SECRET in request.session:
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
@asks_again(Because.WAY_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes: shown once, in the answer itself, so that nothing has to remember them."""
    user = user_of(request)
    if not SecondFactor.objects.filter(user=user).exists():
        return redirect("accounts:own-second-factor")
    if request.method == "POST":
        codes = own.new_recovery_codes(by=user)
        return render(request, "accounts/recovery-codes.html", {"codes": codes, "onward": ""})
    return render(request, "accounts/new-recovery-codes.html", {"form": Form()})


@requires()
@require_POST
def end_everything_else(request: HttpRequest) -> HttpResponse:
    """Every credential of one's own but this session. Does not ask who it is: it takes ways in away."""
    own.end_everything_else(by=user_of(request), request=request)
    messages.success(request, _("Your other sessions and your API tokens have ended."))
    return redirect("accounts:account")


@requires()
@require_POST
def end_one(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """One session, token or link of one's own."""
    return end_credential(request, user_of(request), kind, pk, then=redirect("accounts:account"))


def end_credential(
    request: HttpRequest, user: User, code: str, pk: int, *, then: HttpResponse
) -> HttpResponse:
    """Of one's own or, for whoever manages users, of somebody else. 404 for a kind that is not shown."""
    kind = credentials.kind_of(code)
    if kind is None or kind.end_one is None:
        raise Http404
    here = request.session.session_key
    if kind.live is not None and any(one.here and one.pk == pk for one in kind.live(user, here)):
        signing_in.go_out(request)  # the session that asks: that is signing out
        return redirect("accounts:sign-in")
    try:
        kind.end_one(by=user_of(request), user=user, pk=pk)
    except Refused:
        raise Http404 from None
    messages.success(request, _("It has ended."))
    return then
