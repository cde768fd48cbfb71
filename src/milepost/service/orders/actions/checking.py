"""Parts of an import that waited: taken in, or left out, by somebody who may see both sides."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.orders import model as shape
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.load import Loaded, load_order_file
from milepost.service.orders.models import Activation, ToCheck
from milepost.service.orders.states import CHECK_LIFE
from milepost.service.people.models import Person


@dataclass(frozen=True, slots=True)
class OtherSide:
    """What is here already of what a part is about. Nobody: it is new."""

    person: Person | None = None
    wearing: tuple[Activation, ...] = ()
    """Of a device: when it was on whom, the newest first."""


def other_side(part: ToCheck) -> OtherSide:
    if part.kind == ToCheck.Kind.DEVICE:
        rows = Activation.objects.filter(device__device_id=part.reference).select_related("person__team")
        return OtherSide(wearing=tuple(rows.order_by("-from_utc")[:10]))
    found = Person.objects.filter(reference=part.reference, erased_utc=None).select_related("team").first()
    return OtherSide(person=found)


@transaction.atomic
def take_part_in(*, by: User, part: ToCheck, note: str = "") -> Loaded:
    """Takes the part in as its sender's: a new person into the sender's team; drafts of orders to a record that is
    here already, where those who see it find them. The sender is told nothing.

    Raises:
        Refused: it was decided on already, ``by`` sent it, or nothing of it can be kept as things stand.
    """
    policies.check_can_check(part, by)
    order_file = shape.OrderFile.model_validate(part.part)
    done = load_order_file(order_file, by=part.by, team=part.team, source=part.source, checked_by=by)
    if not done.n_made and done.problems:
        raise Refused(" ".join(f"{problem.message}. {problem.remedy}." for problem in done.problems[:3]))
    _close(by, part, "take_in", note, "orders.to_check_take")
    return done


@transaction.atomic
def leave_part_out(*, by: User, part: ToCheck, note: str) -> None:
    """Nothing of it is taken in. Why is kept; the sender is told nothing."""
    policies.check_can_check(part, by)
    if not note.strip():
        raise Refused({"note": _("Say why it is left out.")})
    _close(by, part, "leave_out", note, "orders.to_check_leave")


def _close(by: User, part: ToCheck, step: str, note: str, what: str) -> None:
    change = CHECK_LIFE.change(step)
    changed = ToCheck.objects.filter(pk=part.pk, state__in=change.came_from).update(
        state=change.goes_to, decided_by=by, decided_utc=clock.now_utc(), note=note.strip(), part={}
    )
    if not changed:
        raise Refused(_("Somebody has decided on it already."))
    write(
        by=by, operation=Operation.ALTERATION, what=what, subject=part.reference if part.kind == "person" else "",
        details={"part": part.pk, "kind": part.kind, "reference": part.reference, "sender": part.by_id},
    )  # fmt: skip
