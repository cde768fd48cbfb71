"""What the engine says of people now, against what the database says: the difference is written, with its
incidents, in one transaction.

Level-triggered: nothing depends on which step found what. After a kill at any instant the next worker judges
from stored signals, compares, and writes just what is missing. Nothing is lost, nothing is told twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from milepost.compliance.live_begin import within_reach
from milepost.compliance.live_follow import SAME_S, news_and_followed
from milepost.compliance.live_record import Change, compare
from milepost.service import clock
from milepost.service.accounts.actors import Machine
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.events import announce
from milepost.service.monitoring.grouping import group_key, look_of, needs_a_look, rank
from milepost.service.monitoring.models import Finding, Incident, IncidentEvent, IncidentState, row_so_far
from milepost.service.monitoring.pulse import beat
from milepost.service.monitoring.so_far import keep, of_engine, worth_keeping
from milepost.service.people.models import Person
from milepost.times import MINUTE_US, SECOND_US

Row = dict[str, Any]
UNDECIDED = (IncidentState.OPEN, IncidentState.CLAIMED, IncidentState.WAITING_FOR_SECOND)
FOLLOWING = (
    "state", "level", "kind", "began_us", "due_us", "changed_us", "still_going", "revision",
    "superseded_since_decision",
)  # fmt: skip
"""Columns of an incident that follow from its findings."""
PEOPLE_A_TRANSACTION = 300


@dataclass(slots=True)
class Written:
    """What one reconciliation did."""

    new: int = 0
    revised: int = 0
    withdrawn: int = 0
    opened: set[int] = field(default_factory=set)
    """Incidents, by their primary keys."""


def matters(change: Change) -> bool:
    """Whether somebody who looked before the change should look again.

    A revision that only counts coverage anew, or moves an edge by less than a minute, is recorded like every
    other, but it does not bring a decided incident back or refuse a form that an officer is filling in. Neither does
    what only goes on: that it grows longer was known when it was decided. Its end is another matter, and so is a
    higher level that it grows into.
    """
    old, new = change.previous, change.finding
    if change.what != "revised" or old is None:
        return True
    if any(old[name] != new[name] for name in ("kind", "status", "level", "rule", "order_version")):
        return True
    goes_on = new["status"] == "open"
    grew_s = (new["end_utc"] - old["end_utc"]) / SECOND_US if goes_on else 0.0
    edges = ("start_utc",) if goes_on else ("start_utc", "end_utc")
    moved = any(abs((old[name] or 0) - (new[name] or 0)) >= SAME_S * SECOND_US for name in edges)
    return moved or abs(new["seconds"] - old["seconds"] - grew_s) >= SAME_S


def standing_rows(people: Iterable[Person], *, from_us: int) -> dict[str, list[Row]]:
    """Findings that stand, by person's reference, that are open or reach ``from_us`` or later."""
    found: dict[str, list[Row]] = {}
    rows = Finding.objects.filter(
        Q(status="open") | Q(reach_us__gte=from_us), person__in=people, current=True
    )
    for row in rows.order_by("start_us").values_list("row", flat=True):
        found.setdefault(row["person_id"], []).append(row)
    return found


def reconcile(
    people: Sequence[Person],
    *,
    says: Callable[[Sequence[str]], list[Row]],
    begins_us: Mapping[str, int],
    worker: str,
    check: Callable[[Sequence[Person]], None],
    settles_us: Callable[[Row], int] | None = None,
) -> Written:
    """Writes what changed for ``people``. What only goes on is followed (``so_far``), without a revision.

    Args:
        says: the engine's current findings of people, by reference.
        begins_us: from when the engine judges each; what ended before is settled and stays as it is.
        check: called inside the transaction; raises where this worker may no longer write.
        settles_us: when the coverage of a finding's obligation is final; until then that it was counted anew is not
            written. None: all of it is.
    """
    written = Written()
    settles_us = settles_us or (lambda row: 0)
    for i in range(0, len(people), PEOPLE_A_TRANSACTION):
        some = people[i : i + PEOPLE_A_TRANSACTION]
        references = [p.reference for p in some]
        stands = standing_rows(some, from_us=min(begins_us[r] for r in references))
        old = [row for r in references for row in stands.get(r, []) if within_reach(row, begins_us[r])]
        changes, followed = news_and_followed(compare(old, says(references)), settles_us, clock.now_us())
        longer = worth_keeping(followed)
        if not changes and not longer:
            continue
        with transaction.atomic():
            check(some)
            if longer:
                keep(longer)
            if changes:
                _Writing({p.reference: p for p in some}, worker, written).write(changes)
    return written


