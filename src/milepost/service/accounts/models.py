"""Users and their teams."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from milepost.service.accounts.roles import Permission, Role


class Team(models.Model):
    """A probation delivery unit's team, or a monitoring centre's shift."""

    name = models.CharField(max_length=100, unique=True)
    area = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, *, name: str, role: Role, password: str | None = None, **extra: Any
    ) -> User:
        user = self.model(email=self.normalize_email(email).lower(), name=name, role=str(role), **extra)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """Somebody who signs in. One role; rights come from ``accounts.roles`` alone; there is no superuser."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=40, choices=[(r.value, r.value) for r in Role])
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="users")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, help_text="May sign in with one click, in demo mode only")
    joined_utc = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name

    def may(self, permission: Permission) -> bool:
        return self.is_active and permission in Role(self.role).facts.permissions

    @property
    def audit_name(self) -> str:
        return f"user:{self.pk}"

    @property
    def audit_role(self) -> str:
        return self.role
