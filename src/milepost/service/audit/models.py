"""One entry of the log. Nothing updates or deletes an entry; the database itself refuses (see migrations)."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """Sealed by SHA-256 over its canonical JSON and the seal of the entry before.

    ``subject`` is the reference of the person the record is about ("" for none); ``what`` says in dotted words
    what was done ("incident.decide"); ``details`` holds references, numbers and codes, never names, positions
    or free text of a record.
    """

    number = models.BigIntegerField(primary_key=True)
    at_us = models.BigIntegerField(help_text="Microseconds since 1970, UTC")
    actor = models.CharField(max_length=80, help_text="user:<id>, device:<id>, worker:<name> or nobody")
    role = models.CharField(max_length=40, blank=True)
    operation = models.CharField(max_length=20)
    what = models.CharField(max_length=80)
    subject = models.CharField(max_length=80, blank=True)
    recipient = models.CharField(max_length=200, blank=True, help_text="To whom it was disclosed")
    reason = models.CharField(max_length=1000, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    details = models.JSONField(default=dict)
    previous_seal = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        indexes = (
            models.Index(fields=["at_us"], name="audit_by_time"),
            models.Index(fields=["subject", "number"], name="audit_by_subject"),
            models.Index(fields=["operation", "number"], name="audit_by_operation"),
            models.Index(fields=["actor", "number"], name="audit_by_actor"),
            models.Index(fields=["what", "number"], name="audit_by_what"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.operation} {self.what}"


class Shown(models.Model):
    """Somebody whom a list showed, so that "who looked at this person?" finds the list too.

    An index of ``details["shown"]`` of the entry, which is what is sealed; it can be made anew from there.
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=80)

    class Meta:
        indexes = (models.Index(fields=["reference", "entry"], name="audit_shown_by_person"),)

    def __str__(self) -> str:
        return f"{self.reference} in {self.entry_id}"


class Head(models.Model):
    """The last entry: one row, locked while an entry is appended, so that the chain has no forks."""

    only_row = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    seal = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"head at {self.number}"


class Checkpoint(models.Model):
    """A signed Merkle root over all entries up to one. Kept here and exported to where we have no hand in."""

    number = models.BigIntegerField(primary_key=True, help_text="Entries covered: 1 to this")
    at_us = models.BigIntegerField()
    root = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    public_key = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"checkpoint at {self.number}"


class Verification(models.Model):
    """When the whole log was last checked, and how far it was sound. For people to see; it proves nothing."""

    at_us = models.BigIntegerField()
    checked = models.BigIntegerField(help_text="Entries that fit, from 1 on")
    checkpoints = models.BigIntegerField(help_text="Checkpoints that fit")
    wrong = models.CharField(max_length=20, blank=True, help_text="Empty: sound")
    broken_number = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"checked to {self.checked}: {self.wrong or 'sound'}"


class HandedOut(models.Model):
    """One try to give a checkpoint to a place outside the database. For people to see; it proves nothing."""

    class Way(models.TextChoices):
        FILE = "file"
        WEBHOOK = "webhook"
        SYSLOG = "syslog"

    number = models.BigIntegerField(help_text="Of the checkpoint; 0: none could be made")
    way = models.CharField(max_length=10, choices=Way)
    to = models.CharField(max_length=300, help_text="The folder, or the machine")
    at_us = models.BigIntegerField()
    failed = models.CharField(max_length=300, blank=True, help_text="What went wrong; empty: it was taken")

    class Meta:
        indexes = (models.Index(fields=["way", "to", "-at_us"], name="handed_out_latest"),)

    def __str__(self) -> str:
        return f"checkpoint {self.number} by {self.way}: {self.failed or 'taken'}"
