"""Reasons for today's list: absences, orders that wait for approval or end soon, and news: versions approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.orders.models import Absence, Order, OrderVersion, VersionState
from milepost.service.orders.summary import REGIME_WORDS
from milepost.service.orders.views.lists import waiting_for
from milepost.service.people.reasons import PersonReason, TodayQuery, address, change, not_own
from milepost.supervision.today import Reason


def absences_to_confirm(query: TodayQuery) -> Iterator[PersonReason]:
    user = query.waits_for
    if user is None or not user.may(Permission.SECOND_DECISIONS):
        return
    rows = Absence.objects.visible_to(user).filter(
        waits_for_second=True, withdrawn_utc=None, of_decision=False, until_utc__gt=query.now_utc
    )  # one that comes of a decision is confirmed with that, which has a line of its own
    for absence in rows.exclude(by=user).select_related(
        "person__practitioner", "person__team", "order", "by"
    ):
        link = address("orders:absence-confirm", absence.person, pk=absence.pk)
        yield _of_absence(absence, "absence_to_confirm", absence.from_utc, link, absence.by.name)


def absences_ending(query: TodayQuery) -> Iterator[PersonReason]:
    """After which the order holds again."""
    until = query.now_utc + query.rule.kind("absence_ends").look_ahead
    rows = Absence.objects.filter(
        person_id__in=query.ids, waits_for_second=False, withdrawn_utc=None, from_utc__lte=query.now_utc,
        until_utc__gt=query.now_utc, until_utc__lte=until,
    ).select_related("person__practitioner", "person__team", "order")  # fmt: skip
    for absence in rows:
        link = address("orders:order", absence.person, reference=absence.order.reference)
        yield _of_absence(absence, "absence_ends", absence.until_utc, link, "")


def _of_absence(absence: Absence, kind: str, due_utc: dt.datetime, link: str, by: str) -> PersonReason:
    return PersonReason(
        absence.person,
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


def ending(query: TodayQuery) -> Iterator[PersonReason]:
    """Orders that end soon and in which something is in force."""
    until = query.now_utc + query.rule.kind("order_ends").look_ahead
    rows = Order.objects.filter(
        person_id__in=query.ids, ends_utc__gt=query.now_utc, ends_utc__lte=until,
        versions__state=VersionState.APPROVED,
    ).distinct()  # fmt: skip
    for order in rows:
        person = query.people[order.person_id]
        yield PersonReason(
            person,
            Reason(
                kind="order_ends",
                key=f"order-{order.pk}",
                text="order_ends",
                link=address("orders:order", person, reference=order.reference),
                source=f"order {order.reference}",
                due_utc=order.ends_utc,
                facts={"regime": order.regime, "order": order.reference},
                state=str(order.ends_utc),
            ),
        )


def to_approve(query: TodayQuery) -> Iterator[PersonReason]:
    if query.waits_for is None:
        return
    for version in waiting_for(query.waits_for):
        person, order = version.order.person, version.order
        yield PersonReason(
            person,
            Reason(
                kind="order_to_approve",
                key=f"version-{version.pk}",
                text="order_to_approve",
                link=address("orders:version", person, reference=order.reference, number=version.version),
                source=f"order {order.reference}, version {version.version}",
                since_utc=version.submitted_utc,
                facts={
                    "order": order.reference,
                    "version": version.version,
                    "by": version.submitted_by.name if version.submitted_by else "",
                },
                state=str(version.revision),
            ),
        )


def approved(query: TodayQuery) -> Iterator[PersonReason]:
    rows = OrderVersion.objects.filter(
        order__person_id__in=query.ids, state=VersionState.APPROVED, decided_utc__gte=query.since_utc
    )
    rows = rows.defer("document", "terms").select_related("order", "decided_by")
    for version in not_own(rows, "decided_by", query):
        person = query.people[version.order.person_id]
        link = address("orders:version", person, reference=version.order.reference, number=version.version)
        by = version.decided_by.name if version.decided_by else ""
        yield change(
            person, f"version-{version.pk}", "change_approved", link, version.decided_utc, by,
            order=version.order.reference, version=version.version,
        )  # fmt: skip


def done(user: User, since_utc: dt.datetime) -> list[tuple[int, str]]:
    """What somebody did since then: number and words."""
    n = OrderVersion.objects.filter(decided_by=user, decided_utc__gte=since_utc).count()
    return [(n, ngettext("%(n)d order decided", "%(n)d orders decided", n))]


SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "absence_to_confirm": lambda f: (
        _("%(name)s entered an absence from %(from)s. It needs a second person")
        % {"name": f["by"], "from": f["from"]}
    ),
    "absence_ends": lambda f: _("An absence ends. From then on the order applies again"),
    "order_to_approve": lambda f: (
        _("%(name)s sent version %(version)s of order %(order)s for approval")
        % {"name": f["by"], "version": f["version"], "order": f["order"]}
    ),
    "order_ends": lambda f: (
        _("%(regime)s %(order)s ends")
        % {"regime": REGIME_WORDS.get(f["regime"], f["regime"]), "order": f["order"]}
    ),
    "change_approved": lambda f: (
        _("%(name)s approved version %(version)s of order %(order)s, %(when)s")
        % {"name": f["by"] or _("Somebody"), "version": f["version"], "order": f["order"], "when": f["at"]}
    ),
}
NEXT_STEPS = {
    "absence_to_confirm": lazy("Confirm the absence"),
    "absence_ends": lazy("See the order"),
    "order_to_approve": lazy("Read it and decide"),
    "order_ends": lazy("Plan the ending or renew"),
    "change_approved": lazy("Read what changed"),
}
