"""From draft to force: submit, take back, approve, return."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.events import announce
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.draft_checks import DraftAnswer, check_draft
from milepost.service.orders.engine_file import judge_anew
from milepost.service.orders.models import Approval, OrderVersion
from milepost.service.orders.policy_data import sight_before_fitting
from milepost.service.orders.states import LIFE
from milepost.service.orders.terms import approval_body, write_terms
from milepost.service.people.models import Person


def _move(version: OrderVersion, step: str, **fields: Any) -> None:
    changed = OrderVersion.objects.filter(
        pk=version.pk, revision=version.revision, state=version.state
    ).update(state=LIFE.change(step).goes_to, revision=version.revision + 1, **fields)
    if not changed:
        raise Refused(_("Someone else has changed this version since you opened it. Look at it again."))
    version.refresh_from_db()


def _log(by: User, version: OrderVersion, what: str, details: dict[str, Any]) -> Entry:
    return write(
        by=by, operation=Operation.ALTERATION, what=what, subject=version.order.person.reference,
        details={"order": version.order.reference, "version": version.version, **details},
    )  # fmt: skip


@transaction.atomic
def submit(*, by: User, version: OrderVersion, read: Sequence[str], reason: str) -> None:
    """Asks for approval. ``read`` holds the keys of the warnings that ``by`` says to have read.

    Raises:
        Refused: a check says error, or a warning was not read, or was read without a reason.
    """
    policies.check_can_submit(version, by)
    answers = check_draft(version)
    if any(answer.level == "error" for answer in answers):
        raise Refused(_("Correct the errors first: the checks say what is wrong and why."))
    warnings = [answer for answer in answers if answer.level == "warning"]
    if {answer.key for answer in warnings} - set(read):
        raise Refused(_("Tick every warning that you have read."))
    if warnings and not reason.strip():
        raise Refused(_("Say why the order should go ahead with these warnings."))
    _move(
        version, "submit", submitted_by=by, submitted_utc=clock.now_utc(), decision_note="",
        warnings_read={"reason": reason.strip(), "warnings": [_kept(answer) for answer in warnings]},
    )  # fmt: skip
    _log(by, version, "order.submit", {"warnings": len(warnings)})


def _kept(answer: DraftAnswer) -> dict[str, Any]:
    return {"rule": answer.rule, "words": answer.words, "source": answer.source}


@transaction.atomic
def take_back(*, by: User, version: OrderVersion) -> None:
    policies.check_can_take_back(version, by)
    _move(version, "take_back", submitted_by=None, submitted_utc=None)
    _log(by, version, "order.take_back", {})


@transaction.atomic
def approve(*, by: User, version: OrderVersion, note: str = "") -> None:
    """Puts a version in force from its time on. The engine judges the person anew from there."""
    policies.check_can_decide(version, by)
    if version.effective_from_utc is None:
        raise Refused(_("The version has no start date. Return it."))
    now = clock.now_utc()
    # In the log first: the database refuses an approval that is not there (orders.row_rules).
    entry = _log(by, version, "order.approve", {"effective_from_utc": version.effective_from_utc.isoformat()})
    approval = Approval.objects.create(by=by, at_utc=now, audit_number=entry.number)
    _move(version, "approve", decided_by=by, decided_utc=now, decision_note=note, approval=approval)
    write_terms(version.order, version.terms)
    order = version.order
    _let_monitoring_see(order.person, now)
    judge_anew(order.person, version.effective_from_utc)
    announce("order.approved", approval_body(order, version))


def _let_monitoring_see(person: Person, now: dt.datetime) -> None:
    """Whoever is to fit the device must find the person."""
    until = now + sight_before_fitting()
    if person.monitored_until_utc is None or person.monitored_until_utc < until:
        Person.objects.filter(pk=person.pk).update(monitored_until_utc=until)


@transaction.atomic
def send_back(*, by: User, version: OrderVersion, note: str) -> None:
    """Returns a version to its author, with a reason."""
    policies.check_can_decide(version, by)
    if not note.strip():
        raise Refused(_("Say what has to change."))
    _move(version, "return", decided_by=by, decided_utc=clock.now_utc(), decision_note=note.strip())
    _log(by, version, "order.return", {})


def is_backdated(version: OrderVersion) -> bool:
    """Whether it would hold from a time that is past: what was judged since is judged anew."""
    return version.effective_from_utc is not None and version.effective_from_utc < clock.now_utc()
