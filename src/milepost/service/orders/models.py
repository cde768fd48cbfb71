# Over 400 lines: the tables of one app, whose constraints and keys are read together.
"""Orders and their versions, documents, devices and activations, absences; and who has to be judged anew."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef

from milepost.orders.model import Regime
from milepost.service import clock
from milepost.service.accounts.models import Team, User
from milepost.service.accounts.principals import Principal
from milepost.service.accounts.roles import Reach
from milepost.service.kit.two_hands import another_hand, counts_with_second
from milepost.service.people.models import Person


class OfVisiblePeople(models.QuerySet[Any]):
    """Rows that belong to a person: seen by those who may see the person.

    Asked of each row in turn: listing everybody whom the user may see would be most of the work of finding one row.
    """

    def visible_to(self, user: Principal) -> OfVisiblePeople:
        return self.filter(Exists(Person.objects.visible_to(user).filter(pk=OuterRef("person_id"))))

    def listed_for(self, user: Principal) -> OfVisiblePeople:
        """The same rows, for a list of them all: where a user sees one team, beginning with its people, who are few."""
        if user.within.reach not in (Reach.OWN_TEAM, Reach.OWN_PRISON):
            return self.visible_to(user)
        return self.filter(person__in=Person.objects.listed_for(user))


class Order(models.Model):
    """A court's or a licence's order over one person. ``reference`` is its id here and in the engine's order file.

    An order that somebody imported gets a reference of its own: theirs (``file_reference``) may be taken by an order
    that they must not know of, and means nothing beyond its person.
    """

    reference = models.CharField(max_length=60, unique=True)
    file_reference = models.CharField(
        max_length=60, blank=True, db_index=True, help_text="Its id in the file it was imported from"
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="orders")
    regime = models.CharField(max_length=40, choices=[(r.value, r.value) for r in Regime])
    ends_utc = models.DateTimeField(null=True, blank=True)
    source = models.CharField(
        max_length=200, blank=True, help_text="Court, prison, or the file it was read from"
    )
    extra = models.JSONField(default=dict, help_text="Fields of the order file that have no column here")
    created_utc = models.DateTimeField(default=clock.now_utc)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["file_reference", "person"], condition=~models.Q(file_reference=""),
                name="one_order_of_a_file_reference",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.reference


class Approval(models.Model):
    """A second person's word that a version holds. The database refuses one that the audit log does not have
    (``orders.row_rules``), and it never changes."""

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    audit_number = models.BigIntegerField(
        null=True, help_text="Its entry in the audit log; null: given before the log was asked for"
    )

    def __str__(self) -> str:
        return f"approval {self.pk}"


class Attestation(models.Model):
    """A named system's word that what it brings is in force already: approved elsewhere, before it came here.

    Another kind than an approval, and shown as such: nobody here read these versions. No user can give one.
    """

    system = models.CharField(max_length=100, help_text="Which system says so")
    statement = models.CharField(
        max_length=300, help_text="What it says, and where the approval is on record"
    )
    source = models.CharField(max_length=200, blank=True, help_text="The file")
    at_utc = models.DateTimeField(default=clock.now_utc)
    audit_number = models.BigIntegerField(
        null=True, help_text="Its entry in the audit log; null: taken in before the log was asked for"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(system="") & ~models.Q(statement=""), name="attestation_says_who_and_what"
            ),
        )

    def __str__(self) -> str:
        return f"attestation {self.pk}"


class VersionState(models.TextChoices):
    DRAFT = "draft"
    WAITING = "waiting"  # for approval
    APPROVED = "approved"
    RETURNED = "returned"  # to the author, with a reason
    DISCARDED = "discarded"


class OrderVersion(models.Model):
    """What the order says from a moment on. Only approved versions reach the engine; they never change."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=VersionState, default=VersionState.DRAFT)
    effective_from_utc = models.DateTimeField(null=True, blank=True)
    document = models.JSONField(default=dict, help_text="milepost.orders.model.OrderVersion as JSON")
    terms = models.JSONField(
        default=dict, help_text="What approval writes to the order: regime, ends_utc, source, convicted_on"
    )
    sections_done = models.JSONField(default=list, help_text="Task list sections marked as done")
    revision = models.PositiveIntegerField(default=0, help_text="Counts every change of a draft")
    hands = models.JSONField(
        default=list, help_text="Ids of users who wrote in the draft: none may approve it"
    )
    warnings_read = models.JSONField(
        default=dict, help_text="The warnings its author read, and why it goes ahead"
    )
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_utc = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True, help_text="Why the order is varied")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_utc = models.DateTimeField(default=clock.now_utc)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_utc = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=500, blank=True)
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, null=True, related_name="version")
    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT, null=True, related_name="versions")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["order", "version"], name="one_version_of_a_number"),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | models.Q(approval__isnull=False, attestation__isnull=True)
                | models.Q(approval__isnull=True, attestation__isnull=False),
                name="approved_by_somebody_or_attested",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(made_by__isnull=True)
                | ~models.Q(decided_by=models.F("made_by"))
                | ~models.Q(state__in=["approved", "returned"]),
                name="decided_by_another_than_its_author",
            ),
        )
        indexes = (
            models.Index(fields=["state", "submitted_utc"], name="version_by_state"),
            models.Index(fields=["decided_by", "decided_utc"], name="version_decided_by"),
        )
        ordering = ("order", "version")

    @property
    def person(self) -> Person:
        return self.order.person

    @property
    def audit_key(self) -> dict[str, Any]:
        """How the log names it."""
        return {"order": self.order.reference, "version": self.version}

    def __str__(self) -> str:
        return f"{self.order_id} v{self.version}"


