"""The running totals of one person, from what is found and decided now: the same figures on every page."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import OrderFile
from milepost.service.monitoring.models import Decision, Finding, row_so_far
from milepost.service.monitoring.totals import TotalLine, longest_window_us, totals_of
from milepost.service.people.models import Person


def totals_of_person(
    person: Person, order_file: OrderFile, rules: RuleSet, *, until_us: int
) -> list[TotalLine]:
    """One query. Raises ``LookupError`` where no published rule table covers a regime."""
    standing = Decision.objects.filter(incident=OuterRef("incident"), state=Decision.State.STANDS)
    found = (
        Finding.objects.filter(person=person, current=True, start_us__gte=until_us - longest_window_us(rules))
        .annotate(excused=Exists(standing.filter(counts_toward_total=False)))
        .values_list("row", "so_far", "excused")
    )
    rows = [row_so_far(row, so_far) for row, so_far, _excused in found]
    excused = {row["finding_id"] for row, _so_far, is_excused in found if is_excused}
    return totals_of(order_file, rows, rules, until_us=until_us, excused=excused)
