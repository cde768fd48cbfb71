"""Persons and what belongs to them alone."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from milepost.service.accounts.models import Team, User
from milepost.service.accounts.roles import Reach, Role


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: User) -> PersonQuerySet:
        """The persons whose record ``user`` may open. What is not in here is answered with 404.

        Reach comes from the role. A restricted record is seen only by those named on it. Exceptional access,
        asked for with a reason, adds a person for its time; it never opens a restricted record.
        """
        now = timezone.now()
        reach = Role(user.role).facts.reach
        if not user.is_active or reach is Reach.NOBODY:
            return self.none()
        within = {
            Reach.EVERYONE: Q(),
            Reach.OWN_TEAM: Q(team_id=user.team_id) if user.team_id else Q(pk__in=[]),
            Reach.ON_TAG: Q(monitored_until_utc__gte=now),
        }[reach]
        asked = Q(pk__in=ExceptionalAccess.objects.filter(user=user, until_utc__gt=now).values("person"))
        named = Q(pk__in=NamedAccess.objects.filter(user=user).values("person"))
        return self.filter(Q(restricted=False) & (within | asked) | Q(restricted=True) & named)


class Person(models.Model):
    """A person under supervision. ``reference`` is their id in orders, signals, findings and the audit log."""

    reference = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    search_name = models.CharField(
        max_length=120, db_index=True, help_text="Folded to lower case without accents"
    )
    also_known_as = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    preferred_language = models.CharField(max_length=10, default="en-gb")
    communication_needs = models.CharField(
        max_length=300, blank=True, help_text="Interpreter, large print, ..."
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="people")
    practitioner = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="caseload"
    )
    restricted = models.BooleanField(default=False)
    synthetic = models.BooleanField(default=False)
    monitored_until_utc = models.DateTimeField(
        null=True, blank=True, db_index=True,
        help_text="Monitoring officers see the record until then: far off while a device is fitted",
    )  # fmt: skip
    created_utc = models.DateTimeField(default=timezone.now)
    erased_utc = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = PersonQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["team", "search_name"], name="people_by_team"),)

    def __str__(self) -> str:
        return self.reference


class NamedAccess(models.Model):
    """Somebody named on a restricted record."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="named_access")
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "user"], name="named_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} named on {self.person_id}"


class ExceptionalAccess(models.Model):
    """A user outside the reach of their role opened a record, said why, and may see it for a day."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="exceptional_access")
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    reason = models.CharField(max_length=500)
    at_utc = models.DateTimeField(default=timezone.now)
    until_utc = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} on {self.person_id} until {self.until_utc}"


class StaffRisk(models.Model):
    """A risk that staff must know before they call or visit. Shown on every page about the person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="staff_risks")
    text = models.CharField(max_length=300)
    source = models.CharField(max_length=200, blank=True)
    since = models.DateField(default=dt.date.today)
    ended = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"risk {self.pk} of {self.person_id}"


class ContactDetail(models.Model):
    """A telephone number, an e-mail address or an address of the person."""

    class Kind(models.TextChoices):
        MOBILE = "mobile"
        TELEPHONE = "telephone"
        EMAIL = "email"
        ADDRESS = "address"
        OTHER_PERSON = "other_person"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.CharField(max_length=300)
    note = models.CharField(max_length=200, blank=True, help_text="Best time to call, who answers")
    preferred = models.BooleanField(default=False)
    ended_utc = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


class Note(models.Model):
    """What an officer wrote down. Never changed; a correction is a new note that names the old one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=5000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=timezone.now)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )

    def __str__(self) -> str:
        return f"note {self.pk} on {self.person_id}"
