"""Four weeks in one sentence: what was broken, and whether it became more or less."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milepost.service.person_page.month import DAYS, Month


def trend_words(month: Month) -> str:
    """Says how much is unknown too: nothing broken in days that nobody saw is no good news."""
    if month.count("not_owed") + month.count("not_yet") == DAYS:
        return _("Nothing was required in these four weeks.")
    half = DAYS // 2
    before, lately = (month.count("broken", days) for days in (month.days[:half], month.days[half:]))
    if not before and not lately:
        said = _("Nothing was found broken in these four weeks.")
    else:
        days = ngettext("Broken on %(n)s of the last 14 days", "Broken on %(n)s of the last 14 days", lately)
        said = days % {"n": lately} + _(", on %(n)s of the 14 before: %(trend)s.") % {
            "n": before, "trend": _direction(before, lately)
        }  # fmt: skip
    unknown = month.count("unknown")
    if unknown:
        said += " " + ngettext(
            "Of %(n)s day half or more is unknown.", "Of %(n)s days half or more is unknown.", unknown
        ) % {"n": unknown}  # fmt: skip
    return said


def _direction(before: int, lately: int) -> str:
    if lately > before:
        return _("more often")
    return _("less often") if lately < before else _("as often")
