"""Is the log sound? What the last check found, what that proves, and a check at once."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.roles import Permission
from milepost.service.audit import store
from milepost.service.audit.chain import Wrong
from milepost.service.audit.kept import NotKept
from milepost.service.audit.models import Checkpoint, HandedOut, Head, Verification
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.audit_pages.policy_data import checked_now_at_most
from milepost.service.audit_pages.tabs import tabs

WRONG: dict[str, str | Promise] = {
    Wrong.CHANGED: _("The entry says something else than what was sealed: somebody changed it."),
    Wrong.MISSING: _("An entry is gone, or the end of the log is."),
    Wrong.REORDERED: _("An entry stands where another one stood."),
    Wrong.FORKED: _("The entry follows another history than the one that is here."),
    Wrong.HEAD: _("The log names another last entry than the one that is here."),
    Wrong.CHECKPOINT: _("The entries are not those that were signed, or another key signed them."),
}
"""What a check can find, in words."""


@requires(Permission.VIEW_AUDIT)
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    head = Head.objects.filter(only_row=1).first()
    found = Verification.objects.order_by("-pk").first()
    entries = head.number if head else 0
    context = {
        "tabs": tabs("audit:status"),
        "entries": entries,
        "since": entries - found.checked if found and not found.wrong else None,
        "checkpoint": Checkpoint.objects.order_by("-number").first(),
        "handed_out": HandedOut.objects.filter(failed="").order_by("-pk").first(),
        "verification": found,
        "wrong": WRONG.get(found.wrong, found.wrong) if found else "",
        "can_check": entries <= checked_now_at_most(),
        "at_most": checked_now_at_most(),
    }
    return render(request, "audit_pages/status.html", context)


@requires(Permission.VIEW_AUDIT)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Checks the whole log at once, where it is short enough to wait for. That it was checked is itself in the log."""
    head = Head.objects.filter(only_row=1).first()
    if head is not None and head.number > checked_now_at_most():
        messages.error(request, _now("The log is too long to be checked while you wait."))
        return redirect("audit:status")
    try:
        outcome = store.check()
    except (NotKept, ValueError) as problem:  # a checkpoint of the folder, the key
        messages.error(request, _now("The log could not be checked: %(why)s") % {"why": problem})
        return redirect("audit:status")
    with transaction.atomic():
        write(
            by=user_of(request), operation=Operation.CONSULTATION, what="audit.verify",
            details={"checked": outcome.checked, "wrong": str(outcome.broken.wrong) if outcome.broken else ""},
        )  # fmt: skip
    return redirect("audit:status")
