"""The pages there are to look at: those of the walk, whoever opens them first there, and a few that it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from milepost.service.accounts.roles import Role
from milepost.service.person_page.models import TrailRequest
from tests.service.monitoring.factory import HOME, MINUTE_US, OUT, fixes, store
from tests.service.person_page.test_trail import FROM, UNTIL
from tests.service.walk.test_walk import CASES
from tests.service.world import World

NOT_PAGES = {
    "health-live": "for machines",
    "health-ready": "for machines",
    "maps:streets": "read by the map",
    "maps:tiles": "read by the map",
    "people:pick": "read by a box",
    "orders:device-pick": "read by a box",
    "gazetteer:find": "read by a box",
    "monitoring:colleagues": "read by a box",
    "audit:users": "read by a box",
    "monitoring:rows": "a part of the board",
    "monitoring:stream": "read by the board",
    "api:openapi": "for machines",
    "orders:document": "a file",
    "algorithms:fairness-csv": "a file",
    "accounts:code": "leads back to signing in, unless a password was just given",
    "accounts:set-up": "leads back to signing in, unless a password was just given",
    "accounts:openid": "leads to the identity provider",
    "accounts:confirm-openid": "leads to the identity provider",
    "accounts:openid-return": "leads on",
    "accounts:home": "leads on",
    "accounts:invitation": "see MORE",
    "accounts:recovery-codes": "leads on, to those who have none",
    "person_page:trail-shown": "see MORE",
    "person_page:trail-export": "see MORE",
}
"""GETs that are not looked at here, and why."""


@dataclass(frozen=True)
class Look:
    role: Role | None
    """Who opens it; None: nobody is signed in."""
    address: Callable[[World], str]
    """Makes what the page shows, and gives the page's path."""
    status: int = 200


def _of_walk(name: str) -> Look:
    case = CASES[name]

    def address(world: World) -> str:
        path = reverse(name, kwargs=case.args(world))
        query = case.data(world)
        return f"{path}?{urlencode(query)}" if query else path

    return Look(None if case.public else case.right[0], address)


def _trail(view: str, role: Role) -> Callable[[World], str]:
    def address(world: World) -> str:
        store(
            fixes(
                [(FROM, FROM + 60 * MINUTE_US, HOME), (UNTIL - 120 * MINUTE_US, UNTIL - 60 * MINUTE_US, OUT)]
            )
        )
        made = TrailRequest.objects.create(
            person=world.ada, user=world.users[role], purpose="alert", from_us=FROM, until_us=UNTIL
        )
        return reverse(f"person_page:{view}", args=["P000001", made.pk])

    return address


MORE = {
    "trail-shown": Look(Role.PRACTITIONER, _trail("trail-shown", Role.PRACTITIONER)),
    "trail-export": Look(Role.PRACTITIONER, _trail("trail-export", Role.PRACTITIONER)),
    "invitation-unknown": Look(None, lambda world: reverse("accounts:invitation", args=["gone"]), 404),
    "not-found": Look(Role.PRACTITIONER, lambda world: "/person/P999999/", 404),
    "not-allowed": Look(Role.AUDITOR, lambda world: reverse("monitoring:board"), 403),
    "board-empty": Look(Role.MONITORING_OFFICER, lambda world: reverse("monitoring:board")),
    "second-empty": Look(Role.MONITORING_SUPERVISOR, lambda world: reverse("monitoring:second")),
    "quarantine-empty": Look(Role.MONITORING_OFFICER, lambda world: reverse("signals:quarantine")),
    "person-empty": Look(Role.PRACTITIONER, lambda world: reverse("person_page:overview", args=["P000003"])),
    "week-empty": Look(Role.PRACTITIONER, lambda world: reverse("person_page:week", args=["P000003"])),
}
LOOKS = {
    name: _of_walk(name)
    for name, case in sorted(CASES.items())
    if case.method == "get" and name not in NOT_PAGES and not case.own_tests
} | MORE
