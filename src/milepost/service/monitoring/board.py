"""Which alerts are on the board, in which sections and order, and what each row says.

A fixed number of queries whatever is behind it: a few columns of every undecided incident (a partial index holds just
those), the few that are shown with their people and teams, their current findings, and the call-backs whose time has
come. Nothing looks at decided incidents but the filter that asks for them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.monitoring.alike import Alike, alike_among
from milepost.service.monitoring.call_backs import Calls, calls_of
from milepost.service.monitoring.filters import Filters, narrowed
from milepost.service.monitoring.grouping import rank
from milepost.service.monitoring.models import Decision, Finding, Incident, IncidentState, row_so_far
from milepost.service.monitoring.policies import can_work
from milepost.service.monitoring.policy_data import board_numbers
from milepost.service.monitoring.sections import URGENT, Section, first_in_section, section_in_sql, section_of
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

    @property
    def urgent_going(self) -> bool:
        """Whether something urgent that goes on stands first: it comes before everything else."""
        first = self.parts[0].rows[:1] if self.parts and self.parts[0].section is Section.NOW else []
        return any(row.incident.level == URGENT and row.incident.still_going for row in first)

    def total(self, section: str) -> int:
        return next((part.total for part in self.parts if part.section == section), 0)


def undecided(user: User, filters: Filters) -> QuerySet[Any]:
    """With the section of each, for this user; in the order of a section."""
    incidents: QuerySet[Any] = Incident.objects.visible_to(user).filter(state__in=UNDECIDED)
    incidents = narrowed(incidents, filters, user).annotate(section=section_in_sql(user))
    if filters.section:
        incidents = incidents.filter(section=filters.section)
    return incidents.order_by(*first_in_section())


class Light(NamedTuple):
    """What the order of the board needs of an undecided alert: thousands are sorted, few are shown."""

    pk: int
    state: str
    level: str
    kind: str
    still_going: bool
    due_us: int | None
    began_us: int
    claimed_by_id: int | None

    @property
    def place(self) -> tuple[int, float, int, int]:
        """Within its section: as ``sections.first_in_section``."""
        first = (0 if self.still_going else 1) if self.level == URGENT else 2
        return first, inf if self.due_us is None else self.due_us, -rank(self.level), self.pk


def by_section(user: User, filters: Filters) -> dict[Section, list[Light]]:
    """Every undecided alert that the filters ask for, sorted, by section. One query, read once: in SQL the sections,
    their counts and what is alike would each go through all of them again."""
    incidents = narrowed(Incident.objects.visible_to(user).filter(state__in=UNDECIDED), filters, user)
    found: dict[Section, list[Light]] = {}
    for row in incidents.order_by().values_list(*Light._fields):
        light = Light(*row)
        found.setdefault(section_of(light, user), []).append(light)
    for rows in found.values():
        rows.sort(key=lambda light: light.place)
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
    found = by_section(user, filters)
    shown = {section: rows[: getattr(board_numbers().sections, section)] for section, rows in found.items()}
    by_pk = _whole([light.pk for rows in shown.values() for light in rows])
    made = {row.incident.pk: row for row in rows_of([*by_pk.values(), *look_again], user)}
    parts = [
        Part(section, [made[light.pk] for light in shown[section] if light.pk in made], len(found[section]))
        for section in Section
        if section in found
    ]
    return Board(
        filters=filters,
        parts=parts,
        look_again=[made[i.pk] for i in look_again],
        again_page=again_page,
        calls=calls_of(user),
        alike=_alike(user, found, filters),
        elsewhere=urgent_elsewhere(user, found.get(Section.NOW, ())) if filters.narrows else 0,
    )


def _whole(pks: Sequence[int]) -> dict[int, Incident]:
    """The incidents themselves, in this order."""
    rows = Incident.objects.select_related("person__team", "claimed_by").in_bulk(pks)
    return {pk: rows[pk] for pk in pks if pk in rows}


def _alike(user: User, found: Mapping[Section, list[Light]], filters: Filters) -> list[Alike]:
    """Not where filters leave some out: those that are alike are decided with all of them."""
    if filters.narrows or not can_work(user):
        return []
    return alike_among(found.get(Section.OVER, ()))


def _page_of(user: User, filters: Filters, number: str | int | None) -> Board:
    """One section alone, or what was decided lately, in pages."""
    rows_a_page = board_numbers().page.rows
    if filters.show == "decided":
        rows = decided(user, filters).select_related("person__team", "claimed_by")
        lately: Page = Paginator(rows, rows_a_page).get_page(number)
        return Board(filters=filters, page=lately, rows=rows_of(lately.object_list, user))
    found = by_section(user, filters)
    page: Page = Paginator(found.get(Section(filters.section), []), rows_a_page).get_page(number)
    shown = _whole([light.pk for light in page.object_list])
    alike = _alike(user, found, filters) if filters.section == Section.OVER else []
    return Board(filters=filters, page=page, rows=rows_of(shown.values(), user), alike=alike)


def urgent_elsewhere(user: User, inside: Sequence[Light]) -> int:
    """How many urgent alerts that go on and that nobody else has are left out. A saved view must hide none silently.

    ``inside``: what the filters leave in of what needs the user now.
    """
    urgent = undecided(user, Filters(section=Section.NOW)).filter(level=URGENT, still_going=True)
    return urgent.count() - sum(light.level == URGENT and light.still_going for light in inside)


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
