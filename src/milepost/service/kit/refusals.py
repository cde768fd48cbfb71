"""A refusal that says why, and the pairs of ``check_can_x`` and ``can_x`` that the policies of the apps are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


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

    can.__doc__ = check.__doc__
    return can


class Principal(Protocol):
    """Whoever asks: somebody with a role that includes some permissions."""

    def may(self, permission: Any) -> bool: ...


def need(principal: Principal, permission: Any) -> None:
    """Raises ``Refused`` unless the role includes it."""
    if not principal.may(permission):
        raise Refused(_("Your role does not include this."))
