"""What the tier reads beside the scores: registers, and the sentence. Not part of the strengths and needs.

They are questions like the others: each can be not known, and says where its answer comes from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from milepost.risk.needs import UNKNOWN, Question, Section

KEY = "registers"
TIER = "tier"
"""What ``required_for`` names: not an instrument."""


def _question(key: str, label: str, plain: str, kind: Any = "yes_no", hint: str = "") -> Question:
    return Question(
        key=key, label=label, plain_label=plain, hint=hint, kind=kind, options=(), changeable=False,
        required_for=(TIER,), fills=(),
    )  # fmt: skip


QUESTIONS = (
    _question("mappa", gettext_noop("Managed under MAPPA"),
              gettext_noop("Several services work together to manage the risk"),
              hint=gettext_noop("Multi-agency public protection arrangements, at any level")),
    _question("lifer", gettext_noop("Serving a life sentence or IPP"),
              gettext_noop("Your sentence is a life sentence, or one for public protection")),
    _question("latest_release_date", gettext_noop("Date of the latest release"),
              gettext_noop("The day you last came out of prison"), "date",
              gettext_noop("Counts only with a life sentence or IPP. Not released yet: say that it is not known.")),
    _question("domestic_abuse_registered", gettext_noop("Domestic abuse is registered"),
              gettext_noop("There is a note about domestic abuse")),
    _question("stalking_registered", gettext_noop("Stalking is registered"),
              gettext_noop("There is a note about stalking")),
    _question("child_protection_registered", gettext_noop("Child protection is registered"),
              gettext_noop("There is a note about keeping a child safe")),
)  # fmt: skip
KEYS = frozenset(question.key for question in QUESTIONS)


def section() -> Section:
    return Section(
        key=KEY, title=gettext_noop("Registers and sentence"),
        intro=gettext_noop("The tier reads these beside the scores."), questions=QUESTIONS,
    )  # fmt: skip


def of(given: Mapping[str, object]) -> dict[str, Any]:
    """Arguments of ``TierInputs``. What is not known counts as no, as in the published rule."""
    released = given.get("latest_release_date")
    return {
        "mappa": given.get("mappa") is True,
        "lifer": given.get("lifer") is True,
        "latest_release_date": released if isinstance(released, dt.date) else None,
        "domestic_abuse": given.get("domestic_abuse_registered") is True,
        "stalking": given.get("stalking_registered") is True,
        "child_protection": given.get("child_protection_registered") is True,
    }


def not_known(given: Mapping[str, object]) -> list[Question]:
    """Those whose answer is missing or not known: the tier could be higher. Without a life sentence, no release."""
    return [
        question
        for question in QUESTIONS
        if given.get(question.key, UNKNOWN) == UNKNOWN
        and not (question.key == "latest_release_date" and given.get("lifer") is not True)
    ]
