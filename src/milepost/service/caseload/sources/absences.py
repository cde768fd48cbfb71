"""Absences: those that wait for the user as a second person, and those after which the order holds again."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.accounts.roles import Permission
from milepost.service.caseload.asked import Asked, Found, address
from milepost.service.orders.models import Absence
from milepost.supervision.today import Reason


def to_confirm(asked: Asked) -> Iterator[Found]:
    user = asked.waits_for
    if user is None or not user.may(Permission.SECOND_DECISIONS):
        return
    rows = Absence.objects.visible_to(user).filter(
        waits_for_second=True, withdrawn_utc=None, of_decision=False, until_utc__gt=asked.now_utc
    )  # one that comes of a decision is confirmed with that, which has a line of its own
    for absence in rows.exclude(by=user).select_related(
        "person__practitioner", "person__team", "order", "by"
    ):
        yield _found(
            asked, absence, "absence_to_confirm", absence.from_utc, "orders:absence-confirm", absence.by.name
        )


def ending(asked: Asked) -> Iterator[Found]:
    until = asked.now_utc + asked.rule.kind("absence_ends").look_ahead
    rows = Absence.objects.filter(
        person_id__in=asked.ids, waits_for_second=False, withdrawn_utc=None, from_utc__lte=asked.now_utc,
        until_utc__gt=asked.now_utc, until_utc__lte=until,
    ).select_related("person__practitioner", "person__team", "order")  # fmt: skip
    for absence in rows:
        yield _found(asked, absence, "absence_ends", absence.until_utc, "", "")


def _found(asked: Asked, absence: Absence, kind: str, due_utc, view: str, by: str) -> Found:  # type: ignore[no-untyped-def]
    person = absence.person
    link = (
        address(view, person, pk=absence.pk)
        if view
        else address("orders:order", person, reference=absence.order.reference)
    )
    return Found(
        person,
        Reason(
            kind=kind,
            key=f"absence-{absence.pk}",
            text=kind,
            link=link,
            source=f"absence {absence.pk}",
            due_utc=due_utc,
            since_utc=absence.at_utc,
            facts={"by": by, "from_utc": absence.from_utc, "until_utc": absence.until_utc},
            state=f"{absence.from_utc} {absence.until_utc}",
        ),
    )
