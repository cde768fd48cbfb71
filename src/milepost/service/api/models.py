"""API tokens with scopes, requests that may be repeated, and webhooks with what they still have to deliver."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from milepost.service.accounts.models import User


class ApiToken(models.Model):
    """Acts as its user, within its scopes. Only a SHA-256 of the secret is kept."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    scopes = models.JSONField(default=list)
    expires_utc = models.DateTimeField()
    revoked_utc = models.DateTimeField(null=True, blank=True)
    at_utc = models.DateTimeField(default=timezone.now)
    last_used_utc = models.DateTimeField(null=True, blank=True)
    made_in = models.CharField(max_length=60, blank=True, help_text="The browser it was made in")
    credentials_round = models.PositiveIntegerField(
        default=0,
        help_text="The user's, when it was made: in a later one it is void, whatever else the row says",
    )

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """One of "revoked", "expired" or "in_force". Reads the user."""
        if self.revoked_utc is not None or self.credentials_round != self.user.credentials_round:
            return "revoked"
        return "expired" if self.expires_utc <= timezone.now() else "in_force"


class Repeat(models.Model):
    """A create that was done under an ``Idempotency-Key``: asked again, it is shown and not done again.

    Holds the reference of what was made, never what it says: nothing here has to be erased with a person.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    asked_sha256 = models.CharField(max_length=64, help_text="Of method, address and body")
    made = models.CharField(max_length=80, help_text="Reference of what was made")
    at_utc = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="one_repeat_of_a_key"),)

    def __str__(self) -> str:
        return self.key


class Webhook(models.Model):
    """An address that is told of events. The secret signs what is sent; it is kept sealed with the service's key."""

    name = models.CharField(max_length=100)
    url = models.URLField(max_length=500)
    events = models.JSONField(default=list)
    sealed_secret = models.TextField()
    is_active = models.BooleanField(default=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one webhook: written with the event, sent until it is taken or given up."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        GIVEN_UP = "given_up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    key = models.UUIDField(
        default=uuid.uuid4, unique=True, help_text="Sent with every attempt: receivers tell repeats by it"
    )
    event = models.CharField(max_length=60)
    body = models.JSONField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_us = models.BigIntegerField(
        default=0, help_text="Real time. While an attempt runs: when another sender may take it over"
    )
    last_status = models.CharField(max_length=100, blank=True)
    created_utc = models.DateTimeField(default=timezone.now)
    ended_utc = models.DateTimeField(null=True, blank=True, help_text="When it was delivered or given up")

    class Meta:
        indexes = (models.Index(fields=["state", "next_try_us"], name="webhook_due"),)

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook_id}"
