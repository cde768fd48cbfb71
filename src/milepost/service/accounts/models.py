"""Users, their teams, and what their signing in needs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from milepost.service.accounts.principals import NOTHING, Within
from milepost.service.accounts.roles import Role


class Team(models.Model):
    """Those who have people in common: a probation delivery unit's team, a monitoring centre's shift, a prison."""

    class Kind(models.TextChoices):
        PROBATION = "probation"
        MONITORING = "monitoring"
        PRISON = "prison"

    kind = models.CharField(max_length=20, choices=Kind, default=Kind.PROBATION)
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
    telephone = models.CharField(
        max_length=40, blank=True, help_text="Of their work: told to people whom they supervise"
    )
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, help_text="May sign in with one click, in demo mode only")
    joined_utc = models.DateTimeField(default=timezone.now)
    openid_subject = models.CharField(
        max_length=400, null=True, blank=True, unique=True,
        help_text="Issuer and subject at the identity provider, once they have signed in through it",
    )  # fmt: skip
    credentials_round = models.PositiveIntegerField(
        default=0,
        help_text="Rises whenever all credentials end; what was made in an earlier round counts no more",
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name

    def may(self, permission: str) -> bool:
        return self.is_active and permission in Role(self.role).facts.permissions

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """What every session is compared with at every request: so a new round ends sessions of which no list knows.

        The first round adds nothing: whoever is signed in while this field comes stays so.
        """
        of_password: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        if not self.credentials_round:
            return of_password
        text = f"{of_password} {self.credentials_round}"
        return salted_hmac("milepost.credentials_round", text, secret=secret, algorithm="sha256").hexdigest()

    @property
    def within(self) -> Within:
        """Whose records they see: by the role, and by the team or the prison they belong to."""
        if not self.is_active:
            return NOTHING
        return Within(Role(self.role).facts.reach, holder=self.team_id, staff=self.pk)

    @property
    def audit_name(self) -> str:
        return f"user:{self.pk}"

    @property
    def audit_role(self) -> str:
        return self.role


class Invitation(models.Model):
    """A link that lets its bearer set the password of one user, once. Of its secret only a digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    made_utc = models.DateTimeField(default=timezone.now)
    expires_utc = models.DateTimeField()
    used_utc = models.DateTimeField(null=True, blank=True, help_text="Used, or replaced by a newer link")

    def __str__(self) -> str:
        return f"invitation {self.pk} of {self.user_id}"


class SecondFactor(models.Model):
    """An authenticator app. ``last_step`` is the newest time step whose code was used: none counts twice."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.CharField(max_length=300, help_text="Encrypted under a key made from the secret key")
    since_utc = models.DateTimeField(default=timezone.now)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """Stands in for the app once. Only a digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    sha256 = models.CharField(max_length=64)
    used_utc = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "sha256"], name="recovery_code_once"),)

    def __str__(self) -> str:
        return f"recovery code {self.pk} of {self.user_id}"


class Passkey(models.Model):
    """A key pair of which the private half never leaves somebody's phone, computer or stick (WebAuthn, level 2)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True, help_text="Base64url, as browsers name it")
    public_key = models.BinaryField(help_text="COSE, as the authenticator gave it")
    sign_count = models.BigIntegerField(default=0, help_text="0: this authenticator does not count")
    made_utc = models.DateTimeField(default=timezone.now)
    last_used_utc = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"passkey {self.pk} of {self.user_id}"


class PasskeyChallenge(models.Model):
    """A random number that a passkey must sign: for one purpose, once, for minutes. Deleted by its use."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkey_challenges")
    purpose = models.CharField(max_length=20)
    challenge = models.CharField(max_length=100, help_text="Base64url")
    credentials_round = models.PositiveIntegerField(help_text="The user's, when it was made")
    expires_utc = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"challenge {self.pk} of {self.user_id}"


class UserSession(models.Model):
    """Which session is whose, so that it can be listed and ended. The session itself is Django's."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    began_utc = models.DateTimeField(default=timezone.now)
    browser = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"session {self.pk} of {self.user_id}"


class Attempts(models.Model):
    """How many attempts were made on one thing in one window; shared by all processes."""

    key = models.CharField(max_length=100, primary_key=True, help_text="Kind and keyed digest")
    window_from_s = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.count} of {self.key.split(':')[0]}"
