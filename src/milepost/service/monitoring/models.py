"""Findings as the engine gives them, incidents as a person looks at them, decisions as people make them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.principals import Principal
from milepost.service.kit.two_hands import another_hand, counts_with_second
from milepost.service.orders.models import Absence, OfVisiblePeople
from milepost.service.people.models import Person


class Lease(models.Model):
    """Which worker judges which part of the people. ``epoch`` fences: a worker that lost its lease cannot write."""

    bucket = models.PositiveIntegerField(primary_key=True)
    owner = models.CharField(max_length=80, blank=True)
    epoch = models.BigIntegerField(default=0)
    until_us = models.BigIntegerField(default=0)
    fix_id = models.BigIntegerField(
        default=0, help_text="Signals up to these ids have been judged; told to people as lag"
    )
    presence_id = models.BigIntegerField(default=0)
    device_event_id = models.BigIntegerField(default=0)
    judged_us = models.BigIntegerField(default=0, help_text="When the engine last finished a step")

    def __str__(self) -> str:
        return f"bucket {self.bucket}"


class EngineWorker(models.Model):
    """A worker that is alive, so that each takes its fair share."""

    name = models.CharField(max_length=80, primary_key=True)
    seen_us = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name


class IncidentState(models.TextChoices):
    OPEN = "open"
    CLAIMED = "claimed"
    WAITING_FOR_SECOND = "waiting_for_second"
    DECIDED = "decided"
    CLOSED_BY_ITSELF = "closed_by_itself"  # late data showed that there was nothing, before anyone decided


class Incident(models.Model):
    """One thing a person must look at: findings of one person that belong together (``monitoring.grouping``)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="incidents")
    state = models.CharField(max_length=30, choices=IncidentState, default=IncidentState.OPEN)
    level = models.CharField(
        max_length=20, help_text="Highest level of its current findings: note, review, urgent"
    )
    kind = models.CharField(max_length=40, help_text="Kind of the finding that leads")
    group_key = models.CharField(max_length=200, help_text="What findings must share to join this incident")
    began_us = models.BigIntegerField(help_text="Event time of the earliest finding")
    opened_us = models.BigIntegerField(help_text="When it came onto the board")
    due_us = models.BigIntegerField(null=True, help_text="By when the rule table wants it looked at")
    overdue_told_us = models.BigIntegerField(
        default=0, help_text="The due time of which it was said that it has passed"
    )
    changed_us = models.BigIntegerField(help_text="When anything of it last changed")
    still_going = models.BooleanField(default=True, help_text="Some finding of it is still open")
    superseded_since_decision = models.BooleanField(
        default=False, help_text="Findings changed after a person decided: look again"
    )
    claimed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="claimed"
    )
    claimed_utc = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, help_text="Rises with every change; decisions name it")

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["state", "due_us"], name="incident_board"),
            models.Index(fields=["person", "began_us"], name="incident_by_person"),
            models.Index(
                fields=["due_us"], name="incident_live",
                condition=Q(state__in=["open", "claimed", "waiting_for_second"]),
            ),
            models.Index(fields=["changed_us"], name="incident_by_change"),
            models.Index(
                fields=["changed_us"], name="incident_look_again", condition=Q(superseded_since_decision=True)
            ),
        )  # fmt: skip
        constraints = (
            models.UniqueConstraint(
                fields=["person", "group_key"], name="one_undecided_incident_of_a_group",
                condition=Q(state__in=["open", "claimed", "waiting_for_second"]),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"incident {self.pk}"


class Finding(models.Model):
    """One revision of one finding. ``row`` is the engine's row, whole (``compliance.results.FINDINGS``; times in
    microseconds UTC). A superseded revision stays, with ``current`` false."""

    finding_id = models.CharField(max_length=80, db_index=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="findings")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="findings")
    current = models.BooleanField(default=True)
    withdrawn = models.BooleanField(default=False, help_text="Later signals show that there was none")
    kind = models.CharField(max_length=40)
    status = models.CharField(max_length=10)
    order_reference = models.CharField(max_length=60, blank=True)
    condition_id = models.CharField(max_length=60, blank=True)
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    reach_us = models.BigIntegerField(
        default=0, help_text="Latest time its evidence may lie at: later signals change it"
    )
    seconds = models.FloatField()
    level = models.CharField(max_length=20, help_text="By the rule table, with the person's history")
    action = models.CharField(max_length=300, blank=True)
    act_within_minutes = models.IntegerField(null=True)
    revision = models.PositiveIntegerField()
    supersedes = models.CharField(max_length=80, blank=True)
    told_us = models.BigIntegerField(help_text="When this revision was written")
    ended_us = models.BigIntegerField(null=True, help_text="When it was superseded or withdrawn")
    row = models.JSONField()
    so_far = models.JSONField(
        null=True, help_text="Open findings: the engine's latest row, which says no more than that it goes on"
    )

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["person", "start_us"], name="finding_by_person", condition=Q(current=True)),
            models.Index(fields=["person", "reach_us"], name="finding_in_reach", condition=Q(current=True)),
            models.Index(fields=["incident"], name="finding_of_incident", condition=Q(current=True)),
            models.Index(fields=["person", "status"], name="finding_open", condition=Q(current=True)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["finding_id"], name="finding_stands_once", condition=Q(current=True)
            ),
        )

    def __str__(self) -> str:
        return self.finding_id

    @property
    def row_so_far(self) -> dict[str, Any]:
        """The row, of an open finding as far as it has been followed, under the id of this revision."""
        return row_so_far(self.row, self.so_far) if self.current else self.row

    @property
    def seconds_so_far(self) -> float:
        return float(self.row_so_far["seconds"])


