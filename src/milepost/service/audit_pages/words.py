"""What was done, in plain words: each app declares its codes with them. What an app that is gone once wrote is shown
as it is."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from milepost.service.audit.operations import Operation
from milepost.service.kit.capabilities import audit_words

OPERATIONS: dict[str, str | Promise] = {
    Operation.COLLECTION: _("Collected"),
    Operation.ALTERATION: _("Changed"),
    Operation.CONSULTATION: _("Looked at"),
    Operation.DISCLOSURE: _("Disclosed"),
    Operation.COMBINATION: _("Combined"),
    Operation.ERASURE: _("Erased"),
    Operation.SIGN_IN: _("Signing in"),
    Operation.DENIED: _("Refused"),
}


def in_words(what: str) -> str:
    return str(audit_words().get(what, what))


def operation_in_words(operation: str) -> str:
    return str(OPERATIONS.get(operation, operation))
