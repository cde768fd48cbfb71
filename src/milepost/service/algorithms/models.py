"""What is recorded of predictors here: steps that people ask for, outcomes of people, and what the watch found.

The predictor itself, its states included, is in the registry.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.kit.two_hands import another_hand, counts_with_second
from milepost.service.people.models import Person


class PredictorStep(models.Model):
    """Somebody asks that a predictor comes into a state; where policy wants two people, it waits for the second."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        REFUSED = "refused"

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    to = models.CharField(max_length=20, help_text="A state of the registry: shadow, approved, retired")
    why = models.CharField(max_length=500)
    evaluation_hash = models.CharField(max_length=80, help_text="Of the evaluation that was read")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    needs_second = models.BooleanField(
        default=False, help_text="Whether policy asked for a second person when it was asked for"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    second_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    second_utc = models.DateTimeField(null=True, blank=True)
    second_note = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["name", "version"], condition=Q(state="waiting"), name="one_step_waits"
            ),
            another_hand("step_second_is_another"),
            counts_with_second("step_done_with_second", Q(state="done")),
        )

    def __str__(self) -> str:
        return f"{self.to} of {self.name} {self.version}"


class OutcomeFile(models.Model):
    """A file of outcomes that somebody took in. A withdrawn one counts no longer; its rows stay."""

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, db_index=True)
    source = models.CharField(max_length=200, help_text="Where the outcomes come from")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    rows_read = models.PositiveIntegerField(default=0)
    rows_kept = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(
        default=0, help_text="Of those read, what a row said before: here or in another file"
    )
    rows_bad = models.PositiveIntegerField(default=0)
    problems = models.JSONField(
        default=list,
        help_text="Row, field, message and remedy of the first ones; no value, for it may name a person",
    )
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_utc = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(withdrawn_utc=None), name="a_file_of_outcomes_counts_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Outcome(models.Model):
    """What is known of a person by ``followed_until``: that it happened on a day, or that nothing of the kind did.

    For counting in groups. No page shows one person's, and no score reads it.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="outcomes")
    file = models.ForeignKey(OutcomeFile, on_delete=models.PROTECT, related_name="outcomes")
    kind = models.CharField(max_length=40, help_text="A code of outcomes.toml")
    happened_on = models.DateField(null=True, blank=True, help_text="Empty: nothing of the kind happened")
    followed_until = models.DateField(help_text="The last day that the record covers")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        indexes = (models.Index(fields=["kind", "person"], name="outcomes_by_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class DriftReport(models.Model):
    """What the watch found of one predictor on one day, in numbers of people. ``fingerprint`` is that of what was
    looked at: a day on which nothing is new adds no report."""

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    day = models.DateField()
    at_utc = models.DateTimeField(default=clock.now_utc)
    fingerprint = models.CharField(max_length=64)
    found = models.JSONField(help_text="milepost.risk.predictors.watch.watch_shadow")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        ordering = ("-day",)
        constraints = (
            models.UniqueConstraint(fields=["name", "version", "day"], name="one_drift_report_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version} on {self.day}"


class DriftAlarm(models.Model):
    """Something of a predictor passed a limit. It is over when a later report finds it no more; an answer says what
    was done about it. It never moves the predictor."""

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, help_text="inputs, calibration, slope, cusum")
    what = models.CharField(max_length=80, help_text="The feature, or the span of time")
    level = models.CharField(max_length=10, help_text="watch or alarm")
    value = models.FloatField()
    limit = models.FloatField()
    first = models.ForeignKey(DriftReport, on_delete=models.PROTECT, related_name="+")
    last = models.ForeignKey(DriftReport, on_delete=models.PROTECT, related_name="+")
    over_utc = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_utc = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        ordering = ("level", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["name", "version", "kind", "what"],
                condition=Q(over_utc=None),
                name="one_drift_alarm_rings",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.what} of {self.name} {self.version}"
