"""Why somebody looked at where a person was."""

from __future__ import annotations

from django.db import models

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.people.models import Person


class TrailRequest(models.Model):
    """A trail that was asked for: who, whose, which time, for what purpose. Shown to that user alone, for a while."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="trail_requests")
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=40, help_text="A code of trail_purposes.toml")
    purpose_text = models.CharField(max_length=300, blank=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    why_longer = models.CharField(max_length=300, blank=True)
    at_utc = models.DateTimeField(default=clock.now_utc)

    def __str__(self) -> str:
        return f"trail {self.pk} of {self.person_id}"
