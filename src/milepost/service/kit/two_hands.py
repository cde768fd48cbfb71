"""Constraints of records that two people have to agree on: kept by the database, whoever's code writes.

A record says who wrote it (``by``), whether policy asked for a second person when it was written (``needs_second``),
and who that was (``second_by``).
"""

from __future__ import annotations

from django.db.models import CheckConstraint, F, Q

from milepost.service.kit.row_guards import RowGuard, stays


def another_hand(name: str, first: str = "by", second: str = "second_by") -> CheckConstraint:
    """The second person is never the first."""
    return CheckConstraint(condition=Q(**{f"{second}__isnull": True}) | ~Q(**{second: F(first)}), name=name)


def counts_with_second(name: str, counts: Q, second: str = "second_by") -> CheckConstraint:
    """A record that needs a second person counts (``counts`` is true of it) only with one."""
    return CheckConstraint(
        condition=Q(needs_second=False) | Q(**{f"{second}__isnull": False}) | ~counts, name=name
    )


def need_stays(table: str) -> RowGuard:
    """Who wrote it stays, and that a second person is needed is not taken back."""
    first = stays(table, "by_id")
    eased = "OLD.needs_second AND NOT NEW.needs_second"
    return RowGuard(
        f"{table}_two_hands", table, f"({first.when}) OR ({eased})",
        f"{table}: who wrote it stays, and so does the need of a second person", ("update",),
        f"({first.when_postgresql}) OR ({eased})",
    )  # fmt: skip
