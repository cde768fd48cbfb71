"""What upkeep did: one row for each backup, restore, retention run, erasure, rewriting of tables and watch of predictors.
Numbers and codes, no person."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class UpkeepRun(models.Model):
    """``facts`` holds counts, sizes, digests. Of an erasure it says what was removed, never whose it was: the audit
    entry of that number names the reference."""

    class Kind(models.TextChoices):
        BACKUP = "backup"
        RESTORE = "restore"
        RETENTION = "retention"
        ERASURE = "erasure"
        ROLL = "roll"
        WATCH = "watch"
        REWRITE = "rewrite"

    kind = models.CharField(max_length=20, choices=Kind)
    at_utc = models.DateTimeField(default=timezone.now)
    facts = models.JSONField(default=dict)
    audit_number = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["kind", "-at_utc"], name="upkeep_latest"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