class Document(models.Model):
    """A file attached to an order: the court's order, a map. Kept in the database, so that backup, retention
    and erasure reach it like everything else."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="documents")
    version = models.ForeignKey(
        OrderVersion, on_delete=models.SET_NULL, null=True, related_name="documents",
        help_text="The draft it was attached to: until that is decided it can be removed",
    )  # fmt: skip
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)

    @property
    def person(self) -> Person:
        return self.order.person

    @property
    def audit_key(self) -> dict[str, Any]:
        """How the log names it."""
        return {"order": self.order.reference, "document": self.pk}

    def __str__(self) -> str:
        return f"document {self.pk}"


class Device(models.Model):
    """A tag, a home unit or a phone on the register. ``device_id`` is what its signals say."""

    class Kind(models.TextChoices):
        TAG = "tag"
        RADIO_TAG = "radio_tag"
        HOME_UNIT = "home_unit"

    class State(models.TextChoices):
        IN_STOCK = "in_stock"
        FITTED = "fitted"
        FAULTY = "faulty"
        LOST = "lost"
        RETIRED = "retired"

    device_id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.TAG)
    model = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.IN_STOCK)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["device_id"], condition=models.Q(state="in_stock"), name="device_in_stock"),
        )

    def __str__(self) -> str:
        return self.device_id


class Activation(models.Model):
    """This device, on this person (or for their home), from-until. Signals belong to an activation."""

    reference = models.CharField(max_length=60, unique=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="activations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="activations")
    from_utc = models.DateTimeField()
    until_utc = models.DateTimeField(null=True, blank=True)
    place = models.CharField(
        max_length=60, blank=True, help_text="For a home unit: id of the place it stands in"
    )
    fitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removal_reason = models.CharField(max_length=200, blank=True)

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        indexes = (models.Index(fields=["device", "from_utc"], name="activation_by_device"),)

    def __str__(self) -> str:
        return self.reference


class AbsenceState(models.TextChoices):
    """Not kept: it follows from whether a second person is waited for, and whether it was withdrawn."""

    WAITING = "waiting"
    STANDS = "stands"
    WITHDRAWN = "withdrawn"


class Absence(models.Model):
    """A time in which a duty is lifted: an authorised absence, a permitted purpose, or the suspension of the whole
    order. Entered in advance or after; the engine honours it; withdrawing keeps the row."""

    class Kind(models.TextChoices):
        AUTHORISED_ABSENCE = "authorised_absence"
        PERMITTED_PURPOSE = "permitted_purpose"
        SUSPENSION = "suspension"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absences")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="absences")
    condition_id = models.CharField(
        max_length=60, blank=True, help_text="Empty: every condition of the order"
    )
    kind = models.CharField(max_length=30, choices=Kind, default=Kind.AUTHORISED_ABSENCE)
    from_utc = models.DateTimeField()
    until_utc = models.DateTimeField()
    reason_code = models.CharField(
        max_length=60, help_text="From orders/absence_reasons.toml, or of the decision that it comes of"
    )
    reason = models.CharField(max_length=500, blank=True)
    evidence = models.CharField(max_length=500, blank=True, help_text="What was seen: letter, call, booking")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    second_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    second_utc = models.DateTimeField(null=True, blank=True)
    needs_second = models.BooleanField(
        default=False, help_text="Whether the table of reasons asked for a second person when it was entered"
    )
    waits_for_second = models.BooleanField(default=False)
    of_decision = models.BooleanField(
        default=False, help_text="It comes of a decision on an alert, and is confirmed and undone with that"
    )
    withdrawn_utc = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_utc__gt=models.F("from_utc")), name="absence_ends_later"
            ),
            another_hand("absence_second_is_another"),
            counts_with_second(
                "absence_stands_with_second", models.Q(waits_for_second=False, withdrawn_utc__isnull=True)
            ),
        )

    @property
    def state(self) -> AbsenceState:
        if self.withdrawn_utc is not None:
            return AbsenceState.WITHDRAWN
        return AbsenceState.WAITING if self.waits_for_second else AbsenceState.STANDS

    def __str__(self) -> str:
        return f"absence {self.pk}"


class ToJudge(models.Model):
    """A person whose orders, devices or absences changed: the engine worker takes them up and deletes the row.

    Written in the transaction of the change (``orders.engine_file.judge_anew``)."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True)
    asked_us = models.BigIntegerField()
    from_us = models.BigIntegerField(
        null=True,
        help_text="From when on the change counts, microseconds UTC; null: nothing of before is to be judged",
    )

    def __str__(self) -> str:
        return f"judge {self.person_id}"