class _Writing:
    """One transaction's worth of changes."""

    def __init__(self, people: Mapping[str, Person], worker: str, written: Written) -> None:
        self.people = people
        self.by = Machine("worker", worker)
        self.written = written
        self.now_us = clock.now_us()
        self.incidents: dict[int, Incident] = {}
        self.undecided: dict[tuple[int, str], Incident] = {}
        self.touched: dict[int, bool] = {}
        """Incidents with changed findings, and whether any of it matters to a person."""
        self.events: list[IncidentEvent] = []

    def write(self, changes: Sequence[Change]) -> None:
        before = self._before(changes)
        self._load_incidents(changes, before)
        ended = [
            c.previous["finding_id"] if c.previous else c.finding["finding_id"]
            for c in changes
            if c.what != "new"
        ]
        Finding.objects.filter(finding_id__in=ended, current=True).update(current=False, ended_us=self.now_us)
        withdrawn = [c.finding["finding_id"] for c in changes if c.what == "withdrawn"]
        if withdrawn:
            Finding.objects.filter(finding_id__in=withdrawn, ended_us=self.now_us).update(withdrawn=True)
        self._open_new(changes, before)
        made = []
        for change in changes:
            incident = self._incident_of(change, before)
            if incident is not None:
                self.touched[incident.pk] = self.touched.get(incident.pk, False) or matters(change)
            if change.what != "withdrawn":
                person = self.people[change.finding["person_id"]]
                made.append(of_engine(change.finding, person, incident, self.now_us))
        Finding.objects.bulk_create(made)
        self._bring_up_to_date()
        self._close_books(changes)

    def _before(self, changes: Sequence[Change]) -> dict[str, int | None]:
        """The incident of each finding that is replaced or withdrawn."""
        ids = [(c.previous or c.finding)["finding_id"] for c in changes if c.what != "new"]
        rows = Finding.objects.filter(finding_id__in=ids, current=True)
        return dict(rows.values_list("finding_id", "incident_id"))

    def _load_incidents(self, changes: Sequence[Change], before: Mapping[str, int | None]) -> None:
        people = {self.people[c.finding["person_id"]].pk for c in changes}
        wanted = Q(pk__in=[pk for pk in before.values() if pk]) | Q(person__in=people, state__in=UNDECIDED)
        for incident in Incident.objects.select_for_update().filter(wanted).order_by("pk"):
            self.incidents[incident.pk] = incident
            if incident.state in UNDECIDED:
                self.undecided[incident.person_id, incident.group_key] = incident

    def _open_new(self, changes: Sequence[Change], before: Mapping[str, int | None]) -> None:
        """Opens the incidents that these changes need and that are not there: all at once, for when a network
        fails there are thousands."""
        wanted: dict[tuple[int, str], Incident] = {}
        first: list[tuple[Incident, Row]] = []
        for change in changes:
            key = self._key_of(change, before)
            if key is not None and key not in self.undecided and key not in wanted:
                wanted[key] = self._incident(self.people[change.finding["person_id"]], key[1], change.finding)
                first.append((wanted[key], change.finding))
        Incident.objects.bulk_create(wanted.values())
        self.undecided |= wanted
        for incident, row in first:
            self.incidents[incident.pk] = incident
            self.written.opened.add(incident.pk)
            self._event(
                incident, IncidentEvent.Kind.OPENED, {"finding": row["finding_id"], "level": row["level"]}
            )

    def _key_of(self, change: Change, before: Mapping[str, int | None]) -> tuple[int, str] | None:
        """Which undecided incident a change belongs to; None where it stays with the one it has, or needs none."""
        row = change.finding
        if change.what != "new" and before.get((change.previous or row)["finding_id"]) is not None:
            return None
        if change.what == "withdrawn" or not needs_a_look(row["level"]):
            return None
        return self.people[row["person_id"]].pk, group_key(row, settings.LOCAL_TIME_ZONE)

    def _incident_of(self, change: Change, before: Mapping[str, int | None]) -> Incident | None:
        if change.what != "new":
            pk = before.get((change.previous or change.finding)["finding_id"])
            if pk is not None:
                return self.incidents[pk]
        key = self._key_of(change, before)
        return None if key is None else self.undecided[key]

    def _incident(self, person: Person, key: str, row: Row) -> Incident:
        within = row["act_within_minutes"]
        return Incident(
            person=person,
            level=row["level"],
            kind=row["kind"],
            group_key=key,
            began_us=row["start_utc"],
            opened_us=self.now_us,
            due_us=None if within is None else self.now_us + within * MINUTE_US,
            changed_us=self.now_us,
            still_going=row["status"] == "open",
        )

    def _event(self, incident: Incident, kind: IncidentEvent.Kind, details: dict[str, Any]) -> None:
        self.events.append(
            IncidentEvent(incident=incident, kind=kind, at_utc=clock.now_utc(), details=details)
        )

    def _bring_up_to_date(self) -> None:
        """Each touched incident becomes what its current findings make of it."""
        rows: dict[int, list[Row]] = {pk: [] for pk in self.touched}
        current = Finding.objects.filter(incident__in=list(self.touched), current=True)
        for pk, row, so_far in current.values_list("incident_id", "row", "so_far"):
            rows[pk].append(row_so_far(row, so_far))
        for pk, matters_to_people in self.touched.items():
            if matters_to_people:
                self._follow(self.incidents[pk], rows[pk])
        # A plain UPDATE for each: Django's bulk_update writes a CASE for each value, and was most of the
        # time of a step in which thousands of incidents changed.
        columns = ", ".join(f"{name} = %s" for name in FOLLOWING)
        values = [
            (*(getattr(self.incidents[pk], name) for name in FOLLOWING), pk) for pk in sorted(self.touched)
        ]
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {Incident._meta.db_table} SET {columns} WHERE id = %s", values)

    def _follow(self, incident: Incident, rows: list[Row]) -> None:
        look = look_of(rows)
        newly_opened = incident.pk in self.written.opened and incident.revision == 0
        incident.revision += 1
        incident.changed_us = self.now_us
        if look is None or not needs_a_look(look.level):
            incident.still_going = False
            if incident.state == IncidentState.OPEN:  # nobody has it in hand: it may go by itself
                incident.state = IncidentState.CLOSED_BY_ITSELF
                self._event(
                    incident, IncidentEvent.Kind.CLOSED, {"because": "later signals show nothing to look at"}
                )
                announce("incident.closed", {"incident": incident.pk})
            else:
                self._changed(incident, None)
            if look is None:
                return
        risen = rank(look.level) > rank(incident.level)
        if look.act_within_minutes is not None and (risen or incident.due_us is None):
            due = self.now_us + look.act_within_minutes * MINUTE_US
            incident.due_us = due if incident.due_us is None or risen else min(due, incident.due_us)
        incident.level, incident.kind = look.level, look.kind
        incident.began_us, incident.still_going = look.began_us, look.still_going
        if newly_opened:
            announce("incident.opened", {"incident": incident.pk, "level": look.level, "kind": look.kind})
        elif needs_a_look(look.level):
            self._changed(incident, look.level if risen else None)

    def _changed(self, incident: Incident, risen_to: str | None) -> None:
        if incident.state == IncidentState.DECIDED:
            incident.superseded_since_decision = True
            waits = (incident.person_id, incident.group_key) in self.undecided
            if risen_to is not None and not waits:  # worse than what was decided on: back on the board
                incident.state = IncidentState.OPEN
                self.undecided[incident.person_id, incident.group_key] = incident
        details = {"level": risen_to} if risen_to else {}
        self._event(incident, IncidentEvent.Kind.CHANGED, details | {"revision": incident.revision})
        announce(
            "incident.changed", {"incident": incident.pk, "level": incident.level, "kind": incident.kind}
        )

    def _close_books(self, changes: Sequence[Change]) -> None:
        IncidentEvent.objects.bulk_create(self.events)
        counts = {what: sum(c.what == what for c in changes) for what in ("new", "revised", "withdrawn")}
        digest = hashlib.sha256(
            "".join(c.what + c.finding["finding_id"] for c in changes).encode()
        ).hexdigest()
        write(
            by=self.by,
            operation=Operation.ALTERATION,
            what="findings.write",
            details={**counts, "digest": digest},
        )
        beat()
        self.written.new += counts["new"]
        self.written.revised += counts["revised"]
        self.written.withdrawn += counts["withdrawn"]
