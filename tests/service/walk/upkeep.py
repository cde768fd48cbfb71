from __future__ import annotations

from milepost.service.accounts.roles import Role
from tests.service.walk.cases import Queries, View

VIEWS = {
    "upkeep:status": View(
        right=[Role.ADMINISTRATOR],
        queries=Queries(26, "one question for each thing that can go wrong with the service"),
    )
}
