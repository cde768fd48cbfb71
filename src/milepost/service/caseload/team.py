"""A senior's view: for each who supervises in the team, what is open, what is late, and how full their week is.

The same lists as everybody sees, ranked by the same rule; who put off what counts for its owner.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from milepost.service.accounts.models import User
from milepost.service.caseload import lists, workload
from milepost.service.caseload.lists import Item, TodayList
from milepost.service.caseload.query import query_about
from milepost.service.kit.local_days import today
from milepost.service.people.forms import supervisors
from milepost.service.people.models import Person


@dataclass(frozen=True, slots=True)
class Member:
    """One who supervises. ``counts``: people by the class of their most pressing reason."""

    user: User
    counts: dict[str, int]
    late: int
    put_off: int
    capacity: workload.Capacity


@dataclass(frozen=True, slots=True)
class TeamView:
    members: tuple[Member, ...]
    unallocated: tuple[Item, ...]
    """People whom nobody supervises and who need somebody, in order."""
    unallocated_quiet: tuple[Person, ...]
    elsewhere: int
    """People of the team whose practitioner is in no team of ours: to be allocated anew."""
    whole: TodayList

    @property
    def shown(self) -> list[str]:
        return [item.person.reference for item in self.unallocated] + [
            person.reference for person in self.unallocated_quiet
        ]


def team_view(user: User) -> TeamView:
    """A fixed number of queries, however many people the team has. Restricted records that ``user`` may not see are
    not counted: a number would tell of them."""
    people = Person.objects.visible_to(user).filter(team=user.team) if user.team else Person.objects.none()
    query = query_about(people, user, waits_for=None, since_by=None)
    staff = list(supervisors(user.team_id))
    known, reasons = lists.gather(query)
    snoozes = lists.snoozes_of([*[member.pk for member in staff], user.pk], query.now_utc)
    whole = lists.fold(query, known, reasons, snoozes, lambda person: person.practitioner_id or user.pk)
    columns = workload.settings_of(list(known), query.now_utc)
    hours = workload.hours_of([member.pk for member in staff], today())
    cases: dict[int | None, list[Person]] = defaultdict(list)
    rows: dict[int | None, list[Item]] = defaultdict(list)
    for person in known.values():
        cases[person.practitioner_id].append(person)
    for item in whole.rows:
        rows[item.person.practitioner_id].append(item)
    folded = Counter(item.person.practitioner_id for item in whole.folded)
    members = tuple(
        Member(
            user=member,
            counts=_counts(whole, rows[member.pk]),
            late=sum(whole.late(item) for item in rows[member.pk]),
            put_off=folded[member.pk],
            capacity=workload.capacity_of(cases[member.pk], whole.tiers, columns, hours.get(member.pk)),
        )
        for member in staff
    )
    theirs = {member.pk for member in staff} | {None}
    return TeamView(
        members=members,
        unallocated=tuple(rows[None]),
        unallocated_quiet=tuple(p for p in whole.quiet if p.practitioner_id is None),
        elsewhere=sum(len(people) for owner, people in cases.items() if owner not in theirs),
        whole=whole,
    )


def _counts(whole: TodayList, items: list[Item]) -> dict[str, int]:
    return {
        urgency.code: sum(item.row.top.urgency == urgency.code for item in items)
        for urgency in whole.query.rule.classes
    }
