"""What can be checked: each source gives rows of (person, day, columns), and says in words what it counts.

Everything up to the end of yesterday: so that an answer does not change while it is looked at, and one more person
cannot be told by asking twice on a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from milepost.risk.instruments import CURRENT, instruments
from milepost.service.algorithms.policy_data import numbers
from milepost.service.assessments.models import IN_FORCE, Assessment, Override, Score, TierRecord
from milepost.service.kit.local_days import local_day
from milepost.service.monitoring.models import Decision, Incident
from milepost.service.orders.models import Activation
from milepost.times import from_us

Row = tuple[int, dt.date, dict[str, Any]]
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Source:
    """``marks``: a cheap query that changes when the rows may have."""

    title: Words
    selected: Words
    outcome: Words
    is_not: Words
    rows: Callable[[int], list[Row]]
    marks: Callable[[int], tuple[Any, ...]]
    synthetic: bool = False


def _newest(rows: QuerySet[Any], order: str) -> QuerySet[Any]:
    return rows.order_by(f"-{order}")[: numbers().counts.rows_at_most]


def _incidents(until_us: int) -> QuerySet[Any]:
    return Incident.objects.filter(opened_us__lt=until_us)


def _decisions(until_us: int) -> QuerySet[Any]:
    return Decision.objects.filter(state=Decision.State.STANDS, at_utc__lt=from_us(until_us))


def _monitoring_marks(until_us: int) -> tuple[Any, ...]:
    found = _decisions(until_us).aggregate(n=Count("pk"), last=Max("pk"))
    alerts = _incidents(until_us).aggregate(n=Count("pk"), last=Max("changed_us", default=0))
    return (found["n"], found["last"], alerts["n"])


def people_with_alerts(until_us: int) -> list[Row]:
    """Everyone who wore a tag: whether they had an alert that somebody must look at."""
    began = Activation.objects.filter(from_utc__lt=from_us(until_us)).values_list("person_id", "from_utc")
    worn = {person: from_utc.date() for person, from_utc in _newest(began, "from_utc")}
    alerted = set(
        _incidents(until_us).exclude(level="note").values_list("person_id", flat=True).distinct().order_by()
    )
    return [(person, day, {"selected": int(person in alerted)}) for person, day in worn.items()]


def alerts(until_us: int) -> list[Row]:
    """Alerts: urgent or not; upheld or not where somebody has decided."""
    upheld = set(numbers().counts.upheld)
    decided = dict(_newest(_decisions(until_us), "pk").values_list("incident_id", "kind"))
    rows = _newest(_incidents(until_us), "opened_us").values_list("pk", "person_id", "level", "opened_us")
    return [
        (person, local_day(opened_us), {
            "selected": int(level == "urgent"),
            "outcome": "" if pk not in decided else str(int(decided[pk] in upheld)),
        })
        for pk, person, level, opened_us in rows
    ]  # fmt: skip


def _decided(kinds: Callable[[], list[str]]) -> Callable[[int], list[Row]]:
    def rows(until_us: int) -> list[Row]:
        wanted = set(kinds())
        found = _newest(_decisions(until_us), "pk").values_list("incident__person_id", "kind", "at_utc")
        return [(person, at.date(), {"selected": int(kind in wanted)}) for person, kind, at in found]

    return rows


def _assessments(until_us: int) -> QuerySet[Any]:
    return Assessment.objects.filter(state__in=IN_FORCE, signed_utc__lt=from_us(until_us))


def _assessment_marks(until_us: int) -> tuple[Any, ...]:
    found = _assessments(until_us).aggregate(n=Count("pk"), last=Max("pk"))
    made = Override.objects.filter(state=Override.State.STANDS).aggregate(n=Count("pk"), last=Max("pk"))
    return (*found.values(), *made.values())


def _scores(instrument: str) -> Callable[[int], list[Row]]:
    def rows(until_us: int) -> list[Row]:
        high = set(numbers().counts.bands_high)
        found = Score.objects.filter(
            instrument=instrument, current=True, scored=True, assessment__in=_assessments(until_us)
        )
        values = _newest(found, "pk").values_list(
            "assessment__person_id", "assessment__assessed_on", "percentage", "band"
        )
        return [
            (person, day, {
                "probability": "" if percentage is None else str(percentage / 100),
                "selected": str(int(band in high)) if band else "",
            })
            for person, day, percentage, band in values
        ]  # fmt: skip

    return rows


def tiers(until_us: int) -> list[Row]:
    """The tier that counts now; a person whose tier is missing is unknown, not low."""
    high = set(numbers().counts.tiers_high)
    found = TierRecord.objects.filter(current=True, at_utc__lt=from_us(until_us))
    values = _newest(found, "pk").values_list("person_id", "at_utc", "tier")
    return [
        (person, at.date(), {"selected": "" if tier == "MISSING" else str(int(tier in high))})
        for person, at, tier in values
    ]


def _overrides(direction: str) -> Callable[[int], list[Row]]:
    """Signed assessments: whether something of them was overridden (in that direction; "" any)."""

    def rows(until_us: int) -> list[Row]:
        made = Override.objects.filter(state=Override.State.STANDS, assessment__in=_assessments(until_us))
        if direction:
            made = made.filter(direction=direction)
        changed = set(made.values_list("assessment_id", flat=True))
        values = _newest(_assessments(until_us), "pk").values_list("pk", "person_id", "assessed_on")
        return [(person, day, {"selected": int(pk in changed)}) for pk, person, day in values]

    return rows


NO_OUTCOME = _("What happened later is not recorded here, so this cannot say who was treated rightly.")
BY_PEOPLE = _(
    "“Upheld” is what officers decided. It is not what happened: where they judge groups differently, so does it."
)


def _monitoring(title: Words, selected: Words, rows: Callable[[int], list[Row]]) -> Source:
    return Source(title, selected, "", NO_OUTCOME, rows, _monitoring_marks)


def _assessed(title: Words, selected: Words, rows: Callable[[int], list[Row]]) -> Source:
    return Source(title, selected, "", NO_OUTCOME, rows, _assessment_marks)


SOURCES: dict[str, Source] = {
    "people-with-alerts": _monitoring(
        _("Who gets alerts"), _("with an alert to be looked at"), people_with_alerts
    ),
    "alerts": Source(
        _("Alerts, and whether they were upheld"), _("marked urgent"), _("upheld by a warning or breach"), BY_PEOPLE,
        alerts, _monitoring_marks,
    ),
    "breaches": _monitoring(_("Decisions: breach"), _("decided to be a breach"), _decided(lambda: ["breach"])),
    "excuses": _monitoring(
        _("Decisions: excused"), _("excused or authorised"), _decided(lambda: numbers().counts.excused)
    ),
    **{
        f"score-{key}": _assessed(instruments()[key].name, _("in a high or very high band"), _scores(key))
        for key in CURRENT
    },
    "tiers": _assessed(_("Tiers"), _("in one of the highest tiers"), tiers),
    "overrides": _assessed(_("Overrides of scores and tiers"), _("overridden"), _overrides("")),
    "overrides-up": _assessed(_("Overrides upwards"), _("overridden to higher"), _overrides("up")),
    "overrides-down": _assessed(_("Overrides downwards"), _("overridden to lower"), _overrides("down")),
}  # fmt: skip
"""By the key in the page's address. What needs outcomes comes with them: see ``later.sources``."""
