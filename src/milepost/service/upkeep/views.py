"""The system's status, for administrators. It shows numbers, no person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from milepost.service.accounts.access import requires
from milepost.service.accounts.roles import Permission
from milepost.service.upkeep.policy_data import schedule
from milepost.service.upkeep.status import status_now

TROUBLES = {
    "no_worker": _("No engine worker is running: nobody is being judged. Start one: milepost work"),
    "behind": _("An engine worker has not finished a step for a while. New alerts are late."),
    "no_backup": _("There has never been a backup. Make one: milepost upkeep backup FOLDER"),
}
QUEUES = {
    "to_judge": _("People to be judged anew"),
    "quarantine": _("Messages not understood"),
    "webhooks": _("Messages waiting for a webhook"),
}
RUNS = {
    "backup": _("Last backup"),
    "roll": _("Closed days last moved to the lake"),
    "retention": _("Retention last carried out"),
    "watch": _("Predictors last watched"),
}

KEPT = {
    "lake": _("Positions of closed days"),
    "superseded_findings": _("Findings that later signals replaced"),
    "people": _("People whose supervision is over"),
    "quarantine": _("Messages not understood"),
    "uploads": _("Uploaded order files"),
    "webhook_deliveries": _("Messages to webhooks"),
    "api_repeats": _("Requests to the API, to tell repeats"),
    "outcomes": _("Outcomes, to judge scores by"),
    "sessions": _("Ended sessions"),
    "sign_in_attempts": _("Attempts to sign in"),
    "audit": _("The log of who looked at what"),
}
"""What the retention schedule speaks of, in words."""


@requires(Permission.MANAGE_USERS)
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    now = status_now()
    return render(
        request, "upkeep/status.html",
        {
            "status": now, "troubles": [TROUBLES[code] for code in now.troubles], "queues": QUEUES, "runs": RUNS,
            "schedule": schedule(), "kept": KEPT,
        },
    )  # fmt: skip
