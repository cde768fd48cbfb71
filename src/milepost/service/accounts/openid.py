"""OpenID Connect, authorisation code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636).

We are the relying party. What is believed is the ID token alone: its signature by a key the issuer publishes, its
issuer, audience, times and nonce. Everything else an answer says is ignored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
import requests

from milepost.service.accounts.openid_settings import OpenIdSettings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by a key pair only: never "none", and never a shared secret, which is HS256."""
CLOCKS_DIFFER_S = 60
TIMEOUT_S = 10
REMEMBERED_S = 3600
LARGEST_ANSWER = 1_000_000


class OpenIdError(Exception):
    """Signing in through the provider did not work. ``code`` is for the log; it holds nothing of the answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Begun:
    """What must come back; kept in the session, used once."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Begun:
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


_lock = threading.Lock()
_remembered: dict[str, tuple[float, dict[str, Any]]] = {}


def _get(url: str, *, anew: bool = False) -> dict[str, Any]:
    """A JSON object of the issuer's, remembered for an hour."""
    with _lock:
        known = _remembered.get(url)
    if known is not None and not anew and time.monotonic() - known[0] < REMEMBERED_S:
        return known[1]
    value = _answer("GET", url)
    with _lock:
        _remembered[url] = (time.monotonic(), value)
    return value


def _answer(method: str, url: str, **more: Any) -> dict[str, Any]:
    try:
        with requests.request(
            method, url, timeout=TIMEOUT_S, allow_redirects=False, stream=True, **more
        ) as answer:
            body = answer.raw.read(LARGEST_ANSWER, decode_content=True)
            if answer.status_code != 200:
                raise OpenIdError(f"provider_said_{answer.status_code}")
        value = json.loads(body)
    except (requests.RequestException, OSError):
        raise OpenIdError("provider_not_reached") from None
    except ValueError:
        raise OpenIdError("answer_not_json") from None
    if not isinstance(value, dict):
        raise OpenIdError("answer_not_json")
    return value


def forget() -> None:
    """What is remembered of issuers, in this process."""
    with _lock:
        _remembered.clear()


def discover(provider: OpenIdSettings) -> dict[str, Any]:
    """The issuer's description of itself. Raises OpenIdError if it names another issuer."""
    found = _get(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise OpenIdError("another_issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise OpenIdError("incomplete_description")
    return found


def where_to_go(provider: OpenIdSettings, begun: Begun, return_to: str, *, anew: bool = False) -> str:
    """The address at which the provider asks who somebody is. ``anew``: even if it knows them from a moment ago."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=")
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": return_to,
        "scope": "openid email profile",
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    if anew:
        query |= {"prompt": "login", "max_age": "0"}
    endpoint = discover(provider)["authorization_endpoint"]
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def who_came_back(
    provider: OpenIdSettings, begun: Begun, answer: Mapping[str, str], return_to: str
) -> dict[str, Any]:
    """The claims of the ID token, for the query that the browser brought back.

    Raises:
        OpenIdError: whatever is wrong.
    """
    if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise OpenIdError("wrong_state")
    if answer.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        raise OpenIdError("another_issuer")
    if "error" in answer or not answer.get("code"):
        raise OpenIdError("provider_refused")
    tokens = _answer(
        "POST",
        discover(provider)["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": return_to,
            "code_verifier": begun.verifier,
        },
        auth=(provider.client_id, provider.client_secret),
    )
    token = tokens.get("id_token")
    if not isinstance(token, str):
        raise OpenIdError("no_id_token")
    return claims_of(provider, token, begun.nonce)


def claims_of(provider: OpenIdSettings, token: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token that is good (OpenID Connect Core, 3.1.3.7). Raises OpenIdError."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise OpenIdError("token_unreadable") from None
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise OpenIdError("algorithm_refused")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(provider, header.get("kid"), algorithm),
            algorithms=[algorithm],
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=CLOCKS_DIFFER_S,
            options={"require": ["exp", "iat", "iss", "sub", "aud"]},
        )
    except jwt.ExpiredSignatureError:
        raise OpenIdError("token_expired") from None
    except jwt.InvalidAudienceError:
        raise OpenIdError("wrong_audience") from None
    except jwt.InvalidIssuerError:
        raise OpenIdError("another_issuer") from None
    except jwt.InvalidSignatureError:
        raise OpenIdError("wrong_signature") from None
    except (jwt.PyJWTError, TypeError, ValueError):
        raise OpenIdError("token_refused") from None
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise OpenIdError("wrong_nonce")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise OpenIdError("wrong_audience")
    return claims


def check_signed_in_anew(claims: dict[str, Any], since_s: float) -> None:
    """Whether the provider asked after ``since_s`` (seconds of the epoch), which ``max_age`` makes it say (OpenID
    Connect Core, 3.1.2.1). Raises OpenIdError: not every provider heeds ``prompt``."""
    asked_s = claims.get("auth_time")
    if (
        isinstance(asked_s, bool)
        or not isinstance(asked_s, int | float)
        or asked_s < since_s - CLOCKS_DIFFER_S
    ):
        raise OpenIdError("not_asked_anew")


def _key(provider: OpenIdSettings, kid: str | None, algorithm: str) -> Any:
    """The issuer's key of that id; asked for anew, once, if it is not among those remembered."""
    address = discover(provider)["jwks_uri"]
    for anew in (False, True):
        fit = [
            key
            for key in _get(address, anew=anew).get("keys", [])
            if isinstance(key, dict)
            and key.get("use", "sig") == "sig"
            and (kid is None or key.get("kid") == kid)
        ]
        if len(fit) == 1:
            try:
                return jwt.PyJWK(fit[0], algorithm=algorithm).key
            except (jwt.PyJWTError, ValueError):
                raise OpenIdError("key_unusable") from None
    raise OpenIdError("key_unknown")
