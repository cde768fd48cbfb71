"""What the policies of the apps are made of: a refusal that says why, and pairs of ``check_can_x`` and ``can_x``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission


class Refused(ValidationError):
    """An action that may not be done now; it says why. Forms show it (``form.add_refusal``)."""

    def __str__(self) -> str:
        return " ".join(self.messages)


def answers(check: Callable[..., None]) -> Callable[..., bool]:
    """Of ``check_can_x``, which raises ``Refused``, the ``can_x`` that answers."""

    def can(*args: Any, **kwargs: Any) -> bool:
        try:
            check(*args, **kwargs)
        except Refused:
            return False
        return True

    return can


def need(user: User, permission: Permission) -> None:
    """Raises ``Refused`` unless the role includes it."""
    if not user.may(permission):
        raise Refused(_("Your role does not include this."))
