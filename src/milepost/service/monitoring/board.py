"""Which alerts are on the board, in which order, and what each row says.

Two queries for a page whatever is behind it: the undecided incidents (a partial index holds just those) with their
people and teams, and the current findings of those on the page. Nothing looks at decided incidents but the filter
that asks for them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, F, IntegerField, OuterRef, QuerySet, Value, When
from django.utils.http import urlencode

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.monitoring.grouping import LEVELS, rank
from milepost.service.monitoring.models import Decision, Finding, Incident, IncidentState, row_so_far
from milepost.service.monitoring.policy_data import board_numbers
from milepost.service.people.search import about_called
from milepost.times import DAY_US, MINUTE_US, SECOND_US

UNDECIDED = (IncidentState.OPEN, IncidentState.CLAIMED, IncidentState.WAITING_FOR_SECOND)
NOT_DECIDED = (*UNDECIDED, IncidentState.CLOSED_BY_ITSELF)
CHOICES = {
    "level": ("urgent", "review"),
    "whose": ("mine", "unclaimed"),
    "show": ("decided",),
}
"""What each filter may be; anything else is as if it were not there."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for. Unknown values are dropped: a link from long ago still opens."""

    level: str = ""
    kind: str = ""
    whose: str = ""
    team: str = ""
    text: str = ""
    show: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        def one_of(name: str) -> str:
            value = query.get(name, "")
            return value if value in CHOICES[name] else ""

        kind, team = query.get("kind", ""), query.get("team", "")
        return cls(
            level=one_of("level"),
            kind=kind if kind.replace("_", "").isalpha() and len(kind) <= 40 else "",
            whose=one_of("whose"),
            team=team if team.isdecimal() and len(team) < 10 else "",
            text=query.get("text", "").replace("\x00", "").strip()[:100],
            show=one_of("show"),
        )

    def as_query(self, **more: str) -> str:
        """For the address: only what is set."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def any(self) -> bool:
        return bool(self.as_query())


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One row. ``about`` is the row of the finding that leads, None where all were withdrawn."""

    incident: Incident
    about: Mapping[str, Any] | None
    seconds: float
    mine: bool

    @property
    def waits(self) -> bool:
        """For a decision: only then can it be overdue."""
        return self.incident.state in UNDECIDED

    @property
    def due_in_s(self) -> float | None:
        return None if self.incident.due_us is None else (self.incident.due_us - clock.now_us()) / SECOND_US

    @property
    def going_s(self) -> float:
        """Since when it lasts, where it goes on; else how long the broken time was."""
        if self.incident.still_going:
            return max(self.seconds, (clock.now_us() - self.incident.began_us) / SECOND_US)
        return self.seconds


@dataclass(frozen=True, slots=True)
class Board:
    page: Page
    rows: list[BoardRow]
    look_again: list[BoardRow]
    """Decided, but later signals changed what was decided on: those of ``again_page``, the longest changed first."""
    again_page: Page | None
    """None where that list is not shown: beside later pages of the others, and beside decided alerts."""
    filters: Filters


def _narrowed(incidents: QuerySet[Incident], filters: Filters, user: User) -> QuerySet[Incident]:
    if filters.level:
        incidents = incidents.filter(level=filters.level)
    if filters.kind:
        incidents = incidents.filter(kind=filters.kind)
    if filters.whose == "mine":
        incidents = incidents.filter(claimed_by=user)
    elif filters.whose == "unclaimed":
        incidents = incidents.filter(claimed_by=None)
    if filters.team:
        incidents = incidents.filter(person__team_id=int(filters.team))
    if filters.text:
        incidents = about_called(incidents, filters.text)
    return incidents


def severity() -> Case:
    """0 for the most severe."""
    whens = [When(level=level, then=Value(rank(LEVELS[-1]) - rank(level))) for level in LEVELS]
    return Case(*whens, default=Value(len(LEVELS)), output_field=IntegerField())


