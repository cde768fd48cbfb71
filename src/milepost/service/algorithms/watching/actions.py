"""An alarm is answered: somebody says what was done about it. It goes on ringing in reports until it is over."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.models import DriftAlarm
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused, need


@transaction.atomic
def answer(*, alarm: DriftAlarm, by: User, text: str) -> None:
    """Raises ``Refused`` for an alarm that is over or was answered."""
    need(by, Permission.MANAGE_ALGORITHMS)
    held = DriftAlarm.objects.select_for_update(of=("self",)).get(pk=alarm.pk)
    if held.over_utc is not None:
        raise Refused(_("The alarm has ended: the last report does not find it any more."))
    if held.answered_utc is not None:
        raise Refused(_("It was answered already."))
    held.answered_by, held.answered_utc, held.answer = by, clock.now_utc(), text
    held.save(update_fields=["answered_by", "answered_utc", "answer"])
    details = {"predictor": held.name, "version": held.version, "alarm": held.pk}
    write(by=by, operation=Operation.ALTERATION, what="predictor.answer", reason=text, details=details)
