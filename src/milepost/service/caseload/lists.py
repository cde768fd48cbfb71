"""The list of today's work: one row for each person, in the order of the rank rule; what is put off, folded below."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from milepost.service.accounts.models import User
from milepost.service.assessments.read import TierNow, latest_tiers
from milepost.service.caseload.models import Snooze
from milepost.service.caseload.query import query_about
from milepost.service.kit.capabilities import today_signatures, today_sources
from milepost.service.people.models import Person
from milepost.service.people.reasons import TodayQuery
from milepost.supervision.rank_rule import RankRule, Urgency
from milepost.supervision.today import NEVER, Case, Placed, Reason, Row, placed, rank, urgency_of

CHANGE = "change"
SnoozeKey = tuple[int, int, str, str]
"""User, person, kind, key."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """A reason that the owner of the list put off, and until when."""

    placed: Placed
    snooze: Snooze


@dataclass(frozen=True, slots=True)
class Item:
    """One person's row. ``put_off``: reasons of theirs that do not count now. ``came_back``: kinds and keys of those
    that were put off and changed since."""

    person: Person
    tier: TierNow | None
    row: Row
    put_off: tuple[PutOff, ...] = ()
    came_back: frozenset[tuple[str, str]] = frozenset()
    owner: int | None = None
    """Whose list it is on."""

    @property
    def to_do(self) -> tuple[Placed, ...]:
        """What is shown at once: all that asks for something; of changes alone the newest."""
        asks = tuple(p for p in self.row.reasons if p.reason.kind != CHANGE)
        return asks or self._changes[:1]

    @property
    def news(self) -> tuple[Placed, ...]:
        """What others changed, and what is not shown at once: newest first."""
        return self._changes if self.to_do[0].reason.kind != CHANGE else self._changes[1:]

    @property
    def _changes(self) -> tuple[Placed, ...]:
        changes = [p for p in self.row.reasons if p.reason.kind == CHANGE]
        return tuple(sorted(changes, key=lambda p: p.reason.since_utc or NEVER, reverse=True))

    @property
    def of_somebody_else(self) -> bool:
        """On the list because of a second signature: another supervises them."""
        return self.person.practitioner_id not in (None, self.owner)


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one class, in their order."""

    urgency: Urgency
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class TodayList:
    """``rows`` in order; ``folded``: people of whom everything is put off."""

    query: TodayQuery
    rows: tuple[Item, ...]
    folded: tuple[Item, ...]
    quiet: tuple[Person, ...]
    """People who were asked about and have no reason at all."""
    tiers: dict[int, TierNow] = field(default_factory=dict)

    @property
    def sections(self) -> list[Section]:
        """Every class of the rule that has rows."""
        parts = [
            Section(urgency, tuple(item for item in self.rows if item.row.top.urgency == urgency.code))
            for urgency in self.query.rule.classes
        ]
        return [part for part in parts if part.items]

    def late(self, item: Item) -> bool:
        """Whether a time of theirs has passed."""
        now = self.query.now_utc
        return any(p.reason.due_utc is not None and p.reason.due_utc < now for p in item.row.reasons)

    @property
    def references(self) -> list[str]:
        """For the log: whom the page shows."""
        return [item.person.reference for item in (*self.rows, *self.folded)]


def own_people(user: User) -> Any:
    """The user's caseload, as far as they may see it."""
    return Person.objects.visible_to(user).filter(practitioner=user)


def unallocated_people(user: User) -> Any:
    """People of the user's team whom nobody supervises yet."""
    nobody = Person.objects.visible_to(user).filter(practitioner=None)
    return nobody.filter(team_id=user.team_id) if user.team_id else nobody.none()


def own_list(user: User) -> TodayList:
    """The user's caseload, and what waits for their second signature."""
    return list_of(query_about(own_people(user), user, waits_for=user, since_by=user), owner=user)


def unallocated_list(user: User) -> TodayList:
    return list_of(query_about(unallocated_people(user), user, waits_for=None, since_by=user), owner=user)


