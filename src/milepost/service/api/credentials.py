"""API tokens as a kind of credential of an account: they end with all the others, and their owner sees them."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.credentials import Kind, Shown, register
from milepost.service.accounts.models import User
from milepost.service.api.actions.tokens import revoke_token
from milepost.service.api.models import ApiToken


def _live(user: User, here: str | None) -> list[Shown]:
    rows = ApiToken.objects.filter(
        user=user, revoked_utc=None, expires_utc__gt=timezone.now(), credentials_round=user.credentials_round
    ).order_by("-pk")
    return [Shown(t.pk, t.name, t.made_in, t.at_utc, t.last_used_utc, t.expires_utc) for t in rows]


def _end_every(user: User, keep: str | None) -> int:
    return ApiToken.objects.filter(user=user, revoked_utc=None).update(revoked_utc=timezone.now())


def _end_one(*, by: User, user: User, pk: int) -> None:
    token = ApiToken.objects.filter(pk=pk, user=user, revoked_utc=None).first()
    if token is not None:
        revoke_token(by=by, token=token)


def register_tokens() -> None:
    """Called once, when the app is ready."""
    register(Kind("api_tokens", "api.ApiToken", _("API tokens"), _end_every, _live, _end_one))
