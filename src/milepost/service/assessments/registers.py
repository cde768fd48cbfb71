"""What the tier reads beside the scores: registers, and the sentence. Not part of the strengths and needs.

They are questions like the others: each can be not known, and says where its answer comes from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from milepost.risk.needs import UNKNOWN, Option, Question, Section
from milepost.risk.needs.questions import Kind

KEY = "registers"
TIER = "tier"
"""What ``required_for`` names: not an instrument."""
MAPPA = "mappa_eligible"
"""A question of the vocabulary that the tier reads as well: whoever is eligible is managed at some level."""
YES, NO = "yes", "no"
_YES_NO = (
    Option(YES, gettext_noop("Yes"), gettext_noop("Yes")),
    Option(NO, gettext_noop("No"), gettext_noop("No")),
)


def _question(
    key: str, label: str, plain: str, kind: Kind = "yes_no", hint: str = "", asked_if: Any = ()
) -> Question:
    return Question(
        key=key, label=label, plain_label=plain, hint=hint, kind=kind,
        options=_YES_NO if kind == "yes_no" else (), changeable=False, required_for=(TIER,), fills=(),
        asked_if=asked_if,
    )  # fmt: skip


QUESTIONS = (
    _question("lifer", gettext_noop("Serving a life sentence or a sentence for public protection (IPP)"),
              gettext_noop("Is your sentence a life sentence, or one for public protection?")),
    _question("latest_release_date", gettext_noop("Date of the latest release"),
              gettext_noop("On which day did you last come out of prison?"), "date",
              gettext_noop("If there was no release yet, say that it is not known."), (("lifer", (YES,)),)),
    _question("domestic_abuse_registered", gettext_noop("Domestic abuse is registered"),
              gettext_noop("Is there a note about domestic abuse?")),
    _question("stalking_registered", gettext_noop("Stalking is registered"),
              gettext_noop("Is there a note about stalking?")),
    _question("child_protection_registered", gettext_noop("Child protection is registered"),
              gettext_noop("Is there a note about keeping a child safe?")),
)  # fmt: skip
KEYS = frozenset(question.key for question in QUESTIONS)


def section() -> Section:
    return Section(
        key=KEY, title=gettext_noop("Registers and sentence"),
        intro=gettext_noop("The tier uses these as well as the scores."), questions=QUESTIONS,
    )  # fmt: skip


def of(given: Mapping[str, object]) -> dict[str, Any]:
    """Arguments of ``TierInputs``. What is not known counts as no, as in the published rule."""
    released = given.get("latest_release_date")
    known = isinstance(released, str) and released != UNKNOWN
    return {
        "mappa": given.get(MAPPA) == YES,
        "lifer": given.get("lifer") == YES,
        "latest_release_date": dt.date.fromisoformat(str(released)) if known else None,
        "domestic_abuse": given.get("domestic_abuse_registered") == YES,
        "stalking": given.get("stalking_registered") == YES,
        "child_protection": given.get("child_protection_registered") == YES,
    }


def not_known(given: Mapping[str, object]) -> list[str]:
    """Keys of those whose answer is missing or not known: the tier could be higher."""
    asked = [MAPPA, *(q.key for q in QUESTIONS if q.key != "latest_release_date")]
    if given.get("lifer") == YES:
        asked.append("latest_release_date")
    return [key for key in asked if given.get(key, UNKNOWN) == UNKNOWN]
