from __future__ import annotations

from milepost.service.accounts.roles import Role
from tests.service.walk.cases import View

VIEWS = {
    "accounts:home": View(right=list(Role), status=302),
    "accounts:sign-in": View(public=True),
    "accounts:sign-out": View(public=True, method="post"),
    "accounts:users": View(right=[Role.ADMINISTRATOR]),
    "health-live": View(public=True),
    "health-ready": View(public=True),
    "set_language": View(public=True, method="post"),
}
