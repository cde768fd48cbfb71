"""API tokens with scopes, and webhooks with what they still have to deliver."""

from __future__ import annotations

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

    def __str__(self) -> str:
        return self.name


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
    event = models.CharField(max_length=60)
    body = models.JSONField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_us = models.BigIntegerField(default=0)
    last_status = models.CharField(max_length=100, blank=True)
    created_utc = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["state", "next_try_us"], name="webhook_due"),)

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook_id}"
