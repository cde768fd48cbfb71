"""Recent signals, as they came; tokens of those who send; what could not be understood.

The three tables of signals hold the columns of ``milepost.tracks.record`` in the same units. They have no foreign
keys but to a small table of senders: a signal is kept even when nobody knows the device yet. Rows get their
``id`` under one lock (``signals.inbox``), so that whoever has read up to an ``id`` has missed nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.orders.models import Activation
from milepost.service.people.models import Person


class Sender(models.Model):
    """A device id that has sent something or is on the register, and its small number in the signal tables."""

    device_id = models.CharField(max_length=80, unique=True)
    first_seen_utc = models.DateTimeField(default=timezone.now)
    last_received_us = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.device_id


class Fix(models.Model):
    """A position. ``lon_e7``, ``lat_e7``: degrees x 10^7; ``precision_m``: 95 % radius, null = unknown.

    ``cell`` is floor(lat x 100) x 100000 + floor((lon + 180) x 100): a grid of 0.01 degrees that finds who was
    near a place with an index and no spatial extension.
    """

    id = models.BigAutoField(primary_key=True)
    sender = models.ForeignKey(Sender, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    recorded_us = models.BigIntegerField()
    received_us = models.BigIntegerField()
    sequence = models.BigIntegerField(default=-1, help_text="-1: the device gives none")
    source = models.PositiveSmallIntegerField()
    lon_e7 = models.IntegerField()
    lat_e7 = models.IntegerField()
    precision_m = models.FloatField(null=True)
    speed_mps = models.FloatField(null=True)
    heading_deg = models.FloatField(null=True)
    altitude_m = models.FloatField(null=True)
    battery_pct = models.FloatField(null=True)
    quality = models.PositiveIntegerField(default=0)
    delivery = models.BigIntegerField()
    cell = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["sender", "recorded_us", "sequence", "source", "lon_e7", "lat_e7"], name="fix_once"
            ),
        )
        indexes = (models.Index(fields=["cell", "recorded_us"], name="fix_by_cell"),)

    def __str__(self) -> str:
        return f"fix {self.pk}"


class Presence(models.Model):
    """A home unit hears, or no longer hears, a tag."""

    id = models.BigAutoField(primary_key=True)
    sender = models.ForeignKey(Sender, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    recorded_us = models.BigIntegerField()
    received_us = models.BigIntegerField()
    sequence = models.BigIntegerField(default=-1)
    tag_id = models.CharField(max_length=80, default="", help_text="Empty: the only one")
    state = models.PositiveSmallIntegerField()
    heartbeat = models.BooleanField()
    quality = models.PositiveIntegerField(default=0)
    delivery = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["sender", "recorded_us", "sequence", "tag_id", "state", "heartbeat"],
                name="presence_once",
            ),
        )

    def __str__(self) -> str:
        return f"presence {self.pk}"


class DeviceEvent(models.Model):
    """Strap, case, power, moved, battery, fault, a reading: normalised, the device's own code beside it."""

    id = models.BigAutoField(primary_key=True)
    sender = models.ForeignKey(Sender, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    recorded_us = models.BigIntegerField()
    received_us = models.BigIntegerField()
    sequence = models.BigIntegerField(default=-1)
    kind = models.CharField(max_length=40)
    value = models.FloatField(null=True)
    unit = models.CharField(max_length=80, default="")
    raw_code = models.CharField(max_length=80, default="")
    quality = models.PositiveIntegerField(default=0)
    delivery = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["sender", "recorded_us", "sequence", "kind", "raw_code"], name="event_once"
            ),
        )

    def __str__(self) -> str:
        return f"event {self.pk}"


