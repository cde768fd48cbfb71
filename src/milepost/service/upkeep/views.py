"""The system's status, for administrators. It shows numbers, no person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from milepost.service.accounts.access import requires
from milepost.service.accounts.roles import Permission
from milepost.service.kit.capabilities import queues, retention_rules
from milepost.service.upkeep.policy_data import schedule
from milepost.service.upkeep.status import status_now

TROUBLES = {
    "no_worker": _("No engine worker is running: nobody is being judged. Start one: milepost work"),
    "behind": _("An engine worker has not finished a step for a while. New alerts are late."),
    "no_backup": _("There has never been a backup. Make one: milepost upkeep backup FOLDER"),
}
RUNS = {
    "backup": _("Last backup"),
    "roll": _("Closed days last moved to the lake"),
    "retention": _("Retention last carried out"),
    "watch": _("Predictors last watched"),
}


@requires(Permission.MANAGE_USERS)
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    now = status_now()
    context = {
        "status": now,
        "troubles": [TROUBLES[code] for code in now.troubles],
        "queues": {queue.name: queue.words for queue in queues()},
        "runs": RUNS,
        "schedule": schedule(),
        "kept": {rule.what: rule.words for rule in retention_rules()},
    }
    return render(request, "upkeep/status.html", context)
