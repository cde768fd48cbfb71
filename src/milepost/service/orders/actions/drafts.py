"""Starting, varying and writing drafts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.models import Order, OrderVersion, VersionState
from milepost.service.orders.references import new_reference
from milepost.service.orders.terms import terms_of, write_terms
from milepost.service.people.models import Person


@transaction.atomic
def start_order(*, by: User, person: Person, regime: str, source: str = "") -> OrderVersion:
    """A new order of one draft."""
    policies.check_can_start_order(by)
    order = Order.objects.create(
        reference=new_reference("O"), person=person, regime=regime, source=source, by=by
    )
    version = OrderVersion.objects.create(
        order=order, version=1, terms=terms_of(order), made_by=by, hands=[by.pk],
        document={"places": [], "conditions": []},
    )  # fmt: skip
    _log(by, version, "order.start", {"regime": regime})
    return version


@transaction.atomic
def vary_order(*, by: User, order: Order, why: str, effective_from_utc: dt.datetime | None) -> OrderVersion:
    """A new draft, copied from the newest approved version."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    policies.check_can_vary(order, by)
    versions = list(order.versions.order_by("version"))
    newest = [version for version in versions if version.state == VersionState.APPROVED][-1]
    draft = OrderVersion.objects.create(
        order=order, version=versions[-1].version + 1, document=newest.document, terms=terms_of(order), why=why,
        effective_from_utc=effective_from_utc, made_by=by, hands=[by.pk],
    )  # fmt: skip
    _log(by, draft, "order.vary", {"from_version": newest.version})
    return draft


def save_draft(
    *,
    by: User,
    version: OrderVersion,
    section: str,
    document: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Writes a draft's document or fields (terms, effective_from_utc, why, sections_done).

    ``version`` is as it was when the page was made: if somebody has written in it since, nothing is written.

    Raises:
        Refused: it is no draft, or it has changed meanwhile.
    """
    policies.check_can_edit(version, by)
    if document is not None:
        fields["document"] = document
    with transaction.atomic():
        changed = OrderVersion.objects.filter(
            pk=version.pk, revision=version.revision, state=version.state
        ).update(
            revision=version.revision + 1,
            hands=sorted({*version.hands, by.pk}),
            warnings_read={},
            **fields,
        )
        if not changed:
            raise Refused(
                _(
                    "Someone else has changed this draft since you opened it. Look at it again, then make your change."
                )
            )
        version.refresh_from_db()
        _write_terms_of_new(version)
        _log(by, version, "order.draft", {"section": section, "revision": version.revision})


def _write_terms_of_new(version: OrderVersion) -> None:
    """An order that never had an approved version shows what its draft says."""
    if not version.order.versions.filter(state=VersionState.APPROVED).exists():
        write_terms(version.order, version.terms)


@transaction.atomic
def discard(*, by: User, version: OrderVersion) -> None:
    policies.check_can_discard(version, by)
    changed = OrderVersion.objects.filter(
        pk=version.pk, revision=version.revision, state=version.state
    ).update(
        state=VersionState.DISCARDED,
        decided_by=by,
        decided_utc=clock.now_utc(),
        revision=version.revision + 1,
    )
    if not changed:
        raise Refused(_("Someone else has changed this draft since you opened it. Look at it again."))
    _log(by, version, "order.discard", {})


def _log(by: User, version: OrderVersion, what: str, details: dict[str, Any]) -> None:
    order = version.order
    write(
        by=by, operation=Operation.ALTERATION, what=what, subject=order.person.reference,
        details={"order": order.reference, "version": version.version, **details},
    )  # fmt: skip
