"""My passkeys: which there are, adding one, removing one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.service.accounts import attempts, passkeys
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.actions import passkeys as actions
from milepost.service.accounts.actions import signing_in
from milepost.service.accounts.attempts import TooMany, client_address
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.forms import PasskeyForm
from milepost.service.accounts.passkeys import NotGood
from milepost.service.accounts.policy_data import limits
from milepost.service.accounts.views.signing_in import too_many_words
from milepost.service.kit.refusals import Refused
from milepost.service.web.notices import act_and_show


@requires()
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    rows = list(user_of(request).passkeys.order_by("-pk"))
    context = {"passkeys": rows, "may_add": len(rows) < limits().passkeys.at_most}
    return render(request, "accounts/passkeys.html", context)


@requires()
@asks_again(Because.WAY_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The page holds what the browser is told; the form brings back what it answered."""
    user = user_of(request)
    form, status = PasskeyForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        keys = {"passkey": str(user.pk)}
        try:
            attempts.count(keys)
            added = passkeys.read_added(request, user, form.cleaned_data["passkey"])
            actions.add_passkey(by=user, name=form.cleaned_data["name"], added=added)
        except TooMany as problem:
            signing_in.note_too_many(problem, address=client_address(request), user=user)
            form.add_error(None, too_many_words(problem))
            status = 429
        except NotGood as problem:
            address = client_address(request)
            signing_in.note_failure(stage="passkey", address=address, user=user, code=problem.code)
            form.add_error(None, _("Your browser made no passkey that can be used here. Try again."))
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            attempts.give_back(keys)
            messages.success(request, _("The passkey is added."))
            return redirect("accounts:passkeys")
    context = {"form": form, "passkey_options": passkeys.options_to_add(request, user)}
    return render(request, "accounts/passkey-add.html", context, status=status)


@requires()
@asks_again(Because.WAY_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    passkey = get_object_or_404(user_of(request).passkeys, pk=pk)
    if request.method == "POST":
        act_and_show(
            request, lambda: actions.remove_passkey(by=user_of(request), passkey=passkey),
            _("The passkey is removed. It lets nobody in any more."),
        )  # fmt: skip
        return redirect("accounts:passkeys")
    context = {
        "title": _("Remove the passkey %(name)s?") % {"name": passkey.name},
        "text": _("It will let nobody in any more. Remove it from your device as well."),
        "confirm_text": _("Remove the passkey"),
        "cancel_href": reverse("accounts:passkeys"),
        "danger": True,
    }
    return render(request, "confirm.html", context)
