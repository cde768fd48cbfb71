"""Passkeys (WebAuthn, level 2): what a browser is asked, and whether its answer is good.

The protocol is py_webauthn's. Ours is what it leaves open: whose challenge it was, that it counts once and for
minutes, which host and origin it must be for, and what a counter that goes back means.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import json
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils import timezone
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from milepost.service.accounts.models import Passkey, PasskeyChallenge, User
from milepost.service.accounts.policy_data import limits

CHALLENGE = "passkey_challenge"
"""Where a session keeps the number of the challenge that it waits for."""
LONGEST_ANSWER = 20_000
CREDENTIAL_ID = re.compile(r"[A-Za-z0-9_-]{1,1400}")
USER_VERIFIED = UserVerificationRequirement.REQUIRED
"""The authenticator checks its owner (PIN, finger, face): so a passkey alone is possession and one thing more."""


class Purpose(StrEnum):
    ADD = "add"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"


class NotGood(Exception):
    """The answer proves nothing. ``code`` is for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom a passkey is made: it works for no other host, however alike a false page looks."""

    id: str
    origins: list[str]


@dataclass(frozen=True, slots=True)
class Added:
    """What is kept of a new passkey."""

    credential_id: str
    public_key: bytes
    sign_count: int


def relying_party(request: HttpRequest) -> RelyingParty | None:
    """None where browsers make no passkeys: at an address of the network instead of a name."""
    host = request.get_host()  # one of those named in the settings: others are not answered
    domain = settings.PASSKEY_DOMAIN or split_domain_port(host)[0]
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        origins = [f"{request.scheme}://{host}", *settings.CSRF_TRUSTED_ORIGINS]
        return RelyingParty(domain, origins)
    return None


def _new_challenge(request: HttpRequest, user: User, purpose: Purpose) -> bytes:
    now, challenge = timezone.now(), secrets.token_bytes(32)
    PasskeyChallenge.objects.filter(expires_utc__lte=now).delete()
    row = PasskeyChallenge.objects.create(
        user=user, purpose=purpose, challenge=bytes_to_base64url(challenge),
        credentials_round=user.credentials_round,
        expires_utc=now + dt.timedelta(seconds=limits().lasts.passkey_challenge_s),
    )  # fmt: skip
    request.session[CHALLENGE] = row.pk
    return challenge


def _take_challenge(request: HttpRequest, user: User, purpose: Purpose) -> bytes:
    """The challenge that this session waits for, which nobody gets a second time. Raises NotGood."""
    waited_for = PasskeyChallenge.objects.filter(
        pk=request.session.pop(CHALLENGE, None), user=user, purpose=purpose, expires_utc__gt=timezone.now(),
        credentials_round=user.credentials_round,
    )  # fmt: skip
    row = waited_for.first()
    if row is None or not waited_for.delete()[0]:
        raise NotGood("no_challenge")
    return base64url_to_bytes(row.challenge)


def _known(user: User) -> list[PublicKeyCredentialDescriptor]:
    ids = Passkey.objects.filter(user=user).order_by("pk").values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in ids]


def options_to_add(request: HttpRequest, user: User) -> str:
    """What the browser is told to make a passkey, as JSON; "" where it could not make one."""
    party = relying_party(request)
    if party is None:
        return ""
    return options_to_json(generate_registration_options(
        rp_id=party.id, rp_name="Milepost", user_name=user.email, user_display_name=user.name,
        user_id=hashlib.sha256(f"milepost user {user.pk}".encode()).digest(),
        challenge=_new_challenge(request, user, Purpose.ADD), exclude_credentials=_known(user),
        timeout=limits().lasts.passkey_challenge_s * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=USER_VERIFIED
        ),
    ))  # fmt: skip


def options_to_prove(request: HttpRequest, user: User, purpose: Purpose) -> str:
    """What the browser is told to use one of the user's passkeys, as JSON; "" if they have none for this host."""
    party = relying_party(request)
    known = _known(user) if party is not None else []
    if party is None or not known:
        return ""
    return options_to_json(generate_authentication_options(
        rp_id=party.id, challenge=_new_challenge(request, user, purpose), allow_credentials=known,
        timeout=limits().lasts.passkey_challenge_s * 1000, user_verification=USER_VERIFIED,
    ))  # fmt: skip


def read_added(request: HttpRequest, user: User, answer: str) -> Added:
    """The new passkey of a good answer to ``options_to_add``.

    Raises:
        NotGood: whatever is wrong.
    """
    challenge, party = _take_challenge(request, user, Purpose.ADD), _party(request, answer)
    try:
        made = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origins, require_user_verification=True,
        )  # fmt: skip
    except (
        Exception
    ) as error:  # whatever a hostile answer makes the reader raise, it is a refusal and no failure
        raise NotGood(type(error).__name__) from None
    return Added(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)


def prove(request: HttpRequest, user: User, answer: str, purpose: Purpose) -> Passkey:
    """The user's passkey that signed this session's challenge; notes its use.

    Raises:
        NotGood: whatever is wrong. "count_went_back": the counter is not higher than at its last use, as if there
            were two of it (WebAuthn, 6.1.1).
    """
    challenge, party = _take_challenge(request, user, purpose), _party(request, answer)
    try:
        claimed = str(json.loads(answer)["id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NotGood("unreadable") from None
    passkey = None
    if CREDENTIAL_ID.fullmatch(claimed):
        passkey = Passkey.objects.filter(user=user, credential_id=claimed).first()
    if passkey is None:
        raise NotGood("unknown_passkey")
    try:
        verified = verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origins, credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,  # compared below, in the one statement that notes it
            require_user_verification=True,
        )  # fmt: skip
    except Exception as error:  # as above
        raise NotGood(type(error).__name__) from None
    count = verified.new_sign_count
    goes_on = Q(sign_count__lt=count) if count else Q(sign_count=0)
    noted = Passkey.objects.filter(goes_on, pk=passkey.pk).update(
        sign_count=count, last_used_utc=timezone.now()
    )
    if not noted:
        raise NotGood("count_went_back")
    return passkey


def _party(request: HttpRequest, answer: str) -> RelyingParty:
    party = relying_party(request)
    if party is None or not 0 < len(answer) <= LONGEST_ANSWER:
        raise NotGood("no_answer")
    return party
