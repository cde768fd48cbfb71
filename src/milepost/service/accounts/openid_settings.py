"""The identity provider that people may sign in through, from the environment. Fails loudly."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from milepost.problems import UnreadableFile
from milepost.service import environment as env
from milepost.service.accounts.roles import Role
from milepost.service.environment import SettingError
from milepost.service.kit.policy_data import Strict, read_policy_file

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    issuer: str
    client_id: str
    client_secret: str
    name: str
    """How the sign-in page calls it."""
    create: bool
    """Whether somebody whom nobody here knows gets an account."""
    role_claim: str
    roles: dict[str, Role] = field(default_factory=dict)
    """Value of the claim to role. Empty: administrators here decide who has which role."""


class RolesOfClaims(Strict):
    """The file that MILEPOST_OIDC_ROLES names: a setting of one place, with no head."""

    roles: dict[str, Role]


def read() -> OpenIdSettings | None:
    """None where MILEPOST_OIDC_ISSUER is not set.

    Raises:
        SettingError: a part is missing or cannot be used.
    """
    issuer = env.text("MILEPOST_OIDC_ISSUER", "")
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingError(f"MILEPOST_OIDC_ISSUER is {issuer!r}. Write an address that begins with https://.")
    create = env.truth("MILEPOST_OIDC_CREATE", False)
    file = env.text("MILEPOST_OIDC_ROLES", "")
    if create and not file:
        raise SettingError(
            "MILEPOST_OIDC_CREATE needs MILEPOST_OIDC_ROLES, a file that says which role new users get."
        )
    client_id, secret = env.text("MILEPOST_OIDC_CLIENT_ID"), env.text("MILEPOST_OIDC_CLIENT_SECRET")
    for name, value in (("MILEPOST_OIDC_CLIENT_ID", client_id), ("MILEPOST_OIDC_CLIENT_SECRET", secret)):
        if not value:
            raise SettingError(f"{name} is empty. Write what the provider gave you.")
    return OpenIdSettings(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret,
        name=env.text("MILEPOST_OIDC_NAME", parts.hostname or issuer),
        create=create,
        role_claim=env.text("MILEPOST_OIDC_ROLE_CLAIM", "roles"),
        roles=_roles(Path(file)) if file else {},
    )


def _roles(file: Path) -> dict[str, Role]:
    try:
        return read_policy_file(file, RolesOfClaims).roles
    except UnreadableFile as error:
        raise SettingError(
            f"MILEPOST_OIDC_ROLES names {file}, which cannot be used ({error}). Write a TOML file with a table "
            f'[roles] of lines such as "name-at-the-provider" = "auditor"; roles: {", ".join(Role)}.'
        ) from None
