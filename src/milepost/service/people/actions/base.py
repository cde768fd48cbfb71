"""What every action shares: one entry in the log, and no change over somebody else's."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused
from milepost.service.people.models import Person


def log_change(by: User, person: Person, what: str, **details: Any) -> None:
    """Details hold codes and numbers, never names, words or positions."""
    write(by=by, operation=Operation.ALTERATION, what=what, subject=person.reference, details=details)


def take_revision(person: Person, revision: int) -> None:
    """Claims the change for whoever saw ``revision``. Raises `Refused` when somebody was quicker."""
    claimed = Person.objects.filter(pk=person.pk, revision=revision).update(revision=F("revision") + 1)
    if not claimed:
        raise Refused(
            _("Somebody changed this record while you had it open. Look at what is new, then try again.")
        )
    person.revision = revision + 1
