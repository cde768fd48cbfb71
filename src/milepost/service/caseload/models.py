"""What somebody put off for a while, and how many hours each person who supervises has."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.orders.models import OfVisiblePeople
from milepost.service.people.models import Person


class Snooze(models.Model):
    """One reason about one person, put off by one user. It ends at its time, when the user brings it back, or by
    itself: once ``state`` is no longer the reason's, or its class is more urgent than ``urgency``."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="put_off")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="put_off")
    kind = models.CharField(max_length=40, help_text="Kind of the reason, as in rank_rule.toml")
    key = models.CharField(max_length=80, help_text="Which of the person's reasons of that kind")
    state = models.CharField(max_length=200, help_text="What the reason was like")
    urgency = models.CharField(max_length=20, help_text="Its class at the time")
    until_utc = models.DateTimeField()
    why_code = models.CharField(max_length=40, help_text="From caseload_policy.toml")
    why = models.CharField(max_length=300, blank=True)
    at_utc = models.DateTimeField(default=clock.now_utc)
    ended_utc = models.DateTimeField(
        null=True, blank=True, help_text="Brought back, or put off anew, before its time"
    )

    objects: ClassVar[Any] = OfVisiblePeople.as_manager()

    class Meta:
        indexes = (models.Index(fields=["user", "until_utc"], name="put_off_by_user"),)
        constraints = (
            models.UniqueConstraint(
                fields=["user", "person", "kind", "key"], condition=models.Q(ended_utc=None), name="put_off_once"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.key} of {self.person_id}, put off until {self.until_utc}"


class WorkingHours(models.Model):
    """How many hours a week somebody works, from a day on. Never changed: the newest that has begun holds."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="working_hours")
    hours = models.DecimalField(max_digits=4, decimal_places=1, help_text="Contracted hours a week")
    reductions_hours = models.DecimalField(
        max_digits=4, decimal_places=1, default=0, help_text="Of them, not for cases: training, union, health"
    )
    why = models.CharField(max_length=200, blank=True)
    from_date = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)

    class Meta:
        indexes = (models.Index(fields=["user", "from_date"], name="working_hours_of"),)

    def __str__(self) -> str:
        return f"hours of {self.user_id} from {self.from_date}"
