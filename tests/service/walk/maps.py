from __future__ import annotations

from milepost.service.accounts.roles import Role
from tests.service.walk.cases import View

VIEWS = {
    "maps:tiles": View(right=list(Role), args=lambda world: {"name": "base"}),
    "maps:streets": View(right=list(Role), status=404),  # the tests name no file of streets
}
