from __future__ import annotations

from milepost.service.accounts.models import Passkey, SecondFactor, Team, User
from milepost.service.accounts.roles import Role
from tests.service.walk.cases import View

ADMIN = [Role.ADMINISTRATOR]


def officer(world) -> dict:
    return {"pk": world.users[Role.MONITORING_OFFICER].pk}


def more_users(world) -> None:
    for i in range(8):
        team = Team.objects.create(name=f"Team {i}")
        user = User.objects.create_user(f"m{i}@example.org", name=f"M {i}", role=Role.PRACTITIONER, team=team)
        SecondFactor.objects.create(user=user, secret="x")


def make_passkey(user: User, number: int) -> Passkey:
    return Passkey.objects.create(
        user=user, name=f"Key {number}", credential_id=f"{user.pk}-{number}", public_key=b""
    )


def passkey(world) -> dict:
    """The administrator's own, which for everybody else is not there."""
    return {"pk": make_passkey(world.users[Role.ADMINISTRATOR], 0).pk}


def more_passkeys(world) -> None:
    for user in world.users.values():
        for number in range(5):
            make_passkey(user, number)


VIEWS = {
    "accounts:home": View(own_tests="accounts/test_home.py"),  # where it leads depends on the apps there are
    "accounts:sign-in": View(public=True),
    "accounts:code": View(public=True),
    "accounts:set-up": View(public=True),
    "accounts:openid": View(public=True),
    "accounts:openid-return": View(public=True),
    "accounts:invitation": View(public=True),
    "accounts:sign-out": View(public=True, method="post"),
    "accounts:account": View(right=list(Role)),
    "accounts:password": View(right=list(Role)),
    "accounts:own-second-factor": View(right=list(Role)),
    "accounts:recovery-codes": View(right=list(Role), status=302),  # to setting up an app: they have none
    "accounts:passkeys": View(right=list(Role), more=more_passkeys),
    "accounts:passkey-add": View(right=list(Role)),
    "accounts:passkey-remove": View(right=ADMIN, args=passkey),
    "accounts:confirm": View(right=list(Role)),
    "accounts:confirm-openid": View(right=list(Role), status=404),  # there only with a provider
    "accounts:end-everything-else": View(right=list(Role), method="post", status=302),
    "accounts:end-one": View(
        right=list(Role), method="post", status=302, args=lambda world: {"kind": "sessions", "pk": 1}
    ),
    "accounts:user-end-one": View(
        right=ADMIN,
        method="post",
        status=302,
        args=lambda world: {**officer(world), "kind": "sessions", "number": 1},
    ),
    "accounts:users": View(right=ADMIN, more=more_users),
    "accounts:add-user": View(right=ADMIN, more=more_users),
    "accounts:user": View(right=ADMIN, args=officer, more=more_users),
    "accounts:change-user": View(right=ADMIN, args=officer, more=more_users),
    "accounts:user-act": View(right=ADMIN, args=lambda world: {**officer(world), "act": "deactivate"}),
    "accounts:teams": View(right=ADMIN, more=more_users),
    "accounts:add-team": View(right=ADMIN),
    "accounts:team": View(right=ADMIN, args=lambda world: {"pk": world.north.pk}),
}