class Upload(models.Model):
    """A file between its upload and the word that takes it in. Seen by its owner alone; emptied when done."""

    class Kind(models.TextChoices):
        ORDERS = "orders"
        ZONES = "zones"
        DEVICES = "devices"

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    done_utc = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"upload {self.pk}"


class ToCheck(models.Model):
    """A part of an import that its sender cannot be told about: of somebody whom they do not see, or a device that is
    not free. Kept whole until somebody who may see both sides has looked (``Permission.CHECK_IMPORTS``).

    There may be no such person, or one whom the sender must not know of: while it waits, nobody has asked.
    """

    class Kind(models.TextChoices):
        PERSON = "person"
        DEVICE = "device"

    class State(models.TextChoices):
        WAITING = "waiting"
        TAKEN_IN = "taken_in"
        LEFT_OUT = "left_out"

    kind = models.CharField(max_length=20, choices=Kind)
    reference = models.CharField(
        max_length=80, db_index=True, help_text="Of the person, or the device's number"
    )
    part = models.JSONField(
        help_text="milepost.orders.model.OrderFile of this part; empty once it is decided"
    )
    sha256 = models.CharField(max_length=64, help_text="Of the part: sent again, it waits once")
    source = models.CharField(max_length=200, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_utc = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["sha256", "by"], condition=models.Q(state="waiting"), name="a_part_waits_once"
            ),
            another_hand("import_checked_by_another", second="decided_by"),
            models.CheckConstraint(
                condition=models.Q(state="waiting") | models.Q(decided_by__isnull=False),
                name="import_checked_by_somebody",
            ),
        )
        indexes = (models.Index(fields=["state", "at_utc"], name="to_check_by_state"),)

    def __str__(self) -> str:
        return f"to check {self.pk}"
