"""Making and revoking API tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.api import policies
from milepost.service.api.models import ApiToken
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused
from milepost.service.signals.tokens import new_secret


@transaction.atomic
def make_token(
    *, by: User, name: str, scopes: Sequence[str], days: int, made_in: str = ""
) -> tuple[ApiToken, str]:
    """A token that acts as ``by``, and its whole text, to be shown once: only a SHA-256 of it is kept.

    ``made_in``: the browser, so that its owner knows it again. It belongs to the round of credentials that ``by`` had
    when their request began: where that ended in the meantime, the token is void from the start.

    Raises:
        Refused: a scope is beyond the role of ``by``.
    """
    policies.check_can_make_token(by, scopes)
    prefix, whole, sha256 = new_secret()
    token = ApiToken.objects.create(
        name=name, prefix=prefix, secret_sha256=sha256, user=by, scopes=sorted(scopes),
        expires_utc=timezone.now() + dt.timedelta(days=days), made_in=made_in[:60],
        credentials_round=by.credentials_round,
    )  # fmt: skip
    write(
        by=by, operation=Operation.COLLECTION, what="api_token.make",
        details={"token": prefix, "scopes": token.scopes, "expires_utc": token.expires_utc.isoformat()},
    )  # fmt: skip
    return token, whole


@transaction.atomic
def revoke_token(*, by: User, token: ApiToken) -> None:
    """Refused at once from now on. The row stays: the audit log names its prefix."""
    policies.check_can_revoke(token, by)
    if not ApiToken.objects.filter(pk=token.pk, revoked_utc=None).update(revoked_utc=timezone.now()):
        raise Refused(_("The token is revoked already."))
    write(
        by=by, operation=Operation.ALTERATION, what="api_token.revoke",
        details={"token": token.prefix, "user": token.user_id},
    )  # fmt: skip
