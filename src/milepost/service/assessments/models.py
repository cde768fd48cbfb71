"""Assessments: what was recorded of a person, the versions of their assessment, and what people made of the scores.

A signed version never changes. A correction is a new version; the old one stays to be read.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.principals import Principal
from milepost.service.kit.two_hands import another_hand, counts_with_second
from milepost.service.people.models import Person


class OfVisiblePeople(models.QuerySet[Any]):
    """Rows that belong to a person: seen by those who may see the person."""

    def visible_to(self, user: Principal) -> OfVisiblePeople:
        return self.filter(person__in=Person.objects.visible_to(user))


class RecordedFact(models.Model):
    """What another record says in answer to a question: it fills the question in, for an officer to confirm.

    Never changed: a newer fact about the same question has a later ``as_of``.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="recorded_facts")
    question = models.CharField(max_length=80)
    value = models.JSONField()
    source = models.CharField(max_length=200, help_text="The record it was read from")
    as_of = models.DateField(help_text="The day on which it was so")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)

    class Meta:
        indexes = (models.Index(fields=["person", "question", "as_of"], name="facts_of_person"),)

    def __str__(self) -> str:
        return f"{self.question} of {self.person_id}"


class AssessmentState(models.TextChoices):
    DRAFT = "draft"
    JUDGED = "judged"  # the professional judgement is recorded; the scores may be seen
    AWAITING = "awaiting"  # countersignature
    SIGNED = "signed"
    COUNTERSIGNED = "countersigned"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


OPEN = (AssessmentState.DRAFT, AssessmentState.JUDGED, AssessmentState.AWAITING)
"""Being worked on. A person has one at most."""
IN_FORCE = (AssessmentState.SIGNED, AssessmentState.COUNTERSIGNED)
"""The version that counts. A person has one at most."""


class Assessment(models.Model):
    """One version of a person's assessment."""

    class Reason(models.TextChoices):
        FIRST = "first"
        REVIEW = "review"
        EVENT = "event"
        CORRECTION = "correction"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assessments")
    number = models.PositiveIntegerField(help_text="Counts the versions of the person, from 1")
    state = models.CharField(max_length=20, choices=AssessmentState, default=AssessmentState.DRAFT)
    reason = models.CharField(max_length=20, choices=Reason, default=Reason.FIRST)
    why = models.CharField(max_length=500, blank=True)
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    assessed_on = models.DateField(help_text="The local day for which the answers hold")
    next_due = models.DateField(null=True, blank=True)
    due_because = models.CharField(max_length=60, blank=True, help_text="Code in assessment_policy.toml")
    revision = models.PositiveIntegerField(default=0, help_text="Counts every change; forms name it")
    hands = models.JSONField(default=list, help_text="Ids of users who wrote in it: none may countersign it")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_utc = models.DateTimeField(default=clock.now_utc)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_utc = models.DateTimeField(null=True, blank=True)
    countersign_because = models.JSONField(default=list, help_text="Codes of the rules that ask for it")
    countersigned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    countersigned_utc = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=500, blank=True, help_text="Of whoever countersigned or not")
    tier_result = models.JSONField(default=dict, help_text="milepost.risk.tier.Tier as signed")
    needs_result = models.JSONField(default=list, help_text="Need levels as signed")

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        ordering = ("person", "number")
        constraints = (
            models.UniqueConstraint(fields=["person", "number"], name="one_assessment_of_a_number"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=OPEN), name="one_open_assessment"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=IN_FORCE), name="one_assessment_in_force"
            ),
            another_hand("countersigned_by_another", first="signed_by", second="countersigned_by"),
            models.CheckConstraint(
                condition=~Q(state=AssessmentState.COUNTERSIGNED)
                | Q(signed_by__isnull=False, countersigned_by__isnull=False),
                name="countersigned_by_somebody",
            ),
        )
        indexes = (models.Index(fields=["state", "next_due"], name="assessments_by_due"),)

    def __str__(self) -> str:
        return f"assessment {self.number} of {self.person_id}"


class Answer(models.Model):
    """The answer to one question in one version. No row: not asked yet. ``unknown``: asked, and not known.

    A pre-filled answer says where it comes from and counts for nothing until an officer confirms it.
    """

    class Source(models.TextChoices):
        PERSON = "person"
        OFFICER = "officer"
        RECORD = "record"
        PREVIOUS = "previous"
        COURT = "court"
        POLICE = "police"
        HEALTH = "health"
        OTHER = "other"

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=80)
    value = models.JSONField(null=True, blank=True)
    unknown = models.BooleanField(default=False)
    source = models.CharField(max_length=20, choices=Source, default=Source.OFFICER)
    source_name = models.CharField(max_length=200, blank=True, help_text="Which record, which report")
    as_of = models.DateField()
    note = models.CharField(max_length=500, blank=True)
    confirmed = models.BooleanField(default=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["assessment", "question"], name="one_answer"),)

    def __str__(self) -> str:
        return f"{self.question} in {self.assessment_id}"


