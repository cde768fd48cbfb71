"""The task list of a draft: its sections, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from milepost.service.orders.draft_checks import SECTION_OF_KIND, DraftAnswer
from milepost.service.orders.models import OrderVersion

SECTIONS: dict[str, tuple[str | Promise, str | Promise]] = {
    "order": (gettext_lazy("The order"), gettext_lazy("Regime, court, first and last day")),
    "places": (gettext_lazy("Addresses and places"), gettext_lazy("Where the person must or may be")),
    "curfew": (gettext_lazy("Curfew"), gettext_lazy("The hours to be at home")),
    "zones": (gettext_lazy("Zones"), gettext_lazy("Where not to go, or not to leave")),
    "attendance": (gettext_lazy("Attendance"), gettext_lazy("Appointments to keep, checked by the tag")),
    "alcohol": (gettext_lazy("Alcohol"), gettext_lazy("Alcohol abstinence or monitoring")),
    "trail": (gettext_lazy("Trail, charge and wear"), gettext_lazy("Requirements about the tag itself")),
    "documents": (gettext_lazy("Documents"), gettext_lazy("The court's order, maps")),
}
"""Title and hint of each section, in the order of the list. The check page comes after them."""
NEEDED = {"order"}


@dataclass(frozen=True, slots=True)
class SectionState:
    name: str
    title: str
    hint: str
    words: str
    done: bool
    wrong: bool


def states_of(version: OrderVersion, answers: list[DraftAnswer]) -> list[SectionState]:
    """How far each section of a draft is."""
    return [_state(name, version, answers) for name in SECTIONS]


def count_in(version: OrderVersion, section: str) -> int:
    """How many things a section holds."""
    if section == "places":
        return len(version.document.get("places") or [])
    if section == "documents":
        return version.order.documents.count()
    kinds = {kind.value for kind, name in SECTION_OF_KIND.items() if name == section}
    return sum(c.get("kind") in kinds for c in version.document.get("conditions") or [])


def _state(name: str, version: OrderVersion, answers: list[DraftAnswer]) -> SectionState:
    title, hint = SECTIONS[name]
    errors = sum(a.level == "error" and a.section == name for a in answers)
    if name == "order":
        errors = sum(
            a.level == "error" and a.section == name and a.rule != "order.no_condition" for a in answers
        )
    done = name in version.sections_done
    n = (
        1
        if name == "order" and version.effective_from_utc
        else 0
        if name == "order"
        else count_in(version, name)
    )
    started = name == "order" or n > 0
    if errors and started:
        words = ngettext("%(n)d problem", "%(n)d problems", errors) % {"n": errors}
    elif done:
        words = _("Completed") if n else _("Not needed")
    elif name == "order":
        words = _("Completed") if n else _("To do")
    elif n:
        words = ngettext("%(n)d added", "%(n)d added", n) % {"n": n}
    else:
        words = _("Optional")
    return SectionState(name, str(title), str(hint), words, done or (name == "order" and bool(n) and not errors),
                        bool(errors and started))  # fmt: skip
