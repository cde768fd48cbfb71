"""The door of every endpoint: who asks, by token or by session; whether the scope and the role include it.

Whether a *record* may be seen is another question: ``visible_to(caller.user)`` answers it, with 404.
"""

from __future__ import annotations

import math
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from milepost.json_nesting import DEEPEST, is_too_deep
from milepost.service.accounts.roles import Permission
from milepost.service.api import calls
from milepost.service.api.problems import ApiProblem, FieldError, unauthorised
from milepost.service.api.scopes import Scope
from milepost.service.api.tokens import Caller, NoCaller, caller_of
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write


class Token(HttpBearer):
    """A token made on the page "API tokens"."""

    def __init__(self, scope: Scope | None, permissions: tuple[Permission, ...]) -> None:
        self.scope, self.permissions = scope, permissions
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        try:
            caller = caller_of(token)
        except NoCaller:
            raise unauthorised(
                "This token does not let you in: it is unknown, expired or revoked. Make a new one."
            ) from None
        _count_call(caller)
        let_in(request, caller, self.scope, self.permissions)
        return caller


class Session(APIKeyCookie):
    """Somebody signed in with a browser. What changes anything needs the token against forgery as well."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, scope: Scope | None, permissions: tuple[Permission, ...]) -> None:
        self.scope, self.permissions = scope, permissions
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller | None:
        if not request.user.is_authenticated:
            return None
        _ = request.body  # read before the check looks for a form in it: a stream is read once
        if check_csrf(request) is not None:
            raise ApiProblem(
                403,
                "csrf",
                "The token against forgery is missing or wrong. Send it as X-CSRFToken, or use an API token.",
            )
        caller = Caller(request.user)
        let_in(request, caller, self.scope, self.permissions)
        return caller

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        raise NotImplementedError  # __call__ does it all


def needs(scope: Scope | None, *permissions: Permission) -> list[Any]:
    """For ``auth=`` of an operation. No scope: any good token does."""
    return [Token(scope, permissions), Session(scope, permissions)]


def let_in(
    request: HttpRequest, caller: Caller, scope: Scope | None, permissions: tuple[Permission, ...]
) -> None:
    missing = [str(p) for p in permissions if not caller.user.may(p)]
    if caller.has(scope) and not missing:
        _check_form(request)
        return
    match = request.resolver_match
    details = {"view": match.view_name if match else "", "permissions": missing, **token_of(caller)}
    if not caller.has(scope):
        details["scope"] = str(scope)
    with transaction.atomic():
        write(by=caller.user, operation=Operation.DENIED, what="api.denied", details=details)
    if missing:
        raise ApiProblem(403, "not-allowed", "Your role does not include this.")
    raise ApiProblem(403, "scope", f"The token was not made for this. Make one with the scope {scope}.")


def _count_call(caller: Caller) -> None:
    if caller.token is None or not (wait_s := calls.must_wait_s(caller.token.prefix)):
        return
    raise ApiProblem(
        429, "too-often", "This token calls too often. Wait as Retry-After says; ask for longer pages, or use webhooks.",
        Retry_After=str(math.ceil(wait_s)),
    )  # fmt: skip


def _check_form(request: HttpRequest) -> None:
    """A misspelt filter would be no filter, and a list would then say more, or something else, than was asked."""
    if request.body and request.content_type != "application/json":
        raise ApiProblem(415, "not-json", "Send JSON, and say so: Content-Type: application/json.")
    if request.body and is_too_deep(request.body.decode("utf-8", "replace")):
        told = f"Brackets are nested more than {DEEPEST} deep."
        raise ApiProblem(422, "invalid", told, [
            FieldError(row=None, field=None, message=told, remedy="Send what the API's document describes.")
        ])  # fmt: skip
    match = request.resolver_match
    known = getattr(match.func, "milepost_query", None) if match else None
    if known is None:
        return
    names = known.get(request.method, frozenset())
    unknown = sorted(set(request.GET) - names)
    if unknown:
        told = ", ".join(sorted(names)) or "none"
        raise ApiProblem(422, "invalid", "The address asks for something that is not known here.", [
            FieldError(row=None, field=name[:80], message="is not known here", remedy=f"Known are: {told}.")
            for name in unknown
        ])  # fmt: skip
    twice = sorted(name for name in request.GET if len(request.GET.getlist(name)) > 1)
    if twice:
        raise ApiProblem(422, "invalid", "The address says the same thing twice.", [
            FieldError(row=None, field=name, message="is there twice", remedy="Give it once.") for name in twice
        ])  # fmt: skip


def caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.auth)  # type: ignore[attr-defined]


def token_of(who: Caller) -> dict[str, str]:
    """For the audit log: by which token, if by one."""
    return {"token": who.token.prefix} if who.token else {}