class Delivery(models.Model):
    """One durable step of taking signals in: what came in one transaction, with a digest that the audit log seals."""

    id = models.BigAutoField(primary_key=True)
    received_us = models.BigIntegerField(db_index=True)
    messages = models.PositiveIntegerField()
    rows_new = models.PositiveIntegerField()
    rows_repeated = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 over the messages as they came")
    batch_key = models.CharField(
        max_length=120, null=True, unique=True, help_text="The sender's own batch id"
    )
    first_ids = models.JSONField(
        default=dict, help_text="Range of ids in each table: {'fix': [from, to], ...}"
    )
    answer = models.JSONField(default=dict, help_text="What the sender of a batch was told, to tell it again")

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class IngestToken(models.Model):
    """What a device or a gateway shows to be let in. Only a SHA-256 of the secret is kept."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(
        max_length=12, unique=True, help_text="The first characters, to tell tokens apart"
    )
    secret_sha256 = models.CharField(max_length=64)
    device_id = models.CharField(max_length=80, blank=True, help_text="Empty: a gateway")
    device_prefix = models.CharField(
        max_length=80, blank=True, help_text="A gateway's devices begin so; empty: any"
    )
    expires_utc = models.DateTimeField(null=True, blank=True)
    revoked_utc = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at_utc = models.DateTimeField(default=timezone.now)
    last_used_utc = models.DateTimeField(null=True, blank=True)
    why_any_device = models.CharField(
        max_length=300,
        blank=True,
        help_text="Why it may speak for any device: needed where nothing narrows it",
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(device_id="", device_prefix="", why_any_device=""),
                name="any_device_only_with_a_reason",
            ),
        )

    def __str__(self) -> str:
        return self.name


class QuarantineQuerySet(models.QuerySet["QuarantinedMessage"]):
    def visible_to(self, user: User) -> QuarantineQuerySet:
        """Nothing without the permission; nothing of a device that a restricted person wore whom the user may
        not see. Messages that name no device are visible: nobody knows whose they are."""
        if not user.may(Permission.VIEW_QUARANTINE):
            return self.none()
        # Asked of each message: of all restricted people's devices there are more than messages on a page.
        hidden = Activation.objects.filter(
            device__device_id=OuterRef("device_id"), person__restricted=True
        ).exclude(person__in=Person.objects.visible_to(user).filter(restricted=True))
        return self.filter(~Exists(hidden))


class QuarantinedMessage(models.Model):
    """A message, or rows of one, that could not be understood: kept as it came, with what is wrong and the remedy."""

    class State(models.TextChoices):
        WAITING = "waiting"
        REPLAYED = "replayed"
        SET_ASIDE = "set_aside"

    id = models.BigAutoField(primary_key=True)
    received_us = models.BigIntegerField()
    format = models.CharField(max_length=20)
    token = models.ForeignKey(IngestToken, on_delete=models.PROTECT, null=True)
    device_id = models.CharField(max_length=80, blank=True)
    raw = models.BinaryField()
    problems = models.JSONField(default=list, help_text="[{row, field, message, remedy}]")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING, db_index=True)
    handled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    handled_utc = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    topic = models.CharField(max_length=200, blank=True, help_text="Of MQTT, or as OwnTracks headers say")
    first_problem = models.CharField(max_length=300, blank=True, help_text="To find messages alike")

    objects: ClassVar[Any] = QuarantineQuerySet.as_manager()

    def __str__(self) -> str:
        return f"quarantined {self.pk}"


class RolledDay(models.Model):
    """A closed day that is in the lake, with what was moved."""

    day = models.DateField(primary_key=True)
    rows = models.BigIntegerField()
    rolled_utc = models.DateTimeField(default=timezone.now)
    removed_utc = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When it began to leave the recent tables: from then on the lake is read",
    )
    recent = models.BooleanField(default=True, help_text="Some of its rows may be in the recent tables")

    def __str__(self) -> str:
        return str(self.day)


class RollPass(models.Model):
    """Rows of a closed day on their way to the lake: those with ids in (after, upto] of each table.

    Planned before anything is written and done after everything is: a pass that was cut off is carried out
    again with the same bounds, and the lake takes each of its batches once. Rows that come late for a day
    make a further pass.
    """

    day = models.DateField()
    number = models.PositiveIntegerField()
    fix_after = models.BigIntegerField()
    fix_upto = models.BigIntegerField()
    presence_after = models.BigIntegerField()
    presence_upto = models.BigIntegerField()
    event_after = models.BigIntegerField()
    event_upto = models.BigIntegerField()
    senders_upto = models.BigIntegerField()
    closed_until = models.DateField(help_text="Days before this were closed when it was planned")
    senders_per_part = models.PositiveIntegerField(help_text="Fixed with the plan: parts are named by it")
    rows = models.BigIntegerField(default=0)
    planned_utc = models.DateTimeField(default=timezone.now)
    done_utc = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["day", "number"], name="roll_pass_once"),)

    def __str__(self) -> str:
        return f"{self.day}, pass {self.number}"