def list_of_practitioner(viewer: User, practitioner: User) -> TodayList:
    """Somebody else's caseload, as far as ``viewer`` may see it, with what its owner put off."""
    people = Person.objects.visible_to(viewer).filter(practitioner=practitioner)
    return list_of(query_about(people, viewer, waits_for=None, since_by=practitioner), owner=practitioner)


def gather(query: TodayQuery) -> tuple[dict[int, Person], dict[int, list[Reason]]]:
    """Everybody about whom there is a reason or who was asked about, and the reasons."""
    people, reasons = dict(query.people), defaultdict(list)
    for source in (*today_sources(), *today_signatures()):
        for one in source(query):
            people.setdefault(one.person.pk, one.person)
            reasons[one.person.pk].append(one.reason)
    return people, reasons


def list_of(query: TodayQuery, *, owner: User) -> TodayList:
    """The list as ``owner`` sees it. A fixed number of queries."""
    people, reasons = gather(query)
    return fold(query, people, reasons, snoozes_of([owner.pk], query.now_utc), lambda person: owner.pk)


def snoozes_of(users: Iterable[int], now_utc: dt.datetime) -> dict[SnoozeKey, Snooze]:
    """What these users put off and whose time has not come. One query."""
    rows = Snooze.objects.filter(user_id__in=list(users), until_utc__gt=now_utc, ended_utc=None)
    return {(row.user_id, row.person_id, row.kind, row.key): row for row in rows}


def holds(snooze: Snooze, reason: Reason, rule: RankRule, now_utc: dt.datetime) -> bool:
    """Whether a reason is still what was put off: the same, and no more urgent."""
    urgency = urgency_of(reason, rule, now_utc)
    known = [c.code for c in rule.classes]
    if urgency is None or snooze.urgency not in known or reason.state != snooze.state:
        return False
    return rule.class_index(urgency) >= rule.class_index(snooze.urgency)


def fold(
    query: TodayQuery,
    people: dict[int, Person],
    reasons: dict[int, list[Reason]],
    snoozes: dict[SnoozeKey, Snooze],
    owner_of: Any,
) -> TodayList:
    """Ranks what counts, and apart from it what is put off. ``owner_of`` says whose putting off counts for a person."""
    rule, now = query.rule, query.now_utc
    counts: list[Case] = []
    folded: list[Case] = []
    off: dict[int, list[tuple[Reason, Snooze]]] = defaultdict(list)
    back: dict[int, set[tuple[str, str]]] = defaultdict(set)
    tiers = latest_tiers(list(people))
    for pk, person in people.items():
        standing = []
        for reason in reasons.get(pk, ()):
            snooze = snoozes.get((owner_of(person), pk, reason.kind, reason.key))
            if snooze is None:
                standing.append(reason)
            elif holds(snooze, reason, rule, now):
                off[pk].append((reason, snooze))
            else:
                standing.append(reason)
                back[pk].add((reason.kind, reason.key))
        tier = tiers[pk].tier if pk in tiers else None
        counts.append(Case(person.reference, tier, tuple(standing)))
        if not placed(standing, rule, now):
            folded.append(Case(person.reference, tier, tuple(reason for reason, _ in off[pk])))
    by_reference = {person.reference: person for person in people.values()}

    def item(row: Row) -> Item:
        person = by_reference[row.case.person]
        put_off = tuple(
            PutOff(p, snooze)
            for reason, snooze in off[person.pk]
            for p in placed([reason], rule, now)
        )  # fmt: skip
        return Item(person, tiers.get(person.pk), row, put_off, frozenset(back[person.pk]), owner_of(person))

    rows = tuple(item(row) for row in rank(counts, rule, now))
    put_away = tuple(item(row) for row in rank(folded, rule, now))
    shown = {one.person.pk for one in (*rows, *put_away)}
    quiet = sorted((p for p in query.people.values() if p.pk not in shown), key=lambda p: (p.name, p.pk))
    return TodayList(query, rows, put_away, tuple(quiet), tiers)
