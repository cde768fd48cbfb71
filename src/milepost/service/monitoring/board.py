"""Which alerts are on the board, in which sections and order, and what each row says.

A fixed number of queries whatever is behind it: which undecided incidents are shown and how many there are (a partial
index holds just those), those with their people and teams, their current findings, the call-backs whose time has come,
and which that are over are alike. Nothing looks at decided incidents but the filter that asks for them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.monitoring.alike import Alike, alike_of
from milepost.service.monitoring.call_backs import Calls, calls_of
from milepost.service.monitoring.filters import Filters, narrowed
from milepost.service.monitoring.grouping import rank
from milepost.service.monitoring.models import Decision, Finding, Incident, IncidentState, row_so_far
from milepost.service.monitoring.policies import can_work
from milepost.service.monitoring.policy_data import board_numbers
from milepost.service.monitoring.sections import URGENT, Section, first_in_section, section_in_sql
from milepost.times import DAY_US, MINUTE_US, SECOND_US

UNDECIDED = (IncidentState.OPEN, IncidentState.CLAIMED, IncidentState.WAITING_FOR_SECOND)
NOT_DECIDED = (*UNDECIDED, IncidentState.CLOSED_BY_ITSELF)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One row. ``about`` is the row of the finding that leads, None where all were withdrawn."""

    incident: Incident
    about: Mapping[str, Any] | None
    seconds: float
    mine: bool
    ended_us: int | None = None
    """When what it is about ended by itself; None while it goes on, and where nothing is left of it."""

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
class Part:
    """One section: its first rows, and how many alerts it has."""

    section: Section
    rows: list[BoardRow]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Board:
    """``parts``: the sections that have rows; empty where one section or what was decided is asked for, whose rows are
    then a page."""

    filters: Filters
    parts: list[Part] = field(default_factory=list)
    page: Page | None = None
    rows: list[BoardRow] = field(default_factory=list)
    """Those of ``page``."""
    look_again: list[BoardRow] = field(default_factory=list)
    """Decided, but later signals changed what was decided on: those of ``again_page``, the longest changed first."""
    again_page: Page | None = None
    """None where that list is not shown: beside one section, and beside decided alerts."""
    calls: Calls = field(default_factory=Calls)
    alike: list[Alike] = field(default_factory=list)
    elsewhere: int = 0
    """Urgent alerts still going that the filters leave out."""

    @property
    def to_decide(self) -> int:
        return sum(part.total for part in self.parts)

    @property
    def every_row(self) -> list[BoardRow]:
        return [*(row for part in self.parts for row in part.rows), *self.rows, *self.look_again]

    def total(self, section: str) -> int:
        return next((part.total for part in self.parts if part.section == section), 0)


def undecided(user: User, filters: Filters) -> QuerySet[Any]:
    """With the section of each, for this user; in the order of a section."""
    incidents: QuerySet[Any] = Incident.objects.visible_to(user).filter(state__in=UNDECIDED)
    incidents = narrowed(incidents, filters, user).annotate(section=section_in_sql(user))
    if filters.section:
        incidents = incidents.filter(section=filters.section)
    return incidents.order_by(*first_in_section())


def first_of_sections(user: User, filters: Filters) -> dict[Section, tuple[list[int], int]]:
    """The first alerts of each section, by number, and how many it has. One query."""
    most = board_numbers().sections
    ranked = undecided(user, filters).annotate(
        place=Window(RowNumber(), partition_by=[F("section")], order_by=first_in_section()),
        total=Window(Count("pk"), partition_by=[F("section")]),
    )
    shown = max(most.now, most.held, most.second, most.over)
    rows = ranked.filter(place__lte=shown).order_by("place").values_list("section", "pk", "total", "place")
    found: dict[Section, tuple[list[int], int]] = {}
    for code, pk, total, place in rows:
        pks, _total = found.setdefault(Section(code), ([], total))
        if place <= getattr(most, code):
            pks.append(pk)
    return found


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
    return narrowed(incidents, filters, user).exclude(honoured).order_by("changed_us", "pk")


def decided(user: User, filters: Filters) -> QuerySet[Incident]:
    """The last days' decisions, newest first."""
    since_us = clock.now_us() - board_numbers().page.decided_within_days * DAY_US
    incidents = Incident.objects.visible_to(user).filter(changed_us__gte=since_us)
    incidents = incidents.exclude(state__in=UNDECIDED)
    return narrowed(incidents, filters, user).order_by("-changed_us", "pk")


def board_of(
    user: User, filters: Filters, page_number: str | int | None = 1, again_number: str | int | None = 1
) -> Board:
    """The board as this user sees it. ``again_number`` is the page of those to look at again."""
    if filters.show == "decided" or filters.section:
        return _page_of(user, filters, page_number)
    again = to_look_at_again(user, filters).select_related("person__team", "claimed_by")
    again_page = Paginator(again, board_numbers().page.look_again_rows).get_page(again_number)
    look_again = list(again_page.object_list)
    first = first_of_sections(user, filters)
    shown = [pk for pks, _total in first.values() for pk in pks]
    by_pk = {
        i.pk: i for i in Incident.objects.filter(pk__in=shown).select_related("person__team", "claimed_by")
    }
    made = {row.incident.pk: row for row in rows_of([*by_pk.values(), *look_again], user)}
    parts = [
        Part(section, [made[pk] for pk in first[section][0] if pk in made], first[section][1])
        for section in Section
        if section in first
    ]
    return Board(
        filters=filters,
        parts=parts,
        look_again=[made[i.pk] for i in look_again],
        again_page=again_page,
        calls=calls_of(user),
        alike=alike_of(user) if can_work(user) and Section.OVER in first else [],
        elsewhere=urgent_elsewhere(user, first) if filters.narrows else 0,
    )


def _page_of(user: User, filters: Filters, number: str | int | None) -> Board:
    """One section alone, or what was decided lately, in pages."""
    chosen = decided(user, filters) if filters.show == "decided" else undecided(user, filters)
    rows = chosen.select_related("person__team", "claimed_by")
    page = Paginator(rows, board_numbers().page.rows).get_page(number)
    alike = alike_of(user) if filters.section == Section.OVER and can_work(user) else []
    return Board(filters=filters, page=page, rows=rows_of(page.object_list, user), alike=alike)


def urgent_elsewhere(user: User, first: Mapping[Section, tuple[list[int], int]]) -> int:
    """How many urgent alerts that go on and that nobody else has are not among these. A saved view must hide none
    silently."""
    urgent = undecided(user, Filters(section=Section.NOW)).filter(level=URGENT, still_going=True)
    pks, _total = first.get(Section.NOW, ([], 0))
    return urgent.exclude(pk__in=pks).count()


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
            ended_us=ended(incident, found[incident.pk]),
        )
        for incident in incidents
    ]


def ended(incident: Incident, rows: Iterable[Mapping[str, Any]]) -> int | None:
    """When the last of an incident's findings ended; None while one goes on, or where none is left. Microseconds UTC."""
    return None if incident.still_going else max((int(row["end_utc"]) for row in rows), default=None)


def leading(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The finding an incident is named after (as ``grouping.look_of`` chooses it)."""
    return max(rows, key=lambda r: (rank(r["level"]), r["seconds"], -r["start_utc"]), default=None)


def etag_of(user: User, pulse: int, asked: str, language: str) -> str:
    """Changes with the board's pulse, and each minute, because clocks on the page count minutes."""
    minute = clock.now_us() // MINUTE_US
    told = f"{user.pk} {user.role} {pulse} {minute} {language} {asked}"
    return '"' + hashlib.sha256(told.encode()).hexdigest()[:24] + '"'
