"""``@requires(permission)``: the door of every view that is not public."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write

View = Callable[..., HttpResponseBase]


class UserRequest(HttpRequest):
    """A request of somebody signed in: what views behind ``requires`` get."""

    user: User


def signed_in_user(request: HttpRequest) -> User:
    """Raises PermissionDenied for anonymous requests, which the middleware lets through only to public views."""
    user: User | AnonymousUser = request.user
    if not isinstance(user, User):
        raise PermissionDenied("Sign in first.")
    return user


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Lets in users who have every one of ``permissions``. With none: any user who is signed in.

    A refusal is 403 and is written to the audit log. Whether the *record* may be seen is another question:
    ``visible_to(user)`` answers it, with 404.
    """

    def door(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = signed_in_user(request)
            missing = [p for p in permissions if not user.may(p)]
            if missing:
                with transaction.atomic():
                    match = request.resolver_match
                    write(
                        by=user,
                        operation=Operation.DENIED,
                        what="view.denied",
                        details={
                            "view": match.view_name if match else "",
                            "permissions": [str(p) for p in missing],
                        },
                    )
                raise PermissionDenied("Your role does not include this.")
            return view(request, *args, **kwargs)

        guarded.milepost_permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return door


def user_of(request: HttpRequest) -> User:
    """The user of a request that came through a door."""
    return cast(UserRequest, request).user