def row_so_far(row: dict[str, Any], so_far: dict[str, Any] | None) -> dict[str, Any]:
    """What pages say of a finding: see ``Finding.row_so_far``."""
    if so_far is None:
        return row
    return {**so_far, **{name: row[name] for name in ("finding_id", "revision", "supersedes")}}


class OfVisibleIncidents(models.QuerySet[Any]):
    """Rows that belong to an incident: seen by those who may see its person."""

    def visible_to(self, user: Principal) -> OfVisibleIncidents:
        seen = Person.objects.visible_to(user).filter(pk=OuterRef("incident__person_id"))
        return self.filter(Exists(seen))


class DecisionKind(models.TextChoices):
    NO_ACTION = "no_action"
    EXCUSED = "excused"
    AUTHORISED_ABSENCE = "authorised_absence"
    EQUIPMENT_FAULT = "equipment_fault"
    WARNING = "warning"
    BREACH = "breach"


class Decision(models.Model):
    """What a person decided about an incident, on which revision of which findings. Never changed: a new decision
    names the one it replaces."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for a second person
        STANDS = "stands"
        REFUSED = "refused"  # by the second person
        REPLACED = "replaced"

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=30, choices=DecisionKind)
    state = models.CharField(max_length=20, choices=State)
    reason_code = models.CharField(max_length=60, blank=True)
    explanation = models.CharField(max_length=2000, blank=True)
    evidence = models.CharField(max_length=1000, blank=True)
    counts_toward_total = models.BooleanField(
        default=True, help_text="False: its minutes leave the running total"
    )
    asked_in_advance = models.BooleanField(
        null=True, help_text="Whether leave was asked for before; null: not asked"
    )
    incident_revision = models.PositiveIntegerField()
    finding_ids = models.JSONField(default=list)
    rule_tables = models.JSONField(default=list)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    needs_second = models.BooleanField(
        default=False, help_text="Whether policy asked for a second person when it was made"
    )
    second_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    second_utc = models.DateTimeField(null=True, blank=True)
    second_note = models.CharField(max_length=500, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    absence = models.ForeignKey(Absence, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = OfVisibleIncidents.as_manager()

    class Meta:
        ordering = ("at_utc",)
        indexes = (
            models.Index(fields=["at_utc"], name="decision_waiting", condition=Q(state="waiting")),
            models.Index(fields=["at_utc"], name="decision_stands", condition=Q(state="stands")),
            models.Index(fields=["by", "at_utc"], name="decision_by"),
            models.Index(fields=["second_by", "second_utc"], name="decision_second_by"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["incident"], name="one_decision_stands", condition=Q(state="stands")
            ),
            models.UniqueConstraint(
                fields=["incident"], name="one_decision_waits", condition=Q(state="waiting")
            ),
            another_hand("decision_second_is_another"),
            counts_with_second("decision_stands_with_second", Q(state__in=["stands", "replaced"])),
        )

    @property
    def person(self) -> Person:
        return self.incident.person

    @property
    def audit_key(self) -> dict[str, Any]:
        """How the log names it."""
        return {"decision": self.pk, "incident": self.incident_id}

    def __str__(self) -> str:
        return f"decision {self.pk}"


class IncidentEvent(models.Model):
    """A line of an incident's history that is neither a finding nor a decision: claimed, handed over, called."""

    class Kind(models.TextChoices):
        OPENED = "opened"
        CHANGED = "changed"
        CLAIMED = "claimed"
        RELEASED = "released"
        HANDED_OVER = "handed_over"
        ACKNOWLEDGED = "acknowledged"
        CONTACT = "contact"
        NOTE = "note"
        OVERDUE = "overdue"
        CLOSED = "closed"
        STILL_STANDS = "still_stands"  # looked at again after later signals; the decision is kept
        CALL_BACK = "call_back"  # somebody has to be called again at a time
        CALL_BACK_DROPPED = "call_back_dropped"

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.CharField(max_length=1000, blank=True)
    channel = models.CharField(max_length=30, blank=True, help_text="Contact: mobile, telephone, visit, ...")
    outcome = models.CharField(
        max_length=40, blank=True, help_text="Contact: spoke, no_answer, message_left, ..."
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("at_utc", "pk")
        indexes = (models.Index(fields=["by", "at_utc"], name="incident_event_by"),)

    def __str__(self) -> str:
        return f"{self.kind} on {self.incident_id}"


class CallBack(models.Model):
    """A time at which somebody has to be called again about an incident. Of an incident one waits at most."""

    class State(models.TextChoices):
        WAITING = "waiting"
        CALLED = "called"
        REPLACED = "replaced"
        DROPPED = "dropped"

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="call_backs")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_us = models.BigIntegerField(help_text="When to call, microseconds UTC")
    why = models.CharField(max_length=300, blank=True)
    told_us = models.BigIntegerField(default=0, help_text="When open boards were told that its time has come")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_utc = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = OfVisibleIncidents.as_manager()

    class Meta:
        indexes = (models.Index(fields=["due_us"], name="call_back_waiting", condition=Q(state="waiting")),)
        constraints = (
            models.UniqueConstraint(
                fields=["incident"], name="one_call_back_waits", condition=Q(state="waiting")
            ),
        )

    @property
    def person(self) -> Person:
        return self.incident.person

    @property
    def audit_key(self) -> dict[str, Any]:
        """How the log names it."""
        return {"call_back": self.pk, "incident": self.incident_id}

    def __str__(self) -> str:
        return f"call-back {self.pk}"


class SavedView(models.Model):
    """Filters of the board that a user keeps under a name. Never a name that was searched for: that is about a person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="board_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=300, help_text="As in the board's address")
    by_default = models.BooleanField(
        default=False, help_text="What the board shows when nothing is asked for"
    )

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=["user", "name"], name="one_board_view_of_a_name"),
            models.UniqueConstraint(
                fields=["user"], name="one_board_view_by_default", condition=Q(by_default=True)
            ),
        )

    def __str__(self) -> str:
        return self.name


class Pulse(models.Model):
    """One row that rises whenever the board may look different: open boards watch it."""

    only_row = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    at_us = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
