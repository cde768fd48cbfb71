"""Reports, made when asked for and kept until there is something new to count."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max
from django.utils import translation

from milepost.problems import UnreadableFile
from milepost.risk.fairness import FairnessReport, check, read_table
from milepost.risk.fairness.settings import settings as fairness_settings
from milepost.service.algorithms.fairness.later import sources
from milepost.service.algorithms.fairness.people import frame_of, groups_of_people
from milepost.service.algorithms.fairness.sources import Source
from milepost.service.algorithms.policy_data import numbers
from milepost.service.algorithms.yesterday import end_of_yesterday_us
from milepost.service.people.models import Characteristics


def report_of(key: str, source: Source | None = None) -> FairnessReport | None:
    """The report on one source, in a number of queries that does not grow. None: there is nothing to count yet.

    Raises ``KeyError`` for a source that is not there.
    """
    source, until_us = source or sources()[key], end_of_yesterday_us()
    known = Characteristics.objects.aggregate(n=Count("pk"), last=Max("recorded_utc"))
    marks = (until_us, fairness_settings().data_hash, *known.values(), *source.marks(until_us))
    kept = cache.get(f"fairness:{key}")
    if kept is not None and kept[0] == marks:
        found: FairnessReport | None = kept[1]
        return found
    report = _make(key, source, until_us)
    cache.set(f"fairness:{key}", (marks, report), numbers().counts.kept_minutes * 60)
    return report


def _make(key: str, source: Source, until_us: int) -> FairnessReport | None:
    rows, groups = source.rows(until_us), groups_of_people()
    if not rows:
        return None
    try:
        table, _ = read_table(frame_of(rows, groups), source=key)
        with translation.override("en"):  # kept once for all languages; the page says it anew
            return check(
                table, title=str(source.title), selected_means=str(source.selected),
                outcome_means=str(source.outcome), outcome_is_not=str(source.is_not),
                synthetic=settings.DEMO or source.synthetic,
            )  # fmt: skip
    except UnreadableFile:
        return None
