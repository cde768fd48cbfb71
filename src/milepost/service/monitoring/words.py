"""What kinds, levels, states and events are called on the page, so that every page says the same, in Welsh too."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from milepost.compliance.finding_kinds import DESCRIPTIONS
from milepost.compliance.plain_words import LEVEL_WORDS
from milepost.service.monitoring.models import Decision, DecisionKind, IncidentEvent, IncidentState
from milepost.service.monitoring.sections import Section
from milepost.service.web.formats import duration, percent

Words = str | Promise
SOON_S = 15 * 60
"""A clock with less than this left looks different. Display only."""

KINDS: dict[str, Words] = {str(each.kind): _(each.title) for each in DESCRIPTIONS}
LEVELS: dict[str, Words] = {level: _(word) for level, word in LEVEL_WORDS.items()}
LEVEL_SHAPES = {"urgent": "urgent", "review": "medium", "note": "low"}
"""To the shapes of the macro ``severity``."""
STATES: dict[str, Words] = {
    IncidentState.OPEN: _("Unclaimed"),
    IncidentState.CLAIMED: _("Claimed"),
    IncidentState.WAITING_FOR_SECOND: _("Waits for a second person"),
    IncidentState.DECIDED: _("Decided"),
    IncidentState.CLOSED_BY_ITSELF: _("Closed: later signals show nothing to look at"),
}
DECISIONS: dict[str, Words] = {
    DecisionKind.NO_ACTION: _("No action"),
    DecisionKind.EXCUSED: _("Excused"),
    DecisionKind.AUTHORISED_ABSENCE: _("Authorised absence"),
    DecisionKind.EQUIPMENT_FAULT: _("Equipment fault"),
    DecisionKind.WARNING: _("Warning"),
    DecisionKind.BREACH: _("Breach"),
}
DECISION_STATES: dict[str, Words] = {
    Decision.State.WAITING: _("waits for a second person"),
    Decision.State.STANDS: _("in effect"),
    Decision.State.REFUSED: _("refused by the second person"),
    Decision.State.REPLACED: _("replaced by a later decision"),
}
EVENTS: dict[str, Words] = {
    IncidentEvent.Kind.OPENED: _("Added to the board"),
    IncidentEvent.Kind.CHANGED: _("Later signals changed it"),
    IncidentEvent.Kind.CLAIMED: _("Claimed"),
    IncidentEvent.Kind.RELEASED: _("Released"),
    IncidentEvent.Kind.HANDED_OVER: _("Handed over"),
    IncidentEvent.Kind.ACKNOWLEDGED: _("Acknowledged"),
    IncidentEvent.Kind.CONTACT: _("Contact attempt"),
    IncidentEvent.Kind.NOTE: _("Note"),
    IncidentEvent.Kind.OVERDUE: _("Became overdue"),
    IncidentEvent.Kind.CLOSED: _("Closed: later signals show nothing to look at"),
    IncidentEvent.Kind.STILL_STANDS: _("Decision still stands"),
    IncidentEvent.Kind.CALL_BACK: _("Call back set"),
    IncidentEvent.Kind.CALL_BACK_DROPPED: _("Call back not needed any more"),
}
SECTIONS: dict[str, Words] = {
    Section.NOW: _("Needs you now"),
    Section.HELD: _("Others have these"),
    Section.SECOND: _("Waiting for a second person"),
    Section.OVER: _("Ended by itself, to decide"),
}
SECTION_MEANINGS: dict[str, Words] = {
    Section.NOW: _("Urgent, or still going. Urgent and still going comes first."),
    Section.HELD: _("A colleague is dealing with them. Take one over if it was left."),
    Section.SECOND: _("Decided. Nothing follows until a second person has answered."),
    Section.OVER: _("Nothing is going on now. Each still needs a decision by its time."),
}
WITNESSES: dict[str, Words] = {
    "fixes": _("positions"),
    "home_unit": _("home unit"),
    "both": _("positions and home unit"),
    "device": _("the device itself"),
}


def of_code(table: dict[str, Words], code: str) -> Words:
    """The words of a code; the code itself, readable, where none are known."""
    return table.get(code) or code.replace("_", " ").capitalize()


def due_words(seconds: float | None) -> str:
    """ "due in 12 minutes", "due now", "overdue by 3 minutes"; "no time set" where the rule sets none."""
    if seconds is None:
        return gettext("no time set")
    if abs(seconds) < 60:
        return gettext("due now")
    if seconds < 0:
        return gettext("overdue by %(length)s") % {"length": duration(-seconds)}
    return gettext("due in %(length)s") % {"length": duration(seconds)}


def due_class(seconds: float | None) -> str:
    """For the look of the clock: over, soon (a quarter of an hour) or later. The words say it too."""
    if seconds is None:
        return "none"
    return "over" if seconds < -59 else "soon" if seconds < SOON_S else "later"


def sure_words(certainty: float | None) -> str:
    """ "99% sure", "over 99.9% sure": certainty is never said to be whole."""
    if certainty is None:
        return gettext("not known how sure")
    if certainty > 0.999:
        return gettext("over 99.9% sure")
    return gettext("%(share)s sure") % {"share": percent(certainty)}
