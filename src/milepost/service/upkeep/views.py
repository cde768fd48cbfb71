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
    "log_not_sound": _(
        "The audit log is not intact. Keep the database as it is, and run: milepost audit verify"
    ),
    "checkpoint_failed": _(
        "A checkpoint of the audit log could not be made or handed out. It is tried again each hour."
    ),
    "checkpoint_late": _(
        "A place has not had a checkpoint of the audit log for too long. Is the upkeep timer running?"
    ),
    "checkpoint_beside_log": _(
        "Checkpoints of the audit log are stored with it: whoever can rewrite the log can rewrite them. Name "
        "a place outside in MILEPOST_CHECKPOINT_FOLDER, MILEPOST_CHECKPOINT_WEBHOOK or MILEPOST_CHECKPOINT_SYSLOG."
    ),
    "not_rewritten": _(
        "Somebody was erased, and files of the database may still contain what was deleted. In a quiet hour "
        "run: milepost upkeep rewrite"
    ),
}
WAYS = {"file": _("Folder"), "webhook": _("Webhook"), "syslog": _("Log server")}
RUNS = {
    "backup": _("Last backup"),
    "roll": _("Past days last moved to the archive"),
    "retention": _("Retention last carried out"),
    "watch": _("Predictors last watched"),
    "rewrite": _("Tables last rebuilt after an erasure"),
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
        "ways": WAYS,
        "schedule": schedule(),
        "kept": {rule.what: rule.words for rule in retention_rules()},
    }
    return render(request, "upkeep/status.html", context)
