"""What the validators say of a draft, sorted by the section of the task list that can mend it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from django.utils.translation import gettext as _
from pydantic import ValidationError

from milepost.compliance.exactness import exactness_of
from milepost.orders import model as shape
from milepost.orders.model import ConditionKind
from milepost.orders.validators import Answer, validate
from milepost.service import clock
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.orders.models import Activation, OrderVersion, VersionState
from milepost.service.orders.terms import draft_version, order_of_terms

SECTION_OF_KIND = {
    ConditionKind.CURFEW: "curfew",
    ConditionKind.EXCLUSION_ZONE: "zones",
    ConditionKind.INCLUSION_ZONE: "zones",
    ConditionKind.RESTRICTION_ZONE: "zones",
    ConditionKind.ATTENDANCE: "attendance",
    ConditionKind.ALCOHOL: "alcohol",
    ConditionKind.TRAIL: "trail",
    ConditionKind.CHARGE_AND_WEAR: "trail",
}
_LEFT_TO_THE_REGISTER = {"activation_missing", "activation_overlap", "home_unit_place"}
"""Devices are fitted after approval: their rules say nothing of a draft."""


@dataclass(frozen=True, slots=True)
class DraftAnswer:
    rule: str
    level: Literal["warning", "error"]
    words: str
    remedy: str
    section: str
    condition_ids: tuple[str, ...]
    source: str | None = None
    in_force_from: dt.date | None = None

    @property
    def key(self) -> str:
        """Says which warning was read: the same words give the same key."""
        return hashlib.sha256(f"{self.rule}|{self.words}".encode()).hexdigest()[:16]


def check_draft(version: OrderVersion) -> list[DraftAnswer]:
    """Errors first, then warnings. What is in order is not listed."""
    answers = [*_own_checks(version), *_library_checks(version)]
    return sorted(answers, key=lambda answer: answer.level != "error")


def _own_checks(version: OrderVersion) -> Iterator[DraftAnswer]:
    def answer(
        rule: str, level: Literal["warning", "error"], words: str, remedy: str, section: str
    ) -> DraftAnswer:
        return DraftAnswer(rule, level, words, remedy, section, ())

    if version.effective_from_utc is None:
        yield answer("order.start_missing", "error", _("This version has no start date."),
                     _("Enter its first day and time"), "order")  # fmt: skip
    elif version.effective_from_utc < clock.now_utc():
        yield answer(
            "order.backdated", "warning", _("This version applies from a time in the past."),
            _("What was found since then will be judged again; check the time"), "order",
        )  # fmt: skip
    if not version.document.get("conditions"):
        yield answer("order.no_condition", "error", _("The order has no condition."),
                     _("Add at least one"), "order")  # fmt: skip
    earlier = version.order.versions.filter(state=VersionState.APPROVED).exclude(pk=version.pk)
    latest = max((v.effective_from_utc for v in earlier if v.effective_from_utc), default=None)
    if version.effective_from_utc and latest and version.effective_from_utc < latest:
        yield answer(
            "order.before_earlier_version", "warning",
            _("This version starts before a version that is already approved, which applies from its own start."),
            _("Check the time"), "order",
        )  # fmt: skip


def _library_checks(version: OrderVersion) -> Iterator[DraftAnswer]:
    order = version.order
    try:
        read = draft_version(version)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        yield DraftAnswer(
            "order.unreadable", "error", f"{where}: {first['msg']}.", _("Correct it"), "order", ()
        )
        return
    person = shape.Person(id=order.person.reference, date_of_birth=order.person.date_of_birth)
    worn = [
        shape.Activation(id=a.reference, device_id=a.device.device_id, person_id=person.id, from_utc=a.from_utc,
                         until_utc=a.until_utc, device_kind=a.device.kind, place=a.place or None,
                         device_model=a.device.model or None)
        for a in Activation.objects.filter(person=order.person).select_related("device")
    ]  # fmt: skip
    whole = shape.OrderFile(
        people=[person], activations=worn, orders=[order_of_terms(order, version.terms, [read])]
    )
    for found in validate(whole, exactness=partial(exactness_of, rules_in_force())):
        if found.level != "ok" and found.rule not in _LEFT_TO_THE_REGISTER:
            yield _sorted_in(found, read)


def _sorted_in(found: Answer, version: shape.OrderVersion) -> DraftAnswer:
    ids = tuple((found.condition_id or "").split(", ")) if found.condition_id else ()
    kinds = {c.id: c.kind for c in version.conditions}
    section = next((SECTION_OF_KIND[kinds[i]] for i in ids if i in kinds), "order")
    if section == "order" and found.rule.startswith("zone."):
        section = "places"
    return DraftAnswer(
        found.rule, "error" if found.level == "error" else "warning", found.words, found.remedy, section, ids,
        found.source, found.in_force_from,
    )  # fmt: skip
