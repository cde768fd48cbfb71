"""The risk of serious harm as judged: the groups of people, the levels, and what it is over all.

Groups and levels are those of OASys's summary of the risk of serious harm (items SUM6.1 to SUM6.5).
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from milepost.service.assessments.models import Judgement

GROUPS: dict[str, str | Promise] = {
    "children": _("Children"),
    "public": _("The public"),
    "known_adult": _("A known adult"),
    "staff": _("Staff"),
    "prisoners": _("Prisoners"),
}
LEVELS: dict[str, str | Promise] = {
    "low": _("Low"),
    "medium": _("Medium"),
    "high": _("High"),
    "very_high": _("Very high"),
}
OTHER: dict[str, str | Promise] = {"unknown": _("Not known"), "not_applicable": _("Not in custody")}
MEANS: dict[str, str | Promise] = {
    "low": _("No sign now that they would do serious harm."),
    "medium": _("There are signs. It is not likely unless something changes."),
    "high": _("There are signs. It could happen at any time, and the harm would be serious."),
    "very_high": _("It could happen very soon: more likely than not."),
}
"""The levels in our words, after the definitions in HMPPS's risk of serious harm guidance (2020)."""
_ORDER = list(LEVELS)


def overall(judgement: Judgement | None) -> str | None:
    """The highest level of any group; None when it is not known.

    High and very high stand even if another group is not known: they can only be higher. Below that, one group that
    is not known leaves the whole not known: unknown is not low.
    """
    if judgement is None:
        return None
    levels = [getattr(judgement, group) for group in GROUPS]
    known = [level for level in levels if level in LEVELS]
    if not known:
        return None
    highest = max(known, key=_ORDER.index)
    if "unknown" in levels and highest in ("low", "medium"):
        return None
    return highest


def level_in_words(level: str | None) -> str:
    return str({**LEVELS, **OTHER}.get(level or "unknown", level))