def undecided(user: User, filters: Filters) -> QuerySet[Incident]:
    """What is due first comes first; of what is due together, the most severe."""
    incidents = Incident.objects.visible_to(user).filter(state__in=UNDECIDED)
    return _narrowed(incidents, filters, user).order_by(F("due_us").asc(nulls_last=True), severity(), "pk")


def to_look_at_again(user: User, filters: Filters) -> QuerySet[Incident]:
    """Decisions whose findings changed. Not those where the change is the decision's own work: an authorised absence
    that the engine honours leaves no finding."""
    standing = Decision.objects.filter(incident=OuterRef("pk"), state=Decision.State.STANDS)
    honoured = Exists(standing.filter(absence__isnull=False)) & ~Exists(
        Finding.objects.filter(incident=OuterRef("pk"), current=True)
    )
    # Not "state = decided": that would lead a planner to the index of all that was ever decided.
    incidents = Incident.objects.visible_to(user).filter(superseded_since_decision=True)
    incidents = incidents.exclude(state__in=NOT_DECIDED)
    return _narrowed(incidents, filters, user).exclude(honoured).order_by("changed_us", "pk")


def decided(user: User, filters: Filters) -> QuerySet[Incident]:
    """The last days' decisions, newest first."""
    since_us = clock.now_us() - board_numbers().page.decided_within_days * DAY_US
    incidents = Incident.objects.visible_to(user).filter(changed_us__gte=since_us)
    incidents = incidents.exclude(state__in=UNDECIDED)
    return _narrowed(incidents, filters, user).order_by("-changed_us", "pk")


def board_of(
    user: User, filters: Filters, page_number: str | int | None = 1, again_number: str | int | None = 1
) -> Board:
    """The board as this user sees it. ``again_number`` is the page of those to look at again."""
    numbers = board_numbers().page
    chosen = decided(user, filters) if filters.show == "decided" else undecided(user, filters)
    page = Paginator(chosen.select_related("person__team", "claimed_by"), numbers.rows).get_page(page_number)
    again_page: Page | None = None
    if filters.show != "decided" and page.number == 1:
        rows = to_look_at_again(user, filters).select_related("person__team", "claimed_by")
        again_page = Paginator(rows, numbers.look_again_rows).get_page(again_number)
    incidents = list(page.object_list)
    again: list[Incident] = [] if again_page is None else list(again_page.object_list)
    made = {row.incident.pk: row for row in rows_of([*incidents, *again], user)}
    return Board(
        page=page,
        rows=[made[i.pk] for i in incidents],
        look_again=[made[i.pk] for i in again],
        again_page=again_page,
        filters=filters,
    )


def rows_of(incidents: Iterable[Incident], user: User) -> list[BoardRow]:
    """The rows of some incidents; one query for the findings of all of them."""
    incidents = list(incidents)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    current = Finding.objects.filter(incident__in=[i.pk for i in incidents], current=True)
    for pk, row, so_far in current.values_list("incident_id", "row", "so_far"):
        found[pk].append(row_so_far(row, so_far))
    return [
        BoardRow(
            incident=incident,
            about=leading(found[incident.pk]),
            seconds=sum(row["seconds"] for row in found[incident.pk]),
            mine=incident.claimed_by_id == user.pk,
        )
        for incident in incidents
    ]


def leading(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The finding an incident is named after (as ``grouping.look_of`` chooses it)."""
    return max(rows, key=lambda r: (rank(r["level"]), r["seconds"], -r["start_utc"]), default=None)


def etag_of(user: User, pulse: int, asked: str, language: str) -> str:
    """Changes with the board's pulse, and each minute, because clocks on the page count minutes."""
    minute = clock.now_us() // MINUTE_US
    told = f"{user.pk} {user.role} {pulse} {minute} {language} {asked}"
    return '"' + hashlib.sha256(told.encode()).hexdigest()[:24] + '"'
