"""Steps of a predictor's life that people ask for here. The predictor itself, its states included, is in the registry."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from milepost.service import clock
from milepost.service.accounts.models import User


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
        )

    def __str__(self) -> str:
        return f"{self.to} of {self.name} {self.version}"