class Judgement(models.Model):
    """The officer's own judgement of the risk of serious harm, made before the scores are seen.

    Never changed: a later one of the same version takes its place, and says if the scores had been seen by then.
    """

    class Level(models.TextChoices):
        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"
        VERY_HIGH = "very_high"
        UNKNOWN = "unknown"
        NOT_APPLICABLE = "not_applicable"  # prisoners, of somebody who is not in custody

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="judgements")
    children = models.CharField(max_length=20, choices=Level)
    public = models.CharField(max_length=20, choices=Level)
    known_adult = models.CharField(max_length=20, choices=Level)
    staff = models.CharField(max_length=20, choices=Level)
    prisoners = models.CharField(max_length=20, choices=Level)
    who = models.TextField(max_length=1000, blank=True, help_text="Who is at risk")
    nature = models.TextField(max_length=1000, help_text="What could happen")
    imminence = models.TextField(max_length=1000, help_text="When the risk is greatest")
    reasoning = models.TextField(max_length=4000)
    after_scores = models.BooleanField(default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"judgement on {self.assessment_id}"


class Score(models.Model):
    """A score as it was when the version was signed: what was worked out, from which coefficients."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="scores")
    instrument = models.CharField(max_length=20)
    version = models.CharField(max_length=80)
    data_hash = models.CharField(max_length=80)
    scored = models.BooleanField()
    percentage = models.FloatField(null=True, blank=True)
    band = models.CharField(max_length=20, blank=True)
    result = models.JSONField(help_text="milepost.risk.result.Result as a dictionary")
    current = models.BooleanField(default=True, help_text="False: signed, and sent back before it counted")
    at_utc = models.DateTimeField(default=clock.now_utc)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["assessment", "instrument"],
                condition=Q(current=True),
                name="one_score_of_an_instrument",
            ),
        )

    def __str__(self) -> str:
        return f"{self.instrument} of {self.assessment_id}"


class Override(models.Model):
    """A person set a band or the tier otherwise than the score says, and says why. The score itself stays."""

    class Direction(models.TextChoices):
        UP = "up"
        DOWN = "down"

    class State(models.TextChoices):
        WAITING = "waiting"  # for a second person
        STANDS = "stands"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assessment_overrides")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="overrides")
    target = models.CharField(max_length=20, help_text='"tier", or the key of an instrument')
    from_value = models.CharField(max_length=20)
    to_value = models.CharField(max_length=20)
    direction = models.CharField(max_length=10, choices=Direction)
    reason_code = models.CharField(max_length=60, help_text="From assessment_policy.toml")
    explanation = models.TextField(max_length=2000)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    needs_second = models.BooleanField(
        default=False, help_text="Whether policy asked for a second person when it was made"
    )
    second_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    second_utc = models.DateTimeField(null=True, blank=True)
    second_note = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["assessment", "target"], condition=Q(state__in=["waiting", "stands"]),
                name="one_override_of_a_target",
            ),
            another_hand("override_second_is_another"),
            counts_with_second("override_stands_with_second", Q(state="stands")),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"override {self.pk}"


class TierRecord(models.Model):
    """A tier the person came to have, and by which step. The one that is ``current`` counts."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tiers")
    tier = models.CharField(max_length=20, help_text="A to G, or MISSING")
    step = models.CharField(max_length=300, help_text="The steps that set it, or the override")
    provisional = models.BooleanField(default=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="tiers")
    override = models.ForeignKey(Override, on_delete=models.PROTECT, null=True, related_name="tiers")
    current = models.BooleanField(default=True)
    at_utc = models.DateTimeField(default=clock.now_utc)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person"], condition=Q(current=True), name="one_tier_now"),
        )

    def __str__(self) -> str:
        return f"tier {self.tier} of {self.person_id}"


class Contest(models.Model):
    """The person, or somebody for them, says that an assessment is wrong. A person looks at it and answers."""

    class State(models.TextChoices):
        RAISED = "raised"
        LOOKED_AT = "looked_at"
        CORRECTED = "corrected"
        PARTLY = "partly"
        UPHELD = "upheld"  # the assessment stays as it is

    class RaisedBy(models.TextChoices):
        PERSON = "person"
        SOLICITOR = "solicitor"
        FAMILY = "family"
        ADVOCATE = "advocate"
        STAFF = "staff"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assessment_contests")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="contests")
    raised_by = models.CharField(max_length=20, choices=RaisedBy)
    disputed = models.TextField(max_length=4000, help_text="What is said to be wrong, in their words")
    evidence = models.TextField(max_length=4000, blank=True)
    raised_on = models.DateField()
    due = models.DateField()
    state = models.CharField(max_length=20, choices=State, default=State.RAISED)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    looked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    looked_utc = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(max_length=4000, blank=True, help_text="In plain words, for the person")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_utc = models.DateTimeField(null=True, blank=True)
    correction = models.ForeignKey(
        Assessment, on_delete=models.SET_NULL, null=True, blank=True, related_name="corrects"
    )

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        ordering = ("due", "pk")

    def __str__(self) -> str:
        return f"contest {self.pk}"


OPEN_CONTEST = (Contest.State.RAISED, Contest.State.LOOKED_AT)


def days_left(due: dt.date, today: dt.date) -> int:
    """Negative when the day is past."""
    return (due - today).days
